import { globSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ResourceTable } from '../../src/api/table/field.js';

/** A resource whose own types do not matter to the holder. */
export type AnyTable = ResourceTable<Record<string, unknown>>;

const API_FOLDER = fileURLToPath(new URL('../../src/api/', import.meta.url));

/** Every resource table that a file of the API exports, by its collection: a new one is found without being named here. */
export async function findResourceTables(): Promise<ReadonlyMap<string, AnyTable>> {
  const files = globSync('**/*.ts', { cwd: API_FOLDER }).filter((file) => !file.endsWith('.test.ts')).toSorted();
  const modules = await Promise.all(files.map(async (file) => (await import(pathToFileURL(`${API_FOLDER}${file}`).href)) as Record<string, unknown>));
  const tables = modules.flatMap((module) => Object.values(module).filter(isTable));
  return new Map(tables.map((table) => [table.collection, table]));
}

function isTable(value: unknown): value is AnyTable {
  return typeof value === 'object' && value !== null && 'collection' in value && 'fields' in value && Array.isArray(value.fields);
}
