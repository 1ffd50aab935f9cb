import type { JsonObject } from '@ferric/core';
import { expect } from 'vitest';
import { DATABASE_TEXTS, loadTable, type LoadResult, OPERATIONS, runLoad } from './concurrent-load.js';
import type { RunningConductor } from './conductor.js';
import { formatTable } from './format-table.js';
import { isIdle, type IronicClient } from './ironic-client.js';
import { chooseSeed } from './random.js';

const NODES = 20;
/** Fewer than the clients that want them. */
const RESERVE = 6;
const CLIENTS = 50;
const RESOURCE_CLASS = 'concurrent';

/** How long the clients work. Seconds; default 5. */
export const LOAD_SECONDS: number = Number(process.env['FERRIC_CONCURRENCY_SECONDS'] ?? 5);

/** What conductors under this load are started with: power sync comes in between as often as it can. */
export const LOAD_ARGS: readonly string[] = ['--drivers', '@ferric/driver-fake', '--power-sync-interval-ms', '500', '--log-level', 'warn'];

/** Lets the clients loose on fresh nodes of some conductors, and expects that nothing was lost, doubled or broken. */
export async function expectConcurrentClientsInOrder(conductors: readonly RunningConductor[]): Promise<void> {
  const apis = conductors.map(({ api }) => api);
  const [api] = apis;
  if (api === undefined) throw new Error('There is no conductor');
  const seed = chooseSeed('FERRIC_CONCURRENCY_SEED');
  console.log(`FERRIC_CONCURRENCY_SEED=${seed} lets the clients choose the same again`);
  const uuids = await createNodes(api);
  const reserve = uuids.slice(0, RESERVE);
  const machines = uuids.slice(RESERVE);
  await Promise.all(reserve.map((node) => makeAvailable(api, node)));
  const result = await runLoad({ apis, machines, reserve, resourceClass: RESOURCE_CLASS, clients: CLIENTS, durationMs: LOAD_SECONDS * 1000, seed });
  console.log(`${CLIENTS} clients, ${NODES} nodes, ${conductors.length} conductors, ${LOAD_SECONDS} s\n${formatTable(loadTable(result))}`);
  console.log(`allocations: ${[...result.allocations].map(([state, count]) => `${count} ${state}`).join(', ')}`);

  expect(result.violations).toEqual([]);
  await expectWritten(api, uuids, result);
  expectNoUnexpectedStatus(result);
  for (const { program } of conductors) expect(program.stderr.filter((line) => DATABASE_TEXTS.test(line) || /unexpected/i.test(line))).toEqual([]);
  const busy = OPERATIONS.map((operation) => [operation, [...(result.counts.get(operation) ?? [])].some(([status]) => status < 300)] as const);
  // More wanted nodes than there are: some got one, and some of those at the same time.
  expect(result.allocations.get('active') ?? 0).toBeGreaterThan(RESERVE);
  expect(busy).toEqual(OPERATIONS.map((operation) => [operation, true]));
}

async function createNodes(api: IronicClient): Promise<readonly string[]> {
  const created = await Promise.all(
    Array.from({ length: NODES }, (_, index) =>
      api.call('POST', '/v1/nodes', { driver: 'fake-hardware', name: `concurrent-${index}`, ...(index < RESERVE ? { resource_class: RESOURCE_CLASS } : {}) }),
    ),
  );
  return created.map(({ uuid }) => String(uuid));
}

/** Allocations take available nodes whose power state is known. */
async function makeAvailable(api: IronicClient, node: string): Promise<void> {
  await api.provision(node, 'manage', 'manageable');
  await api.provision(node, 'provide', 'available');
}

/** Every acknowledged patch is in the record, and no other: refused ones changed nothing. */
async function expectWritten(api: IronicClient, nodes: readonly string[], { written }: LoadResult): Promise<void> {
  for (const uuid of nodes) {
    const node = await api.waitForNode(uuid, isIdle, { timeoutMs: 30_000 });
    expect([uuid, node['extra'] as JsonObject]).toEqual([uuid, Object.fromEntries(written.get(uuid) ?? [])]);
  }
  expect([...written.values()].reduce((sum, keys) => sum + keys.size, 0)).toBeGreaterThan(CLIENTS);
}

/** Done, refused in this state, or busy; an allocation may be gone. */
function expectNoUnexpectedStatus({ counts }: LoadResult): void {
  const known = new Set([200, 201, 202, 204, 400, 409]);
  const others = [...counts].flatMap(([operation, statuses]) => [...statuses.keys()].filter((status) => !known.has(status)).map((status) => `${operation} ${status}`));
  expect(others).toEqual([]);
}
