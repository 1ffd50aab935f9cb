import type { JsonObject, JsonValue } from '@ferric/core';

/** A kept document as an object; an empty one when nothing usable was kept. */
export function asObject(kept: JsonValue): JsonObject {
  return typeof kept === 'object' && kept !== null && !Array.isArray(kept) ? (kept as JsonObject) : {};
}
