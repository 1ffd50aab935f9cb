import { abortReason, type CallOptions, type Clock, invalidOptions, MAXIMUM_TIMEOUT_MS, printValue, type Timer } from '@ferric/core';
import type { Message } from '../wire/message.js';
import type { Procedure } from '../wire/procedure.js';
import { type CallFacts, callTimeout } from './connection-errors.js';

/** What can be said of any procedure, whatever its arguments are. */
export type ProcedureFacts = Pick<Procedure<never, unknown>, 'name' | 'program' | 'number' | 'secret' | 'stream'>;

/**
 * `queued`: waits for its turn. `sent`: waits for its answer. `abandoned`: was sent, and nobody waits for the answer any more.
 * `over`: answered, or gave up before it was sent.
 */
export type CallState = 'queued' | 'sent' | 'abandoned' | 'over';

export interface PendingCallSettings {
  readonly procedure: ProcedureFacts;
  readonly facts: CallFacts;
  /** The whole message; its serial is filled in when it is sent. */
  readonly message: Buffer;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Goes out at once, whatever waits. */
  readonly urgent: boolean;
  /** Takes the answer "ok". What it throws is what the call rejects with. */
  readonly accept: (message: Message) => void;
  readonly reject: (error: unknown) => void;
  /** The caller has stopped waiting. */
  readonly gaveUp: (call: PendingCall) => void;
}

/**
 * Packets of a stream that may come before the reply of its call: the daemon begins to send as soon as the stream is open, and another of its
 * threads answers the call. Source: libvirt 9.0.0, src/remote/remote_daemon_stream.c, daemonAddClientStream.
 */
const EARLY_PACKETS = 64;

/** One call from the moment it is made until the daemon has answered it, which may be long after its caller has given up. */
export class PendingCall {
  readonly kind = 'call';
  state: CallState = 'queued';
  /** Meaningful once it is sent. */
  serial = 0;
  /** Whether it counts against the limit of calls under way. */
  holdsPlace = false;
  readonly #settings: PendingCallSettings;
  readonly #timer: Timer;
  #early: Message[] = [];

  constructor(settings: PendingCallSettings) {
    this.#settings = settings;
    this.#timer = settings.clock.after(settings.timeoutMs, this.#expire);
    settings.signal?.addEventListener('abort', this.#abort, { once: true });
  }

  get procedure(): ProcedureFacts {
    return this.#settings.procedure;
  }

  get facts(): CallFacts {
    return this.#settings.facts;
  }

  get message(): Buffer {
    return this.#settings.message;
  }

  get urgent(): boolean {
    return this.#settings.urgent;
  }

  /** Takes a packet that came before the reply. False when there are too many. */
  keepEarly(packet: Message): boolean {
    this.#early.push(packet);
    return this.#early.length <= EARLY_PACKETS;
  }

  takeEarly(): readonly Message[] {
    const packets = this.#early;
    this.#early = [];
    return packets;
  }

  /** The daemon answered "ok". */
  accept(message: Message): void {
    this.#over();
    try {
      this.#settings.accept(message);
    } catch (error) {
      this.#settings.reject(error);
    }
  }

  /** The daemon answered with an error, or there will be no answer. */
  reject(error: unknown): void {
    this.#over();
    this.#settings.reject(error);
  }

  /** The caller gets this error now; the answer is waited for nevertheless. */
  giveUp(error: unknown): void {
    const wasSent = this.state === 'sent';
    this.#over();
    if (wasSent) this.state = 'abandoned';
    this.#settings.reject(error);
    this.#settings.gaveUp(this);
  }

  #over(): void {
    this.state = 'over';
    this.#timer[Symbol.dispose]();
    this.#settings.signal?.removeEventListener('abort', this.#abort);
  }

  readonly #expire = (): void => this.giveUp(callTimeout(this.facts, this.#settings.timeoutMs, this.state === 'sent'));

  readonly #abort = (): void => this.giveUp(this.#settings.signal === undefined ? undefined : abortReason(this.#settings.signal));
}

/**
 * The time that a call has.
 * @throws INVALID_OPTIONS when the caller gave one that no timer takes.
 */
export function callTime(options: CallOptions | undefined, defaultMs: number): number {
  const timeoutMs = options?.timeoutMs ?? defaultMs;
  if (timeoutMs >= 1 && timeoutMs <= MAXIMUM_TIMEOUT_MS) return timeoutMs;
  throw invalidOptions('Call options', [
    { field: 'timeoutMs', problem: 'invalid', expected: `a number of milliseconds from 1 to ${MAXIMUM_TIMEOUT_MS}`, received: printValue(timeoutMs) },
  ]);
}
