import type { CallOptions, Gate } from '@ferric/core';
import type { RedfishClient } from '@ferric/redfish';
import { persistently, sentOnce, type Waiting } from './outages.js';

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** The same client for the time of one call: every exchange passes the gate, reads survive a short outage. */
export function steady(client: RedfishClient, gate: Gate, waiting: Waiting, retryMs: number): RedfishClient {
  const pass = async <T>(options: CallOptions | undefined, work: (options: CallOptions) => Promise<T>): Promise<T> => {
    const signal = options?.signal ?? waiting.signal;
    return gate.run((running) => work({ ...options, signal: running }), { signal });
  };
  const read = async <T>(options: CallOptions | undefined, work: (options: CallOptions) => Promise<T>): Promise<T> =>
    persistently(waiting, retryMs, () => pass(options, work));
  const change = async <T>(options: CallOptions | undefined, work: (options: CallOptions) => Promise<T>): Promise<T> =>
    sentOnce(waiting, retryMs, () => pass(options, work));
  return {
    address: client.address,
    clock: client.clock,
    get counters() {
      return client.counters;
    },
    send: (request, options) => (READS.has(request.method) ? read : change)(options, (call) => client.send(request, call)),
    read: (path, options) => read(options, (call) => client.read(path, call)),
    root: (options) => read(options, (call) => client.root(call)),
    change: (resource, body, options) => change(options, (call) => client.change(resource, body, call)),
    replace: (resource, body, options) => change(options, (call) => client.replace(resource, body, call)),
    post: (path, body, options) => change(options, (call) => client.post(path, body, call)),
    remove: (path, options) => change(options, (call) => client.remove(path, call)),
    forget: () => client.forget(),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
