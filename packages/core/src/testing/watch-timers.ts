import { AsyncLocalStorage, createHook } from 'node:async_hooks';

/** Follows the timers that some work makes, apart from those of everybody else in the process. */
export interface TimerWatch extends Disposable {
  run<T>(work: () => T): T;
  /** How many of them keep the process alive. */
  held(): number;
}

export function watchTimers(): TimerWatch {
  const context = new AsyncLocalStorage<true>();
  const timers = new Map<number, { hasRef(): boolean }>();
  const hook = createHook({
    init(id, type, _trigger, timer: { hasRef(): boolean }) {
      if (type === 'Timeout' && context.getStore() === true) timers.set(id, timer);
    },
    destroy: (id) => void timers.delete(id),
  }).enable();
  return {
    run: (work) => context.run(true, work),
    held: () => [...timers.values()].filter((timer) => timer.hasRef()).length,
    [Symbol.dispose]: () => void hook.disable(),
  };
}
