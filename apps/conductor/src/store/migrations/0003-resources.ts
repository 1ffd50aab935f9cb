import type { Migration, MigrationContext } from './migration.js';

/** The rest of Ironic's resources. Those of a node are gone with it. */
export const resourcesMigration: Migration = {
  version: 3,
  name: 'chassis, port groups, allocations, deploy templates and volumes',
  async up(context) {
    await createRecords(context, { table: 'chassis', texts: ['extra'], optionalTexts: ['description'], unique: [] });
    await createRecords(context, {
      table: 'portgroups', texts: ['mode', 'properties', 'extra', 'internal_info'], optionalTexts: ['address', 'name'],
      integers: ['standalone_ports_supported'], ofNode: true, unique: [['address'], ['name']],
    });
    // No reference to nodes: whoever deletes a node ends its allocation first, and its history tells so.
    await createRecords(context, {
      table: 'allocations', texts: ['state', 'candidate_nodes', 'traits', 'extra'], optionalTexts: ['name', 'node_uuid', 'resource_class', 'owner', 'last_error'],
      unique: [['name'], ['node_uuid']],
    });
    await createRecords(context, { table: 'deploy_templates', texts: ['name', 'steps', 'secrets', 'extra'], unique: [['name']] });
    // A rule over several columns is known by the first.
    await createRecords(context, { table: 'volume_connectors', texts: ['type', 'connector_id', 'extra'], ofNode: true, unique: [['connector_id', 'type']] });
    await createRecords(context, {
      table: 'volume_targets', texts: ['volume_type', 'volume_id', 'properties', 'secrets', 'extra'], integers: ['boot_index'], ofNode: true,
      unique: [['boot_index', 'node_uuid']],
    });
  },
};

interface Records {
  readonly table: string;
  readonly texts: readonly string[];
  readonly optionalTexts?: readonly string[];
  readonly integers?: readonly string[];
  readonly ofNode?: true;
  /** Columns that are unique together, besides the UUID. */
  readonly unique: readonly (readonly string[])[];
}

async function createRecords({ createNumberedTable, database, text, integer }: MigrationContext, records: Records): Promise<void> {
  let table = createNumberedTable(records.table);
  for (const column of ['uuid', 'created_at', ...records.texts]) table = table.addColumn(column, text, (definition) => definition.notNull());
  for (const column of ['updated_at', ...(records.optionalTexts ?? [])]) table = table.addColumn(column, text);
  for (const column of records.integers ?? []) table = table.addColumn(column, integer, (definition) => definition.notNull());
  if (records.ofNode === true) {
    table = table.addColumn('node_uuid', text, (definition) => definition.notNull().references('nodes.uuid').onDelete('cascade'));
  }
  await table.execute();
  for (const columns of [['uuid'], ...records.unique]) {
    await database.schema.createIndex(`${records.table}_${columns[0]}_unique`).unique().on(records.table).columns([...columns]).execute();
  }
  if (records.ofNode !== true) return;
  await database.schema.createIndex(`${records.table}_node_uuid`).on(records.table).columns(['node_uuid', 'id']).execute();
}
