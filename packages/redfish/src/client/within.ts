import { type CallOptions, withDeadline } from '@ferric/core';
import type { RedfishClient } from './client-types.js';

/** For calls that consist of several requests, each of which has its own, shorter time. Milliseconds. */
const JOB_TIMEOUT_MS = 300_000;

/** Several requests within one deadline. @param what for the error when the time is over: `sensors` */
export async function within<T>(client: RedfishClient, options: CallOptions | undefined, what: string, work: (call: CallOptions) => Promise<T>): Promise<T> {
  const settings = { what: `${what} of ${client.address}`, defaultTimeoutMs: JOB_TIMEOUT_MS, details: { address: client.address }, clock: client.clock };
  return withDeadline(options, settings, ({ signal }) => work({ signal }));
}
