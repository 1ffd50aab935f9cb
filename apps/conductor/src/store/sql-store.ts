import { AsyncLocalStorage } from 'node:async_hooks';
import { type Clock, FerricError, type Logger } from '@ferric/core';
import type { NodeEvent } from '../events/node-event.js';
import { CommittedEvents, type PendingEvents } from './committed-events.js';
import { announceConductor, listConductors, removeConductor } from './conductor-queries.js';
import { recordReaders } from './all-records.js';
import type { StoreEngine } from './engine.js';
import { EventQueries } from './event-queries.js';
import { InventoryQueries } from './inventory-queries.js';
import { pruneEvents } from './prune-events.js';
import type { EventReader, InventoryReader, NodeReader, RecordReaders, Store, Transaction } from './store.js';
import { runWork, type ScopeSettings } from './transaction-scope.js';

export interface SqlStoreSettings {
  readonly hostname: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly writeTimeLimitMs: number;
}

/** Marks the asynchronous context of a work, to find a write inside a write: it would wait for itself. */
interface WriteMark {
  running: boolean;
}

/** The store over either database. */
export class SqlStore implements Store {
  readonly dialect: Store['dialect'];
  readonly nodes: NodeReader;
  readonly ports: RecordReaders['ports'];
  readonly portgroups: RecordReaders['portgroups'];
  readonly chassis: RecordReaders['chassis'];
  readonly allocations: RecordReaders['allocations'];
  readonly deployTemplates: RecordReaders['deployTemplates'];
  readonly volumeConnectors: RecordReaders['volumeConnectors'];
  readonly volumeTargets: RecordReaders['volumeTargets'];
  readonly inventories: InventoryReader;
  readonly events: EventReader;
  readonly conductors: Store['conductors'];
  readonly #engine: StoreEngine;
  readonly #scope: ScopeSettings;
  readonly #committed: CommittedEvents;
  readonly #writing = new AsyncLocalStorage<WriteMark>();

  constructor(engine: StoreEngine, { hostname, clock, logger, writeTimeLimitMs }: SqlStoreSettings) {
    const { dialect, reader } = engine;
    this.#engine = engine;
    this.#scope = { dialect, clock, hostname, timeLimitMs: writeTimeLimitMs };
    this.#committed = new CommittedEvents(logger);
    this.dialect = dialect;
    const records = recordReaders(reader);
    this.nodes = records.nodes;
    this.ports = records.ports;
    this.portgroups = records.portgroups;
    this.chassis = records.chassis;
    this.allocations = records.allocations;
    this.deployTemplates = records.deployTemplates;
    this.volumeConnectors = records.volumeConnectors;
    this.volumeTargets = records.volumeTargets;
    this.inventories = new InventoryQueries(reader);
    this.events = new EventQueries(reader);
    this.conductors = {
      list: async () => listConductors(reader),
      announce: async (record) => engine.transact(async (database) => announceConductor(database, record, clock)),
      remove: async (name) => engine.transact(async (database) => removeConductor(database, name)),
    };
  }

  async write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    if (this.#writing.getStore()?.running === true) {
      throw new FerricError('INTERNAL', 'A write was started inside a write, for which it would wait for ever', {
        hint: 'Use the transaction that the work was given.',
      });
    }
    let events: PendingEvents | undefined;
    try {
      const result = await this.#engine.transact(async (database) => {
        // The database may have the work run again; what it appended the first time is gone.
        events?.drop();
        const mark: WriteMark = { running: true };
        try {
          const outcome = await this.#writing.run(mark, async () => runWork(database, this.#scope, work));
          events = this.#committed.hold(outcome.events);
          return outcome.result;
        } finally {
          mark.running = false;
        }
      });
      events?.publish();
      return result;
    } catch (error) {
      events?.drop();
      throw error;
    }
  }

  onCommitted(listener: (events: readonly NodeEvent[]) => void): Disposable {
    return this.#committed.listen(listener);
  }

  async pruneEvents(options: { readonly before: Date; readonly keepPerNode: number }): Promise<number> {
    return pruneEvents(this.#engine.reader, async (work) => this.#engine.transact(work), options);
  }

  async ping(): Promise<void> {
    await this.#engine.ping();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine[Symbol.asyncDispose]();
  }
}
