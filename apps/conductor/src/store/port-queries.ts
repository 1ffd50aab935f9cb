import type { Clock, Port } from '@ferric/core';
import { faults } from '../fault.js';
import { columnName, isStorableText } from './column-codecs.js';
import type { Database } from './database.js';
import { type FaultTable, withFaults } from './database-errors.js';
import { answerable, type ConditionTable, containing, filterCondition } from './filters.js';
import { checkPage, type Marker, turnToPage } from './paging.js';
import { isPortSortField, newPortToRow, type PortRow, portUpdateToRow, rowToPort } from './port-rows.js';
import type { NewPort, Page, PortFilters, PortReader, PortSortKey, PortUpdate, Transaction } from './store.js';

const CONDITIONS: ConditionTable<'ports', PortFilters> = {
  address: (row, value) => row('address', '=', value),
  nodeUuid: (row, value) => row('node_uuid', '=', value),
  portgroupUuid: (row, value) => row('portgroup_uuid', '=', value),
  nodeShards: (row, value) => row('node_uuid', 'in', row.selectFrom('nodes').select('nodes.uuid').where('nodes.shard', 'in', value)),
  descriptionContains: (row, value) => row('description_folded', 'like', containing(value)),
};

/** How many addresses one query asks for; both databases allow many more parameters. */
const MOST_ADDRESSES = 500;

/** Reading ports, on a pool or in a transaction. */
export class PortQueries implements PortReader {
  protected readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async get(uuid: string): Promise<Port | undefined> {
    if (!isStorableText(uuid)) return undefined;
    const row = await this.database.selectFrom('ports').selectAll().where('uuid', '=', uuid).executeTakeFirst();
    return row === undefined ? undefined : rowToPort(row);
  }

  async list(filters: PortFilters, page: Page<PortSortKey>): Promise<readonly Port[] | undefined> {
    checkPage(page, isPortSortField);
    const column = columnName(page.sortKey) as keyof PortRow;
    const marker = page.marker === undefined ? undefined : await this.#marker(page.marker, column);
    if (page.marker !== undefined && marker === undefined) return undefined;
    const asked = answerable(filters);
    if (asked === undefined) return [];
    const query = this.database.selectFrom('ports').selectAll().where((row) => filterCondition(CONDITIONS, row, asked));
    const rows = await turnToPage(query, 'ports', column, page, marker).execute();
    return rows.map(rowToPort);
  }

  async ofNode(nodeUuid: string): Promise<readonly Port[]> {
    if (!isStorableText(nodeUuid)) return [];
    const rows = await this.database.selectFrom('ports').selectAll().where('node_uuid', '=', nodeUuid).orderBy('id').execute();
    return rows.map(rowToPort);
  }

  async byAddresses(addresses: readonly string[]): Promise<readonly Port[]> {
    const asked = [...new Set(addresses)].filter(isStorableText);
    const found: Port[] = [];
    for (let from = 0; from < asked.length; from += MOST_ADDRESSES) {
      const some = asked.slice(from, from + MOST_ADDRESSES);
      const rows = await this.database.selectFrom('ports').selectAll().where('address', 'in', some).execute();
      found.push(...rows.map(rowToPort));
    }
    return found;
  }

  async #marker(uuid: string, column: keyof PortRow): Promise<Marker | undefined> {
    if (!isStorableText(uuid)) return undefined;
    return this.database
      .selectFrom('ports')
      .select((row) => ['id', row.ref(column).as('value')])
      .where('uuid', '=', uuid)
      .executeTakeFirst();
  }
}

type PortWriter = Transaction['ports'];

/** Reading and writing ports in a transaction. */
export class PortStatements extends PortQueries implements PortWriter {
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    super(database);
    this.#clock = clock;
  }

  async insert(port: NewPort): Promise<Port> {
    const row = newPortToRow(port);
    const inserted = await withFaults(portFaults(port.uuid, port), async () =>
      this.database.insertInto('ports').values(row).returningAll().executeTakeFirstOrThrow(),
    );
    return rowToPort(inserted);
  }

  async update(uuid: string, changes: PortUpdate): Promise<Port> {
    const row = { ...portUpdateToRow(changes), updated_at: this.#clock.now().toISOString() };
    const updated = await withFaults(portFaults(uuid, changes), async () =>
      this.database.updateTable('ports').set(row).where('uuid', '=', uuid).returningAll().executeTakeFirst(),
    );
    if (updated === undefined) throw faults.portNotFound(uuid);
    return rowToPort(updated);
  }

  async delete(uuid: string): Promise<void> {
    const deleted = await this.database.deleteFrom('ports').where('uuid', '=', uuid).returning('id').executeTakeFirst();
    if (deleted === undefined) throw faults.portNotFound(uuid);
  }
}

function portFaults(uuid: string, fields: PortUpdate): FaultTable {
  return {
    'ports.uuid': () => faults.portUuidTaken(uuid),
    'ports.address': () => faults.portAddressTaken(fields.address ?? ''),
    'ports.name': () => faults.portNameTaken(fields.name ?? ''),
    // The only reference of a port is to its node.
    ports: () => faults.nodeNotFoundInBody(fields.nodeUuid ?? ''),
  };
}
