import { type Clock, FerricError, type Timer } from '@ferric/core';
import { PullQueue } from '../pull-queue.js';
import type { CallFacts } from './connection-errors.js';

/** So much unread holds up the connection; half of it lets it go on. */
const UNREAD_LIMIT_BYTES = 1_048_576;

/** How long the connection is held up for a reader that takes nothing. */
export const STALL_MS = 10_000;

export interface StreamReaderSettings {
  readonly facts: CallFacts;
  readonly clock: Clock;
  /** Too much is unread: take nothing more from the connection. */
  readonly hold: () => void;
  readonly letGo: () => void;
  /** The reader has taken nothing for too long. */
  readonly stalled: () => void;
}

/** What the daemon has sent on one stream and nobody has read yet. */
export class StreamReader implements AsyncIterable<Buffer> {
  readonly #settings: StreamReaderSettings;
  readonly #queue: PullQueue<Buffer>;
  #unread = 0;
  #stallTimer: Timer | undefined;
  #iterated = false;

  constructor(settings: StreamReaderSettings) {
    this.#settings = settings;
    this.#queue = new PullQueue<Buffer>({ taken: (chunk) => this.#took(chunk.length), left: () => this.#left() });
  }

  push(chunk: Buffer): void {
    if (this.#queue.closed) return;
    this.#unread += chunk.length;
    this.#queue.push(chunk);
    if (this.#unread <= UNREAD_LIMIT_BYTES || this.#stallTimer !== undefined) return;
    this.#settings.hold();
    this.#watch();
  }

  /** What is there can still be read. */
  end(): void {
    this.#queue.end();
    this.#release();
  }

  /** What is there can still be read; then it throws. */
  fail(error: unknown): void {
    this.#queue.fail(error);
    this.#release();
  }

  /** Throws at once; what is there is thrown away. */
  breakOff(error: unknown): void {
    this.#queue.clear();
    this.#unread = 0;
    this.fail(error);
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    if (this.#iterated) {
      throw new FerricError('CONFLICT', 'The incoming bytes of a stream can be read once', {
        details: { ...this.#settings.facts },
        hint: 'Open the stream again.',
      });
    }
    this.#iterated = true;
    return this.#queue;
  }

  #took(bytes: number): void {
    this.#unread -= bytes;
    if (this.#stallTimer === undefined) return;
    if (this.#unread <= UNREAD_LIMIT_BYTES / 2) this.#release();
    else this.#watch();
  }

  #left(): void {
    this.#unread = 0;
    this.#release();
  }

  #watch(): void {
    this.#stallTimer?.[Symbol.dispose]();
    this.#stallTimer = this.#settings.clock.after(STALL_MS, this.#settings.stalled);
  }

  #release(): void {
    if (this.#stallTimer === undefined) return;
    this.#stallTimer[Symbol.dispose]();
    this.#stallTimer = undefined;
    this.#settings.letGo();
  }
}
