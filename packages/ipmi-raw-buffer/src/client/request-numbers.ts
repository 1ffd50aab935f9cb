import { SEQUENCE_NUMBERS } from '../message/frame.js';

/** How long an answer may still be under way. Milliseconds. */
const LATE_ANSWER_MS = 30_000;

/**
 * The numbers of requests (rqSeq): one after the other, without those whose answers may still be under way. There are only 64,
 * so that a late answer could otherwise be taken for that of a later request for the same thing.
 */
export class RequestNumbers {
  #last = 0;
  /** Until when a number rests, in milliseconds of the monotonic clock. Made when first needed, as most sessions never need it. */
  #resting: Map<number, number> | undefined;

  next(nowMs: number): number {
    for (let step = 1; step <= SEQUENCE_NUMBERS; step += 1) {
      const candidate = (this.#last + step) % SEQUENCE_NUMBERS;
      if (!this.#rests(candidate, nowMs)) return this.#take(candidate);
    }
    // All of them rest: the one that has rested longest is the least risk.
    const [oldest = 0] = this.#resting?.keys() ?? [];
    this.#resting?.delete(oldest);
    return this.#take(oldest);
  }

  /** Keeps a number out of use: its request was given up, or sent more often than it was answered. */
  rest(sequence: number, nowMs: number): void {
    this.#resting ??= new Map();
    this.#resting.delete(sequence);
    this.#resting.set(sequence, nowMs + LATE_ANSWER_MS);
  }

  #take(sequence: number): number {
    this.#last = sequence;
    return sequence;
  }

  #rests(sequence: number, nowMs: number): boolean {
    const until = this.#resting?.get(sequence);
    if (until === undefined) return false;
    if (until > nowMs) return true;
    this.#resting?.delete(sequence);
    return false;
  }
}
