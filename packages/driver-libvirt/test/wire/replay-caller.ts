import type { Caller } from '../../src/client/caller.js';
import { toFerricError } from '../../src/client/libvirt-error.js';
import type { RpcStream } from '../../src/client/rpc/rpc-connection.js';
import { MESSAGE_STATUSES, MESSAGE_TYPES } from '../../src/client/wire/message.js';
import type { Procedure } from '../../src/client/wire/procedure.js';
import { remoteError } from '../../src/client/wire/remote-error.js';
import { decode, encode, isCall, readRecording, type RecordedMessage } from './recording.js';

/** What was sent on a stream that {@link createReplayCaller} opened. */
export interface ReplayedStream {
  readonly sent: Buffer;
  readonly ended: 'finished' | 'aborted' | 'open';
}

export interface ReplayCaller extends Caller {
  /** Calls made, by name. */
  readonly calls: readonly string[];
  readonly streams: readonly ReplayedStream[];
}

/**
 * Answers each call as the recorded daemon answered the very same bytes of libvirt's own client, and fails a call that this client did not make.
 * The answers to equal calls come one after the other; the last one stays.
 */
export function createReplayCaller(fixture: string): ReplayCaller {
  const recording = readRecording(fixture);
  const made = new Map<string, number>();
  const calls: string[] = [];
  const streams: { sent: Buffer; ended: ReplayedStream['ended'] }[] = [];

  const exchange = <Arguments, Reply>(procedure: Procedure<Arguments, Reply>, args: Arguments): { request: RecordedMessage; reply: Reply } => {
    calls.push(procedure.name);
    const payload = encode(procedure.arguments, args);
    const same = recording.filter((message) => isCall(message) && message.procedure === procedure.number && message.payload.equals(payload));
    const key = `${procedure.number} ${payload.toString('hex')}`;
    const count = made.get(key) ?? 0;
    made.set(key, count + 1);
    const request = same[Math.min(count, same.length - 1)];
    if (request === undefined) throw new Error(`The C client never sent this as ${procedure.name}: ${payload.toString('hex')}`);
    const answer = recording.slice(recording.indexOf(request)).find((message) => message.type === MESSAGE_TYPES.reply && message.serial === request.serial);
    if (answer === undefined) throw new Error(`${procedure.name} was not answered`);
    if (answer.status === MESSAGE_STATUSES.error) throw toFerricError(decode(remoteError, answer.payload), { address: fixture, procedure: procedure.name });
    return { request, reply: decode(procedure.reply, answer.payload) };
  };

  const stream = <Reply>({ serial }: RecordedMessage, reply: Reply): RpcStream<Reply> => {
    const state: { sent: Buffer; ended: ReplayedStream['ended'] } = { sent: Buffer.alloc(0), ended: 'open' };
    streams.push(state);
    const packets = recording.filter((message) => message.type === MESSAGE_TYPES.stream && message.serial === serial && message.from === 'daemon');
    const end = (how: 'finished' | 'aborted'): Promise<void> => {
      if (state.ended === 'open') state.ended = how;
      return Promise.resolve();
    };
    return {
      reply,
      incoming: (async function* incoming() {
        for (const { payload } of packets) {
          if (payload.length === 0) return;
          yield payload;
        }
      })(),
      write(bytes, options) {
        if (options?.signal?.aborted === true) return Promise.reject(options.signal.reason as Error);
        state.sent = Buffer.concat([state.sent, bytes]);
        return Promise.resolve();
      },
      finish: () => end('finished'),
      abort: () => end('aborted'),
      [Symbol.asyncDispose]: () => end('aborted'),
    };
  };

  return {
    calls,
    streams,
    call: (procedure, args) => new Promise((resolve) => resolve(exchange(procedure, args).reply)),
    openStream: (procedure, args) =>
      new Promise((resolve) => {
        const { request, reply } = exchange(procedure, args);
        resolve(stream(request, reply));
      }),
  };
}
