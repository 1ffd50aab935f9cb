import { Pool } from 'undici';
import { HEADERS } from './load.ts';

const VERBS = [
  { target: 'manage', until: 'manageable' },
  { target: 'provide', until: 'available' },
  { target: 'active', until: 'active' },
] as const;

const POLL_MS = 20;
const GIVE_UP_MS = 300_000;

/** Takes nodes from nothing to active, all at the same time, with the calls every client makes. Returns milliseconds. */
export async function measureLifecycle(url: string, count: number, run: string): Promise<number> {
  const pool = new Pool(url, { connections: 16, pipelining: 1 });
  const call = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const response = await pool.request({ method, path: `/v1${path}`, headers: HEADERS, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.body.text();
    if (response.statusCode >= 300) throw new Error(`${method} ${path} answered ${response.statusCode}: ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
  const startedAt = performance.now();
  const names = Array.from({ length: count }, (_, index) => `life-${run}-${index}`);
  await Promise.all(names.map((name) => call('POST', '/nodes', { name, driver: 'fake-hardware', resource_class: run })));
  for (const { target, until } of VERBS) {
    await Promise.all(names.map((name) => call('PUT', `/nodes/${name}/states/provision`, { target })));
    await waitForAll(call, run, until, count, startedAt + GIVE_UP_MS);
  }
  const elapsed = performance.now() - startedAt;
  await pool.close();
  return elapsed;
}

async function waitForAll(
  call: (method: 'GET', path: string) => Promise<Record<string, unknown>>,
  resourceClass: string,
  state: string,
  count: number,
  endsAt: number,
): Promise<void> {
  for (;;) {
    const answer = await call('GET', `/nodes?resource_class=${resourceClass}&provision_state=${encodeURIComponent(state)}&fields=uuid&limit=1000`);
    if ((answer['nodes'] as unknown[]).length === count) return;
    if (performance.now() > endsAt) throw new Error(`Not all nodes became ${state} in time`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
