import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createFakeClock, createRecordingLogger } from '@ferric/core/testing';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../../src/store/migrations/index.js';
import type { Migration } from '../../src/store/migrations/migration.js';
import { openStore } from '../../src/store/open-store.js';
import { DATABASE_FILE } from '../../src/store/sqlite/sqlite-engine.js';
import { startTypescript } from '../support/typescript-process.js';
import { newNode, newPort } from './random-nodes.js';
import { dumpSqlite, makeSqlitePlace } from './sqlite-place.js';

const failure = async (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'did not fail', (error: unknown) => error);
const writerProcess = new URL('./writer-process.ts', import.meta.url);

/** What only the embedded database does: it lives in a folder that belongs to one process. */
export function describeSqliteOnly(): void {
  describe('a data folder', () => {
    it('belongs to one conductor of this process', async () => {
      await using place = await makeSqlitePlace();
      const store = await place.open({ hostname: 'first' });
      expect(await failure(place.open({ hostname: 'second' }))).toMatchObject({
        code: 'CONFLICT',
        message: expect.stringContaining(`${place.folder} is in use by the conductor with pid ${process.pid} on first`) as string,
      });
      // The refusal did not loosen the grip of the first.
      expect(await failure(place.open({ hostname: 'third' }))).toMatchObject({ code: 'CONFLICT' });
      await store.write(async ({ nodes }) => nodes.insert(newNode()));
      await store[Symbol.asyncDispose]();
      await using next = await place.open({ hostname: 'second' });
      expect(await next.nodes.count({})).toBe(1);
    });

    it('belongs to one process until it ends, in whatever way', async () => {
      await using place = await makeSqlitePlace();
      await using child = startTypescript(writerProcess, { ...place.location, hostname: hostname(), writers: 0 });
      await child.lineThat((line) => line === 'ready');
      const refusal = await failure(place.open());
      expect(refusal).toMatchObject({
        code: 'CONFLICT',
        message: expect.stringContaining(`${place.folder} is in use by the conductor with pid ${child.pid} on ${hostname()}`) as string,
        details: { folder: place.folder, holder: { pid: child.pid, hostname: hostname() } },
        hint: expect.stringContaining('--data-dir') as string,
      });
      await child.kill();
      await using store = await place.open();
      await store.ping();
    }, 30_000);

    it('is refused without a name when the holder has not told its own', async () => {
      await using place = await makeSqlitePlace();
      await using _store = await place.open();
      await writeFile(join(place.folder, 'conductor.lock.json'), '{');
      const message = `The data folder ${place.folder} is in use by another conductor`;
      expect(await failure(place.open())).toMatchObject({ code: 'CONFLICT', message });
    });

    it('can be read by its owner alone', async () => {
      await using place = await makeSqlitePlace();
      await using store = await place.open();
      await store.write(async ({ nodes }) => nodes.insert(newNode()));
      const mode = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);
      expect(await mode(place.folder)).toBe('700');
      for (const name of [DATABASE_FILE, `${DATABASE_FILE}-wal`, 'conductor.lock.json']) {
        expect(`${name} ${await mode(join(place.folder, name))}`).toBe(`${name} 600`);
      }
    });

    it('holds one complete file after the store was closed', async () => {
      await using place = await makeSqlitePlace();
      const store = await place.open();
      await store.write(async ({ nodes }) => nodes.insert(newNode()));
      await store[Symbol.asyncDispose]();
      expect((await readdir(place.folder)).toSorted()).toEqual(['conductor.lock', DATABASE_FILE]);
      expect(dumpSqlite(join(place.folder, DATABASE_FILE))['nodes']).toHaveLength(1);
    });

    it('with something else in place of the database is refused and left as it is', async () => {
      await using place = await makeSqlitePlace();
      await (await place.open())[Symbol.asyncDispose]();
      const path = join(place.folder, DATABASE_FILE);
      await writeFile(path, 'not a database, but somebody may need it'.repeat(50));
      expect(await failure(place.open())).toMatchObject({ code: 'INTERNAL', hint: expect.stringContaining('no SQLite database') as string });
      expect(await readFile(path, 'utf8')).toContain('somebody may need it');
    });

    it('that cannot be made or written to is refused, naming it', async () => {
      await using place = await makeSqlitePlace();
      await (await place.open())[Symbol.asyncDispose]();
      const dataDirectory = join(place.folder, DATABASE_FILE, 'inside a file');
      const error = await failure(openStore({ dataDirectory, hostname: 'test' }));
      expect(error).toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringContaining(dataDirectory) as string });
    });

    it('has to be named', async () => {
      const error = await failure(openStore({ hostname: 'test' }));
      expect(error).toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringContaining('dataDirectory') as string });
    });
  });

  describe('a database that is migrated', () => {
    const step = { version: MIGRATIONS.length + 1, name: 'a step for tests', up: async () => undefined };

    it('is copied first, and the log says where to', async () => {
      await using place = await makeSqlitePlace();
      const store = await place.open();
      await store.write(async ({ nodes }) => nodes.insert(newNode({ name: 'before' })));
      await store[Symbol.asyncDispose]();
      const before = await place.dump();
      const logger = createRecordingLogger();
      await (await place.open({ migrations: [...MIGRATIONS, step], logger, clock: createFakeClock() }))[Symbol.asyncDispose]();
      const backup = join(place.folder, 'backups', `conductor-schema-${MIGRATIONS.length}-2026-01-01T000000.000Z.sqlite`);
      expect(dumpSqlite(backup)).toEqual(before);
      expect(logger.at('info')[0]).toMatchObject({ fields: { backup }, message: expect.stringContaining(backup) as string });
      expect(((await stat(backup)).mode & 0o777).toString(8)).toBe('600');
    });

    it('is not copied when it is new or up to date', async () => {
      await using place = await makeSqlitePlace();
      for (let round = 0; round < 2; round += 1) await (await place.open())[Symbol.asyncDispose]();
      expect(await readdir(place.folder)).not.toContain('backups');
    });

    it('may make a table anew that others refer to', async () => {
      await using place = await makeSqlitePlace();
      const node = newNode();
      const store = await place.open();
      await store.write(async ({ nodes, ports }) => {
        await nodes.insert(node);
        await ports.insert(newPort(node.uuid));
      });
      await store[Symbol.asyncDispose]();
      const rebuild: Migration = {
        ...step,
        async up({ database }) {
          await sql`create table nodes_anew as select * from nodes`.execute(database);
          await sql`drop table nodes`.execute(database);
          await sql`alter table nodes_anew rename to nodes`.execute(database);
          await sql`create unique index nodes_uuid_unique on nodes (uuid)`.execute(database);
        },
      };
      await using migrated = await place.open({ migrations: [...MIGRATIONS, rebuild] });
      expect(await migrated.ports.all({ nodeUuid: node.uuid })).toHaveLength(1);
      // References act again afterwards.
      await migrated.write(async ({ nodes }) => nodes.delete(node.uuid));
      expect(await migrated.ports.all({ nodeUuid: node.uuid })).toEqual([]);
    });

    it('may not be left with a reference to nothing', async () => {
      await using place = await makeSqlitePlace();
      await (await place.open())[Symbol.asyncDispose]();
      const orphan: Migration = {
        ...step,
        async up({ database }) {
          const documents = { local_link_connection: '{}', extra: '{}', internal_info: '{}' };
          const port = { uuid: 'p', node_uuid: 'nobody', address: 'a', created_at: '', pxe_enabled: 1, is_smartnic: 0, ...documents };
          await database.insertInto('ports').values(port).execute();
        },
      };
      const error = await failure(place.open({ migrations: [...MIGRATIONS, orphan] }));
      expect(error).toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('1 rows') as string });
      expect((await place.dump())['ports']).toEqual([]);
    });
  });

  describe('another program that holds the database', () => {
    it('makes a write fail in time, and the next one succeed', async () => {
      await using place = await makeSqlitePlace();
      await using store = await place.open();
      const insert = async (): Promise<unknown> => store.write(async ({ nodes }) => nodes.insert(newNode()));
      using other = new DatabaseSync(join(place.folder, DATABASE_FILE));
      other.exec('begin immediate');
      expect(await failure(insert())).toMatchObject({ code: 'BUSY', retryable: true });
      expect(await store.nodes.count({})).toBe(0);
      other.exec('rollback');
      await insert();
      expect(await store.nodes.count({})).toBe(1);
    });
  });
}
