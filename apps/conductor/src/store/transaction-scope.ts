import { type Clock, FerricError } from '@ferric/core';
import type { NodeEvent } from '../events/node-event.js';
import type { Database, DialectName } from './database.js';
import { transactionOver } from './database-errors.js';
import { EventAppender } from './event-queries.js';
import { InventoryStatements } from './inventory-queries.js';
import { recordWriters } from './all-records.js';
import type { Transaction } from './store.js';

export interface ScopeSettings {
  readonly dialect: DialectName;
  readonly clock: Clock;
  /** Name of this conductor, written into events. */
  readonly hostname: string;
  /** How long a work may take. Milliseconds. */
  readonly timeLimitMs: number;
}

export interface WorkOutcome<T> {
  readonly result: T;
  /** The events it appended, numbered but not committed yet. */
  readonly events: readonly NodeEvent[];
}

/**
 * Runs a work on an open transaction, which the caller then commits, or rolls back when this rejects.
 *
 * A call of the transaction that fails dooms all of it, even when the work catches the failure: after an error PostgreSQL
 * takes no further statement, and so the same is true of SQLite here.
 * @throws INTERNAL when the work takes longer than the limit: it awaits something that is not its transaction while others wait for it.
 */
export async function runWork<T>(
  database: Database,
  settings: ScopeSettings,
  work: (transaction: Transaction) => Promise<T>,
): Promise<WorkOutcome<T>> {
  const scope = new TransactionScope();
  const events = new EventAppender(settings.hostname, settings.clock);
  const inventories = new InventoryStatements(database, settings.clock);
  const transaction: Transaction = {
    ...recordWriters(database, settings.dialect, settings.clock, (call) => scope.run(call)),
    inventories: {
      get: (nodeUuid) => scope.run(() => inventories.get(nodeUuid)),
      put: (nodeUuid, found) => scope.run(() => inventories.put(nodeUuid, found)),
    },
    events: { append: (event) => scope.run(async () => events.append(event)) },
  };
  try {
    const result = await withinTime(work(transaction), settings);
    scope.throwFailure();
    return { result, events: await events.flush(database, settings.dialect) };
  } finally {
    scope.end();
  }
}

/** Watches over the calls of one transaction. */
class TransactionScope {
  #over = false;
  #failure: { readonly error: unknown } | undefined;

  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#over) throw transactionOver();
    this.throwFailure();
    try {
      return await call();
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }

  throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  end(): void {
    this.#over = true;
  }
}

async function withinTime<T>(work: Promise<T>, { clock, timeLimitMs }: ScopeSettings): Promise<T> {
  const late = Promise.withResolvers<never>();
  using _timer = clock.after(timeLimitMs, () => {
    late.reject(
      new FerricError('INTERNAL', `A write did not finish within ${timeLimitMs} ms and was undone`, {
        details: { timeLimitMs },
        hint: 'A work given to write() must await nothing but its transaction: no device, no network, no timer, no other write.',
      }),
    );
  });
  return await Promise.race([work, late.promise]);
}
