import assert from 'node:assert/strict';
import type { JsonObject, JsonValue } from '../json.js';
import type { ObjectSchema } from '../schema/object-schema.js';

/** The properties of an object's JSON Schema. */
export function propertiesOf(schema: ObjectSchema<unknown>): Readonly<Record<string, JsonObject>> {
  return (schema.jsonSchema['properties'] ?? {}) as Record<string, JsonObject>;
}

export function requiredOf(schema: ObjectSchema<unknown>): readonly string[] {
  return (schema.jsonSchema['required'] ?? []) as readonly string[];
}

/** Every property says in words what it is. */
export function checkDescriptions(what: string, schema: ObjectSchema<unknown>): void {
  assert.deepEqual(JSON.parse(JSON.stringify(schema.jsonSchema)), schema.jsonSchema, 'The JSON Schema holds something that JSON cannot carry');
  assert.equal(schema.jsonSchema['type'], 'object', 'The JSON Schema describes no object');
  const silent = Object.entries(propertiesOf(schema)).filter(([, { description }]) => typeof description !== 'string' || description.trim() === '');
  assert.deepEqual(silent.map(([name]) => name), [], `${what} has no description`);
}

/** Values of types that this property does not take; empty when it takes any type. */
export function wrongValues(property: JsonObject): readonly JsonValue[] {
  const types = typesOf(property);
  if (types === undefined) return [];
  if (!types.has('object')) return [{ unexpected: true }];
  if (!types.has('array')) return [['unexpected']];
  return types.has('boolean') ? [] : [true];
}

/** Types that a property takes, also in its alternatives; undefined when it does not say. */
function typesOf(property: JsonObject): ReadonlySet<string> | undefined {
  const { type } = property;
  if (typeof type === 'string') return new Set([type]);
  if (Array.isArray(type)) return new Set(type as string[]);
  if (Array.isArray(property['enum'])) return new Set((property['enum'] as JsonValue[]).map((value) => typeof value));
  if ('const' in property) return new Set([typeof property['const']]);
  const alternatives = (property['anyOf'] ?? property['oneOf']) as readonly JsonObject[] | undefined;
  const nested = alternatives?.map(typesOf);
  if (nested === undefined || nested.some((types) => types === undefined)) return undefined;
  return new Set(nested.flatMap((types) => [...(types ?? [])]));
}
