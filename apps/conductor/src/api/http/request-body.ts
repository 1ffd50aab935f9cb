import type { JsonValue } from '@ferric/core';
import { faults } from '../../fault.js';

/** Largest body. Bytes. Source: Ironic, `[api]max_json_body_size`. */
export const BODY_LIMIT_BYTES: number = 1024 * 1024;
/** Largest body that may carry a config drive. Bytes. */
export const PROVISION_BODY_LIMIT_BYTES: number = 64 * 1024 * 1024;
/** Deepest nesting of lists and objects. */
const DEEPEST_NESTING = 25;

/**
 * A body as JSON; undefined when it is empty.
 * @throws RequestFault 400 for what is not UTF-8, not JSON, nested too deeply or holds a NUL character, which no database keeps.
 */
export function parseBody(bytes: Uint8Array): JsonValue | undefined {
  const text = decode(bytes);
  if (text.trim() === '') return undefined;
  const value = parseJson(text);
  checkValue(value, 1);
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw faults.invalid('The body is not valid UTF-8.');
  }
}

function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    // The parser's own text repeats a piece of the body, which may be a password: only the place is told.
    const place = error instanceof SyntaxError ? /line \d+ column \d+/.exec(error.message)?.[0] : undefined;
    throw faults.invalid(`The body is not valid JSON${place === undefined ? '' : `: ${place}`}.`);
  }
}

function checkValue(value: JsonValue, depth: number): void {
  if (typeof value === 'string') return checkText(value);
  if (typeof value !== 'object' || value === null) return;
  if (depth > DEEPEST_NESTING) throw faults.invalid(`The body is nested deeper than ${DEEPEST_NESTING} levels.`);
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) checkValue(item, depth + 1);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    checkText(key);
    // An own member of this name is lost, or worse, as soon as an object is copied by assignment.
    if (key === '__proto__') throw faults.invalid("'__proto__' is not accepted as a name.");
    checkValue(item, depth + 1);
  }
}

/** @throws RequestFault 400 for a NUL character. */
export function checkText(text: string): void {
  if (text.includes('\0')) throw faults.invalid('Texts must not contain NUL characters.');
}
