import type { Clock } from '@ferric/core';
import { faults } from '../fault.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { columnName, isStorableText } from './column-codecs.js';
import type { Database, DialectName } from './database.js';
import { type FaultTable, withFaults } from './database-errors.js';
import { answerable, type ConditionTable, containing, filterCondition } from './filters.js';
import { isNodeSortField, newNodeToRow, NODE_FIELDS, nodeColumns, type NodeRow, rowToNode, touchesSecrets, updateToRow } from './node-rows.js';
import { checkPage, type Marker, turnToPage } from './paging.js';
import type { SecretMap } from './sealed-documents.js';
import type { NewNode, NodeFilters, NodeReader, NodeSortKey, NodeUpdate, Page, Transaction } from './store.js';

const CONDITIONS: ConditionTable<'nodes', NodeFilters> = {
  instanceUuid: (row, value) => row('instance_uuid', '=', value),
  chassisUuid: (row, value) => row('chassis_uuid', '=', value),
  associated: (row, value) => row('instance_uuid', value ? 'is not' : 'is', null),
  maintenance: (row, value) => row('maintenance', '=', value ? 1 : 0),
  provisionState: (row, value) => row('provision_state', '=', value),
  driver: (row, value) => row('driver', '=', value),
  resourceClass: (row, value) => row('resource_class', '=', value),
  fault: (row, value) => row('fault', '=', value),
  conductorGroup: (row, value) => row('conductor_group', '=', value),
  owner: (row, value) => row('owner', '=', value),
  lessee: (row, value) => row('lessee', '=', value),
  descriptionContains: (row, value) => row('description_folded', 'like', containing(value)),
  retired: (row, value) => row('retired', '=', value ? 1 : 0),
  shard: (row, value) => row('shard', 'in', value),
  sharded: (row, value) => row('shard', value ? 'is not' : 'is', null),
  project: (row, value) => row.or([row('owner', '=', value), row('lessee', '=', value)]),
  hasWork: (row, value) => row('work', value ? 'is not' : 'is', null),
  reserved: (row, value) => row('reservation', value ? 'is not' : 'is', null),
};

/** Reading nodes, on a pool or in a transaction. */
export class NodeQueries implements NodeReader {
  protected readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async get(uuid: string): Promise<StoredNode | undefined> {
    return this.#one('uuid', uuid);
  }

  async getByName(name: string): Promise<StoredNode | undefined> {
    return this.#one('name', name);
  }

  async list<Field extends keyof StoredNode>(
    filters: NodeFilters,
    page: Page<NodeSortKey>,
    fields: readonly Field[],
  ): Promise<readonly Pick<StoredNode, Field>[] | undefined> {
    checkPage(page, isNodeSortField);
    const column = columnName(page.sortKey) as keyof NodeRow;
    const marker = page.marker === undefined ? undefined : await this.#marker(page.marker, column);
    if (page.marker !== undefined && marker === undefined) return undefined;
    const asked = answerable(filters);
    if (asked === undefined) return [];
    const query = this.database
      .selectFrom('nodes')
      .select(['id', ...nodeColumns(fields)])
      .where((row) => filterCondition(CONDITIONS, row, asked));
    const rows = await turnToPage(query, 'nodes', column, page, marker).execute();
    return rows.map((row) => rowToNode(row, fields));
  }

  async count(filters: NodeFilters): Promise<number> {
    const asked = answerable(filters);
    if (asked === undefined) return 0;
    const { count } = await this.database
      .selectFrom('nodes')
      .select((expression) => expression.fn.countAll<number>().as('count'))
      .where((row) => filterCondition(CONDITIONS, row, asked))
      .executeTakeFirstOrThrow();
    return count;
  }

  async #one(column: 'uuid' | 'name', value: string): Promise<StoredNode | undefined> {
    if (!isStorableText(value)) return undefined;
    const row = await this.database.selectFrom('nodes').selectAll().where(column, '=', value).executeTakeFirst();
    return row === undefined ? undefined : rowToNode(row, NODE_FIELDS);
  }

  async #marker(uuid: string, column: keyof NodeRow): Promise<Marker | undefined> {
    if (!isStorableText(uuid)) return undefined;
    return this.database
      .selectFrom('nodes')
      .select((row) => ['id', row.ref(column).as('value')])
      .where('uuid', '=', uuid)
      .executeTakeFirst();
  }
}

/** Reading and writing nodes in a transaction. */
export class NodeStatements extends NodeQueries implements NodeWriter {
  readonly #dialect: DialectName;
  readonly #clock: Clock;

  constructor(database: Database, dialect: DialectName, clock: Clock) {
    super(database);
    this.#dialect = dialect;
    this.#clock = clock;
  }

  async insert(node: NewNode): Promise<StoredNode> {
    const row = newNodeToRow(node);
    const inserted = await withFaults(takenFaults(node.uuid, node), async () =>
      this.database.insertInto('nodes').values(row).returningAll().executeTakeFirstOrThrow(),
    );
    return rowToNode(inserted, NODE_FIELDS);
  }

  async getForUpdate(uuid: string): Promise<StoredNode | undefined> {
    if (!isStorableText(uuid)) return undefined;
    const row = await this.#locked(this.database.selectFrom('nodes').selectAll().where('uuid', '=', uuid)).executeTakeFirst();
    return row === undefined ? undefined : rowToNode(row, NODE_FIELDS);
  }

  async update(uuid: string, changes: NodeUpdate): Promise<StoredNode> {
    const secrets = touchesSecrets(changes) ? await this.#secretsForUpdate(uuid) : {};
    const row = { ...updateToRow(changes, secrets), updated_at: this.#clock.now().toISOString() };
    const updated = await withFaults(takenFaults(uuid, changes), async () =>
      this.database.updateTable('nodes').set(row).where('uuid', '=', uuid).returningAll().executeTakeFirst(),
    );
    if (updated === undefined) throw faults.nodeNotFound(uuid);
    return rowToNode(updated, NODE_FIELDS);
  }

  async delete(uuid: string): Promise<void> {
    const deleted = await this.database.deleteFrom('nodes').where('uuid', '=', uuid).returning('id').executeTakeFirst();
    if (deleted === undefined) throw faults.nodeNotFound(uuid);
  }

  async #secretsForUpdate(uuid: string): Promise<SecretMap> {
    const row = await this.#locked(this.database.selectFrom('nodes').select('secrets').where('uuid', '=', uuid)).executeTakeFirst();
    if (row === undefined) throw faults.nodeNotFound(uuid);
    return JSON.parse(row.secrets) as SecretMap;
  }

  /** SQLite has one writer: there is nobody to lock out, and it does not know the words. */
  #locked<Query extends { forUpdate(): Query }>(query: Query): Query {
    return this.#dialect === 'postgresql' ? query.forUpdate() : query;
  }
}

type NodeWriter = Transaction['nodes'];

function takenFaults(uuid: string, fields: NodeUpdate): FaultTable {
  return {
    'nodes.uuid': () => faults.nodeUuidTaken(uuid),
    'nodes.name': () => faults.nodeNameTaken(fields.name ?? ''),
    'nodes.instance_uuid': () => faults.instanceUuidTaken(fields.instanceUuid ?? '', uuid),
  };
}
