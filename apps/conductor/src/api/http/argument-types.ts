import { isUuid, normalizeMacAddress, revealSealed, Secret, type JsonValue, type Sealed } from '@ferric/core';
import { faults } from '../../fault.js';
import type { ArgumentType } from './arguments.js';
import { plainScalar } from './python-text.js';

const TRUE_WORDS: ReadonlySet<string> = new Set(['1', 't', 'true', 'on', 'y', 'yes']);
const FALSE_WORDS: ReadonlySet<string> = new Set(['0', 'f', 'false', 'off', 'n', 'no']);
const BOOLEAN_WORDS: string = [...TRUE_WORDS, ...FALSE_WORDS].toSorted().map((word) => `'${word}'`).join(', ');
const LOGICAL_NAME = /^[A-Za-z0-9\-._~]{1,255}$/;

/** A word as a truth value; undefined when it is none. Source: oslo.utils, strutils.bool_from_string. */
function toBoolean(value: Sealed): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const word = String(value).trim().toLowerCase();
  if (TRUE_WORDS.has(word)) return true;
  return FALSE_WORDS.has(word) ? false : undefined;
}

/** @throws RequestFault 400 in the words of Ironic. */
export function requireBoolean(name: string, value: Sealed): boolean {
  const truth = toBoolean(value);
  if (truth === undefined) throw faults.invalid(`Invalid ${name}: Unrecognized value '${plainScalar(value)}', acceptable values are: ${BOOLEAN_WORDS}`);
  return truth;
}

/** @throws RequestFault 400 in the words of Ironic. */
export function requireUuid(name: string, value: Sealed): string {
  if (typeof value === 'string' && isUuid(value)) return value.toLowerCase();
  throw faults.invalid(`Expected UUID for ${name}: ${plainScalar(value)}`);
}

/** @throws RequestFault 400 in the words of Ironic. */
export function requireMacAddress(name: string, value: Sealed): string {
  const address = typeof value === 'string' ? normalizeMacAddress(value) : undefined;
  if (address === undefined) throw faults.invalid(`Expected valid MAC address for ${name}: ${plainScalar(value)}`);
  return address;
}

export const text: ArgumentType<string> = {
  schema: { type: 'string' },
  parse(name, value) {
    if (typeof value !== 'string') throw faults.invalid(`Expected string for ${name}: ${plainScalar(value)}`);
    return value;
  },
};

export const truth: ArgumentType<boolean> = { schema: { type: 'boolean' }, parse: requireBoolean };

export const uuid: ArgumentType<string> = { schema: { type: 'string', format: 'uuid' }, parse: requireUuid };

export const macAddress: ArgumentType<string> = { schema: { type: 'string', description: 'a MAC address' }, parse: requireMacAddress };

export const uuidOrName: ArgumentType<string> = {
  schema: { type: 'string' },
  parse(name, value) {
    if (typeof value === 'string' && isUuid(value)) return value.toLowerCase();
    if (typeof value === 'string' && LOGICAL_NAME.test(value)) return value;
    throw faults.invalid(`Expected UUID or name for ${name}: ${plainScalar(value)}`);
  },
};

export const integer: ArgumentType<number> = {
  schema: { type: 'integer' },
  parse(name, value) {
    const number = typeof value === 'string' && /^\s*[+-]?\d{1,15}\s*$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw faults.invalid(`Expected an integer for ${name}: ${plainScalar(value)}`);
    return number;
  },
};

/** Words between commas, each once, in their order. */
export const textList: ArgumentType<readonly string[]> = {
  schema: { type: 'string', description: 'words between commas' },
  parse: (name, value) => [...new Set(text.parse(name, value).split(',').map((word) => word.trim()).filter((word) => word !== ''))],
};

/** The same in lower case, for names of fields. */
export const fieldList: ArgumentType<readonly string[]> = {
  schema: textList.schema,
  parse: (name, value) => textList.parse(name, text.parse(name, value).toLowerCase()),
};

/** One of a few words. `refusal` is the whole error text. */
export function oneOf<const Word extends string>(words: readonly Word[], refusal: (given: string) => string): ArgumentType<Word> {
  return {
    schema: { type: 'string', enum: [...words] },
    parse(name, value) {
      const given = text.parse(name, value);
      if (!(words as readonly string[]).includes(given)) throw faults.invalid(refusal(plainScalar(given)));
      return given as Word;
    },
  };
}

/** A list of anything. */
export const list: ArgumentType<readonly JsonValue[]> = {
  schema: { type: 'array', items: {} },
  parse(name, value) {
    if (!Array.isArray(value)) throw faults.invalid(`Expected types <class 'list'> for ${name}: ${plainScalar(value)}`);
    return value as readonly JsonValue[];
  },
};

/** A text that nobody may see again. The error text does not repeat what came. */
export const secretText: ArgumentType<Secret> = {
  schema: { type: 'string', format: 'password', writeOnly: true },
  parse(name, value) {
    const clear = Secret.is(value) ? value.reveal() : value;
    if (typeof clear !== 'string') throw faults.invalid(`Expected string for ${name}`);
    return new Secret(clear);
  },
};

/** A text or an object that nobody may see again. */
export const secretDocument: ArgumentType<Secret<JsonValue>> = {
  schema: { type: ['string', 'object'], writeOnly: true },
  parse(name, value) {
    const clear = revealSealed(value);
    if (typeof clear === 'string' || (typeof clear === 'object' && clear !== null && !Array.isArray(clear))) return new Secret(clear);
    throw faults.invalid(`Expected types <class 'NoneType'>, <class 'dict'>, <class 'str'> for ${name}`);
  },
};
