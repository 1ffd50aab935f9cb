import { FerricError, type JsonObject } from '@ferric/core';
import { isObject } from './readers.js';

/** Far deeper than any resource; what is deeper is an attack or a defect. */
const DEEPEST = 64;

/**
 * The object in an answer; an empty answer is an empty object.
 * @throws PROTOCOL_FAULT for what is no JSON object or nested too deeply
 */
export function parseObject(text: string, resource: string): JsonObject {
  if (text.trim() === '') return {};
  if (depthExceeds(text, DEEPEST)) throw fault(resource, `is nested deeper than ${DEEPEST} levels`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The error of the parser quotes the text, which may hold a password or a token: it is no cause to show.
    throw fault(resource, 'is no JSON', { characters: text.length });
  }
  if (!isObject(value)) throw fault(resource, 'is no JSON object');
  return value;
}

/** Looks at brackets outside of texts only. */
function depthExceeds(text: string, limit: number): boolean {
  let depth = 0;
  let inText = false;
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index];
    if (inText) {
      if (sign === '\\') index += 1;
      else if (sign === '"') inText = false;
    } else if (sign === '"') inText = true;
    else if (sign === '{' || sign === '[') depth += 1;
    else if (sign === '}' || sign === ']') depth -= 1;
    if (depth > limit) return true;
  }
  return false;
}

function fault(resource: string, what: string, details: JsonObject = {}): FerricError {
  return new FerricError('PROTOCOL_FAULT', `The answer for ${resource} ${what}`, {
    details: { resource, ...details },
    hint: 'Check that a Redfish service answers at this address and port.',
  });
}
