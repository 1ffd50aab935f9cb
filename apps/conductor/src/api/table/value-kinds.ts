import { isUuid, Secret, type JsonObject, type Sealed } from '@ferric/core';
import { faults, type RequestFault } from '../../fault.js';
import { isObject } from '../http/body-readers.js';
import { requireBoolean, requireMacAddress, requireUuid } from '../http/argument-types.js';
import { pythonScalar } from '../http/python-text.js';
import { schemaFault, type InputPlace, type ValueKind } from './input.js';

/** A text of at most `maxLength` characters. */
export function textValue(maxLength?: number): ValueKind {
  return {
    schema: { type: ['string', 'null'], ...(maxLength === undefined ? {} : { maxLength }) },
    check: (_name, value, place) => requireText(value, place, maxLength),
  };
}

/** A text that is kept in lower case. */
export function lowerCaseText(maxLength: number): ValueKind {
  const { schema, check } = textValue(maxLength);
  return { schema, check: (name, value, place) => String(check(name, value, place)).toLowerCase() };
}

/** True or false, or a word for it. */
export const truthValue: ValueKind = {
  schema: { type: ['boolean', 'string', 'null'] },
  check(name, value, place) {
    if (typeof value !== 'string' && typeof value !== 'boolean') throw typeFault(value, place, ['string', 'boolean', 'null']);
    return requireBoolean(name, value);
  },
};

export const uuidValue: ValueKind = {
  schema: { type: ['string', 'null'], format: 'uuid' },
  check: (name, value, place) => requireUuid(name, requireText(value, place)),
};

export const macAddressValue: ValueKind = {
  schema: { type: 'string', description: 'a MAC address' },
  check: (name, value, place) => requireMacAddress(name, requireText(value, place)),
};

/** A whole number. */
export const integerValue: ValueKind = {
  schema: { type: 'integer' },
  check(_name, value, place) {
    if (typeof value !== 'number' || !Number.isInteger(value)) throw typeFault(value, place, ['integer']);
    // What both databases keep in a column of whole numbers.
    if (Math.abs(value) > 0x7f_ff_ff_ff) throw schemaFault(place.subject, `${value} is out of range`);
    return value;
  },
};

const LOGICAL_NAME = /^[A-Za-z0-9\-._~]{1,255}$/;

/** True for what a record may be called. Source: Ironic, ironic/api/controllers/v1/utils.py (is_valid_logical_name). */
function isLogicalName(name: string): boolean {
  return LOGICAL_NAME.test(name) && !isUuid(name);
}

/**
 * The name of a record. `noun` is what error texts call one: `portgroup`.
 * @param changeText what a patch with a bad name is told, where it is not the usual text
 */
export function logicalName(
  noun: string,
  changeText: (name: string, place: InputPlace) => string = (name) => `Cannot update ${noun} with invalid name '${name}'`,
): ValueKind {
  return {
    schema: { type: ['string', 'null'], maxLength: 255, pattern: '^[A-Za-z0-9._~-]+$' },
    check(_name, value, place) {
      const name = requireText(value, place);
      if (isLogicalName(name)) return name;
      throw faults.invalid(place.operation === 'create' ? `Cannot create ${noun} with invalid name '${name}'` : changeText(name, place));
    },
  };
}

/**
 * A record's UUID or name as a path gives it.
 * @throws RequestFault 404 for what can be neither.
 */
export function recordIdentifier(given: string, notFound: (identifier: string) => RequestFault): string {
  if (isUuid(given)) return given.toLowerCase();
  if (isLogicalName(given)) return given;
  throw notFound(given);
}

export const objectValue: ValueKind = {
  schema: { type: ['object', 'null'] },
  check(_name, value, place) {
    // A sealed document shows its shape only to its check: the secrets in it stay hidden behind the object that carries it.
    const document = Secret.is(value) ? value.reveal() : value;
    if (!isObject(document)) throw typeFault(value, place, ['object', 'null']);
    return value;
  },
};

/** @throws RequestFault 400 for what is no text or too long. */
export function requireText(value: Sealed, place: InputPlace, maxLength?: number): string {
  if (typeof value !== 'string') throw typeFault(value, place, ['string', 'null']);
  if (maxLength !== undefined && value.length > maxLength) throw schemaFault(place.subject, `${pythonScalar(value)} is too long`);
  return value;
}

function typeFault(value: Sealed, place: InputPlace, types: readonly string[]): Error {
  return schemaFault(place.subject, `${pythonScalar(value)} is not of type ${types.map((type) => `'${type}'`).join(', ')}`);
}

/** @throws RequestFault 400. */
export function requirePlainObject(value: Sealed, place: InputPlace): JsonObject {
  if (!isObject(value)) throw typeFault(value, place, ['object', 'null']);
  return value;
}
