import { Pool } from 'undici';

export interface LoadRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly count: number;
  /** Milliseconds. */
  readonly medianMs: number;
  readonly p99Ms: number;
}

export const HEADERS: Readonly<Record<string, string>> = { 'X-OpenStack-Ironic-API-Version': '1.82', 'Content-Type': 'application/json' };

/**
 * Sends requests over a fixed number of connections for a fixed time; each connection sends the next when it has the
 * answer. Any status but the expected one ends the measurement with an error.
 */
export async function measureLoad(
  url: string,
  next: (index: number) => LoadRequest,
  options: { readonly connections: number; readonly seconds: number; readonly expectedStatus: number },
): Promise<LoadResult> {
  await using pool = disposablePool(new Pool(url, { connections: options.connections, pipelining: 1 }));
  const durations: number[] = [];
  const startedAt = performance.now();
  const endsAt = startedAt + options.seconds * 1000;
  let index = 0;
  const connection = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      const request = next(index++);
      const sentAt = performance.now();
      const response = await pool.request({ method: request.method, path: request.path, headers: HEADERS, ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }) });
      const bytes = await response.body.arrayBuffer();
      if (response.statusCode !== options.expectedStatus) {
        throw new Error(`${request.method} ${request.path} answered ${response.statusCode}: ${Buffer.from(bytes).toString().slice(0, 300)}`);
      }
      durations.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: options.connections }, connection));
  const seconds = (performance.now() - startedAt) / 1000;
  durations.sort((a, b) => a - b);
  const at = (share: number): number => durations[Math.min(durations.length - 1, Math.floor(durations.length * share))] ?? Number.NaN;
  return { requestsPerSecond: durations.length / seconds, count: durations.length, medianMs: at(0.5), p99Ms: at(0.99) };
}

function disposablePool(pool: Pool): Pool & AsyncDisposable {
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.close() });
}
