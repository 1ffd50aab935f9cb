import { randomUUID } from 'node:crypto';
import { Secret } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page, RecordReader, RecordWriter, Store, Transaction } from '../../../src/store/store.js';
import { comparable } from '../../support/comparable.js';
import { modelPage } from '../node-model.js';
import { newNode } from '../random-nodes.js';
import { oneRecord, randomRecords, RECORD_KINDS, type AnyRecord, type RecordKind } from '../record-kinds.js';
import { type MakeStorePlace, type StorePlace, visibleText } from '../store-place.js';

type AnyFilters = Readonly<Record<string, unknown>>;

const readerOf = (store: Store, { kind }: RecordKind): RecordReader<AnyRecord, AnyFilters> => store[kind] as unknown as RecordReader<AnyRecord, AnyFilters>;
const writerOf = (transaction: Transaction, { kind }: RecordKind): RecordWriter<AnyRecord, AnyFilters> =>
  transaction[kind] as unknown as RecordWriter<AnyRecord, AnyFilters>;

/** Values for unique fields that a random record may lack. */
const VALUES: Readonly<Record<string, string>> = { name: 'Taken', address: '52:54:00:00:00:99', nodeUuid: '33333333-3333-4333-8333-333333333333' };
const KINDS = RECORD_KINDS.map((kind) => ({ name: kind.kind, kind }));

/** A store with two nodes. */
async function withNodes(store: Store): Promise<readonly string[]> {
  const nodes = [newNode(), newNode()];
  await store.write(async (transaction) => {
    for (const node of nodes) await transaction.nodes.insert(node);
  });
  return nodes.map(({ uuid }) => uuid);
}

async function insertAll(store: Store, kind: RecordKind, records: readonly AnyRecord[]): Promise<readonly AnyRecord[]> {
  return store.write(async (transaction) => {
    const inserted = [];
    for (const record of records) inserted.push(await writerOf(transaction, kind).insert(record as never));
    return inserted;
  });
}

