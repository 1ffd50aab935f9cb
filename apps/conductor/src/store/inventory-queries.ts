import type { Clock, FoundInventory, JsonObject } from '@ferric/core';
import { faults } from '../fault.js';
import { document, instant, isStorableText, text } from './column-codecs.js';
import type { Database } from './database.js';
import { withFaults } from './database-errors.js';
import type { InventoryReader, Transaction } from './store.js';

const plainText = text();
const plainDocument = document<JsonObject>();
const time = instant();

/** Reading inventories, on a pool or in a transaction. */
export class InventoryQueries implements InventoryReader {
  protected readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async get(nodeUuid: string): Promise<FoundInventory | undefined> {
    if (!isStorableText(nodeUuid)) return undefined;
    const row = await this.database.selectFrom('node_inventories').selectAll().where('node_uuid', '=', nodeUuid).executeTakeFirst();
    return row === undefined ? undefined : { inventory: plainDocument.read(row.inventory), pluginData: plainDocument.read(row.plugin_data) };
  }
}

/** Reading and writing inventories in a transaction. */
export class InventoryStatements extends InventoryQueries implements InventoryWriter {
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    super(database);
    this.#clock = clock;
  }

  async put(nodeUuid: string, found: FoundInventory): Promise<void> {
    const now = time.write(this.#clock.now(), 'inventory/updated_at');
    const content = {
      inventory: plainDocument.write(found.inventory, 'inventory/inventory'),
      plugin_data: plainDocument.write(found.pluginData, 'inventory/plugin_data'),
    };
    const row = { ...content, node_uuid: plainText.write(nodeUuid, 'inventory/node_uuid'), created_at: now };
    await withFaults({ node_inventories: () => faults.nodeNotFound(nodeUuid) }, async () =>
      this.database
        .insertInto('node_inventories')
        .values(row)
        .onConflict((conflict) => conflict.column('node_uuid').doUpdateSet({ ...content, updated_at: now }))
        .execute(),
    );
  }
}

type InventoryWriter = Transaction['inventories'];
