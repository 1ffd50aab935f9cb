import type { Clock, Timer } from '@ferric/core';

/** The timers of one BMC, all of which end with it. */
export interface Timers extends Disposable {
  readonly clock: Clock;
  after(ms: number, callback: () => void): Timer;
}

export function createTimers(clock: Clock): Timers {
  let pending: Set<Timer> | undefined;
  let disposed = false;
  return {
    clock,
    after(ms, callback) {
      if (disposed) return { [Symbol.dispose]: () => undefined };
      const timer = clock.after(ms, () => {
        pending?.delete(timer);
        callback();
      });
      pending ??= new Set();
      pending.add(timer);
      return {
        [Symbol.dispose]() {
          pending?.delete(timer);
          timer[Symbol.dispose]();
        },
      };
    },
    [Symbol.dispose]() {
      disposed = true;
      for (const timer of pending ?? []) timer[Symbol.dispose]();
      pending = undefined;
    },
  };
}
