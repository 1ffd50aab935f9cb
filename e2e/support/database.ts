import { DatabaseSync } from 'node:sqlite';

/** One value that a database holds, and where. */
export interface StoredValue {
  readonly table: string;
  readonly column: string;
  readonly text: string;
}

/** Runs a query on a database that nobody else has open. */
export function query(file: string, sql: string): readonly Record<string, unknown>[] {
  using database = new DatabaseSync(file, { readOnly: true });
  return database.prepare(sql).all();
}

/** Every value of every table, bytes as the texts they may be. */
export function dumpDatabase(file: string): readonly StoredValue[] {
  using database = new DatabaseSync(file, { readOnly: true });
  const tables = database.prepare("select name from sqlite_schema where type = 'table'").all().map((row) => String(row['name']));
  return tables.flatMap((table) =>
    database
      .prepare(`select * from "${table}"`)
      .all()
      .flatMap((row) => Object.entries(row).map(([column, value]) => ({ table, column, text: value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value) }))),
  );
}
