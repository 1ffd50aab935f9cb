import type { DatabaseSync, StatementSync } from 'node:sqlite';

export interface CachedStatement {
  readonly statement: StatementSync;
  /** True when it yields rows: SELECT, and anything with RETURNING. */
  readonly yieldsRows: boolean;
}

/** Prepared statements of one connection by their text; the least recently used ones give way. */
export class StatementCache {
  readonly #database: DatabaseSync;
  readonly #limit: number;
  readonly #statements = new Map<string, CachedStatement>();

  /** @param limit how many statements are kept. */
  constructor(database: DatabaseSync, limit: number) {
    this.#database = database;
    this.#limit = limit;
  }

  get size(): number {
    return this.#statements.size;
  }

  get(text: string): CachedStatement {
    const found = this.#statements.get(text);
    if (found !== undefined) {
      // A Map keeps the order of insertion, so the first key is always the one that was not used for longest.
      this.#statements.delete(text);
      this.#statements.set(text, found);
      return found;
    }
    const statement = this.#database.prepare(text);
    const cached = { statement, yieldsRows: statement.columns().length > 0 };
    this.#statements.set(text, cached);
    const oldest = this.#statements.size > this.#limit ? this.#statements.keys().next().value : undefined;
    if (oldest !== undefined) this.#statements.delete(oldest);
    return cached;
  }

  clear(): void {
    this.#statements.clear();
  }
}
