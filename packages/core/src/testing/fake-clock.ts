import { setImmediate as nextTurn } from 'node:timers/promises';
import { FerricError } from '../errors/ferric-error.js';
import { invalidOptions, printValue } from '../errors/invalid-options.js';
import type { Clock, Timer } from '../time/clock.js';

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /**
   * Moves time forward and fires the timers that come due, in their order, each at its own moment. After each one the
   * code that waited for it runs until it waits again, so that timers it starts in turn are fired too.
   * @param ms milliseconds, 0 or more. 0 fires what is due and lets waiting code go on.
   */
  advance(ms: number): Promise<void>;
  /** Timers that have not fired and were not cancelled. */
  readonly pendingTimers: number;
}

interface Pending {
  readonly at: number;
  readonly callback: () => void;
}

/** More timers than any sound test fires in one advance: a loop that waits 0 ms for ever. */
const MOST_TIMERS_PER_ADVANCE = 100_000;

/**
 * Makes a clock for tests.
 * @param start what {@link Clock.now} says first; default 2026-01-01T00:00:00Z. {@link Clock.monotonicMs} starts at 0.
 */
export function createFakeClock(start: Date = new Date('2026-01-01T00:00:00Z')): FakeClock {
  const startMs = start.getTime();
  // A Set keeps the order of insertion: timers of the same moment fire in the order in which they were started.
  const pending = new Set<Pending>();
  let elapsedMs = 0;

  const fireDue = async (until: number): Promise<void> => {
    await nextTurn();
    for (let fired = 0; ; fired += 1) {
      const due = earliest(pending, until);
      if (due === undefined) return;
      if (fired === MOST_TIMERS_PER_ADVANCE) {
        throw new FerricError('INTERNAL', `More than ${MOST_TIMERS_PER_ADVANCE} timers fired while the fake clock advanced: something waits 0 ms for ever`);
      }
      pending.delete(due);
      elapsedMs = Math.max(elapsedMs, due.at);
      due.callback();
      await nextTurn();
    }
  };

  return {
    now: () => new Date(startMs + elapsedMs),
    monotonicMs: () => elapsedMs,
    after(ms, callback): Timer {
      const timer: Pending = { at: elapsedMs + Math.max(0, ms), callback };
      pending.add(timer);
      return { [Symbol.dispose]: () => void pending.delete(timer) };
    },
    async advance(ms) {
      if (!Number.isFinite(ms) || ms < 0) {
        throw invalidOptions('Fake clock', [{ field: 'ms', problem: 'invalid', expected: 'a number of milliseconds, 0 or more', received: printValue(ms) }]);
      }
      const until = elapsedMs + ms;
      await fireDue(until);
      elapsedMs = Math.max(elapsedMs, until);
    },
    get pendingTimers() {
      return pending.size;
    },
  };
}

function earliest(pending: ReadonlySet<Pending>, until: number): Pending | undefined {
  let found: Pending | undefined;
  for (const timer of pending) {
    if (timer.at <= until && (found === undefined || timer.at < found.at)) found = timer;
  }
  return found;
}
