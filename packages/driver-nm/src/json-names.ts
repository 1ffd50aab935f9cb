import type { JsonValue } from '@ferric/core';

/** A field as the JSON of Ironic's clients calls it: `policyId` is `policy_id`. */
export function snakeCase(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A value with its fields called as in JSON, at every depth. */
export function toJson(value: JsonValue | object): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => toJson(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([field, item]) => [snakeCase(field), toJson(item as JsonValue)]));
}
