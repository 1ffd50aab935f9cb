import type { DatabaseSync } from 'node:sqlite';
import {
  CompiledQuery, type DatabaseConnection, type DatabaseIntrospector, type Dialect, type DialectAdapter, type Driver, InsertQueryNode, type Kysely,
  type QueryCompiler, type QueryResult, type RootOperationNode, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, TableNode, UpdateQueryNode,
} from 'kysely';
import { storeClosed, transactionOver } from '../database-errors.js';
import { translateSqliteError } from './sqlite-errors.js';
import { StatementCache } from './statement-cache.js';

/** How many prepared statements a connection keeps. The store has a few dozen of its own; the rest are combinations of filters. */
const STATEMENT_LIMIT = 200;

/** Kysely over one connection of node:sqlite. The connection belongs to the caller, who closes it. */
export class SqliteDialect implements Dialect {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  createDriver(): Driver {
    return new SqliteDriver(this.#database);
  }

  createAdapter(): DialectAdapter {
    return new ConcurrentAdapter();
  }

  createIntrospector(database: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(database);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }
}

/**
 * Without this, Kysely makes every query wait in one line for the connection. A statement of node:sqlite runs whole in
 * one call, so that reads cannot meet half-way; writes are put in line by the group writer.
 */
class ConcurrentAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class SqliteDriver implements Driver {
  readonly #database: DatabaseSync;
  readonly #statements: StatementCache;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = new StatementCache(database, STATEMENT_LIMIT);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<SqliteLease> {
    return new SqliteLease(this.#database, this.#statements);
  }

  async releaseConnection(lease: SqliteLease): Promise<void> {
    lease.end();
  }

  async beginTransaction(lease: SqliteLease): Promise<void> {
    await lease.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  async commitTransaction(lease: SqliteLease): Promise<void> {
    await lease.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(lease: SqliteLease): Promise<void> {
    // Some failures, such as a full disk, have ended the transaction already.
    if (this.#database.isTransaction) await lease.executeQuery(CompiledQuery.raw('rollback'));
  }

  async destroy(): Promise<void> {
    this.#statements.clear();
  }
}

/**
 * The right to use the connection until it is given back. A piece of work that goes on after its end cannot slip a
 * statement into somebody else's transaction: the lease is over and its statements are refused.
 */
class SqliteLease implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #statements: StatementCache;
  #over = false;

  constructor(database: DatabaseSync, statements: StatementCache) {
    this.#database = database;
    this.#statements = statements;
  }

  end(): void {
    this.#over = true;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    this.#check();
    try {
      const { statement, yieldsRows } = this.#statements.get(query.sql);
      const parameters = query.parameters as (string | number | null)[];
      if (yieldsRows) return { rows: statement.all(...parameters) as Row[] };
      const { changes, lastInsertRowid } = statement.run(...parameters);
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    } catch (error) {
      throw translateSqliteError(error, tableOf(query.query));
    }
  }

  async *streamQuery<Row>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<Row>> {
    this.#check();
    // A statement of its own: one from the cache would be reset by the next query with the same text.
    let rows: Row[] = [];
    for (const row of this.#database.prepare(query.sql).iterate(...(query.parameters as (string | number | null)[]))) {
      if (rows.push(row as Row) < chunkSize) continue;
      yield { rows };
      this.#check();
      rows = [];
    }
    if (rows.length > 0) yield { rows };
  }

  #check(): void {
    if (!this.#database.isOpen) throw storeClosed();
    if (this.#over) throw transactionOver();
  }
}

function tableOf(node: RootOperationNode): string | undefined {
  const table = InsertQueryNode.is(node) ? node.into : UpdateQueryNode.is(node) ? node.table : undefined;
  return table !== undefined && TableNode.is(table) ? table.table.identifier.name : undefined;
}
