import { abortReason, type CallOptions, type Clock, FerricError } from '@ferric/core';
import { type Message, MESSAGE_STATUSES, MESSAGE_TYPES } from '../wire/message.js';
import { type Procedure, PROGRAMS } from '../wire/procedure.js';
import type { AbandonedWatch } from './abandoned.js';
import { type CallFacts, lostCall, protocolFault } from './connection-errors.js';
import { createCallLine } from './call-line.js';
import { decodeReply, encodeCall, putSerial } from './call-messages.js';
import { type Frames, frameLabel } from './frames.js';
import type { Inbox } from './inbox.js';
import type { Outbox } from './outbox.js';
import { encodePacket } from './packet.js';
import { callTime, PendingCall, type ProcedureFacts } from './pending-call.js';
import type { RpcStream } from './rpc-connection.js';
import { SerialTable } from './serial-table.js';
import { StreamChannel, type StreamHost } from './streams.js';

export interface RpcCallOptions<Reply> extends CallOptions {
  /** Gets the reply before anything that arrived behind it is looked at. What it throws is what the call rejects with. */
  readonly onReply?: (reply: Reply) => void;
  /** Goes out at once, limit or not: for the few calls that keep the connection itself in order. */
  readonly urgent?: boolean;
}

export interface CallsSettings {
  readonly address: string;
  readonly clock: Clock;
  readonly callTimeoutMs: number;
  readonly concurrency: number;
  readonly queueLimit: number;
  readonly firstSerial: number;
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  readonly abandoned: AbandonedWatch;
  readonly frames: Frames | undefined;
  readonly readError: (payload: Buffer, facts: CallFacts) => FerricError;
}

/** The calls and streams of one connection. */
export interface Calls {
  readonly active: number;
  readonly queued: number;
  call<Arguments, Reply>(procedure: Procedure<Arguments, Reply>, args: Arguments, options: RpcCallOptions<Reply> | undefined): Promise<Reply>;
  openStream<Arguments, Reply>(procedure: Procedure<Arguments, Reply>, args: Arguments, options: CallOptions | undefined): Promise<RpcStream<Reply>>;
  /** Whom a message with this serial is for, as far as is known. */
  procedureOf(serial: number): ProcedureFacts | undefined;
  /** @throws PROTOCOL_FAULT for a reply to nothing, or to something else. */
  receiveReply(message: Message): void;
  /** @throws PROTOCOL_FAULT for a packet that belongs to a call without a stream, or for too many before the reply. */
  receivePacket(message: Message): void;
  /** Sends what waits, if it can be sent now. */
  proceed(): void;
  /** Rejects everything; sent calls keep their serials. */
  abandonAll(reason: FerricError): void;
  /** The connection has ended: rejects everything, also what comes later. */
  lose(reason: FerricError): void;
}