/** What every kind of record beside nodes promises, told once for all of them. */
export function describeResources(makePlace: MakeStorePlace): void {
  describe.each(KINDS)('keeps $name', ({ kind }) => {
    it('whole, with their secrets, also after it was closed and opened again', async () => {
      await using place = await makePlace();
      const store = await place.open();
      const records = randomRecords(kind, await withNodes(store), 30, 11);
      const inserted = await insertAll(store, kind, records);
      expect(inserted.map(comparable)).toEqual(records.map((record) => comparable({ ...record, updatedAt: null })));
      await store[Symbol.asyncDispose]();
      await using again = await place.open();
      for (const record of inserted) expect(comparable(await readerOf(again, kind).get(record.uuid))).toEqual(comparable(record));
      expect((await readerOf(again, kind).all({})).map(({ uuid }) => uuid)).toEqual(records.map(({ uuid }) => uuid));
      expect(await readerOf(again, kind).count({})).toBe(records.length);
    });

    it('and refuses what is taken, in the words of Ironic', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      const [nodeUuid = ''] = await withNodes(store);
      const sample = oneRecord(kind, nodeUuid, 1);
      const missing = kind.unique.flatMap(({ fields }) => fields).filter((field) => sample[field] === null);
      const first = { ...sample, ...Object.fromEntries(missing.map((field) => [field, VALUES[field]])) };
      const second = oneRecord(kind, nodeUuid, 2);
      await insertAll(store, kind, [first, second]);
      for (const { fields, text } of kind.unique) {
        const same = Object.fromEntries(fields.map((field) => [field, first[field]]));
        const refusal = { name: 'RequestFault', status: 409, message: text(first) };
        await expect(insertAll(store, kind, [oneRecord(kind, nodeUuid, 3, same)])).rejects.toMatchObject(refusal);
        if (fields.includes('uuid')) continue;
        await expect(store.write(async (transaction) => writerOf(transaction, kind).update(second.uuid, same as never))).rejects.toMatchObject(refusal);
      }
      expect(await readerOf(store, kind).count({})).toBe(2);
    });

    it('and refuses changes of what does not exist', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      const uuid = randomUUID();
      const missing = { name: 'RequestFault', status: 404, message: `${kind.noun} ${uuid} could not be found.` };
      const changes = { extra: {}, ...(kind.sealed === undefined ? {} : { [kind.sealed]: kind.sealed === 'steps' ? [] : {} }) };
      for (const each of Object.entries(changes)) {
        const update = store.write(async (transaction) => writerOf(transaction, kind).update(uuid, Object.fromEntries([each]) as never));
        await expect(update).rejects.toMatchObject(missing);
      }
      await expect(store.write(async (transaction) => writerOf(transaction, kind).delete(uuid))).rejects.toMatchObject(missing);
      for (const text of [uuid, '', 'a\0b', '\ud800', "'; drop table nodes; --"]) {
        expect(await readerOf(store, kind).get(text)).toBeUndefined();
        expect(await store.write(async (transaction) => writerOf(transaction, kind).getForUpdate(text))).toBeUndefined();
      }
    });

    it('and changes only what a change names, never UUID or times', async () => {
      await using place = await makePlace();
      const clock = createFakeClock();
      await using store = await place.open({ clock });
      const [nodeUuid = ''] = await withNodes(store);
      const [record, other] = [oneRecord(kind, nodeUuid, 21), oneRecord(kind, nodeUuid, 22)];
      await insertAll(store, kind, [record, other]);
      await clock.advance(5_000);
      const updatedAt = new Date('2026-01-01T00:00:05Z');
      const changes = { extra: { a: 1 }, uuid: randomUUID(), createdAt: new Date(0) } as never;
      const changed = await store.write(async (transaction) => writerOf(transaction, kind).update(record.uuid, changes));
      expect(comparable(changed)).toEqual(comparable({ ...record, extra: { a: 1 }, updatedAt }));
      expect(comparable(await readerOf(store, kind).get(record.uuid))).toEqual(comparable(changed));
      expect(comparable(await readerOf(store, kind).get(other.uuid))).toEqual(comparable({ ...other, updatedAt: null }));
      await store.write(async (transaction) => writerOf(transaction, kind).delete(record.uuid));
      expect((await readerOf(store, kind).all({})).map(({ uuid }) => uuid)).toEqual([other.uuid]);
    });
  });

  describe('keeps', () => {
    it.each(KINDS.filter(({ kind }) => kind.ofNode))('$name of nodes that exist, until their node is deleted', async ({ kind }) => {
      await using place = await makePlace();
      await using store = await place.open();
      const [gone = '', stays = ''] = await withNodes(store);
      const nobody = randomUUID();
      const refusal = { name: 'RequestFault', status: 400, message: `Node ${nobody} could not be found.` };
      await expect(insertAll(store, kind, [oneRecord(kind, nobody, 31)])).rejects.toMatchObject(refusal);
      await insertAll(store, kind, [oneRecord(kind, gone, 31), oneRecord(kind, stays, 32)]);
      const [kept] = await readerOf(store, kind).all({ nodeUuid: stays });
      const move = store.write(async (transaction) => writerOf(transaction, kind).update(kept?.uuid ?? '', { nodeUuid: nobody } as never));
      await expect(move).rejects.toMatchObject(refusal);
      await store.write(async ({ nodes }) => nodes.delete(gone));
      expect((await readerOf(store, kind).all({})).map(({ uuid }) => uuid)).toEqual([kept?.uuid]);
    });

    it.each(KINDS.filter(({ kind }) => kind.sealed !== undefined))('$name with secrets in the column for secrets and nowhere else', async ({ kind }) => {
      await using place = await makePlace();
      const store = await place.open();
      const [nodeUuid = ''] = await withNodes(store);
      const marker = 'planted-marker-7c2e';
      const document = (secret: Secret): unknown =>
        kind.sealed === 'steps'
          ? [{ interface: 'bios', step: 's', args: { admin_password: secret }, priority: 1 }]
          : { auth_password: secret, list: [{ token: secret }] };
      const record = oneRecord(kind, nodeUuid, 41, { [kind.sealed ?? '']: document(new Secret(marker)) });
      await insertAll(store, kind, [record]);
      // Another field changes, and the secrets stay.
      await store.write(async (transaction) => writerOf(transaction, kind).update(record.uuid, { extra: { b: 2 } } as never));
      await store[Symbol.asyncDispose]();
      expect(JSON.stringify((await place.dump())[kind.table])).toContain(marker);
      expect(await visibleText(place)).not.toContain(marker);
      await using again = await place.open();
      expect(comparable((await readerOf(again, kind).get(record.uuid))?.[kind.sealed ?? ''])).toEqual(comparable(document(new Secret(marker))));
      await again.write(async (transaction) => writerOf(transaction, kind).update(record.uuid, { [kind.sealed ?? '']: document(new Secret('other')) } as never));
      expect(JSON.stringify(await place.dump())).not.toContain(marker);
    });
  });

  describe.each(KINDS)('lists random $name as a model of it does', ({ kind }) => {
    let place: StorePlace;
    let store: Store;
    let records: readonly AnyRecord[];

    beforeAll(async () => {
      place = await makePlace();
      store = await place.open();
      records = (await insertAll(store, kind, randomRecords(kind, await withNodes(store), 60, 42))).map((record) => ({ ...record, updatedAt: null }));
    });
    afterAll(async () => {
      await store[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    });

    const listed = async (filters: AnyFilters, page: Page<string>): Promise<readonly string[] | undefined> =>
      (await readerOf(store, kind).list(filters, page as never, ['uuid']))?.map(({ uuid }) => uuid);
    const matches = (record: AnyRecord, filters: AnyFilters): boolean =>
      Object.entries(filters).every(([name, value]) => kind.filters[name]?.matches(record, value as never) === true);

    it('page by page, by every field that holds one value', async () => {
      for (const sortKey of ['id', ...kind.sortKeys]) {
        for (const sortDirection of ['asc', 'desc'] as const) {
          const collected: string[] = [];
          for (let marker: string | undefined; ; ) {
            const page = { sortKey, sortDirection, limit: 11, ...(marker === undefined ? {} : { marker }) };
            const next = (await listed({}, page)) ?? [];
            expect([sortKey, sortDirection, next]).toEqual([sortKey, sortDirection, modelPage(records, () => true, page)]);
            collected.push(...next);
            marker = next.at(-1);
            if (next.length < page.limit) break;
          }
          expect(new Set(collected).size).toBe(records.length);
        }
      }
    });

    it('with any filters', async () => {
      const values = Object.fromEntries(
        Object.entries(kind.filters).map(([name, { field, many }]) => {
          const present = [...new Set(records.map((record) => record[field]).filter((value) => value !== null))];
          const one = fc.constantFrom(...present, 'nobody', 'a\0b');
          return [name, many === true ? fc.uniqueArray(one, { maxLength: 4 }) : one];
        }),
      );
      const some = fc.record(values, { requiredKeys: [] }) as fc.Arbitrary<AnyFilters>;
      const order = { sortKey: 'id', sortDirection: 'asc', limit: 100 } as const;
      await fc.assert(
        fc.asyncProperty(some, async (filters) => {
          const expected = modelPage(records, (record) => matches(record, filters), order);
          expect(await listed(filters, order)).toEqual(expected);
          expect((await readerOf(store, kind).all(filters)).map(({ uuid }) => uuid)).toEqual(expected);
          const found = (await readerOf(store, kind).one(filters))?.uuid;
          expect(found === undefined ? expected : expected?.filter((uuid) => uuid === found)).toHaveLength(found === undefined ? 0 : 1);
          expect(await readerOf(store, kind).count(filters)).toBe(expected?.length);
        }),
        { numRuns: 60, seed: 7 },
      );
    });

    it('and refuses what is no page and knows no marker that is no record', async () => {
      const page = { sortKey: 'id', sortDirection: 'asc', limit: 5 } as const;
      for (const wrong of [{ limit: 0 }, { sortKey: 'extra' }, { sortKey: 'secrets' }, ...(kind.sealed === undefined ? [] : [{ sortKey: kind.sealed }])]) {
        await expect(listed({}, { ...page, ...wrong })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
      }
      for (const marker of [randomUUID(), 'a\0b', '']) expect(await listed({}, { ...page, marker })).toBeUndefined();
    });
  });

  describe('keeps a chassis', () => {
    it('from deletion while a node is put into it, and the other way round', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      const kind = RECORD_KINDS.find((each) => each.kind === 'chassis') as RecordKind;
      const rounds = Array.from({ length: 20 }, (_, index) => oneRecord(kind, '', 100 + index));
      await insertAll(store, kind, rounds);
      const put = async (chassisUuid: string): Promise<boolean> =>
        store.write(async ({ chassis, nodes }) => {
          if ((await chassis.getForUpdate(chassisUuid)) === undefined) return false;
          await nodes.insert(newNode({ chassisUuid }));
          return true;
        });
      const remove = async (uuid: string): Promise<boolean> =>
        store.write(async ({ chassis, nodes }) => {
          await chassis.getForUpdate(uuid);
          if ((await nodes.count({ chassisUuid: uuid })) > 0) return false;
          await chassis.delete(uuid);
          return true;
        });
      for (const [index, { uuid }] of rounds.entries()) {
        const both = index % 2 === 0 ? [put(uuid), remove(uuid)] : [remove(uuid), put(uuid)];
        expect((await Promise.all(both)).filter(Boolean)).toHaveLength(1);
        const present = await store.chassis.get(uuid);
        expect(await store.nodes.count({ chassisUuid: uuid })).toBe(present === undefined ? 0 : 1);
      }
    });
  });
}
