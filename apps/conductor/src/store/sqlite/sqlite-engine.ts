import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Clock, FerricError, type Logger } from '@ferric/core';
import { Kysely, sql } from 'kysely';
import type { Database, Tables } from '../database.js';
import type { StoreEngine } from '../engine.js';
import { runMigrations, schemaPosition } from '../migrations/migrate.js';
import type { Migration, UntypedDatabase } from '../migrations/migration.js';
import { backUp } from './backup.js';
import { lockDataFolder } from './data-folder-lock.js';
import { GroupWriter } from './group-writer.js';
import { SqliteDialect } from './sqlite-dialect.js';
import { translateSqliteError } from './sqlite-errors.js';

/** The name of the database in its data folder. */
export const DATABASE_FILE = 'conductor.sqlite';

/** The folder is ours alone, so nobody should be in the way for longer than an instant. Milliseconds. */
const BUSY_TIMEOUT_MS = 500;

export interface SqliteEngineSettings {
  readonly folder: string;
  readonly hostname: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly migrations: readonly Migration[];
}

/**
 * Opens the database of a data folder, making both where they are missing and bringing the schema up to date.
 * @throws CONFLICT when another conductor has the folder or a newer release wrote the database; INVALID_OPTIONS for a folder
 * that cannot be used.
 */
export async function openSqliteEngine(settings: SqliteEngineSettings): Promise<StoreEngine> {
  // In the order in which they were opened.
  const held: Disposable[] = [];
  const release = (): void => {
    for (const one of held.splice(0).toReversed()) one[Symbol.dispose]();
  };
  try {
    mkdirSync(settings.folder, { recursive: true, mode: 0o700 });
    held.push(lockDataFolder(settings.folder, settings.hostname, settings.clock));
    const path = join(settings.folder, DATABASE_FILE);
    // Made first for its permissions: it holds secrets. SQLite gives the same ones to its journal.
    closeSync(openSync(path, 'a', 0o600));
    const writer = openConnection(path);
    held.push(writer);
    await migrate(writer, settings);
    const reader = openConnection(path);
    held.push(reader);
    reader.exec('pragma query_only = on');
    return new SqliteEngine(writer, reader, settings.clock, release);
  } catch (error) {
    release();
    throw isSystemError(error) ? unusableFolder(settings.folder, error) : translateSqliteError(error);
  }
}

class SqliteEngine implements StoreEngine {
  readonly dialect = 'sqlite';
  readonly reader: Database;
  readonly #writer: GroupWriter;
  readonly #writeConnection: DatabaseSync;
  readonly #release: () => void;
  #closing: Promise<void> | undefined;

  constructor(writer: DatabaseSync, reader: DatabaseSync, clock: Clock, release: () => void) {
    this.reader = new Kysely<Tables>({ dialect: new SqliteDialect(reader) });
    this.#writeConnection = writer;
    this.#writer = new GroupWriter(writer, new Kysely<Tables>({ dialect: new SqliteDialect(writer) }), { clock });
    this.#release = release;
  }

  async transact<T>(work: (database: Database) => Promise<T>): Promise<T> {
    return this.#writer.write(work);
  }

  async ping(): Promise<void> {
    await sql`select 1`.execute(this.reader);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    await this.#writer.close();
    try {
      this.#writeConnection.exec('pragma wal_checkpoint(truncate)');
    } finally {
      // The reader goes first: only a writer can remove the write-ahead log, which happens when the last connection closes.
      this.#release();
    }
  }
}

function openConnection(path: string): DatabaseSync {
  const connection = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  try {
    // With FULL a commit is on the disk when it returns, also in WAL mode (SQLite documentation, "PRAGMA synchronous").
    const mode = connection.prepare('pragma journal_mode = wal').get()?.['journal_mode'];
    if (mode !== 'wal') {
      throw new FerricError('UNSUPPORTED', `The database ${path} cannot use a write-ahead log on this file system (it stays with "${String(mode)}")`, {
        hint: 'Put the data folder on a local disk; network file systems do not share the memory that SQLite needs.',
      });
    }
    connection.exec('pragma synchronous = full; pragma journal_size_limit = 67108864; pragma cache_size = -16384');
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

async function migrate(connection: DatabaseSync, { folder, clock, logger, migrations }: SqliteEngineSettings): Promise<void> {
  await using database: UntypedDatabase = new Kysely({ dialect: new SqliteDialect(connection) });
  const position = await schemaPosition(database, 'sqlite', migrations);
  if (position.pending.length === 0) return;
  const { from, to } = position;
  if (from > 0) {
    const backup = backUp(connection, folder, from, clock);
    logger.info({ backup, from, to }, `The database is about to be migrated; a copy of it as it was is at ${backup}`);
  }
  // A table is changed by making it anew; references to it must not act meanwhile. The setting is ignored inside a transaction
  // (SQLite documentation, "PRAGMA foreign_keys").
  connection.exec('pragma foreign_keys = off');
  try {
    await database.transaction().execute(async (transaction) => {
      await runMigrations(transaction, 'sqlite', position, clock);
      refuseBrokenReferences(connection);
    });
  } finally {
    connection.exec('pragma foreign_keys = on');
  }
  logger.info({ from, to }, from === 0 ? `Created the database in ${folder}` : `Migrated the database from schema version ${from} to ${to}`);
}

function refuseBrokenReferences(connection: DatabaseSync): void {
  const broken = connection.prepare('pragma foreign_key_check').all();
  if (broken.length > 0) throw new FerricError('INTERNAL', `The migration left ${broken.length} rows that refer to nothing; it was undone`);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function unusableFolder(folder: string, cause: Error): FerricError {
  return new FerricError('INVALID_OPTIONS', `The data folder ${folder} cannot be used: ${cause.message}`, {
    cause,
    details: { field: 'dataDirectory', folder },
    hint: 'Choose a folder that this user can create and write to.',
  });
}
