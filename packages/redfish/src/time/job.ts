import { type CallOptions, type Deadline, type DeadlineSettings, withDeadline } from '@ferric/core';
import { leftOpen } from '../errors/left-open.js';

/** Deadlines of the jobs that run, by the signal that is handed on. */
const RUNNING = new WeakMap<AbortSignal, Deadline>();

/** Several requests within one deadline. A job inside of another has what is left of its time, however long the caller made that, unless it names its own. */
export async function withJob<T>(options: CallOptions | undefined, settings: DeadlineSettings, work: (deadline: Deadline) => Promise<T>): Promise<T> {
  const outer = options?.signal === undefined ? undefined : RUNNING.get(options.signal);
  if (outer !== undefined && options?.timeoutMs === undefined) return work(outer);
  return withDeadline(options, settings, (deadline) => {
    RUNNING.set(deadline.signal, deadline);
    return work(deadline);
  });
}

/** The same for a job that changes something: a TIMEOUT of its own is not retryable, since nobody knows how far it has come. */
export async function withChangingJob<T>(options: CallOptions | undefined, settings: DeadlineSettings, work: (deadline: Deadline) => Promise<T>): Promise<T> {
  let own: AbortSignal | undefined;
  try {
    return await withJob(options, settings, (deadline) => {
      own = deadline.signal;
      return work(deadline);
    });
  } catch (error) {
    const isOwnTimeout = own?.aborted === true && error === own.reason && error !== options?.signal?.reason;
    throw isOwnTimeout ? leftOpen(error) : error;
  }
}
