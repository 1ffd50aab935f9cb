import { sql } from 'kysely';
import type { Migration, MigrationContext } from './migration.js';

/** Columns of text that may be missing. */
const NODE_TEXTS = [
  'name', 'instance_uuid', 'chassis_uuid', 'resource_class', 'owner', 'lessee', 'description', 'description_folded', 'shard', 'allocation_uuid',
  'power_state', 'target_power_state', 'target_provision_state', 'provision_updated_at', 'last_error', 'fault', 'maintenance_reason',
  'reservation', 'protected_reason', 'retired_reason', 'boot_mode', 'inspection_started_at', 'inspection_finished_at', 'updated_at',
] as const;
const NODE_FLAGS = ['maintenance', 'protected', 'retired', 'console_enabled'] as const;
const NODE_OPTIONAL_FLAGS = ['automated_clean', 'secure_boot'] as const;
const NODE_DOCUMENTS = [
  'driver_info', 'driver_internal_info', 'instance_info', 'properties', 'extra', 'network_data', 'interfaces', 'traits', 'clean_step',
  'deploy_step', 'raid_config', 'target_raid_config', 'secrets',
] as const;
const NODE_OPTIONAL_DOCUMENTS = ['work', 'power_knowledge'] as const;

export const initialMigration: Migration = {
  version: 1,
  name: 'nodes, ports, events and conductors',
  async up(context) {
    await createNodes(context);
    await createPorts(context);
    await createEvents(context);
    await createConductors(context);
  },
};

// Documents come last: a filter that walks over rows need not step over them.
async function createNodes({ createNumberedTable, database, text, integer }: MigrationContext): Promise<void> {
  let table = createNumberedTable('nodes');
  for (const column of ['uuid', 'driver', 'conductor_group', 'provision_state', 'created_at']) {
    table = table.addColumn(column, text, (definition) => definition.notNull());
  }
  for (const column of NODE_TEXTS) table = table.addColumn(column, text);
  for (const column of NODE_FLAGS) table = table.addColumn(column, integer, (definition) => definition.notNull());
  for (const column of NODE_OPTIONAL_FLAGS) table = table.addColumn(column, integer);
  for (const column of NODE_DOCUMENTS) table = table.addColumn(column, text, (definition) => definition.notNull());
  for (const column of NODE_OPTIONAL_DOCUMENTS) table = table.addColumn(column, text);
  await table.execute();

  for (const column of ['uuid', 'name', 'instance_uuid']) {
    await database.schema.createIndex(`nodes_${column}_unique`).unique().on('nodes').column(column).execute();
  }
  for (const column of ['driver', 'provision_state']) {
    await database.schema.createIndex(`nodes_${column}`).on('nodes').columns([column, 'id']).execute();
  }
  for (const column of ['chassis_uuid', 'resource_class', 'owner', 'lessee', 'shard', 'fault']) {
    await database.schema.createIndex(`nodes_${column}`).on('nodes').columns([column, 'id']).where(column, 'is not', null).execute();
  }
  // Few nodes have work or a lock at a time; these indexes hold just them.
  for (const column of ['work', 'reservation']) {
    await database.schema.createIndex(`nodes_with_${column}`).on('nodes').column('id').where(sql.ref(column), 'is not', null).execute();
  }
}

async function createPorts({ createNumberedTable, database, text, integer }: MigrationContext): Promise<void> {
  let table = createNumberedTable('ports');
  for (const column of ['uuid', 'address', 'created_at', 'local_link_connection', 'extra', 'internal_info']) {
    table = table.addColumn(column, text, (definition) => definition.notNull());
  }
  for (const column of ['name', 'description', 'description_folded', 'physical_network', 'portgroup_uuid', 'updated_at']) {
    table = table.addColumn(column, text);
  }
  for (const column of ['pxe_enabled', 'is_smartnic']) table = table.addColumn(column, integer, (definition) => definition.notNull());
  await table.addColumn('node_uuid', text, (definition) => definition.notNull().references('nodes.uuid').onDelete('cascade')).execute();

  for (const column of ['uuid', 'address', 'name']) {
    await database.schema.createIndex(`ports_${column}_unique`).unique().on('ports').column(column).execute();
  }
  await database.schema.createIndex('ports_node_uuid').on('ports').columns(['node_uuid', 'id']).execute();
  const ofPortgroup = database.schema.createIndex('ports_portgroup_uuid').on('ports').columns(['portgroup_uuid', 'id']);
  await ofPortgroup.where('portgroup_uuid', 'is not', null).execute();
}

// No reference to nodes: the history of a node outlives it.
async function createEvents({ createNumberedTable, database, text }: MigrationContext): Promise<void> {
  let table = createNumberedTable('node_events');
  for (const column of ['uuid', 'node_uuid', 'at', 'type', 'severity', 'message', 'details', 'actor', 'conductor']) {
    table = table.addColumn(column, text, (definition) => definition.notNull());
  }
  await table.execute();
  await database.schema.createIndex('node_events_uuid_unique').unique().on('node_events').column('uuid').execute();
  await database.schema.createIndex('node_events_node_uuid').on('node_events').columns(['node_uuid', 'id']).execute();
  await database.schema.createIndex('node_events_at').on('node_events').column('at').execute();
}

async function createConductors({ createTable, text }: MigrationContext): Promise<void> {
  let table = createTable('conductors').addColumn('hostname', text, (definition) => definition.primaryKey());
  for (const column of ['conductor_group', 'drivers', 'created_at', 'updated_at']) {
    table = table.addColumn(column, text, (definition) => definition.notNull());
  }
  await table.execute();
}
