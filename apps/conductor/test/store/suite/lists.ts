import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredNode } from '../../../src/nodes/stored-node.js';
import { NODE_ROWS } from '../../../src/store/node-rows.js';
import type { NodeFilters, Page, SortKey, Store } from '../../../src/store/store.js';
import { comparable } from '../../support/comparable.js';
import { modelList, modelMatches } from '../node-model.js';
import { newNode, newPort, randomNodes, storedNodes } from '../random-nodes.js';
import type { MakeStorePlace, StorePlace } from '../store-place.js';

const COUNT = 300;
const SORT_KEYS = NODE_ROWS.fields.filter(NODE_ROWS.isSortField) as SortKey<StoredNode>[];
const DIRECTIONS = ['asc', 'desc'] as const;

export function describeLists(makePlace: MakeStorePlace): void {
  describe(`lists ${COUNT} random nodes as a model of it does`, () => {
    let place: StorePlace;
    let store: Store;
    const created = randomNodes(COUNT, 42);
    const model: readonly StoredNode[] = storedNodes(created);

    beforeAll(async () => {
      place = await makePlace();
      store = await place.open();
      await store.write(async ({ nodes }) => {
        for (const node of created) await nodes.insert(node);
      });
    });
    afterAll(async () => {
      await store[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    });

    const uuids = async (filters: NodeFilters, page: Page<SortKey<StoredNode>>): Promise<readonly string[] | undefined> =>
      (await store.nodes.list(filters, page, ['uuid']))?.map((node) => node.uuid);

    it.each(SORT_KEYS.flatMap((sortKey) => DIRECTIONS.map((sortDirection) => ({ sortKey, sortDirection }))))(
      'page by page by $sortKey $sortDirection',
      async ({ sortKey, sortDirection }) => {
        const collected: string[] = [];
        for (let marker: string | undefined; ; ) {
          const page = { sortKey, sortDirection, limit: 37, ...(marker === undefined ? {} : { marker }) };
          const next = (await uuids({}, page)) ?? [];
          expect(next).toEqual(modelList(model, {}, page));
          collected.push(...next);
          marker = next.at(-1);
          if (next.length < page.limit) break;
        }
        expect(new Set(collected).size).toBe(COUNT);
      },
    );

    it('with any filters, from any node on', async () => {
      const one = <Field extends keyof StoredNode>(field: Field): fc.Arbitrary<NonNullable<StoredNode[Field]>> =>
        fc.constantFrom(...new Set(model.map((node) => node[field]).filter((value) => value !== null)));
      const filters: fc.Arbitrary<NodeFilters> = fc.record(
        {
          instanceUuid: one('instanceUuid'),
          name: one('name'),
          chassisUuid: one('chassisUuid'),
          associated: fc.boolean(),
          maintenance: fc.boolean(),
          provisionState: one('provisionState'),
          driver: one('driver'),
          resourceClass: one('resourceClass'),
          fault: one('fault'),
          conductorGroup: one('conductorGroup'),
          owner: one('owner'),
          lessee: one('lessee'),
          descriptionContains: fc.constantFrom('größe', 'GRÖSSE', '%', '_', '\\', '', 'a', '100% g', 'k\\s', 'r_s'),
          retired: fc.boolean(),
          shard: fc.subarray(['one', 'two', 'Three', 'nobody', 'a\0b']),
          sharded: fc.boolean(),
          project: fc.constantFrom('alice', 'bob', 'carol', 'nobody', 'a\0b'),
          hasWork: fc.boolean(),
          reserved: fc.boolean(),
          powerKnown: fc.boolean(),
        } satisfies { [Filter in keyof Required<NodeFilters>]: unknown },
        { requiredKeys: [] },
      );
      const few = filters.chain((all) => fc.subarray(Object.entries(all), { maxLength: 3 }));
      const some = few.map((entries) => Object.fromEntries(entries) as NodeFilters);
      const page = fc.record({
        sortKey: fc.constantFrom<SortKey<StoredNode>>('id', 'name', 'shard', 'provisionUpdatedAt', 'automatedClean', 'description'),
        sortDirection: fc.constantFrom(...DIRECTIONS),
        limit: fc.integer({ min: 1, max: 400 }),
        marker: one('uuid'),
      }, { requiredKeys: ['sortKey', 'sortDirection', 'limit'] });
      await fc.assert(
        fc.asyncProperty(some, page, async (chosen, where) => {
          expect(await uuids(chosen, where as Page<SortKey<StoredNode>>)).toEqual(modelList(model, chosen, where as Page<SortKey<StoredNode>>));
          expect(await store.nodes.count(chosen)).toBe(model.filter((node) => modelMatches(node, chosen)).length);
        }),
        { numRuns: 300, seed: 7 },
      );
    });

    it('with each filter alone, which leaves some and takes some', async () => {
      const first = model.find((node) => node.instanceUuid !== null);
      const alone: NodeFilters[] = [
        { instanceUuid: first?.instanceUuid ?? '' }, { chassisUuid: '11111111-1111-4111-8111-111111111111' }, { associated: true },
        { maintenance: true }, { provisionState: 'active' }, { driver: 'ipmi' }, { resourceClass: 'gold' }, { fault: 'power failure' },
        { conductorGroup: 'rack1' }, { owner: 'alice' }, { lessee: 'alice' }, { descriptionContains: 'GRÖSSE' }, { descriptionContains: '%' },
        { descriptionContains: '_' }, { descriptionContains: '\\' }, { retired: true }, { shard: ['one', 'two'] },
        { sharded: true }, { project: 'alice' }, { hasWork: true }, { reserved: true }, { powerKnown: true }, { name: model.find((node) => node.name !== null)?.name ?? '' },
      ];
      for (const filters of alone) {
        const expected = model.filter((node) => modelMatches(node, filters)).length;
        expect(expected).toBeGreaterThan(0);
        expect(expected).toBeLessThan(COUNT);
        expect({ filters, count: await store.nodes.count(filters) }).toEqual({ filters, count: expected });
      }
      expect(await store.nodes.count({ shard: [] })).toBe(0);
    });

    it('with exactly the fields that were asked for', async () => {
      const page = { sortKey: 'id', sortDirection: 'asc', limit: COUNT } as const;
      const wanted = ['uuid', 'powerState', 'driverInfo', 'createdAt', 'interfaces'] as const;
      const listed = await store.nodes.list({}, page, wanted);
      expect(listed?.map(comparable)).toEqual(
        model.map(({ uuid, powerState, driverInfo, createdAt, interfaces }) => comparable({ uuid, powerState, driverInfo, createdAt, interfaces })),
      );
      expect((await store.nodes.list({}, page, NODE_ROWS.fields))?.map(comparable)).toEqual(model.map(comparable));
      expect(await store.nodes.list({}, { ...page, limit: 2 }, [])).toEqual([{}, {}]);
    });

    it('and knows no marker that is no node', async () => {
      for (const marker of [randomUUID(), 'a\0b', '']) {
        expect(await uuids({}, { sortKey: 'id', sortDirection: 'asc', limit: 5, marker })).toBeUndefined();
      }
    });

    it('and refuses what is no page', async () => {
      const page = { sortKey: 'id', sortDirection: 'asc', limit: 5 } as const;
      for (const wrong of [{ limit: 0 }, { limit: 1.5 }, { limit: -1 }, { sortKey: 'driverInfo' }, { sortKey: 'secrets' }, { sortKey: 'no such' }]) {
        await expect(uuids({}, { ...page, ...wrong } as never)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
      }
    });
  });

  describe('lists ports', () => {
    it('by filter, order and marker', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      const [first, second] = [newNode({ shard: 'one' }), newNode()];
      const portgroupUuid = randomUUID();
      const ports = [
        newPort(first.uuid, { name: 'b', description: '50% Uplink' }),
        newPort(second.uuid, { name: 'a', portgroupUuid }),
        newPort(first.uuid, { description: 'uplink', pxeEnabled: false }),
        newPort(first.uuid, { name: 'C' }),
      ];
      await store.write(async (transaction) => {
        for (const node of [first, second]) await transaction.nodes.insert(node);
        for (const port of ports) await transaction.ports.insert(port);
      });
      const order = { sortKey: 'id', sortDirection: 'asc', limit: 10 } as const;
      const positions = async (...[filters, page]: Parameters<Store['ports']['list']>): Promise<readonly number[] | undefined> =>
        (await store.ports.list(filters, page))?.map((port) => ports.findIndex(({ uuid }) => uuid === port.uuid));
      expect(await positions({}, order)).toEqual([0, 1, 2, 3]);
      expect(await positions({}, { ...order, sortDirection: 'desc' })).toEqual([3, 2, 1, 0]);
      expect(await positions({}, { ...order, sortKey: 'name' })).toEqual([2, 3, 1, 0]);
      expect(await positions({}, { ...order, sortKey: 'name', sortDirection: 'desc' })).toEqual([0, 1, 3, 2]);
      expect(await positions({}, { ...order, sortKey: 'name', sortDirection: 'desc', marker: ports[1]?.uuid ?? '' })).toEqual([3, 2]);
      expect(await positions({}, { ...order, sortKey: 'pxeEnabled', limit: 2 })).toEqual([2, 0]);
      expect(await positions({ nodeUuid: first.uuid }, order)).toEqual([0, 2, 3]);
      expect(await positions({ nodeShards: ['one', 'two'] }, order)).toEqual([0, 2, 3]);
      expect(await positions({ nodeShards: [] }, order)).toEqual([]);
      expect(await positions({ portgroupUuid }, order)).toEqual([1]);
      expect(await positions({ address: ports[3]?.address ?? '' }, order)).toEqual([3]);
      expect(await positions({ descriptionContains: 'UPLINK' }, order)).toEqual([0, 2]);
      expect(await positions({ descriptionContains: '0% u' }, order)).toEqual([0]);
      expect(await positions({ descriptionContains: '_' }, order)).toEqual([]);
      expect(await positions({}, { ...order, marker: randomUUID() })).toBeUndefined();
      expect(await store.ports.all({ nodeUuid: first.uuid })).toEqual([0, 2, 3].map((index) => ({ ...ports[index], updatedAt: null })));
      await expect(positions({}, { ...order, sortKey: 'extra' as never })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    });
  });
}
