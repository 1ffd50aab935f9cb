import type { JsonObject, JsonValue } from '@ferric/core';
import { type Outcome, refuse } from '../outcome.js';
import { asObject } from './resource.js';

/** Refuses a body that holds something that cannot be written: unknown when the resource does not show it either. */
export function checkWritable(body: JsonObject, writable: readonly string[], shown: JsonObject): Outcome {
  if (writable.includes('*')) return undefined;
  const allowed = new Set(writable);
  for (const path of leaves(body, '', allowed)) {
    if (allowed.has(path)) continue;
    const name = path.split('.').at(-1) ?? path;
    return isShown(shown, path) ? refuse('read-only property', name) : refuse('unknown property', name);
  }
  return undefined;
}

/** Dotted paths of all values; what may be written as a whole is not looked into. */
function leaves(value: JsonObject, before: string, whole: ReadonlySet<string>): readonly string[] {
  return Object.entries(value).flatMap(([name, inner]): readonly string[] => {
    const path = before === '' ? name : `${before}.${name}`;
    const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    return isObject && !whole.has(path) ? leaves(inner as JsonObject, path, whole) : [path];
  });
}

function isShown(shown: JsonObject, path: string): boolean {
  let value: JsonValue | undefined = shown;
  for (const name of path.split('.')) value = asObject(value)[name];
  return value !== undefined;
}
