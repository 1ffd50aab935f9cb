import type { CallOptions, DeadlineSettings } from '@ferric/core';
import { withChangingJob, withJob } from '../time/job.js';
import type { RedfishClient } from './client-types.js';

/** For calls that consist of several requests, each of which has its own, shorter time. Milliseconds. */
const JOB_TIMEOUT_MS = 300_000;

type Work<T> = (call: CallOptions) => Promise<T>;

/** Several requests within one deadline. @param what for the error when the time is over: `sensors` */
export async function within<T>(client: RedfishClient, options: CallOptions | undefined, what: string, work: Work<T>): Promise<T> {
  return withJob(options, settingsOf(client, what), ({ signal }) => work({ signal }));
}

/** The same when something is changed: a TIMEOUT is not retryable then. */
export async function withinChange<T>(client: RedfishClient, options: CallOptions | undefined, what: string, work: Work<T>): Promise<T> {
  return withChangingJob(options, settingsOf(client, what), ({ signal }) => work({ signal }));
}

function settingsOf({ address, clock }: RedfishClient, what: string): DeadlineSettings {
  return { what: `${what} of ${address}`, defaultTimeoutMs: JOB_TIMEOUT_MS, details: { address }, clock };
}
