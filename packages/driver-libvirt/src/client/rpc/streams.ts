import { abortable, type CallOptions, type Clock, FerricError, withDeadline } from '@ferric/core';
import { type Message, MESSAGE_STATUSES, MESSAGE_TYPES } from '../wire/message.js';
import { type CallFacts, lostCall, protocolFault } from './connection-errors.js';
import type { ProcedureFacts } from './pending-call.js';
import type { RpcStream } from './rpc-connection.js';
import { STALL_MS, StreamReader } from './stream-reader.js';
import { StreamWrites } from './stream-writes.js';

/** How long an abort waits for the daemon's word that it took note. The stream is over for its owner in any case. */
const ABORT_WAIT_MS = 5_000;

/** What a stream needs of its connection. */
export interface StreamHost {
  readonly clock: Clock;
  readonly callTimeoutMs: number;
  /** False while the connection has enough to do. */
  readonly ready: () => boolean;
  /** Calls back once the connection takes more. */
  readonly whenReady: (callback: () => void) => Disposable;
  readonly send: (identity: StreamIdentity, status: number, data: Uint8Array) => void;
  /** Takes nothing more from the connection for the moment. */
  readonly hold: (holder: object) => void;
  readonly letGo: (holder: object) => void;
  /** The daemon owes an answer that nobody waits for. */
  readonly abandoned: (identity: StreamIdentity) => void;
  /** Nothing more comes: the serial is free. */
  readonly over: (identity: StreamIdentity) => void;
  readonly readError: (payload: Buffer, facts: CallFacts) => FerricError;
}

export interface StreamIdentity {
  readonly procedure: ProcedureFacts;
  readonly serial: number;
  readonly facts: CallFacts;
}

const NOTHING = new Uint8Array();

/**
 * One stream behind its call. Source: libvirt 9.0.0, src/rpc/virnetprotocol.x: packets repeat the serial of the call; "continue" carries data, an
 * empty one ends what the daemon sends; "ok" asks to finish and is confirmed with "ok"; "error" ends everything, and is confirmed with "ok" when
 * it comes from here.
 */
export class StreamChannel<Reply> implements RpcStream<Reply> {
  readonly kind = 'stream';
  readonly reply: Reply;
  readonly identity: StreamIdentity;
  readonly #host: StreamHost;
  readonly #reader: StreamReader;
  readonly #writes: StreamWrites;
  /** `finishing` and `aborting`: said so, and the daemon has not confirmed. What comes meanwhile is thrown away. */
  #state: 'open' | 'finishing' | 'aborting' | 'over' = 'open';
  /** Why it failed; undefined while it is open and when it was finished in good order. */
  #failure: { readonly reason: unknown } | undefined;
  readonly #over = Promise.withResolvers<void>();
  #waiting: Disposable | undefined;

