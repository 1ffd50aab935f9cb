import { systemClock } from '@ferric/core';
import {
  type CompiledQuery, type DatabaseConnection, type DatabaseIntrospector, type Dialect, type DialectAdapter, type Driver, type Kysely,
  PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, type QueryCompiler, type QueryResult,
} from 'kysely';
import type { Sql, TransactionSql } from 'postgres';
import { transactionOver } from '../database-errors.js';
import { endsSession, noAnswer, translatePostgresqlError } from './postgresql-errors.js';

/**
 * Kysely over a pool of the `postgres` client. The pool belongs to the caller, who ends it.
 *
 * The ready-made dialect for this client takes sessions by the client's `reserve()`. A session that breaks while it is
 * reserved is not noticed: the next statement of the transaction either ends the process (the client writes to a socket
 * that is gone) or runs alone on the session's successor, and half a transaction is kept. The client's `begin()` tells when
 * its session breaks, so transactions here are built on it, and a broken one never sends another byte.
 */
export class PostgresqlDialect implements Dialect {
  readonly #pool: Sql;
  readonly #answerLimitMs: number;

  /**
   * @param answerLimitMs how long to wait for the answer to a statement. The server has its own, shorter limit; this one is
   * for a server that has vanished without closing its connections. Milliseconds.
   */
  constructor(pool: Sql, answerLimitMs: number) {
    this.#pool = pool;
    this.#answerLimitMs = answerLimitMs;
  }

  createDriver(): Driver {
    return new PostgresqlDriver(this.#pool, this.#answerLimitMs);
  }

  createAdapter(): DialectAdapter {
    return new PostgresAdapter();
  }

  createIntrospector(database: Kysely<unknown>): DatabaseIntrospector {
    return new PostgresIntrospector(database);
  }

  createQueryCompiler(): QueryCompiler {
    return new PostgresQueryCompiler();
  }
}

class PostgresqlDriver implements Driver {
  readonly #pool: Sql;
  readonly #answerLimitMs: number;

  constructor(pool: Sql, answerLimitMs: number) {
    this.#pool = pool;
    this.#answerLimitMs = answerLimitMs;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PostgresqlLease> {
    return new PostgresqlLease(this.#pool, this.#answerLimitMs);
  }

  async releaseConnection(lease: PostgresqlLease): Promise<void> {
    lease.end();
  }

  /** Always read committed: rows are locked by name where that matters, whatever the server's default is. */
  async beginTransaction(lease: PostgresqlLease): Promise<void> {
    await lease.begin();
  }

  async commitTransaction(lease: PostgresqlLease): Promise<void> {
    await lease.commit();
  }

  async rollbackTransaction(lease: PostgresqlLease): Promise<void> {
    await lease.rollBack();
  }

  async destroy(): Promise<void> {}
}

/** A transaction as the client runs it: it lasts as long as the function given to `begin()`. */
interface OpenTransaction {
  readonly sql: TransactionSql;
  /** Lets that function end: resolved it commits, rejected it rolls back. */
  readonly finish: PromiseWithResolvers<void>;
  /** What came of the whole. Rejects early when the session breaks. */
  readonly outcome: Promise<unknown>;
}

const ROLLED_BACK: unique symbol = Symbol('rolled back on request');

/**
 * The right to send statements: outside of a transaction each goes to whichever session is free, within one to its session.
 * When the lease is over, so is that right.
 */
class PostgresqlLease implements DatabaseConnection {
  readonly #pool: Sql;
  readonly #answerLimitMs: number;
  #transaction: OpenTransaction | undefined;
  #over = false;
  #broken: unknown;

  constructor(pool: Sql, answerLimitMs: number) {
    this.#pool = pool;
    this.#answerLimitMs = answerLimitMs;
  }

  end(): void {
    this.#over = true;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    this.#check();
    const sql = this.#transaction?.sql ?? this.#pool;
    try {
      const result = await this.#answer(sql.unsafe(query.sql, [...query.parameters] as never[], { prepare: true }));
      // Statements that make tables count nothing.
      return { rows: [...result] as Row[], numAffectedRows: BigInt((result.count as number | null) ?? 0) };
    } catch (error) {
      if (endsSession(error)) this.#break(error);
      throw translatePostgresqlError(error);
    }
  }

  async *streamQuery<Row>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<Row>> {
    this.#check();
    const sql = this.#transaction?.sql ?? this.#pool;
    try {
      for await (const rows of sql.unsafe(query.sql, [...query.parameters] as never[]).cursor(chunkSize)) yield { rows: rows as Row[] };
    } catch (error) {
      if (endsSession(error)) this.#break(error);
      throw translatePostgresqlError(error);
    }
  }

  async begin(): Promise<void> {
    const opened = Promise.withResolvers<TransactionSql>();
    const finish = Promise.withResolvers<void>();
    // Nobody waits for it any more when the session breaks.
    finish.promise.catch(() => undefined);
    const outcome = this.#pool.begin('isolation level read committed', async (sql) => {
      opened.resolve(sql);
      await finish.promise;
    });
    outcome.catch((error: unknown) => {
      if (error !== ROLLED_BACK) this.#break(error);
      opened.reject(error);
    });
    try {
      this.#transaction = { sql: await this.#answer(opened.promise), finish, outcome };
    } catch (error) {
      finish.reject(ROLLED_BACK);
      throw translatePostgresqlError(error);
    }
  }

  async commit(): Promise<void> {
    this.#check();
    this.#over = true;
    this.#transaction?.finish.resolve();
    try {
      await this.#answer(this.#transaction?.outcome);
    } catch (error) {
      this.#break(error);
      throw translatePostgresqlError(error);
    }
  }

  async rollBack(): Promise<void> {
    // From here on: what a work left behind must not get in line behind the end of its transaction, where nobody answers it.
    this.#over = true;
    // The server has rolled back what was on a broken session; sending anything on it is what must not happen.
    if (this.#broken !== undefined) return;
    this.#transaction?.finish.reject(ROLLED_BACK);
    await this.#answer(this.#transaction?.outcome).catch(() => undefined);
  }

  #check(): void {
    if (this.#over) throw transactionOver();
    if (this.#broken !== undefined) throw translatePostgresqlError(this.#broken);
  }

  #break(error: unknown): void {
    if (this.#transaction !== undefined) this.#broken ??= error;
  }

  async #answer<T>(promise: T | Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    using _timer = systemClock.after(this.#answerLimitMs, () => late.reject(noAnswer(this.#answerLimitMs)));
    return await Promise.race([promise, late.promise]);
  }
}
