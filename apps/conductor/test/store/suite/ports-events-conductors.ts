import { randomUUID } from 'node:crypto';
import { Secret } from '@ferric/core';
import { createFakeClock, createRecordingLogger } from '@ferric/core/testing';
import { describe, expect, it } from 'vitest';
import type { NewNodeEvent, NodeEvent } from '../../../src/events/node-event.js';
import type { Store } from '../../../src/store/store.js';
import { newNode, newPort } from '../random-nodes.js';
import type { MakeStorePlace } from '../store-place.js';

const event = (nodeUuid: string, message: string, fields: Partial<NewNodeEvent> = {}): NewNodeEvent => ({
  nodeUuid, type: 'node-updated', severity: 'INFO', message, details: {}, actor: 'req-1 admin', ...fields,
});
const append = async (store: Store, ...events: NewNodeEvent[]): Promise<void> =>
  store.write(async (transaction) => {
    for (const one of events) await transaction.events.append(one);
  });
const messages = (events: readonly NodeEvent[]): string[] => events.map(({ message }) => message);

export function describePortsEventsAndConductors(makePlace: MakeStorePlace): void {
  describe('keeps ports', () => {
    it('and refuses what is taken and a node that does not exist', async () => {
      await using place = await makePlace();
      const clock = createFakeClock();
      await using store = await place.open({ clock });
      const node = newNode();
      const [first, second] = [newPort(node.uuid, { name: 'taken', extra: { vlan: 7 } }), newPort(node.uuid)];
      await store.write(async ({ nodes, ports }) => {
        await nodes.insert(node);
        await ports.insert(first);
        await ports.insert(second);
      });
      const insert = (fields: object): Promise<unknown> => store.write(async ({ ports }) => ports.insert(newPort(node.uuid, fields)));
      const { uuid, address } = first;
      await expect(insert({ uuid })).rejects.toMatchObject({ status: 409, message: `A port with UUID ${uuid} already exists.` });
      await expect(insert({ address })).rejects.toMatchObject({ status: 409, message: `A port with MAC address ${address} already exists.` });
      await expect(insert({ name: 'taken' })).rejects.toMatchObject({ status: 409, message: 'A port with name taken already exists.' });
      await expect(insert({ nodeUuid: uuid })).rejects.toMatchObject({ status: 400, message: `Node ${uuid} could not be found.` });
      const update = (fields: object): Promise<unknown> => store.write(async ({ ports }) => ports.update(second.uuid, fields));
      await expect(update({ address: first.address })).rejects.toMatchObject({ status: 409 });
      await expect(update({ nodeUuid: first.uuid })).rejects.toMatchObject({ status: 400 });

      await clock.advance(1_000);
      const changed = { ...second, pxeEnabled: false, internalInfo: { seen: true }, updatedAt: new Date('2026-01-01T00:00:01Z') };
      await expect(update({ pxeEnabled: false, internalInfo: { seen: true } })).resolves.toEqual(changed);
      expect(await store.ports.get(second.uuid)).toEqual(changed);
      await store.write(async ({ ports }) => ports.delete(first.uuid));
      expect(await store.ports.all({ nodeUuid: node.uuid })).toEqual([changed]);
    });
  });

  describe('finds ports', () => {
    it('by any of many addresses, each once', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      const [one, other] = [newNode(), newNode()];
      const [first, second, third] = [newPort(one.uuid), newPort(one.uuid), newPort(other.uuid)];
      const unknown = Array.from({ length: 1_200 }, (_, index) => `02:00:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`);
      await store.write(async ({ nodes, ports }) => {
        for (const node of [one, other]) await nodes.insert(node);
        for (const port of [first, second, third]) await ports.insert(port);
      });
      const found = async (...addresses: string[]): Promise<string[]> => (await store.ports.all({ addresses: addresses })).map(({ uuid }) => uuid).toSorted();
      expect(await found(first.address, third.address, first.address)).toEqual([first.uuid, third.uuid].toSorted());
      expect(await found(second.address, ...unknown, third.address)).toEqual([second.uuid, third.uuid].toSorted());
      expect(await found(...unknown)).toEqual([]);
      expect(await found()).toEqual([]);
      expect(await found('a\0b', "' or 1=1 --")).toEqual([]);
      await store.write(async ({ ports }) => {
        expect(await ports.all({ addresses: [second.address] })).toMatchObject([{ uuid: second.uuid, nodeUuid: one.uuid }]);
      });
    });
  });

  describe('keeps inventories', () => {
    const found = { inventory: { cpu: { count: 4 }, note: 'Größe \u2028 "x"' }, pluginData: { logs: 'H4sI', list: [1, null, {}] } };

    it('one for each node, until the node is deleted', async () => {
      await using place = await makePlace();
      const clock = createFakeClock();
      const store = await place.open({ clock });
      const [one, other] = [newNode(), newNode()];
      await store.write(async ({ nodes, inventories }) => {
        for (const node of [one, other]) await nodes.insert(node);
        expect(await inventories.get(one.uuid)).toBeUndefined();
        await inventories.put(one.uuid, found);
        expect(await inventories.get(one.uuid)).toEqual(found);
      });
      expect(await store.inventories.get(one.uuid)).toEqual(found);
      expect(await store.inventories.get(other.uuid)).toBeUndefined();
      expect(await store.inventories.get('a\0b')).toBeUndefined();

      await clock.advance(1_000);
      const later = { inventory: { cpu: null }, pluginData: {} };
      await store.write(async ({ inventories }) => inventories.put(one.uuid, later));
      await store[Symbol.asyncDispose]();
      const times = { created_at: '2026-01-01T00:00:00.000Z', updated_at: '2026-01-01T00:00:01.000Z' };
      expect((await place.dump())['node_inventories']).toMatchObject([{ node_uuid: one.uuid, ...times }]);

      await using again = await place.open();
      expect(await again.inventories.get(one.uuid)).toEqual(later);
      await again.write(async ({ nodes }) => nodes.delete(one.uuid));
      expect(await again.inventories.get(one.uuid)).toBeUndefined();
      expect((await place.dump())['node_inventories']).toEqual([]);
    });

    it('all or nothing with the rest of a transaction, for nodes that exist, and without secrets', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      const node = newNode();
      await store.write(async ({ nodes }) => nodes.insert(node));
      const failing = store.write(async ({ inventories }) => {
        await inventories.put(node.uuid, found);
        throw new Error('changed my mind');
      });
      await expect(failing).rejects.toThrow('changed my mind');
      expect(await store.inventories.get(node.uuid)).toBeUndefined();
      const nobody = randomUUID();
      await expect(store.write(async ({ inventories }) => inventories.put(nobody, found))).rejects.toMatchObject({ status: 404, message: `Node ${nobody} could not be found.` });
      const secret = { inventory: { password: new Secret('x') as never }, pluginData: {} };
      await expect(store.write(async ({ inventories }) => inventories.put(node.uuid, secret))).rejects.toMatchObject({ code: 'INTERNAL' });
    });
  });

  describe('keeps the history of nodes', () => {
    it('in order, resumable, by node, newest and one by one', async () => {
      await using place = await makePlace();
      const clock = createFakeClock();
      await using store = await place.open({ clock, hostname: 'rack-7' });
      const [one, other] = [randomUUID(), randomUUID()];
      expect(await store.events.lastId()).toBe(0);
      await append(store, event(one, 'a', { details: { from: 'enroll', list: [1, null] } }), event(other, 'b', { severity: 'ERROR' }));
      await clock.advance(10);
      await append(store, event(one, 'c', { severity: 'ERROR' }));
      await append(store, event(one, 'd'));

      const all = await store.events.after(0, { limit: 10 });
      expect(messages(all)).toEqual(['a', 'b', 'c', 'd']);
      expect(all[0]).toEqual({
        id: 1, uuid: expect.any(String) as string, nodeUuid: one, type: 'node-updated', severity: 'INFO', message: 'a',
        details: { from: 'enroll', list: [1, null] }, actor: 'req-1 admin', at: new Date('2026-01-01T00:00:00Z'), conductor: 'rack-7',
      });
      expect(all[2]?.at).toEqual(new Date('2026-01-01T00:00:00.010Z'));
      expect(messages(await store.events.after(all[1]?.id ?? 0, { limit: 10 }))).toEqual(['c', 'd']);
      expect(messages(await store.events.after(0, { limit: 2 }))).toEqual(['a', 'b']);
      expect(messages(await store.events.after(0, { nodeUuid: one, limit: 2 }))).toEqual(['a', 'c']);
      expect(messages(await store.events.after(0, { severity: 'ERROR', limit: 5 }))).toEqual(['b', 'c']);
      expect(messages(await store.events.after(0, { nodeUuid: one, severity: 'ERROR', limit: 5 }))).toEqual(['c']);
      expect(messages(await store.events.latest(one, { limit: 2 }))).toEqual(['c', 'd']);
      expect(messages(await store.events.latest(one, { limit: 2, severity: 'ERROR' }))).toEqual(['c']);
      expect(await store.events.get(one, all[2]?.uuid ?? '')).toEqual(all[2]);
      expect(await store.events.get(other, all[2]?.uuid ?? '')).toBeUndefined();
      expect(await store.events.lastId()).toBe(all[3]?.id);
    });

    it('and tells listeners what was committed, in the order of numbers, and nothing else', async () => {
      await using place = await makePlace();
      const logger = createRecordingLogger();
      await using store = await place.open({ logger });
      const told: NodeEvent[] = [];
      using _broken = store.onCommitted(() => {
        throw new Error('listener');
      });
      const listening = store.onCommitted((events) => told.push(...events));
      const uuid = randomUUID();
      await Promise.allSettled(
        Array.from({ length: 60 }, (_, index) =>
          store.write(async ({ events }) => {
            await events.append(event(uuid, `${index} first`));
            await events.append(event(uuid, `${index} second`));
            if (index % 3 === 0) throw new Error('changed my mind');
          }),
        ),
      );
      expect(told).toHaveLength(80);
      expect(told).toEqual(await store.events.after(0, { limit: 1000 }));
      expect(logger.at('error').length).toBeGreaterThan(0);
      listening[Symbol.dispose]();
      await append(store, event(uuid, 'unheard'));
      expect(told).toHaveLength(80);
    });

    it('until it ages out or becomes too long', async () => {
      await using place = await makePlace();
      const clock = createFakeClock();
      await using store = await place.open({ clock });
      const [busy, calm, old] = [randomUUID(), randomUUID(), randomUUID()];
      await append(store, event(old, 'old'), event(calm, 'old'));
      await clock.advance(60_000);
      // More than one deletion handles at a time.
      await append(store, ...Array.from({ length: 1_203 }, (_, index) => event(busy, String(index))), event(calm, 'new'));
      const last = await store.events.lastId();
      expect(await store.pruneEvents({ before: clock.now(), keepPerNode: 3 })).toBe(2 + 1_200);
      expect(messages(await store.events.after(0, { limit: 10 }))).toEqual(['1200', '1201', '1202', 'new']);
      expect(await store.pruneEvents({ before: clock.now(), keepPerNode: 3 })).toBe(0);
      await clock.advance(1);
      expect(await store.pruneEvents({ before: clock.now(), keepPerNode: 3 })).toBe(4);
      // Numbers go on, so that nobody who resumes misses the next one.
      await append(store, event(calm, 'later'));
      expect(messages(await store.events.after(last, { limit: 10 }))).toEqual(['later']);
    });
  });

  describe('knows the conductors', () => {
    it('that announced themselves, with the first and the last sign of life', async () => {
      await using place = await makePlace();
      const clock = createFakeClock();
      await using store = await place.open({ clock });
      await store.conductors.announce({ hostname: 'b', conductorGroup: '', drivers: ['ipmi'] });
      await clock.advance(1_000);
      await store.conductors.announce({ hostname: 'a', conductorGroup: 'rack1', drivers: [] });
      await store.conductors.announce({ hostname: 'b', conductorGroup: 'rack2', drivers: ['ipmi', 'ilo'] });
      const [start, later] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-01T00:00:01Z')];
      expect(await store.conductors.list()).toEqual([
        { hostname: 'a', conductorGroup: 'rack1', drivers: [], createdAt: later, updatedAt: later },
        { hostname: 'b', conductorGroup: 'rack2', drivers: ['ipmi', 'ilo'], createdAt: start, updatedAt: later },
      ]);
      await store.conductors.remove('b');
      await store.conductors.remove('nobody');
      expect((await store.conductors.list()).map(({ hostname }) => hostname)).toEqual(['a']);
    });
  });
}
