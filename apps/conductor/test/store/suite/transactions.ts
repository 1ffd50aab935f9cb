import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, it } from 'vitest';
import type { Store, Transaction } from '../../../src/store/store.js';
import { startTypescript } from '../../support/typescript-process.js';
import { newNode, newPort } from '../random-nodes.js';
import type { MakeStorePlace } from '../store-place.js';

const everyUuid = async (store: Store): Promise<readonly string[]> =>
  ((await store.nodes.list({}, { sortKey: 'id', sortDirection: 'asc', limit: 100_000 }, ['uuid'])) ?? []).map(({ uuid }) => uuid);

/** The reason of a promise that must fail. */
const failure = async (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'did not fail', (error: unknown) => error);

export function describeTransactions(makePlace: MakeStorePlace): void {
  describe('writes', () => {
    it('all of a work or nothing', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      const node = newNode({ name: 'kept' });
      await store.write(async ({ nodes }) => nodes.insert(node));
      const reason = new Error('changed my mind');
      const work = async ({ nodes, ports, events }: Transaction): Promise<void> => {
        const another = newNode();
        await nodes.insert(another);
        await ports.insert(newPort(another.uuid));
        await nodes.update(node.uuid, { name: 'lost' });
        await events.append({ nodeUuid: node.uuid, type: 'node-updated', severity: 'INFO', message: 'm', details: {}, actor: 'a' });
        expect((await nodes.one({ name: 'lost' }))?.uuid).toBe(node.uuid);
        throw reason;
      };
      expect(await failure(store.write(work))).toBe(reason);
      expect(await everyUuid(store)).toEqual([node.uuid]);
      expect((await store.nodes.get(node.uuid))?.name).toBe('kept');
      expect(await store.ports.list({}, { sortKey: 'id', sortDirection: 'asc', limit: 5 })).toEqual([]);
      expect(await store.events.lastId()).toBe(0);
    });

    it('nothing after a call failed, even when the work goes on', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      await store.write(async ({ nodes }) => nodes.insert(newNode({ name: 'taken' })));
      const refused = await failure(
        store.write(async ({ nodes }) => {
          await nodes.insert(newNode());
          const first = await failure(nodes.insert(newNode({ name: 'taken' })));
          expect(await failure(nodes.insert(newNode({ name: 'free' })))).toBe(first);
          return 'all is well';
        }),
      );
      expect(refused).toMatchObject({ status: 409, message: 'A node with name taken already exists.' });
      expect(await store.nodes.count({})).toBe(1);
    });

    it('what others do in spite of one that fails', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      await store.write(async ({ nodes }) => nodes.insert(newNode({ name: 'taken' })));
      const nodes = Array.from({ length: 20 }, (_, index) => newNode({ name: `node-${index}` }));
      const outcomes = await Promise.allSettled(
        nodes.map((node, index) =>
          store.write(async (transaction) => {
            await transaction.nodes.insert(node);
            if (index % 5 === 0) await transaction.nodes.insert(newNode({ name: 'taken' }));
            if (index % 5 === 1) throw new Error('changed my mind');
            return index;
          }),
        ),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(nodes.map((_, index) => (index % 5 < 2 ? 'rejected' : 'fulfilled')));
      const kept = nodes.filter((_, index) => index % 5 >= 2).map(({ uuid }) => uuid);
      expect((await everyUuid(store)).slice(1).toSorted()).toEqual(kept.toSorted());
    });

    it('200 things at once', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      const counter = newNode({ extra: { count: 0 } });
      await store.write(async ({ nodes }) => nodes.insert(counter));
      const before = await Promise.all(
        Array.from({ length: 200 }, async () =>
          store.write(async ({ nodes, events }) => {
            const node = await nodes.getForUpdate(counter.uuid);
            const count = Number(node?.extra['count']);
            await nodes.update(counter.uuid, { extra: { count: count + 1 } });
            await events.append({ nodeUuid: counter.uuid, type: 'node-updated', severity: 'INFO', message: String(count), details: {}, actor: 'a' });
            return count;
          }),
        ),
      );
      const numbers = Array.from({ length: 200 }, (_, index) => index);
      expect(before.toSorted((one, other) => one - other)).toEqual(numbers);
      expect((await store.nodes.get(counter.uuid))?.extra).toEqual({ count: 200 });
      expect((await store.events.after(0, { limit: 500 })).map(({ message }) => Number(message))).toEqual(numbers);
    });

    it('nothing of a work that waits for something else, and the next one in its place', async () => {
      await using place = await makePlace();
      const clock = createFakeClock();
      await using store = await place.open({ clock, writeTimeLimitMs: 1_000 });
      const started = Promise.withResolvers<Transaction>();
      const never = failure(
        store.write(async (transaction) => {
          await transaction.nodes.insert(newNode({ name: 'lost' }));
          started.resolve(transaction);
          await new Promise(() => undefined);
        }),
      );
      const transaction = await started.promise;
      const next = store.write(async ({ nodes }) => nodes.insert(newNode({ name: 'next' })));
      await clock.advance(1_000);
      expect(await never).toMatchObject({ code: 'INTERNAL', details: { timeLimitMs: 1_000 } });
await next;
      // What the slow work still does is refused, whoever's turn it is.
      expect(await failure(transaction.nodes.insert(newNode({ name: 'late' })))).toMatchObject({ code: 'INTERNAL' });
      expect(await store.nodes.list({}, { sortKey: 'id', sortDirection: 'asc', limit: 5 }, ['name'])).toEqual([{ name: 'next' }]);
    });

    it('nothing of what a work leaves behind without waiting for it', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      let left: Promise<unknown> | undefined;
      const reason = new Error('done early');
      const hasty = failure(
        store.write(async ({ nodes }) => {
          const node = newNode();
          await nodes.insert(node);
          left = failure(nodes.update(node.uuid, { name: 'late', driverInfo: {} }).then(async () => nodes.update(node.uuid, { name: 'later' })));
          throw reason;
        }),
      );
      const others = Array.from({ length: 5 }, (_, index) => store.write(async ({ nodes }) => nodes.insert(newNode({ name: `other-${index}` }))));
      expect(await hasty).toBe(reason);
      await Promise.all(others);
      expect(await left).toMatchObject({ code: 'INTERNAL' });
      expect(await store.nodes.count({})).toBe(5);
    });

    it('nothing from inside another write, which could only wait for itself', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      const inner = store.write(async () => failure(store.write(async () => 'inner')));
      expect(await inner).toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('inside a write') as string });
      // What a work merely sets off may write once the work is over.
      const later = Promise.withResolvers<unknown>();
      await store.write(async () => void setImmediate(() => setImmediate(() => later.resolve(store.write(async () => 'later')))));
      expect(await later.promise).toBe('later');
    });

    it('nothing once it is closed, but all that was asked for before', async () => {
      await using place = await makePlace();
      const store = await place.open();
      const writes = Array.from({ length: 30 }, async () => store.write(async ({ nodes }) => nodes.insert(newNode())));
      await Promise.all([store[Symbol.asyncDispose](), store[Symbol.asyncDispose]()]);
      expect((await Promise.allSettled(writes)).every(({ status }) => status === 'fulfilled')).toBe(true);
      expect(await failure(store.write(async () => 'late'))).toMatchObject({ code: 'ABORTED' });
      expect(await failure(store.nodes.get('x'))).toMatchObject({ code: 'ABORTED' });
      expect(await failure(store.ping())).toMatchObject({ code: 'ABORTED' });
      await store[Symbol.asyncDispose]();
      await using again = await place.open();
      expect(await again.nodes.count({})).toBe(30);
      await again.ping();
    });

    it('everything that it acknowledged before its process was killed, and no half of anything', async () => {
      await using place = await makePlace();
      await using child = startTypescript(new URL('../writer-process.ts', import.meta.url), { ...place.location, hostname: 'doomed', writers: 8 });
      await child.lineThat((_, lines) => lines.length > 200);
      await child.kill();
      const acknowledged = child.lines.filter((line) => /^kept \S{36}$/.test(line)).map((line) => line.slice('kept '.length));
      expect(acknowledged.length).toBeGreaterThanOrEqual(200);

      await using store = await place.open();
      const kept = new Set(await everyUuid(store));
      expect(acknowledged.filter((uuid) => !kept.has(uuid))).toEqual([]);
      for (const uuid of kept) {
        expect(await store.ports.all({ nodeUuid: uuid })).toHaveLength(1);
        expect(await store.events.latest(uuid, { limit: 5 })).toHaveLength(1);
      }
      await store.write(async ({ nodes }) => nodes.insert(newNode()));
    }, 30_000);
  });
}
