import type { Database, DialectName } from './database.js';

/** What differs between the databases; all queries are the same. */
export interface StoreEngine extends AsyncDisposable {
  readonly dialect: DialectName;
  /** For reading outside of transactions; sees what is committed. */
  readonly reader: Database;
  /**
   * Runs the work in one transaction and resolves when it is committed. It may run again, from the start, when the
   * database asks for that.
   */
  transact<T>(work: (database: Database) => Promise<T>): Promise<T>;
  ping(): Promise<void>;
}
