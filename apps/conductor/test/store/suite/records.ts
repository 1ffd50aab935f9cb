import { randomUUID } from 'node:crypto';
import { Secret } from '@ferric/core';
import { createFakeClock, createRecordingLogger } from '@ferric/core/testing';
import { describe, expect, it } from 'vitest';
import { comparable } from '../../support/comparable.js';
import { newNode, newPort, randomNodes } from '../random-nodes.js';
import { type MakeStorePlace, visibleText } from '../store-place.js';

const refusal = (status: number, text: string): Error =>
  expect.objectContaining({ name: 'RequestFault', status, message: expect.stringContaining(text) as string }) as Error;
const failure = async (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'did not fail', (error: unknown) => error);

export function describeRecords(makePlace: MakeStorePlace): void {
  describe('keeps nodes', () => {
    it('whole, with their secrets, also after it was closed and opened again', async () => {
      await using place = await makePlace();
      const nodes = randomNodes(40, 11);
      const store = await place.open();
      const inserted = await store.write(async ({ nodes: table }) => {
        const records = [];
        for (const node of nodes) records.push(await table.insert(node));
        return records;
      });
      expect(inserted.map(comparable)).toEqual(nodes.map((node, index) => comparable({ ...node, id: index + 1, updatedAt: null })));
      await store[Symbol.asyncDispose]();

      await using again = await place.open();
      for (const record of inserted) {
        expect(comparable(await again.nodes.get(record.uuid))).toEqual(comparable(record));
        if (record.name !== null) expect((await again.nodes.one({ name: record.name }))?.uuid).toBe(record.uuid);
      }
    });

    it('without their secrets in any other column, log line or error', async () => {
      await using place = await makePlace();
      const marker = 'planted-marker-5e1a';
      const logger = createRecordingLogger();
      const store = await place.open({ logger });
      const sealed = {
        driverInfo: { ipmi_password: new Secret(marker), list: [{ token: new Secret([marker]) }] },
        instanceInfo: { configdrive: new Secret({ user_data: marker }) },
        driverInternalInfo: { agent_secret_token: new Secret(marker) },
      };
      const node = newNode({ name: 'guarded', ...sealed });
      const record = await store.write(async ({ nodes, ports, events }) => {
        await nodes.insert(node);
        await ports.insert(newPort(node.uuid));
        await events.append({ nodeUuid: node.uuid, type: 'node-created', severity: 'INFO', message: 'm', details: {}, actor: 'a' });
        return nodes.update(node.uuid, { driverInfo: { ...sealed.driverInfo, more: new Secret(marker) }, lastError: 'x' });
      });
      expect((record.driverInfo['more'] as Secret).reveal()).toBe(marker);

      const leak = newNode({ extra: { password: new Secret(marker) as never } });
      const failures = await Promise.all([
        failure(store.write(async ({ nodes }) => nodes.insert(leak))),
        failure(store.write(async ({ nodes }) => nodes.update(node.uuid, { properties: { password: new Secret(marker) as never } }))),
        failure(store.write(async ({ nodes }) => nodes.insert({ ...newNode(sealed), name: 'guarded' }))),
      ]);
      expect(failures).toMatchObject([{ code: 'INTERNAL' }, { code: 'INTERNAL' }, { name: 'RequestFault', status: 409 }]);
      const seen = failures.map((error) => printWhole(error)).join('\n');
      await store[Symbol.asyncDispose]();

      const dump = await place.dump();
      expect(JSON.stringify(dump['nodes'])).toContain(marker);
      expect(await visibleText(place)).not.toContain(marker);
      expect(seen + logger.text()).not.toContain(marker);
    });

    it('and changes only what a change names', async () => {
      await using place = await makePlace();
      const clock = createFakeClock();
      await using store = await place.open({ clock });
      const node = newNode({ driverInfo: { ipmi_password: new Secret('one') }, instanceInfo: { configdrive: new Secret('two') }, description: 'Old' });
      await store.write(async ({ nodes }) => nodes.insert(node));
      await clock.advance(5_000);
      const changes = { driverInfo: { ipmi_address: '192.0.2.1' }, powerState: 'power on' } as const;
      const changed = await store.write(async ({ nodes }) => nodes.update(node.uuid, changes));
      expect(comparable(changed)).toEqual(comparable({ ...node, ...changes, id: 1, updatedAt: new Date('2026-01-01T00:00:05Z') }));
      expect(comparable(await store.nodes.get(node.uuid))).toEqual(comparable(changed));
      expect(JSON.stringify(await place.dump())).not.toContain('ipmi_password');
    });

    it('and does not let a caller overwrite number, UUID or times', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      const record = await store.write(async ({ nodes }) => nodes.insert({ ...newNode(), id: 99, updatedAt: new Date(0) } as never));
      expect(record).toMatchObject({ id: 1, updatedAt: null });
      const changes = { ...record, id: 5, uuid: randomUUID(), createdAt: new Date(0), description: 'new' };
      const changed = await store.write(async ({ nodes }) => nodes.update(record.uuid, changes));
      expect(changed).toMatchObject({ id: 1, uuid: record.uuid, createdAt: record.createdAt, description: 'new' });
    });

    it('and gives the number of a deleted one to nobody else', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      const insert = async (): Promise<number> => (await store.write(async ({ nodes }) => nodes.insert(newNode({ uuid: randomUUID() })))).id;
      await insert();
      const last = newNode();
      await store.write(async ({ nodes }) => nodes.insert(last));
      await store.write(async ({ nodes }) => nodes.delete(last.uuid));
      expect(await insert()).toBe(3);
    });

    it('and answers undefined for what it does not have, whatever the text', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      for (const text of [randomUUID(), '', 'a\0b', '\ud800', "'; drop table nodes; --", '%']) {
        expect(await store.nodes.get(text)).toBeUndefined();
        expect(await store.nodes.getByName(text)).toBeUndefined();
        expect(await store.ports.get(text)).toBeUndefined();
        expect(await store.ports.all({ nodeUuid: text })).toEqual([]);
        expect(await store.write(async ({ nodes }) => nodes.getForUpdate(text))).toBeUndefined();
      }
    });

    it('and deletes a node with its ports, but not its history', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      const [gone, stays] = [newNode(), newNode()];
      await store.write(async ({ nodes, ports, events }) => {
        for (const node of [gone, stays]) {
          await nodes.insert(node);
          await ports.insert(newPort(node.uuid));
        }
        await events.append({ nodeUuid: gone.uuid, type: 'node-deleted', severity: 'INFO', message: 'deleted', details: {}, actor: 'a' });
      });
      await store.write(async ({ nodes }) => nodes.delete(gone.uuid));
      expect(await store.nodes.get(gone.uuid)).toBeUndefined();
      expect(await store.ports.all({ nodeUuid: gone.uuid })).toEqual([]);
      expect(await store.ports.all({ nodeUuid: stays.uuid })).toHaveLength(1);
      expect(await store.events.latest(gone.uuid, { limit: 10 })).toMatchObject([{ type: 'node-deleted' }]);
    });
  });

  describe('refuses', () => {
    it('what is taken, in the words of Ironic', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      const instanceUuid = randomUUID();
      const first = newNode({ name: 'taken', instanceUuid });
      const second = newNode();
      await store.write(async ({ nodes }) => {
        await nodes.insert(first);
        await nodes.insert(second);
      });
      const insert = (fields: object): Promise<unknown> => store.write(async ({ nodes }) => nodes.insert(newNode(fields)));
      const update = (fields: object): Promise<unknown> => store.write(async ({ nodes }) => nodes.update(second.uuid, fields));
      await expect(insert({ uuid: first.uuid })).rejects.toEqual(refusal(409, `A node with UUID ${first.uuid} already exists.`));
      await expect(insert({ name: 'taken' })).rejects.toEqual(refusal(409, 'A node with name taken already exists.'));
      await expect(insert({ instanceUuid })).rejects.toEqual(refusal(409, `Instance ${instanceUuid} is already associated with a node`));
      await expect(update({ name: 'taken' })).rejects.toEqual(refusal(409, 'A node with name taken already exists.'));
      await expect(update({ instanceUuid })).rejects.toEqual(refusal(409, second.uuid));
      expect(await store.nodes.count({})).toBe(2);
      // Missing values are not equal to each other.
      await insert({ name: null, instanceUuid: null });
      await insert({ name: null, instanceUuid: null });
    });

    it('changes of what does not exist', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      const uuid = randomUUID();
      const notFound = refusal(404, `${uuid} could not be found.`);
      await expect(store.write(async ({ nodes }) => nodes.update(uuid, { name: 'x' }))).rejects.toEqual(notFound);
      await expect(store.write(async ({ nodes }) => nodes.update(uuid, { driverInfo: {} }))).rejects.toEqual(notFound);
      await expect(store.write(async ({ nodes }) => nodes.delete(uuid))).rejects.toEqual(notFound);
      await expect(store.write(async ({ ports }) => ports.update(uuid, { name: 'x' }))).rejects.toEqual(notFound);
      await expect(store.write(async ({ ports }) => ports.delete(uuid))).rejects.toEqual(notFound);
    });

    it('text that cannot be kept, naming the field', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      await expect(store.write(async ({ nodes }) => nodes.insert(newNode({ description: 'a\0b' })))).rejects.toMatchObject({
        code: 'INVALID_OPTIONS',
        message: expect.stringContaining('node/description') as string,
      });
    });
  });
}

/** Everything that can be found on an error: its properties, hidden ones included, and its causes. */
function printWhole(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const properties = Object.getOwnPropertyNames(error).map((name) => `${name}=${JSON.stringify((error as unknown as Record<string, unknown>)[name])}`);
  return [String(error), ...properties, error.cause === undefined ? '' : printWhole(error.cause)].join('\n');
}
