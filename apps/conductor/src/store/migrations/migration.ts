import { type CreateTableBuilder, type Kysely, type RawBuilder, sql } from 'kysely';
import type { DialectName } from '../database.js';

/** A database whose tables are not known: a migration must not depend on the types of today's code. */
export type UntypedDatabase = Kysely<Record<string, Record<string, unknown>>>;

/** What a migration works with. */
export interface MigrationContext {
  readonly database: UntypedDatabase;
  /** Starts a table with the given name whose column `id` numbers its rows; a number is never given twice. */
  createNumberedTable(name: string): CreateTableBuilder<string>;
  createTable(name: string): CreateTableBuilder<string>;
  /** Text that is compared byte by byte on both databases. */
  readonly text: RawBuilder<unknown>;
  readonly integer: RawBuilder<unknown>;
}

/** One step of the schema. Once released it is never changed; what is wrong with it is put right by the next one. */
export interface Migration {
  /** 1, 2, 3 and so on. */
  readonly version: number;
  /** What it does, as the log tells it. */
  readonly name: string;
  up(context: MigrationContext): Promise<void>;
}

/** The differences between the dialects that migrations need to know of. */
export function migrationContext(database: UntypedDatabase, dialect: DialectName): MigrationContext {
  const createTable = (name: string): CreateTableBuilder<string> => {
    const table = database.schema.createTable(name);
    // STRICT: SQLite checks column types as PostgreSQL does (SQLite documentation, "STRICT Tables").
    return dialect === 'sqlite' ? table.modifyEnd(sql`strict`) : table;
  };
  return {
    database,
    createTable,
    createNumberedTable: (name) =>
      dialect === 'sqlite'
        ? createTable(name).addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
        : createTable(name).addColumn('id', 'bigint', (column) => column.primaryKey().generatedByDefaultAsIdentity()),
    text: dialect === 'sqlite' ? sql`text` : sql`text collate "C"`,
    integer: sql`integer`,
  };
}
