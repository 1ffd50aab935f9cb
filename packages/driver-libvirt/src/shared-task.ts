import { abortable, FerricError, throwIfAborted } from '@ferric/core';

/** Work that everybody who needs its result at the moment waits for together. */
export interface SharedTask<T> {
  /**
   * Joins the run that is under way, or starts one. Who gives up leaves the others alone; with the last one the run itself is given up.
   * @throws what the work throws; the abort reason of this caller.
   */
  join(signal: AbortSignal): Promise<T>;
}

interface Run<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

/** @param work heeds its signal, which aborts when nobody waits any more */
export function createSharedTask<T>(work: (signal: AbortSignal) => Promise<T>): SharedTask<T> {
  let current: Run<T> | undefined;

  const start = (): Run<T> => {
    const controller = new AbortController();
    const run: Run<T> = { result: work(controller.signal), controller, waiting: 0 };
    const end = (): void => {
      if (current === run) current = undefined;
    };
    run.result.then(end, end);
    return run;
  };

  return {
    async join(signal) {
      throwIfAborted(signal);
      current ??= start();
      const run = current;
      run.waiting += 1;
      try {
        return await abortable(signal, run.result);
      } finally {
        run.waiting -= 1;
        if (run.waiting === 0) {
          // A newcomer must not join what is being given up.
          if (current === run) current = undefined;
          run.controller.abort(new FerricError('ABORTED', 'Nobody waits for the result any more'));
        }
      }
    },
  };
}
