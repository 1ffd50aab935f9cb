import { FerricError, type Clock } from '@ferric/core';
import { sql } from 'kysely';
import type { DialectName } from '../database.js';
import { type Migration, type MigrationContext, migrationContext, type UntypedDatabase } from './migration.js';

const TABLE = 'schema_versions';

/** Where a database stands. */
export interface SchemaPosition {
  /** Version of the newest step that was made; 0 for an empty database. */
  readonly from: number;
  /** Version of the newest step that there is. */
  readonly to: number;
  /** Steps that are still to be made, oldest first. */
  readonly pending: readonly Migration[];
}

/**
 * Compares a database with the steps that this code knows.
 * @throws CONFLICT when the database was written by a newer release.
 */
export async function schemaPosition(database: UntypedDatabase, dialect: DialectName, migrations: readonly Migration[]): Promise<SchemaPosition> {
  const from = (await tableExists(database, dialect)) ? await lastVersion(database) : 0;
  const to = migrations.at(-1)?.version ?? 0;
  if (from > to) {
    throw new FerricError('CONFLICT', `The database has schema version ${from}; this conductor knows versions up to ${to} and leaves it alone`, {
      details: { version: from, known: to },
      hint: 'Start the newer release that wrote this database, or restore the backup that was made before it was migrated.',
    });
  }
  return { from, to, pending: migrations.filter(({ version }) => version > from) };
}

/** Makes the pending steps. Runs inside a transaction of the caller, so that all are made or none. */
export async function runMigrations(database: UntypedDatabase, dialect: DialectName, { from, pending }: SchemaPosition, clock: Clock): Promise<void> {
  const context = migrationContext(database, dialect);
  if (from === 0) await createVersionTable(context);
  for (const migration of pending) {
    await migration.up(context);
    await database.insertInto(TABLE).values({ version: migration.version, name: migration.name, made_at: clock.now().toISOString() }).execute();
  }
}

async function createVersionTable(context: MigrationContext): Promise<void> {
  await context
    .createTable(TABLE)
    .addColumn('version', context.integer, (column) => column.primaryKey())
    .addColumn('name', context.text, (column) => column.notNull())
    .addColumn('made_at', context.text, (column) => column.notNull())
    .execute();
}

async function tableExists(database: UntypedDatabase, dialect: DialectName): Promise<boolean> {
  const query = dialect === 'sqlite'
    ? sql`select 1 from sqlite_schema where type = 'table' and name = ${TABLE}`
    : sql`select 1 where to_regclass(${TABLE}) is not null`;
  return (await query.execute(database)).rows.length > 0;
}

async function lastVersion(database: UntypedDatabase): Promise<number> {
  const row = await database.selectFrom(TABLE).select((expression) => expression.fn.max('version').as('version')).executeTakeFirst();
  return Number(row?.['version'] ?? 0);
}
