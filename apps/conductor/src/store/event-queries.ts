import { randomUUID } from 'node:crypto';
import type { Clock } from '@ferric/core';
import type { NewNodeEvent, NodeEvent } from '../events/node-event.js';
import { isStorableText } from './column-codecs.js';
import type { Database, DialectName } from './database.js';
import { eventToRow, type NewEventRow, rowToEvent } from './event-rows.js';
import { lockForTransaction } from './postgresql/advisory-locks.js';
import type { EventReader } from './store.js';

/** How many events one INSERT takes; both databases allow many more parameters than these need. */
const INSERT_LIMIT = 500;

/** Reading the history of nodes. */
export class EventQueries implements EventReader {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async after(
    id: number,
    options: { readonly nodeUuid?: string; readonly limit: number; readonly severity?: NodeEvent['severity'] },
  ): Promise<readonly NodeEvent[]> {
    let query = this.#database.selectFrom('node_events').selectAll().where('id', '>', id).orderBy('id').limit(options.limit);
    if (options.severity !== undefined) query = query.where('severity', '=', options.severity);
    if (options.nodeUuid !== undefined) {
      if (!isStorableText(options.nodeUuid)) return [];
      query = query.where('node_uuid', '=', options.nodeUuid);
    }
    return (await query.execute()).map(rowToEvent);
  }

  async latest(nodeUuid: string, options: { readonly limit: number; readonly severity?: NodeEvent['severity'] }): Promise<readonly NodeEvent[]> {
    if (!isStorableText(nodeUuid)) return [];
    let query = this.#database.selectFrom('node_events').selectAll().where('node_uuid', '=', nodeUuid).orderBy('id', 'desc').limit(options.limit);
    if (options.severity !== undefined) query = query.where('severity', '=', options.severity);
    return (await query.execute()).map(rowToEvent).toReversed();
  }

  async get(nodeUuid: string, uuid: string): Promise<NodeEvent | undefined> {
    if (!isStorableText(nodeUuid) || !isStorableText(uuid)) return undefined;
    const query = this.#database.selectFrom('node_events').selectAll().where('uuid', '=', uuid).where('node_uuid', '=', nodeUuid);
    const row = await query.executeTakeFirst();
    return row === undefined ? undefined : rowToEvent(row);
  }

  async lastId(): Promise<number> {
    const row = await this.#database.selectFrom('node_events').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
    return row?.id ?? 0;
  }
}

/** The events of one transaction: collected while it runs, written at its end. */
export class EventAppender {
  readonly #conductor: string;
  readonly #clock: Clock;
  readonly #rows: NewEventRow[] = [];

  constructor(conductor: string, clock: Clock) {
    this.#conductor = conductor;
    this.#clock = clock;
  }

  /** @throws INTERNAL when the details hold a secret. */
  append(event: NewNodeEvent): void {
    this.#rows.push(eventToRow({ ...event, uuid: randomUUID(), at: this.#clock.now(), conductor: this.#conductor }));
  }

  /**
   * Writes the collected events as the last act of the transaction and returns them with their numbers.
   *
   * Readers resume after the last number that they saw, so numbers must become visible in their order. PostgreSQL's
   * sequence alone does not do that: a transaction that took 7 may commit after the one that took 8, and whoever has read
   * up to 8 never sees 7. So a lock is held from taking numbers to the commit. Since nothing is waited for in between, it is
   * held for the time of one INSERT and one commit, and it cannot be part of a deadlock. SQLite has one writer anyway.
   */
  async flush(database: Database, dialect: DialectName): Promise<readonly NodeEvent[]> {
    if (this.#rows.length === 0) return [];
    if (dialect === 'postgresql') await lockForTransaction(database, 'events');
    const events: NodeEvent[] = [];
    for (let start = 0; start < this.#rows.length; start += INSERT_LIMIT) {
      const rows = this.#rows.slice(start, start + INSERT_LIMIT);
      const numbered = await database.insertInto('node_events').values(rows).returning(['id', 'uuid']).execute();
      const ids = new Map(numbered.map((row) => [row.uuid, row.id]));
      events.push(...rows.map((row) => rowToEvent({ ...row, id: ids.get(row.uuid) ?? 0 })));
    }
    return events;
  }
}
