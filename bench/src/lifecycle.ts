import { type Api, openApi } from './api.ts';

const VERBS = [
  { target: 'manage', until: 'manageable' },
  { target: 'provide', until: 'available' },
  { target: 'active', until: 'active' },
] as const;

const POLL_MS = 20;
const GIVE_UP_MS = 300_000;

/** Takes nodes from nothing to active, all at the same time, with the calls every client makes. Returns milliseconds. */
export async function measureLifecycle(url: string, count: number, run: string): Promise<number> {
  await using api = openApi(url);
  const startedAt = performance.now();
  const names = Array.from({ length: count }, (_, index) => `life-${run}-${index}`);
  await Promise.all(names.map((name) => api.call('POST', '/nodes', { name, driver: 'fake-hardware', resource_class: run })));
  for (const { target, until } of VERBS) {
    await Promise.all(names.map((name) => api.call('PUT', `/nodes/${name}/states/provision`, { target })));
    await waitForAll(api, run, until, count, startedAt + GIVE_UP_MS);
  }
  return performance.now() - startedAt;
}

async function waitForAll(api: Api, resourceClass: string, state: string, count: number, endsAt: number): Promise<void> {
  for (;;) {
    const answer = await api.call('GET', `/nodes?resource_class=${resourceClass}&provision_state=${encodeURIComponent(state)}&fields=uuid&limit=1000`);
    if ((answer['nodes'] as unknown[]).length === count) return;
    if (performance.now() > endsAt) throw new Error(`Not all nodes became ${state} in time`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
