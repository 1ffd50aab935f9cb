import { AsyncLocalStorage } from 'node:async_hooks';
import type { DatabaseSync } from 'node:sqlite';
import { type Clock, FerricError } from '@ferric/core';
import type { Database } from '../database.js';
import { storeClosed } from '../database-errors.js';
import { translateSqliteError } from './sqlite-errors.js';

export interface GroupWriterSettings {
  readonly clock: Clock;
  /** How many works share one commit at most. Default 64. */
  readonly batchLimit?: number;
  /** After this time a batch takes no further work, so that the event loop is not held for long. Milliseconds, default 8. */
  readonly batchTimeMs?: number;
  /** How many works may wait. Default 10,000. */
  readonly queueLimit?: number;
}

interface Job {
  /** Runs the work and keeps its result for {@link Job.succeed}. */
  run(database: Database): Promise<void>;
  succeed(): void;
  fail(error: unknown): void;
}

/**
 * The one writer of a SQLite database: works run one after the other in the order they came, and those that wait at the
 * same time share one commit, since a commit waits for the disk and the works do not. Each work runs in a savepoint of its
 * own, so that a failing one is undone alone. Nobody hears of success before the commit that holds his work.
 *
 * A work must await nothing but the database: the others wait for it.
 */
export class GroupWriter {
  readonly #connection: DatabaseSync;
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #batchLimit: number;
  readonly #batchTimeMs: number;
  readonly #queueLimit: number;
  readonly #queue: Job[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  /** @param database Kysely on `connection`; nobody else writes with either. */
  constructor(connection: DatabaseSync, database: Database, settings: GroupWriterSettings) {
    this.#connection = connection;
    this.#database = database;
    this.#clock = settings.clock;
    this.#batchLimit = settings.batchLimit ?? 64;
    this.#batchTimeMs = settings.batchTimeMs ?? 8;
    this.#queueLimit = settings.queueLimit ?? 10_000;
  }

  /**
   * Runs the work in a transaction and resolves when it is on the disk.
   * @throws BUSY when too many works wait; ABORTED after {@link GroupWriter.close}; whatever the work throws.
   */
  async write<T>(work: (database: Database) => Promise<T>): Promise<T> {
    if (this.#closed) throw storeClosed();
    if (this.#queue.length >= this.#queueLimit) {
      throw new FerricError('BUSY', `${this.#queueLimit} writes are waiting for the database already`, { hint: 'Check whether the disk is slow.' });
    }
    const outcome = Promise.withResolvers<T>();
    let result: T;
    this.#queue.push({
      // Bound, since one caller's turn of the event loop runs the works of all: each keeps its own request id and the like.
      run: AsyncLocalStorage.bind(async (database: Database) => {
        result = await work(database);
      }),
      succeed: () => outcome.resolve(result),
      fail: outcome.reject,
    });
    this.#running ??= this.#drain();
    return outcome.promise;
  }

  /** Takes no further work and waits for what was taken. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #drain(): Promise<void> {
    try {
      do {
        // Between batches the event loop turns once: whoever was just told of his commit can bring his next work into the next batch.
        await new Promise((resolve) => setImmediate(resolve));
        await this.#runBatch();
      } while (this.#queue.length > 0);
    } finally {
      this.#running = undefined;
    }
  }

  async #runBatch(): Promise<void> {
    const written: Job[] = [];
    try {
      this.#execute('begin immediate');
    } catch (error) {
      for (const job of this.#queue.splice(0, this.#batchLimit)) job.fail(error);
      return;
    }
    try {
      await this.#runJobs(written);
      this.#execute(written.length > 0 ? 'commit' : 'rollback');
    } catch (error) {
      for (const job of written) job.fail(error);
      if (this.#connection.isTransaction) this.#execute('rollback');
      return;
    }
    for (const job of written) job.succeed();
  }

  /** Fills `written` with the jobs whose savepoint holds. Throws when the whole transaction is lost. */
  async #runJobs(written: Job[]): Promise<void> {
    const endsAt = this.#clock.monotonicMs() + this.#batchTimeMs;
    for (let count = 0; count < this.#batchLimit && (count === 0 || this.#clock.monotonicMs() < endsAt); count += 1) {
      const job = this.#queue.shift();
      if (job === undefined) return;
      try {
        this.#execute('savepoint work');
        await this.#database.connection().execute(async (database) => job.run(database as Database));
        this.#execute('release work');
      } catch (error) {
        job.fail(error);
        // On a full disk or a failing one SQLite itself rolls the whole transaction back ("Response To Errors Within A Transaction").
        if (!this.#connection.isTransaction) throw error;
        this.#execute('rollback to work');
        this.#execute('release work');
        continue;
      }
      written.push(job);
    }
  }

  #execute(statement: string): void {
    try {
      this.#connection.exec(statement);
    } catch (error) {
      throw translateSqliteError(error);
    }
  }
}
