import { initialMigration } from './0001-initial.js';
import { inventoriesMigration } from './0002-inventories.js';
import { resourcesMigration } from './0003-resources.js';
import type { Migration } from './migration.js';

/** Every step of the schema, oldest first. */
export const MIGRATIONS: readonly Migration[] = [initialMigration, inventoriesMigration, resourcesMigration];
