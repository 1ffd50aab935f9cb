import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemClock } from '@ferric/core';
import { type RawBuilder, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/store/database.js';
import type { StoreEngine } from '../../src/store/engine.js';
import { MIGRATIONS } from '../../src/store/migrations/index.js';
import { openSqliteEngine } from '../../src/store/sqlite/sqlite-engine.js';

describe('the connections of the embedded database', () => {
  let folder: string;
  let engine: StoreEngine;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ferric-engine-'));
    const open = async (): Promise<StoreEngine> =>
      openSqliteEngine({ folder, hostname: 'test', clock: systemClock, logger: silentLogger, migrations: MIGRATIONS });
    await (await open())[Symbol.asyncDispose]();
    engine = await open();
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const ask = async (database: Database, query: RawBuilder<unknown>): Promise<unknown> => (await query.execute(database)).rows;

  it('write so that a commit is on the disk, and keep references whole', async () => {
    const settings = await engine.transact(async (database) => [
      await ask(database, sql`pragma synchronous`),
      await ask(database, sql`pragma journal_mode`),
      await ask(database, sql`pragma foreign_keys`),
    ]);
    // 2 is FULL: SQLite documentation, "PRAGMA synchronous".
    expect(settings).toEqual([[{ synchronous: 2 }], [{ journal_mode: 'wal' }], [{ foreign_keys: 1 }]]);
  });

  it('do not let a reader write', async () => {
    await expect(ask(engine.reader, sql`delete from conductors`)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it.each([
    ['a node by its UUID', sql`select * from nodes where uuid = 'x'`, 'nodes_uuid_unique'],
    ['a node by its name', sql`select * from nodes where name = 'x'`, 'nodes_name_unique'],
    ['nodes with work', sql`select uuid from nodes where work is not null order by id`, 'nodes_with_work'],
    ['nodes of an owner', sql`select uuid from nodes where owner = 'x' order by id`, 'nodes_owner'],
    ['ports of a node', sql`select * from ports where node_uuid = 'x' order by id`, 'ports_node_uuid'],
    ['the newest events of a node', sql`select * from node_events where node_uuid = 'x' order by id desc limit 10`, 'node_events_node_uuid'],
    ['old events', sql`select id from node_events where at < 'x' order by at limit 500`, 'node_events_at'],
  ])('find %s by an index, without sorting', async (_, query, index) => {
    const plan = JSON.stringify(await ask(engine.reader, sql`explain query plan ${query}`));
    expect(plan).toContain(index);
    expect(plan).not.toContain('TEMP B-TREE');
  });
});
