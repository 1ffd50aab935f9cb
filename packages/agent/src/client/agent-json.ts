import type { JsonObject } from '@ferric/core';

/** The value as an object; undefined for lists, null and everything else. */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** How large a document from outside may be. */
export interface JsonBounds {
  /** Lists and objects inside each other. */
  readonly depth: number;
  /** Values, the inner ones included. */
  readonly values: number;
}

/** No real agent comes near: a machine with a thousand disks tells some 20,000 values. */
export const AGENT_JSON_BOUNDS: JsonBounds = { depth: 64, values: 500_000 };

/**
 * Whether a parsed document stays within the bounds. It walks without recursion, so that the deepest document does no harm.
 * What works on the document afterwards may be recursive.
 */
export function isWithinBounds(document: unknown, bounds: JsonBounds = AGENT_JSON_BOUNDS): boolean {
  const waiting: (readonly [value: unknown, depth: number])[] = [[document, 0]];
  let values = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [value, depth] = next;
    values += 1;
    if (values > bounds.values) return false;
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= bounds.depth) return false;
    for (const inner of Object.values(value)) waiting.push([inner, depth + 1]);
  }
  return true;
}
