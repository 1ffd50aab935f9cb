import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openStore } from '../../src/store/open-store.js';
import { DATABASE_FILE } from '../../src/store/sqlite/sqlite-engine.js';
import type { StorePlace } from './store-place.js';

export interface SqlitePlace extends StorePlace {
  readonly folder: string;
}

/** A data folder in a temporary folder. */
export async function makeSqlitePlace(): Promise<SqlitePlace> {
  const parent = await mkdtemp(join(tmpdir(), 'ferric-store-'));
  const folder = join(parent, 'data');
  return {
    folder,
    location: { dataDirectory: folder },
    open: async (options = {}) => openStore({ dataDirectory: folder, hostname: 'test', ...options }),
    dump: async () => dumpSqlite(join(folder, DATABASE_FILE)),
    [Symbol.asyncDispose]: async () => rm(parent, { recursive: true, force: true }),
  };
}

export function dumpSqlite(path: string): Record<string, Record<string, unknown>[]> {
  using database = new DatabaseSync(path, { readOnly: true });
  const tables = database.prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'").all();
  const rows = (table: string): Record<string, unknown>[] => database.prepare(`select * from ${table} order by 1`).all().map((row) => ({ ...row }));
  return Object.fromEntries(tables.map(({ name }) => [String(name), rows(String(name))]));
}
