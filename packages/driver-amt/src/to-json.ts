import { Buffer } from 'node:buffer';
import type { JsonObject, JsonValue } from '@ferric/core';

/** What a typed answer of the client holds: JSON, but for dates, bytes, and what is left out. */
type Plain = JsonValue | Date | Uint8Array | undefined | readonly Plain[] | { readonly [key: string]: Plain };

/** What a field is called in the result. */
type Rename = (name: string) => string;

/** An answer of the client as JSON, without what is left out: dates in ISO 8601, bytes in hexadecimal. @param rename default: names stay */
export function toJson(value: object, rename: Rename = (name) => name): JsonObject {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, content]: [string, Plain]) => (content === undefined ? [] : [[rename(name), toJsonValue(content, rename)] as const])),
  );
}

/** `startsAt` as Ironic's clients write it: `starts_at`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function toJsonValue(value: Plain, rename: Rename): JsonValue {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map((item: Plain) => toJsonValue(item, rename));
  if (typeof value === 'object' && value !== null) return toJson(value, rename);
  return (value ?? null) as JsonValue;
}
