import { initialMigration } from './0001-initial.js';
import type { Migration } from './migration.js';

/** Every step of the schema, oldest first. */
export const MIGRATIONS: readonly Migration[] = [initialMigration];
