import { FerricError, type JsonObject, type JsonValue, printValue } from '@ferric/core';

// Controllers leave properties out, give null for them, and write numbers as texts. All that is tolerated; another kind of value is not.

/** Where a value stands, for the error when it is none: the resource and the property. */
export interface Place {
  readonly resource: string;
  readonly property: string;
}

/** Reads the properties of one object of a resource. Undefined stands for absent and for null, blank texts are undefined too. */
export interface Reader {
  /** The object itself. */
  readonly object: JsonObject;
  text(name: string): string | undefined;
  /** @throws PROTOCOL_FAULT when it is absent */
  requiredText(name: string): string;
  /** A number, also one written as a text. */
  number(name: string): number | undefined;
  integer(name: string): number | undefined;
  boolean(name: string): boolean | undefined;
  /** A list of texts; other members of the list are left out. Empty when absent. */
  texts(name: string): readonly string[];
  /** The object below; an empty one when absent. */
  child(name: string): Reader;
  /** The objects of a list; a single object counts as a list of one. Empty when absent. */
  children(name: string): readonly Reader[];
}

/** @param resource path of the resource, @param prefix property that leads to the object: `Boot.` */
export function reader(object: JsonObject, resource: string, prefix = ''): Reader {
  const place = (name: string): Place => ({ resource, property: `${prefix}${name}` });
  const value = (name: string): JsonValue | undefined => valueOf(object, name);
  const self: Reader = {
    object,
    text: (name) => toText(value(name), place(name)),
    requiredText: (name) => toText(value(name), place(name)) ?? raise(place(name), 'a text', value(name)),
    number: (name) => toNumber(value(name), place(name)),
    integer(name) {
      const found = self.number(name);
      if (found === undefined || Number.isInteger(found)) return found;
      return raise(place(name), 'a whole number', found);
    },
    boolean: (name) => toBoolean(value(name), place(name)),
    texts: (name) => listOf(value(name), place(name)).filter((item) => typeof item === 'string'),
    child(name) {
      const found = value(name);
      if (found === undefined || found === null) return reader({}, resource, `${prefix}${name}.`);
      return isObject(found) ? reader(found, resource, `${prefix}${name}.`) : raise(place(name), 'an object', found);
    },
    children(name) {
      const found = value(name);
      const list = isObject(found) ? [found] : listOf(found, place(name));
      return list.flatMap((item, index) => (isObject(item) ? [reader(item, resource, `${prefix}${name}[${index}].`)] : []));
    },
  };
  return self;
}

/** The property of this very object: what is inherited, such as `constructor`, is none. */
export function valueOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** PROTOCOL_FAULT for a value that is not what it should be. */
export function unexpectedValue({ resource, property }: Place, expected: string, received: unknown): FerricError {
  return new FerricError('PROTOCOL_FAULT', `${property} of ${resource} is not ${expected}`, {
    details: { resource, property, expected, received: received === undefined ? 'nothing' : printValue(received) },
    hint: 'The firmware of the controller may be too old or too new; look at the resource itself.',
  });
}

function raise(place: Place, expected: string, received: unknown): never {
  throw unexpectedValue(place, expected, received);
}

function toText(value: JsonValue | undefined, place: Place): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return raise(place, 'a text', value);
  const text = value.trim();
  return text === '' ? undefined : text;
}

function toNumber(value: JsonValue | undefined, place: Place): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^\s*[+-]?\d+(?:\.\d+)?\s*$/.test(value)) return Number(value);
  return raise(place, 'a number', value);
}

function toBoolean(value: JsonValue | undefined, place: Place): boolean | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
  return word === 'true' || word === 'false' ? word === 'true' : raise(place, 'true or false', value);
}

function listOf(value: JsonValue | undefined, place: Place): readonly JsonValue[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly JsonValue[]) : raise(place, 'a list', value);
}
