import type { Migration } from './migration.js';

/** What inspections find. One row per node, gone with the node. */
export const inventoriesMigration: Migration = {
  version: 2,
  name: 'inventories of nodes',
  async up({ createTable, text }) {
    let table = createTable('node_inventories').addColumn('node_uuid', text, (column) => column.primaryKey().references('nodes.uuid').onDelete('cascade'));
    for (const column of ['inventory', 'plugin_data', 'created_at']) table = table.addColumn(column, text, (definition) => definition.notNull());
    await table.addColumn('updated_at', text).execute();
  },
};
