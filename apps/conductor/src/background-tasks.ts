import { FerricError, type Logger } from '@ferric/core';
import type { BackgroundTasks } from './nodes/conductor-context.js';

/** Background tasks that a stopping conductor waits for. */
export interface OwnedBackgroundTasks extends BackgroundTasks, AsyncDisposable {}

export function createBackgroundTasks(logger: Logger): OwnedBackgroundTasks {
  const controller = new AbortController();
  const running = new Set<Promise<void>>();
  return {
    run(name, task) {
      const promise = task(controller.signal)
        .catch((error: unknown) => {
          if (!controller.signal.aborted) logger.error({ task: name, error }, 'Background task failed');
        })
        .finally(() => running.delete(promise));
      running.add(promise);
    },
    async [Symbol.asyncDispose]() {
      controller.abort(new FerricError('ABORTED', 'The conductor is stopping'));
      await Promise.all(running);
    },
  };
}
