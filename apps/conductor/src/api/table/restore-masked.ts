import { isDeepStrictEqual } from 'node:util';
import { revealSealed, type JsonObject, type JsonValue, type Sealed } from '@ferric/core';

/**
 * Undoes the masking in a document that a client read, changed and sent back: wherever it still says what was shown
 * (`******` for a secret), the value that is kept stays. Ironic overwrites the secret with the asterisks here.
 */
export function restoreMasked(next: JsonValue, shown: JsonValue | undefined, kept: Sealed | undefined): JsonValue {
  if (shown === undefined || kept === undefined) return next;
  if (isDeepStrictEqual(next, shown)) return revealSealed(kept);
  if (Array.isArray(next) && Array.isArray(shown) && Array.isArray(kept) && next.length === kept.length) {
    return next.map((item: JsonValue, index) => restoreMasked(item, shown[index] as JsonValue, kept[index] as Sealed));
  }
  if (isPlain(next) && isPlain(shown) && isPlain(kept)) {
    return Object.fromEntries(Object.entries(next).map(([key, item]) => [key, restoreMasked(item, own(shown, key), own(kept, key))]));
  }
  return next;
}

function isPlain<Value extends Sealed>(value: Value): value is Value & JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own<Value>(object: { readonly [key: string]: Value }, key: string): Value | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
