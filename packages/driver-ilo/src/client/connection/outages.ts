import { type Clock, delay, FerricError } from '@ferric/core';

/** What a call has left, and how it waits. */
export interface Waiting {
  readonly signal: AbortSignal;
  readonly remainingMs: () => number;
  readonly clock: Clock;
}

/** How often a question is put to a controller that does not answer; with the usual pause an absence of ten seconds is not noticed. */
const TRIES = 4;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Asks again when there was no answer, as long as the deadline allows. Only for what changes nothing.
 * A question that took its whole time without an answer is not put again: whoever asked has waited long enough.
 * @throws the last failure
 */
export async function persistently<T>(waiting: Waiting, pauseMs: number, ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      const pause = Math.max(pauseMs, askedPauseMs(error));
      if (waiting.signal.aborted || tries >= TRIES || !isOutage(error) || pause >= waiting.remainingMs()) throw error;
      await delay(pause, waiting);
    }
  }
}

/** Sends a change once; again only when it surely never left, as on a connection that did not come about. */
export async function sentOnce<T>(waiting: Waiting, pauseMs: number, send: () => Promise<T>): Promise<T> {
  return persistently(waiting, pauseMs, async () => {
    try {
      return await send();
    } catch (error) {
      if (wasNotSent(error)) throw error;
      throw new Final(error);
    }
  }).catch((error: unknown) => {
    throw error instanceof Final ? error.reason : error;
  });
}

/**
 * Does again what looks before it changes anything, when the answer to a change got lost: the look shows whether it was made.
 * @throws the last failure
 */
export async function lookingAgain<T>(waiting: Waiting, pauseMs: number, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (waiting.signal.aborted || tries >= TRIES || !wasLost(error) || pauseMs >= waiting.remainingMs()) throw error;
      await delay(pauseMs, waiting);
    }
  }
}

/** Wraps what must not be tried again. */
class Final extends Error {
  readonly reason: unknown;
  constructor(reason: unknown) {
    super('final');
    this.reason = reason;
  }
}

/** No answer, or one that the controller is not ready: reading again later may help. */
function isOutage(error: unknown): error is FerricError {
  return FerricError.is(error) && (error.code === 'UNREACHABLE' || error.code === 'BUSY');
}

/** An outage, or a time limit of a single exchange. */
export function isSilence(error: unknown): error is FerricError {
  return isOutage(error) || (FerricError.is(error) && error.code === 'TIMEOUT');
}

/** No connection came about, so nothing can have been done. */
function wasNotSent(error: unknown): boolean {
  return FerricError.is(error) && error.code === 'UNREACHABLE' && error.details['sent'] === false;
}

/** A change was sent, and nothing came back. */
function wasLost(error: unknown): boolean {
  return isSilence(error) && error.details['sent'] === true && !error.retryable;
}

/** Nobody knows whether the controller has done it. */
export function isUncertain(error: unknown): error is FerricError {
  if (!FerricError.is(error)) return false;
  // A part of the controller may answer that another part of it did not; that is no word about what the other one does.
  if (error.code === 'BUSY') return error.details['sent'] === true && !error.retryable;
  return ['UNREACHABLE', 'TIMEOUT', 'PROTOCOL_FAULT'].includes(error.code) && !wasNotSent(error);
}

/** Declined for now, in the controller's own words: nothing was done, and it may be said again. */
export function isDeclinedForNow(error: unknown): error is FerricError {
  return FerricError.is(error) && error.retryable && (error.code === 'CONFLICT' || error.code === 'BUSY');
}

function askedPauseMs(error: unknown): number {
  const seconds = FerricError.is(error) ? error.details['retryAfterSeconds'] : undefined;
  return typeof seconds === 'number' ? Math.min(seconds * 1000, LONGEST_PAUSE_MS) : 0;
}
