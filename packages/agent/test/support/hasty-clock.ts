import { systemClock, type Clock } from '@ferric/core';

/** A clock that does not wait for pauses, and on which no deadline ever passes. */
export interface HastyClock extends Clock {
  /** The pauses that nobody had to wait for. Milliseconds. */
  readonly pauses: readonly number[];
}

/** @param longestPauseMs anything longer is a deadline; default 30 s */
export function createHastyClock(longestPauseMs = 30_000): HastyClock {
  const pauses: number[] = [];
  return {
    pauses,
    now: () => new Date('2026-01-01T00:00:00Z'),
    monotonicMs: () => 0,
    after(ms, callback) {
      if (ms > longestPauseMs) return { [Symbol.dispose]: () => undefined };
      pauses.push(ms);
      return systemClock.after(0, callback);
    },
  };
}
