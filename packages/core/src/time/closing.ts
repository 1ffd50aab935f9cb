import { FerricError } from '../errors/ferric-error.js';
import type { CallOptions } from './call-options.js';
import { throwIfAborted } from './deadline.js';

/** The calls of something that can be closed, such as a driver or a device. Disposing ends the running ones, waits for them, and refuses new ones. */
export interface Closing extends AsyncDisposable {
  /** Runs one call, which gets a signal that also aborts on closing; it rejects with ABORTED when this is, or gets, closed. */
  guard<T>(options: CallOptions | undefined, work: (options: CallOptions) => Promise<T>): Promise<T>;
}

/** @param reason one sentence for the ABORTED error */
export function createClosing(reason: string): Closing {
  const controller = new AbortController();
  const running = new Set<Promise<unknown>>();
  return {
    async guard(options, work) {
      throwIfAborted(controller.signal);
      const signal = options?.signal === undefined ? controller.signal : AbortSignal.any([options.signal, controller.signal]);
      const call = work({ ...options, signal });
      running.add(call);
      try {
        return await call;
      } finally {
        running.delete(call);
      }
    },
    async [Symbol.asyncDispose]() {
      controller.abort(new FerricError('ABORTED', reason));
      await Promise.allSettled(running);
    },
  };
}
