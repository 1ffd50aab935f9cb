import type { JsonObject } from '@ferric/core';
import type { ResourceTable } from '../table/field.js';

/** Name of a resource's schema in the API description. */
export function schemaName(table: { readonly name: string }): string {
  return table.name.split('_').map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
}

/** One record, as a reference into the API description. */
export function recordSchema<Model>(table: ResourceTable<Model>): JsonObject {
  return { $ref: `#/components/schemas/${schemaName(table)}` };
}

/** A page of records. */
export function listSchema<Model>(table: ResourceTable<Model>): JsonObject {
  return {
    type: 'object',
    properties: {
      [table.collection]: { type: 'array', items: recordSchema(table) },
      next: { type: 'string', format: 'uri', description: 'The next page; present exactly when this one is full.' },
    },
    required: [table.collection],
  };
}

/** A record with every field of every version. */
export function tableSchema<Model>(table: ResourceTable<Model>): JsonObject {
  return {
    type: 'object',
    properties: Object.fromEntries(
      table.fields.map((field) => [field.name, { ...field.schema, description: field.description, 'x-ironic-since': `1.${field.since}` }]),
    ),
  };
}
