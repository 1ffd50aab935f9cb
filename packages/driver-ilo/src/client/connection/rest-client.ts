import type { CallOptions, Gate } from '@ferric/core';
import type { RedfishClient } from '@ferric/redfish';
import { persistently, sentOnce, type Waiting } from './outages.js';

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

type Work<T> = (client: RedfishClient, options: CallOptions) => Promise<T>;

/**
 * One client for the time of one call: every exchange passes the gate and takes no longer than one exchange may, reads survive a short outage.
 * @param present the client for the next exchange: the password may change while the call is running
 */
export function steady(present: () => RedfishClient, gate: Gate, waiting: Waiting, retryMs: number): RedfishClient {
  const pass = async <T>(options: CallOptions | undefined, work: Work<T>): Promise<T> => {
    const { timeoutMs: _ofTheCall, signal = waiting.signal, ...others } = options ?? {};
    return gate.run((running) => work(present(), { ...others, signal: running }), { signal });
  };
  const read = async <T>(options: CallOptions | undefined, work: Work<T>): Promise<T> => persistently(waiting, retryMs, () => pass(options, work));
  const change = async <T>(options: CallOptions | undefined, work: Work<T>): Promise<T> => sentOnce(waiting, retryMs, () => pass(options, work));
  const { address, clock } = present();
  return {
    address,
    clock,
    get counters() {
      return present().counters;
    },
    send: (request, options) => (READS.has(request.method) ? read : change)(options, (client, call) => client.send(request, call)),
    read: (path, options) => read(options, (client, call) => client.read(path, call)),
    root: (options) => read(options, (client, call) => client.root(call)),
    change: (resource, body, options) => change(options, (client, call) => client.change(resource, body, call)),
    replace: (resource, body, options) => change(options, (client, call) => client.replace(resource, body, call)),
    post: (path, body, options) => change(options, (client, call) => client.post(path, body, call)),
    remove: (path, options) => change(options, (client, call) => client.remove(path, call)),
    forget: () => present().forget(),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
