import type { Sealed } from '@ferric/core';
import { pythonScalar, shortened } from '../http/python-text.js';
import { schemaFault, type ValueKind } from '../table/input.js';
import { STANDARD_TRAITS } from './standard-traits.js';

const CUSTOM = '^CUSTOM_[A-Z0-9_]+$';
const CUSTOM_TRAIT = new RegExp(CUSTOM);
const LONGEST = 255;

/**
 * A trait: a standard one, or one's own.
 * Source: Ironic, ironic/api/controllers/v1/utils.py (TRAITS_SCHEMA); recorded exchange 068.
 * @throws RequestFault 400 in the words of Ironic. `subject` is what the error text calls the checked thing.
 */
export function requireTrait(subject: string, value: Sealed): string {
  if (typeof value !== 'string') throw schemaFault(subject, `${pythonScalar(value)} is not of type 'string'`);
  if (value.length > LONGEST) throw schemaFault(subject, `${shortened(pythonScalar(value))} is too long`);
  if (CUSTOM_TRAIT.test(value) || STANDARD_TRAITS.has(value)) return value;
  const given = pythonScalar(value);
  throw schemaFault(subject, `${given} is not valid under any of the given schemas. Possible root cause: ${given} does not match '${CUSTOM}'`);
}

export const TRAIT_SCHEMA = { type: 'string', minLength: 1, maxLength: LONGEST, description: `A standard trait, or one that matches ${CUSTOM}.` } as const;

/** A field that holds one trait. */
export const traitValue: ValueKind = { schema: TRAIT_SCHEMA, check: (_name, value, place) => requireTrait(place.subject, value) };

/** A field that holds a list of traits; each counts once. */
export const traitListValue: ValueKind = {
  schema: { type: ['array', 'null'], items: TRAIT_SCHEMA },
  check(_name, value, place) {
    if (!Array.isArray(value)) throw schemaFault(place.subject, `${pythonScalar(value)} is not of type 'array', 'null'`);
    return [...new Set(value.map((trait: Sealed) => requireTrait(place.subject, trait)))];
  },
};
