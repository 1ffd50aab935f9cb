import { Secret } from '@ferric/core';
import { createRecordingLogger } from '@ferric/core/testing';
import { describe, expect, it } from 'vitest';
import { initialMigration } from '../../../src/store/migrations/0001-initial.js';
import { inventoriesMigration } from '../../../src/store/migrations/0002-inventories.js';
import { MIGRATIONS } from '../../../src/store/migrations/index.js';
import type { Migration } from '../../../src/store/migrations/migration.js';
import { comparable } from '../../support/comparable.js';
import { newPort, randomNodes } from '../random-nodes.js';
import { oneRecord, RECORD_KINDS } from '../record-kinds.js';
import type { MakeStorePlace } from '../store-place.js';

/** A step such as a later release may bring: it changes data, adds a table and an index. */
const next: Migration = {
  version: MIGRATIONS.length + 1,
  name: 'a step for tests',
  async up({ database, createNumberedTable, text }) {
    await createNumberedTable('extras').addColumn('note', text, (column) => column.notNull()).execute();
    await database.schema.createIndex('extras_note').on('extras').column('note').execute();
    await database.insertInto('extras').values({ note: 'made by a migration' }).execute();
    await database.updateTable('nodes').set({ last_error: 'migrated' }).execute();
  },
};
const broken: Migration = {
  version: MIGRATIONS.length + 2,
  name: 'a step that fails',
  async up({ database }) {
    await database.updateTable('nodes').set({ last_error: 'half migrated' }).execute();
    throw new Error('the step failed');
  },
};

export function describeMigration(makePlace: MakeStorePlace): void {
  describe('migrates', () => {
    it('a database of version 1 with its data', async () => {
      await using place = await makePlace();
      const nodes = randomNodes(20, 5).map((node) => ({ ...node, driverInfo: { ipmi_password: new Secret('swordfish') } }));
      const first = await place.open({ migrations: [initialMigration] });
      await first.write(async (transaction) => {
        for (const node of nodes) {
          await transaction.nodes.insert(node);
          await transaction.ports.insert(newPort(node.uuid));
        }
      });
      await first[Symbol.asyncDispose]();

      const logger = createRecordingLogger();
      await using store = await place.open({ migrations: [...MIGRATIONS, next], logger });
      for (const node of nodes) {
        const migrated = await store.nodes.get(node.uuid);
        expect(comparable({ ...migrated, id: 0 })).toEqual(comparable({ ...node, id: 0, updatedAt: null, lastError: 'migrated' }));
        expect(await store.ports.all({ nodeUuid: node.uuid })).toHaveLength(1);
      }
      expect((await place.dump())['extras']).toMatchObject([{ note: 'made by a migration' }]);
      expect(logger.at('info').at(-1)?.message).toBe(`Migrated the database from schema version 1 to ${next.version}`);
    });

    it('a database of version 2 with its data, which the new tables refer to', async () => {
      await using place = await makePlace();
      const nodes = randomNodes(5, 6).map((node) => ({ ...node, driverInfo: { ipmi_password: new Secret('swordfish') } }));
      const found = { inventory: { cpu: { count: 4 } }, pluginData: {} };
      const second = await place.open({ migrations: [initialMigration, inventoriesMigration] });
      await second.write(async (transaction) => {
        for (const node of nodes) {
          await transaction.nodes.insert(node);
          await transaction.ports.insert(newPort(node.uuid));
          await transaction.inventories.put(node.uuid, found);
          await transaction.events.append({ nodeUuid: node.uuid, type: 'node-created', severity: 'INFO', message: 'm', details: {}, actor: 'a' });
        }
      });
      await second[Symbol.asyncDispose]();
      const before = await place.dump();

      const logger = createRecordingLogger();
      await using store = await place.open({ logger });
      expect(logger.at('info').at(-1)?.message).toBe(`Migrated the database from schema version 2 to ${MIGRATIONS.length}`);
      const after = await place.dump();
      for (const table of ['nodes', 'ports', 'node_inventories', 'node_events']) expect(after[table]).toEqual(before[table]);
      const added = Object.keys(after).filter((table) => before[table] === undefined).toSorted();
      expect(added).toEqual(RECORD_KINDS.map(({ table }) => table).filter((table) => table !== 'ports').toSorted());
      for (const [index, kind] of RECORD_KINDS.entries()) {
        const record = oneRecord(kind, nodes[0]?.uuid ?? '', 50 + index);
        await store.write(async (transaction) => transaction[kind.kind].insert(record as never));
        expect(await store[kind.kind].get(record.uuid)).toMatchObject({ uuid: record.uuid });
      }
    });

    it('nothing when there is nothing to do', async () => {
      await using place = await makePlace();
      await (await place.open())[Symbol.asyncDispose]();
      const before = await place.dump();
      const logger = createRecordingLogger();
      await (await place.open({ logger }))[Symbol.asyncDispose]();
      expect(await place.dump()).toEqual(before);
      expect(before['schema_versions']).toMatchObject(MIGRATIONS.map(({ version, name }) => ({ version, name })));
      expect(logger.lines).toEqual([]);
    });

    it('all steps or none', async () => {
      await using place = await makePlace();
      const store = await place.open();
      await store.write(async (transaction) => transaction.nodes.insert(randomNodes(1, 3)[0] ?? expect.fail()));
      await store[Symbol.asyncDispose]();
      const before = await place.dump();
      await expect(place.open({ migrations: [...MIGRATIONS, next, broken] })).rejects.toThrow('the step failed');
      expect(await place.dump()).toEqual(before);
      await using again = await place.open();
      expect(await again.nodes.count({})).toBe(1);
    });

    it('no database of a newer release, which it leaves alone', async () => {
      await using place = await makePlace();
      await (await place.open({ migrations: [...MIGRATIONS, next] }))[Symbol.asyncDispose]();
      const before = await place.dump();
      await expect(place.open()).rejects.toMatchObject({
        code: 'CONFLICT',
        message: `The database has schema version ${next.version}; this conductor knows versions up to ${MIGRATIONS.length} and leaves it alone`,
        hint: expect.stringContaining('newer release') as string,
      });
      expect(await place.dump()).toEqual(before);
    });
  });
}
