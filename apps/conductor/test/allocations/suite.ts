import { randomUUID } from 'node:crypto';
import { silentLogger, systemClock } from '@ferric/core';
import { describe, expect, it, vi } from 'vitest';
import type { AllocationService } from '../../src/allocations/allocation-service.js';
import { createAllocationService } from '../../src/allocations/create-allocation-service.js';
import { createBackgroundTasks } from '../../src/background-tasks.js';
import { createNodeLocks } from '../../src/nodes/node-locks.js';
import type { Requester } from '../../src/nodes/node-service.js';
import type { StoredNode } from '../../src/nodes/stored-node.js';
import type { Allocation } from '../../src/resources/allocation.js';
import type { Store } from '../../src/store/store.js';
import { newNode } from '../store/random-nodes.js';
import type { MakeStorePlace } from '../store/store-place.js';

const requester: Requester = { requestId: 'req-1', user: null, version: 82 };
const CLASS = 'contended';

interface Opened extends AsyncDisposable {
  readonly store: Store;
  /** Takes turns. */
  service(turn: number): AllocationService;
  readonly services: readonly AllocationService[];
}

/** Conductors' services of allocations over one database: a store for each, unless the database has room for one only. */
async function openServices(place: Awaited<ReturnType<MakeStorePlace>>, names: readonly string[], shared: boolean): Promise<Opened> {
  const stack = new AsyncDisposableStack();
  let store: Store | undefined;
  const services: AllocationService[] = [];
  for (const hostname of names) {
    store = shared && store !== undefined ? store : stack.use(await place.open({ hostname }));
    const background = stack.use(createBackgroundTasks(silentLogger));
    const parts = { store, clock: systemClock, hostname, logger: silentLogger, background };
    services.push(createAllocationService({ ...parts, locks: createNodeLocks({ ...parts, lockWaitMs: 5000 }) }));
  }
  const [first] = services;
  if (store === undefined || first === undefined) throw new Error('No conductor was named');
  return { store, services, service: (turn) => services[turn % services.length] ?? first, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function addNodes(store: Store, count: number): Promise<readonly StoredNode[]> {
  return store.write(async ({ nodes }) => {
    const added: StoredNode[] = [];
    for (let index = 0; index < count; index += 1) {
      const node = newNode({ name: `node-${index}`, provisionState: 'available', powerState: 'power off', resourceClass: CLASS, traits: ['CUSTOM_A'] });
      added.push(await nodes.insert(node));
    }
    return added;
  });
}

async function settled(store: Store): Promise<readonly Allocation[]> {
  await vi.waitUntil(async () => (await store.allocations.count({ state: 'allocating' })) === 0, { timeout: 30_000, interval: 20 });
  return store.allocations.all({});
}

/** What must hold whatever happened: an allocation and its node know each other and nobody else. */
async function expectConsistent(store: Store): Promise<void> {
  const [allocations, nodes] = await Promise.all([store.allocations.all({}), store.nodes.all({})]);
  const pairs = allocations.flatMap(({ uuid, nodeUuid, state }) => (state === 'active' ? [`${uuid} ${nodeUuid}`] : []));
  const kept = nodes.flatMap(({ uuid, allocationUuid, instanceUuid }) => (allocationUuid === null && instanceUuid === null ? [] : [`${allocationUuid} ${uuid}`]));
  expect(kept.toSorted()).toEqual(pairs.toSorted());
  expect(nodes.every(({ instanceUuid, allocationUuid }) => instanceUuid === allocationUuid)).toBe(true);
  expect(allocations.every(({ state, nodeUuid }) => (nodeUuid !== null) === (state === 'active'))).toBe(true);
}

/** Several who want the same few nodes at the same time. `shared`: the database serves one process, whose services share its store. */
export function describeContention(database: string, makePlace: MakeStorePlace, shared: boolean): void {
  describe(`on ${database}`, () => {
    it('of fifty allocations for twenty nodes twenty get one, thirty none, and no node goes twice', async () => {
      await using place = await makePlace();
      await using opened = await openServices(place, ['first', 'second'], shared);
      const { store } = opened;
      await addNodes(store, 20);
      const made = await Promise.all(
        Array.from({ length: 50 }, (_, index) => opened.service(index).create({ resourceClass: CLASS, traits: ['CUSTOM_A'] }, requester)),
      );
      expect(made.map((each) => each.state)).toEqual(Array.from({ length: 50 }, () => 'allocating'));
      const all = await settled(store);
      const inState = (wanted: Allocation['state']): number => all.filter(({ state }) => state === wanted).length;
      expect({ active: inState('active'), error: inState('error') }).toEqual({ active: 20, error: 30 });
      expect(new Set(all.flatMap(({ nodeUuid }) => nodeUuid ?? [])).size).toBe(20);
      await expectConsistent(store);
      for (const { lastError } of all.filter(({ state }) => state === 'error')) {
        expect(lastError).toMatch(/^Failed to process allocation .*: (all nodes were filtered out during reservation|no available nodes match the resource class contended)\.$/);
      }
    });

    it('what a conductor left waiting is taken up by all, and fulfilled once', async () => {
      await using place = await makePlace();
      await using opened = await openServices(place, ['first', 'second', 'third'], shared);
      const { store } = opened;
      await addNodes(store, 5);
      await store.write(async ({ allocations }) => {
        for (let index = 0; index < 8; index += 1) {
          await allocations.insert({
            uuid: randomUUID(), name: `left-${index}`, nodeUuid: null, resourceClass: CLASS, state: 'allocating', candidateNodes: [], traits: [], owner: null,
            extra: {}, lastError: null, createdAt: new Date(),
          });
        }
      });
      await Promise.all(opened.services.map((service) => service.resume()));
      const all = await settled(store);
      expect(all.filter(({ state }) => state === 'active')).toHaveLength(5);
      await expectConsistent(store);
    });

    it('nodes that are taken and given back all the time never belong to two', async () => {
      await using place = await makePlace();
      await using opened = await openServices(place, ['first', 'second'], shared);
      const { store } = opened;
      await addNodes(store, 3);
      const users = Array.from({ length: 8 }, async (_, user) => {
        for (let round = 0; round < 5; round += 1) {
          const { uuid } = await opened.service(user + round).create({ resourceClass: CLASS }, requester);
          if (round % 2 === 0) await vi.waitUntil(async () => (await store.allocations.get(uuid))?.state !== 'allocating', { timeout: 30_000, interval: 5 });
          await opened.service(user + round + 1).delete(uuid, requester);
        }
      });
      await Promise.all(users);
      expect(await store.allocations.count({})).toBe(0);
      expect(await store.nodes.count({ associated: false })).toBe(3);
      await expectConsistent(store);
    });
  });
}