export function createCalls(settings: CallsSettings): Calls {
  const { address, clock, callTimeoutMs, outbox, inbox, abandoned, frames, readError } = settings;
  const serials = new SerialTable<PendingCall | StreamChannel<unknown>>(settings.firstSerial);
  let lost: FerricError | undefined;

  const line = createCallLine({
    places: settings.concurrency,
    queueLimit: settings.queueLimit,
    ready: () => outbox.ready,
    send(call) {
      call.serial = serials.claim(call);
      call.state = 'sent';
      putSerial(call.message, call.serial);
      if (frames !== undefined) {
        const label = frameLabel(call.procedure.name, { type: MESSAGE_TYPES.call, serial: call.serial, status: MESSAGE_STATUSES.ok });
        frames.record('out', label, call.procedure.secret === true ? undefined : call.message);
      }
      outbox.send(call.message);
    },
  });

  const streamHost: StreamHost = {
    clock,
    callTimeoutMs,
    ready: () => outbox.ready,
    whenReady: (callback) => outbox.whenReady(callback),
    send({ procedure, serial }, status, data) {
      const header = { program: PROGRAMS[procedure.program], procedure: procedure.number, type: MESSAGE_TYPES.stream, serial, status };
      const packet = encodePacket(header, data);
      // Disks and consoles are full of secrets.
      frames?.record('out', frameLabel(procedure.name, header, data.length), data.length > 0 ? undefined : packet);
      outbox.send(packet);
    },
    hold: (holder) => inbox.hold(holder),
    letGo: (holder) => inbox.letGo(holder),
    abandoned: ({ serial }) => abandoned.add(serial, () => undefined),
    over({ serial }) {
      abandoned.remove(serial);
      serials.release(serial);
    },
    readError,
  };

  const gaveUp = (call: PendingCall): void => {
    if (call.state === 'abandoned') abandoned.add(call.serial, () => line.leave(call));
    else line.leave(call);
  };

  /** Makes a call; `accept` takes the message of its reply. */
  const begin = <Arguments, Reply>(
    procedure: Procedure<Arguments, Reply>,
    args: Arguments,
    options: RpcCallOptions<Reply> | undefined,
    accept: (message: Message, facts: CallFacts) => void,
    reject: (error: unknown) => void,
  ): void => {
    const facts = { address, procedure: procedure.name };
    const timeoutMs = callTime(options, callTimeoutMs);
    const signal = options?.signal;
    if (signal?.aborted === true) throw abortReason(signal);
    if (lost !== undefined) throw lostCall(lost, facts, false);
    const call = new PendingCall({
      procedure,
      facts,
      message: encodeCall(procedure, args, facts),
      clock,
      timeoutMs,
      signal,
      urgent: options?.urgent === true,
      accept: (message) => accept(message, facts),
      reject,
      gaveUp,
    });
    try {
      line.enter(call);
    } catch (error) {
      call.reject(error);
    }
  };

  const openChannel = <Reply>(procedure: ProcedureFacts, serial: number, facts: CallFacts, reply: Reply): StreamChannel<Reply> => {
    const channel = new StreamChannel(streamHost, { procedure, serial, facts }, reply);
    serials.hand(serial, channel);
    return channel;
  };

  const fault = (problem: string, message: Message): FerricError => protocolFault(address, problem, { serial: message.serial });

  const belongs = (message: Message, procedure: ProcedureFacts): boolean =>
    message.procedure === procedure.number && message.program === PROGRAMS[procedure.program];

  /** An answer that nobody waits for. A stream that the daemon has opened meanwhile must be closed, or it stays open. */
  const receiveLate = (call: PendingCall, message: Message): void => {
    abandoned.remove(call.serial);
    if (call.procedure.stream === undefined || message.status !== MESSAGE_STATUSES.ok) return;
    openChannel(call.procedure, call.serial, call.facts, undefined).giveUp(undefined);
  };

  return {
    get active() {
      return line.taken;
    },
    get queued() {
      return line.waiting;
    },
    call: (procedure, args, options) =>
      new Promise((resolve, reject) => {
        if (procedure.stream !== undefined) throw wrongWay(procedure, address, 'has a stream behind its reply: open it with openStream');
        const accept = (message: Message, facts: CallFacts): void => {
          const reply = decodeReply(procedure, message.payload, facts);
          options?.onReply?.(reply);
          resolve(reply);
        };
        begin(procedure, args, options, accept, reject);
      }),
    openStream: (procedure, args, options) =>
      new Promise((resolve, reject) => {
        if (procedure.stream === undefined) throw wrongWay(procedure, address, 'has no stream behind its reply: make it with call');
        const accept = (message: Message, facts: CallFacts): void => {
          try {
            const reply = decodeReply(procedure, message.payload, facts);
            resolve(openChannel(procedure, message.serial, facts, reply));
          } catch (error) {
            openChannel(procedure, message.serial, facts, undefined).giveUp(error);
            throw error;
          }
        };
        begin(procedure, args, options, accept, reject);
      }),
    procedureOf(serial) {
      const owner = serials.get(serial);
      return owner?.kind === 'stream' ? owner.identity.procedure : owner?.procedure;
    },
    receiveReply(message) {
      const call = serials.get(message.serial);
      if (call?.kind !== 'call') throw fault('a reply came to which there is no call', message);
      if (!belongs(message, call.procedure)) throw fault(`procedure ${message.procedure} was answered in place of ${call.procedure.name}`, message);
      if (message.status !== MESSAGE_STATUSES.ok && message.status !== MESSAGE_STATUSES.error) throw fault(`a reply came with status ${message.status}`, message);
      serials.release(message.serial);
      if (call.state === 'abandoned') receiveLate(call, message);
      else if (message.status === MESSAGE_STATUSES.error) call.reject(readError(message.payload, call.facts));
      else call.accept(message);
      const owner = serials.get(message.serial);
      if (owner?.kind === 'stream') for (const packet of call.takeEarly()) owner.receive(packet);
      line.leave(call);
    },
    receivePacket(message) {
      const channel = serials.get(message.serial);
      // Packets that were on their way when the stream ended.
      if (channel === undefined) return;
      const procedure = channel.kind === 'stream' ? channel.identity.procedure : channel.procedure;
      if (procedure.stream === undefined) throw fault(`a packet of a stream came before the reply to ${procedure.name}, which has no stream`, message);
      if (!belongs(message, procedure)) throw fault(`a packet of procedure ${message.procedure} came on another stream`, message);
      if (channel.kind === 'stream') channel.receive(message);
      else if (!channel.keepEarly(message)) throw fault(`too many packets of a stream came before the reply to ${procedure.name}`, message);
    },
    proceed: () => line.proceed(),
    abandonAll(reason) {
      for (const call of line.clear()) call.reject(lostCall(reason, call.facts, false));
      for (const owner of serials.owners()) {
        if (owner.kind === 'stream') owner.giveUp(lostCall(reason, owner.identity.facts, true));
        else if (owner.state === 'sent') owner.giveUp(lostCall(reason, owner.facts, true));
      }
    },
    lose(reason) {
      lost = reason;
      for (const call of line.clear()) call.reject(lostCall(reason, call.facts, false));
      for (const owner of serials.clear()) {
        if (owner.kind === 'stream') owner.lost(reason);
        else if (owner.state === 'sent') owner.reject(lostCall(reason, owner.facts, true));
      }
    },
  };
}

/** A stream that nobody knows of would stay open at the daemon; one that the daemon does not know of would never end. */
function wrongWay(procedure: ProcedureFacts, address: string, problem: string): FerricError {
  return new FerricError('INVALID_OPTIONS', `${procedure.name} ${problem}`, { details: { address, procedure: procedure.name } });
}
