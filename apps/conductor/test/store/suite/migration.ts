import { Secret } from '@ferric/core';
import { createRecordingLogger } from '@ferric/core/testing';
import { describe, expect, it } from 'vitest';
import { initialMigration } from '../../../src/store/migrations/0001-initial.js';
import { MIGRATIONS } from '../../../src/store/migrations/index.js';
import type { Migration } from '../../../src/store/migrations/migration.js';
import { comparable } from '../../support/comparable.js';
import { newPort, randomNodes } from '../random-nodes.js';
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
        expect(await store.ports.ofNode(node.uuid)).toHaveLength(1);
      }
      expect((await place.dump())['extras']).toMatchObject([{ note: 'made by a migration' }]);
      expect(logger.at('info').at(-1)?.message).toBe(`Migrated the database from schema version 1 to ${next.version}`);
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
