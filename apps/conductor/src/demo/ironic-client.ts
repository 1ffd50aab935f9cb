import { delay, withDeadline, type JsonValue } from '@ferric/core';

/** The few calls the demo makes, over the same REST API that every client of Ironic uses. */
export interface IronicClient {
  request(method: string, path: string, body?: JsonValue): Promise<Record<string, JsonValue>>;
  /** Polls a node until `done` says so. Throws TIMEOUT, or Error with the node's last_error when the node failed. */
  waitFor(node: string, done: (node: Record<string, JsonValue>) => boolean, timeoutMs?: number): Promise<Record<string, JsonValue>>;
}

const POLL_MS = 50;
const REQUEST_TIMEOUT_MS = 30_000;

export function createIronicClient(baseUrl: string): IronicClient {
  const request: IronicClient['request'] = async (method, path, body) => {
    const response = await fetch(`${baseUrl}/v1${path}`, {
      method,
      headers: { 'X-OpenStack-Ironic-API-Version': '1.82', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, JsonValue>);
  };

  return {
    request,
    waitFor: (node, done, timeoutMs = 30_000) =>
      withDeadline({ timeoutMs }, { what: `Waiting for node ${node}`, defaultTimeoutMs: timeoutMs }, async ({ signal }) => {
        for (;;) {
          const current = await request('GET', `/nodes/${node}`);
          if (done(current)) return current;
          if (current['last_error'] !== null && current['reservation'] === null) throw new Error(String(current['last_error']));
          await delay(POLL_MS, { signal });
        }
      }),
  };
}