  constructor(host: StreamHost, identity: StreamIdentity, reply: Reply) {
    this.#host = host;
    this.identity = identity;
    this.reply = reply;
    this.#reader = new StreamReader({
      facts: identity.facts,
      clock: host.clock,
      hold: () => host.hold(this),
      letGo: () => host.letGo(this),
      stalled: () => this.giveUp(readerStalled(identity.facts)),
    });
    this.#writes = new StreamWrites({
      facts: identity.facts,
      clock: host.clock,
      packetTimeoutMs: host.callTimeoutMs,
      ready: host.ready,
      wait: () => this.#waitToWrite(),
      sendData: (data) => host.send(identity, MESSAGE_STATUSES.continue, data),
      sendFinish: () => this.#sendFinish(),
      torn: (error) => this.giveUp(error),
    });
  }

  get incoming(): AsyncIterable<Buffer> {
    return this.#reader;
  }

  async write(bytes: Uint8Array, options?: CallOptions): Promise<void> {
    const { facts } = this.identity;
    this.#throwFailure();
    if (this.#state !== 'open') throw new FerricError('CONFLICT', 'This stream is finished: nothing can be written to it', { details: { ...facts } });
    await this.#writes.add(bytes, options);
  }

  async finish(options?: CallOptions): Promise<void> {
    this.#throwFailure();
    const { facts } = this.identity;
    const settings = { what: `The end of ${facts.procedure}`, defaultTimeoutMs: this.#host.callTimeoutMs, details: { ...facts }, clock: this.#host.clock };
    if (this.#state !== 'over') await withDeadline(options, settings, ({ signal }) => this.#finish(signal));
    this.#throwFailure();
  }

  async abort(): Promise<void> {
    this.giveUp(new FerricError('ABORTED', `The stream of ${this.identity.facts.procedure} was given up`, { details: { ...this.identity.facts } }));
    const limit = Promise.withResolvers<void>();
    using _timer = this.#host.clock.after(ABORT_WAIT_MS, limit.resolve);
    await Promise.race([this.#over.promise, limit.promise]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state !== 'over') await this.abort();
  }

  /** Ends it from this side at once; the daemon is told. Does nothing when it has an end already. */
  giveUp(failure: unknown): void {
    if (this.#state !== 'open') return;
    this.#state = 'aborting';
    this.#fail(failure);
    this.#reader.breakOff(failure);
    this.#host.send(this.identity, MESSAGE_STATUSES.error, NOTHING);
    this.#host.abandoned(this.identity);
  }

  /** The connection is lost. */
  lost(failure: FerricError): void {
    if (this.#state !== 'aborting') this.#fail(lostCall(failure, this.identity.facts, true));
    this.#end();
  }

  /** A packet of this stream has arrived. */
  receive(message: Message): void {
    if (message.type === MESSAGE_TYPES.streamHole) this.giveUp(this.#fault('a hole came, which nobody asked for'));
    else if (message.status === MESSAGE_STATUSES.continue) this.#receiveData(message.payload);
    else if (message.status === MESSAGE_STATUSES.ok) this.#receiveEnd();
    else if (message.status === MESSAGE_STATUSES.error) this.#receiveError(message.payload);
    else this.giveUp(this.#fault(`a packet came with status ${message.status}`));
  }

  #receiveData(payload: Buffer): void {
    if (payload.length === 0) this.#reader.end();
    else this.#reader.push(payload);
  }

  #receiveEnd(): void {
    // Taken for good, it would call an upload complete of which the daemon has half.
    if (this.#state === 'open') this.#fail(this.#fault('it confirmed an end that nobody asked for'));
    this.#end();
  }

  #receiveError(payload: Buffer): void {
    if (this.#state !== 'aborting') this.#fail(this.#host.readError(payload, this.identity.facts));
    this.#end();
  }

  async #finish(signal: AbortSignal): Promise<void> {
    // Behind what is still being written.
    if (this.#state === 'open') await this.#writes.add(undefined, { signal });
    try {
      await abortable(signal, this.#over.promise);
    } catch (error) {
      if (this.#state === 'finishing') this.#host.abandoned(this.identity);
      throw error;
    }
  }

  #sendFinish(): void {
    this.#state = 'finishing';
    this.#reader.end();
    this.#host.send(this.identity, MESSAGE_STATUSES.ok, NOTHING);
  }

  #waitToWrite(): void {
    this.#waiting ??= this.#host.whenReady(() => {
      this.#waiting = undefined;
      this.#writes.proceed();
    });
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
  }

  #fail(failure: unknown): void {
    this.#failure = { reason: failure };
    this.#reader.fail(failure);
    this.#writes.fail(failure);
    this.#waiting?.[Symbol.dispose]();
  }

  #end(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#reader.end();
    this.#host.over(this.identity);
    this.#over.resolve();
  }

  #fault(problem: string): FerricError {
    return protocolFault(this.identity.facts.address, problem, { procedure: this.identity.facts.procedure });
  }
}

function readerStalled(facts: CallFacts): FerricError {
  return new FerricError('BUSY', `The stream of ${facts.procedure} was given up: nothing was read from it for ${STALL_MS} ms`, {
    details: { ...facts },
    hint: 'Read the incoming bytes as they come, or open a client of its own for a slow reader.',
  });
}
