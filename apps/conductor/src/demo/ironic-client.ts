import { delay, withDeadline, type JsonObject, type JsonValue } from '@ferric/core';

/** The few calls the demo makes, over the same REST API that every client of Ironic uses. */
export interface IronicClient {
  request(method: string, path: string, body?: JsonValue): Promise<JsonObject>;
  /** Polls a node until `done` says so. Throws TIMEOUT, or Error with the node's last_error when the node failed. */
  waitFor(node: string, done: (node: JsonObject) => boolean): Promise<JsonObject>;
  /** Asks for a provision state, and waits until the node is there and free again. Throws as {@link IronicClient.waitFor}. */
  provision(node: string, target: string, state: string): Promise<JsonObject>;
}

const POLL_MS = 50;
const REQUEST_TIMEOUT_MS = 30_000;
const WAIT_TIMEOUT_MS = 120_000;

/** @param signal ends every call with its own reason */
export function createIronicClient(baseUrl: string, signal: AbortSignal): IronicClient {
  const request: IronicClient['request'] = async (method, path, body) => {
    const response = await fetch(`${baseUrl}/v1${path}`, {
      method,
      headers: { 'X-OpenStack-Ironic-API-Version': '1.82', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === '' ? {} : (JSON.parse(text) as JsonObject);
  };

  const waitFor: IronicClient['waitFor'] = (node, done) =>
    withDeadline({ signal }, { what: `Waiting for node ${node}`, defaultTimeoutMs: WAIT_TIMEOUT_MS }, async (deadline) => {
      for (;;) {
        const current = await request('GET', `/nodes/${node}`);
        if (done(current)) return current;
        if (current['last_error'] !== null && current['reservation'] === null) throw new Error(String(current['last_error']));
        await delay(POLL_MS, { signal: deadline.signal });
      }
    });

  return {
    request,
    waitFor,
    async provision(node, target, state) {
      await request('PUT', `/nodes/${node}/states/provision`, { target });
      return waitFor(node, (current) => current['provision_state'] === state && isIdle(current));
    },
  };
}

/** Whether nobody works on a node, and it does not wait for its machine. */
function isIdle(node: JsonObject): boolean {
  return node['reservation'] === null && node['target_provision_state'] === null && node['target_power_state'] === null;
}
