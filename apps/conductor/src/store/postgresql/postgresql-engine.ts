import { type Clock, FerricError, invalidOptions, type Logger, withDeadline } from '@ferric/core';
import { Kysely, sql } from 'kysely';
import postgres, { type Sql } from 'postgres';
import type { Database, Tables } from '../database.js';
import { storeClosed } from '../database-errors.js';
import type { StoreEngine } from '../engine.js';
import { runMigrations, schemaPosition } from '../migrations/migrate.js';
import type { Migration, UntypedDatabase } from '../migrations/migration.js';
import { lockForTransaction } from './advisory-locks.js';
import { PostgresqlDialect } from './postgresql-dialect.js';
import { mayRunAgain, translatePostgresqlError } from './postgresql-errors.js';

/** Sessions of one conductor. */
const POOL_SIZE = 10;
const CONNECT_TIMEOUT_SECONDS = 10;
/** No statement, lock or forgotten transaction may last for ever. Milliseconds. */
const SESSION_LIMITS = { statement_timeout: 30_000, lock_timeout: 10_000, idle_in_transaction_session_timeout: 60_000 };
/** How much longer to wait for an answer than the server itself allows a statement to take. Milliseconds. */
const ANSWER_MARGIN_MS = 10_000;
const PING_TIMEOUT_MS = 5_000;
/** How long one conductor waits for another that migrates the same database, and how long its own migration may take. Milliseconds. */
const MIGRATION_LIMIT_MS = 600_000;
/** How often a transaction runs that the server undid to resolve a deadlock. */
const ATTEMPTS = 4;
/** For reads that are under way when the store closes; writes are waited for. */
const CLOSE_TIMEOUT_SECONDS = 2;

export interface PostgresqlEngineSettings {
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly migrations: readonly Migration[];
}

/**
 * Opens a PostgreSQL database and brings its schema up to date; of several conductors that start at once, one does it.
 * @throws INVALID_OPTIONS for a URL that is none; UNREACHABLE, AUTH_FAILED, NOT_FOUND as the server answers;
 * CONFLICT when a newer release wrote the database; UNSUPPORTED when its encoding is not UTF8.
 */
export async function openPostgresqlEngine(settings: PostgresqlEngineSettings): Promise<StoreEngine> {
  const pool = openPool(settings);
  try {
    await migrate(pool, settings);
    return new PostgresqlEngine(pool);
  } catch (error) {
    await pool.end({ timeout: CLOSE_TIMEOUT_SECONDS });
    throw translatePostgresqlError(error);
  }
}

class PostgresqlEngine implements StoreEngine {
  readonly dialect = 'postgresql';
  readonly reader: Database;
  readonly #pool: Sql;
  readonly #running = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(pool: Sql) {
    this.#pool = pool;
    this.reader = new Kysely<Tables>({ dialect: new PostgresqlDialect(pool, SESSION_LIMITS.statement_timeout + ANSWER_MARGIN_MS) });
  }

  async transact<T>(work: (database: Database) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw storeClosed();
    const running = this.#transact(work);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  async #transact<T>(work: (database: Database) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.reader.transaction().execute(work);
      } catch (error) {
        if (attempt === ATTEMPTS || !mayRunAgain(error)) throw error;
      }
    }
  }

  async ping(): Promise<void> {
    await withDeadline({}, { what: 'Asking the database for a sign of life', defaultTimeoutMs: PING_TIMEOUT_MS }, async () => {
      await sql`select 1`.execute(this.reader);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#running);
    await this.#pool.end({ timeout: CLOSE_TIMEOUT_SECONDS });
  }
}

function openPool({ databaseUrl, logger }: PostgresqlEngineSettings): Sql {
  if (!URL.canParse(databaseUrl) || !/^postgres(ql)?:$/.test(new URL(databaseUrl).protocol)) {
    // What came is not shown: it may hold a password.
    const expected = 'a URL such as postgres://user:password@host:5432/database';
    throw invalidOptions('Store', [{ field: 'databaseUrl', problem: 'invalid', expected }]);
  }
  return postgres(databaseUrl, {
    max: POOL_SIZE,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    connection: { application_name: 'ferric-conductor', ...SESSION_LIMITS },
    // The client asks the server for all types at each connect otherwise; only built-in ones are used here.
    fetch_types: false,
    // By default a session ends after about an hour, also while a transaction waits on it.
    max_lifetime: null,
    // Numbers of rows and events are far from 2^53.
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
    onnotice: (notice) => logger.debug({ notice: notice['message'] }, 'The database server noted something'),
  });
}

async function migrate(pool: Sql, { clock, logger, migrations }: PostgresqlEngineSettings): Promise<void> {
  await using database: UntypedDatabase = new Kysely({ dialect: new PostgresqlDialect(pool, MIGRATION_LIMIT_MS + ANSWER_MARGIN_MS) });
  await database.transaction().execute(async (transaction) => {
    for (const limit of ['statement_timeout', 'lock_timeout']) {
      await sql`select set_config(${limit}, ${String(MIGRATION_LIMIT_MS)}, true)`.execute(transaction);
    }
    await requireUtf8(transaction);
    // Whoever comes second waits here, and then finds nothing left to do.
    await lockForTransaction(transaction, 'migration');
    const position = await schemaPosition(transaction, 'postgresql', migrations);
    if (position.pending.length === 0) return;
    await runMigrations(transaction, 'postgresql', position, clock);
    const { from, to } = position;
    logger.info({ from, to }, from === 0 ? 'Created the tables of the database' : `Migrated the database from schema version ${from} to ${to}`);
  });
}

async function requireUtf8(database: UntypedDatabase): Promise<void> {
  const { rows } = await sql<{ encoding: string }>`select current_setting('server_encoding') as encoding`.execute(database);
  const encoding = rows[0]?.encoding ?? 'unknown';
  if (encoding === 'UTF8') return;
  throw new FerricError('UNSUPPORTED', `The database has encoding ${encoding}; the conductor needs UTF8`, {
    details: { encoding },
    hint: 'Create a database with "CREATE DATABASE ... ENCODING \'UTF8\' TEMPLATE template0".',
  });
}
