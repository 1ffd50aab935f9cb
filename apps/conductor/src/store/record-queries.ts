import type { Clock } from '@ferric/core';
import type { Kysely } from 'kysely';
import type { RequestFault } from '../fault.js';
import { columnName, isStorableText, type ColumnValue } from './column-codecs.js';
import type { Database, DialectName, Tables } from './database.js';
import { type FaultTable, withFaults } from './database-errors.js';
import { answerable, type ConditionTable, filterCondition } from './filters.js';
import { checkPage, type Marker, turnToPage } from './paging.js';
import type { Kept, NewRecord, RecordRows, RecordUpdate, StoredRow } from './record-rows.js';
import type { SecretMap } from './sealed-documents.js';
import type { Page, RecordReader, RecordWriter, SortKey } from './store.js';

/** How one kind of record is kept: its table, its rows, its filters, and what its broken rules mean. */
export interface RecordDefinition<Table extends keyof Tables, Model extends Kept, Filters extends object> {
  readonly table: Table;
  readonly rows: RecordRows<Model>;
  readonly conditions: ConditionTable<Table, Filters>;
  notFound(uuid: string): RequestFault;
  /** What to answer when a value of these fields is taken, or refers to what does not exist. */
  faults(fields: Partial<Model>): FaultTable;
}

/** All tables seen alike, as one: which columns each has is what the definitions know. */
interface AnyTable {
  record: Record<string, ColumnValue>;
}

/** Reading one kind of record, on a pool or in a transaction. */
export class RecordQueries<Table extends keyof Tables, Model extends Kept, Filters extends object> implements RecordReader<Model, Filters> {
  protected readonly definition: RecordDefinition<Table, Model, Filters>;
  protected readonly table: 'record';
  protected readonly database: Kysely<AnyTable>;

  constructor(definition: RecordDefinition<Table, Model, Filters>, database: Database) {
    this.definition = definition;
    this.table = definition.table as string as 'record';
    this.database = database as unknown as Kysely<AnyTable>;
  }

  async get(uuid: string): Promise<Model | undefined> {
    if (!isStorableText(uuid)) return undefined;
    return this.readOne(await this.database.selectFrom(this.table).selectAll().where('uuid', '=', uuid).executeTakeFirst());
  }

  async list<Field extends keyof Model & string = keyof Model & string>(
    filters: Filters,
    page: Page<SortKey<Model>>,
    fields: readonly Field[] = this.definition.rows.fields as readonly Field[],
  ): Promise<readonly Pick<Model, Field>[] | undefined> {
    const { rows } = this.definition;
    checkPage(page, (field) => field === 'id' || rows.isSortField(field));
    const column = columnName(page.sortKey);
    const marker = page.marker === undefined ? undefined : await this.#marker(page.marker, column);
    if (page.marker !== undefined && marker === undefined) return undefined;
    const query = this.#matching(filters);
    if (query === undefined) return [];
    const found = await turnToPage(query.select(['id', ...rows.columns(fields)]), this.table, column, page, marker).execute();
    return found.map((row) => rows.read(row, fields));
  }

  async all(filters: Filters): Promise<readonly Model[]> {
    const rows = (await this.#matching(filters)?.selectAll().orderBy('id').execute()) ?? [];
    return rows.map((row) => this.read(row));
  }

  async one(filters: Filters): Promise<Model | undefined> {
    // No LIMIT: SQLite would compile the statement anew each time, and there is one row at most.
    return this.readOne(await this.#matching(filters)?.selectAll().executeTakeFirst());
  }

  async count(filters: Filters): Promise<number> {
    const answer = await this.#matching(filters)?.select((expression) => expression.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
    return answer?.count ?? 0;
  }

  protected read(row: StoredRow): Model {
    return this.definition.rows.read(row, this.definition.rows.fields) as unknown as Model;
  }

  protected readOne(row: StoredRow | undefined): Model | undefined {
    return row === undefined ? undefined : this.read(row);
  }

  /** Undefined when no row can meet the filters. */
  #matching(filters: Filters) {
    const asked = answerable(filters);
    if (asked === undefined) return undefined;
    const { conditions } = this.definition;
    return this.database.selectFrom(this.table).where((row) => filterCondition(conditions, row as never, asked) as never);
  }

  async #marker(uuid: string, column: string): Promise<Marker | undefined> {
    if (!isStorableText(uuid)) return undefined;
    const row = await this.database
      .selectFrom(this.table)
      .select((expression) => ['id', expression.ref(column).as('value')])
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    return row as Marker | undefined;
  }
}

/** Reading and writing one kind of record in a transaction. */
export class RecordStatements<Table extends keyof Tables, Model extends Kept, Filters extends object>
  extends RecordQueries<Table, Model, Filters>
  implements RecordWriter<Model, Filters>
{
  readonly #dialect: DialectName;
  readonly #clock: Clock;

  constructor(definition: RecordDefinition<Table, Model, Filters>, database: Database, dialect: DialectName, clock: Clock) {
    super(definition, database);
    this.#dialect = dialect;
    this.#clock = clock;
  }

  async insert(record: NewRecord<Model>): Promise<Model> {
    const { faults, rows } = this.definition;
    const row = rows.create(record);
    const inserted = await withFaults(faults(record as unknown as Partial<Model>), async () =>
      this.database.insertInto(this.table).values(row).returningAll().executeTakeFirstOrThrow(),
    );
    return this.read(inserted);
  }

  async getForUpdate(uuid: string): Promise<Model | undefined> {
    if (!isStorableText(uuid)) return undefined;
    return this.readOne(await this.#locked(this.database.selectFrom(this.table).selectAll().where('uuid', '=', uuid)).executeTakeFirst());
  }

  async update(uuid: string, changes: RecordUpdate<Model>): Promise<Model> {
    const { faults, notFound, rows } = this.definition;
    const secrets = rows.touchesSecrets(changes) ? await this.#secretsForUpdate(uuid) : {};
    const row = { ...rows.update(changes, secrets), updated_at: this.#clock.now().toISOString() };
    const updated = await withFaults(faults({ ...(changes as Partial<Model>), uuid }), async () =>
      this.database.updateTable(this.table).set(row).where('uuid', '=', uuid).returningAll().executeTakeFirst(),
    );
    if (updated === undefined) throw notFound(uuid);
    return this.read(updated);
  }

  async delete(uuid: string): Promise<void> {
    const deleted = await this.database.deleteFrom(this.table).where('uuid', '=', uuid).returning('id').executeTakeFirst();
    if (deleted === undefined) throw this.definition.notFound(uuid);
  }

  async #secretsForUpdate(uuid: string): Promise<SecretMap> {
    const { notFound } = this.definition;
    const row = await this.#locked(this.database.selectFrom(this.table).select('secrets').where('uuid', '=', uuid)).executeTakeFirst();
    if (row === undefined) throw notFound(uuid);
    return JSON.parse(String(row['secrets'])) as SecretMap;
  }

  /** SQLite has one writer: there is nobody to lock out, and it does not know the words. */
  #locked<Query extends { forUpdate(): Query }>(query: Query): Query {
    return this.#dialect === 'postgresql' ? query.forUpdate() : query;
  }
}
