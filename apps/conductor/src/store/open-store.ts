import { type Clock, invalidOptions, type Logger, silentLogger, systemClock } from '@ferric/core';
import type { DialectName } from './database.js';
import type { StoreEngine } from './engine.js';
import { MIGRATIONS } from './migrations/index.js';
import type { Migration } from './migrations/migration.js';
import { openPostgresqlEngine } from './postgresql/postgresql-engine.js';
import { openSqliteEngine } from './sqlite/sqlite-engine.js';
import { SqlStore } from './sql-store.js';
import type { Store } from './store.js';

/**
 * How long a work given to `write` may take. On SQLite everybody waits for it and it waits for nobody; on PostgreSQL it may
 * have to wait for rows that others hold. Milliseconds.
 */
const WRITE_TIME_LIMITS_MS: Readonly<Record<DialectName, number>> = { sqlite: 5_000, postgresql: 30_000 };

export interface StoreOptions {
  /** A PostgreSQL database: `postgres://user:password@host:5432/database`. When given, the data folder is not used. */
  readonly databaseUrl?: string | undefined;
  /** The folder of the embedded SQLite database; made when it is missing. */
  readonly dataDirectory?: string | undefined;
  /** Name of this conductor, written into events. */
  readonly hostname: string;
  /** Default: silent. */
  readonly logger?: Logger;
  /** Default: the clock of this machine. */
  readonly clock?: Clock;
  /** How long a work given to `write` may take before it is undone. Milliseconds, default 5000 on SQLite and 30,000 on PostgreSQL. */
  readonly writeTimeLimitMs?: number;
  /** The steps of the schema, oldest first. Default: all of this release; tests give others. */
  readonly migrations?: readonly Migration[];
}

/**
 * Opens the store, making and migrating its database as needed.
 * @throws INVALID_OPTIONS without a place for the data; CONFLICT when another conductor has the data folder or a newer release
 * wrote the database; on PostgreSQL also UNREACHABLE, AUTH_FAILED, NOT_FOUND, REFUSED and UNSUPPORTED as the server answers.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { hostname, logger = silentLogger, clock = systemClock } = options;
  const engine = await openEngine(options, { clock, logger, migrations: options.migrations ?? MIGRATIONS });
  return new SqlStore(engine, { hostname, clock, logger, writeTimeLimitMs: options.writeTimeLimitMs ?? WRITE_TIME_LIMITS_MS[engine.dialect] });
}

interface EngineSettings {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly migrations: readonly Migration[];
}

async function openEngine({ databaseUrl, dataDirectory, hostname }: StoreOptions, settings: EngineSettings): Promise<StoreEngine> {
  if (databaseUrl !== undefined) return openPostgresqlEngine({ databaseUrl, ...settings });
  if (dataDirectory !== undefined) return openSqliteEngine({ folder: dataDirectory, hostname, ...settings });
  throw invalidOptions('Store', [{ field: 'dataDirectory', problem: 'missing', expected: 'the folder for the data, unless a databaseUrl is given' }]);
}
