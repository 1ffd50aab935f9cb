import { FerricError, invalidOptions, type JsonValue, printValue, Secret } from '@ferric/core';

/** What a column of either database holds. */
export type ColumnValue = string | number | null;

/** The column type that keeps a value: numbers and flags are integers, all else is text. */
export type ColumnOf<Value> = Value extends null ? null : Value extends number | boolean ? number : string;

/** `driverInfo` as its column is named: `driver_info`. */
export type SnakeCase<Text extends string> = Text extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : '';

/** How one field becomes one column and back, the same on both databases. */
export interface Codec<Value, Stored extends ColumnValue> {
  /**
   * @param place the field, for the message: `node.driver_info`.
   * @throws INVALID_OPTIONS for text that a database cannot hold; INTERNAL for a secret.
   */
  write(value: Value, place: string): Stored;
  read(stored: Stored): Value;
}

/** The codecs of a record: each field has one. */
export type Codecs<Fields> = { readonly [Field in keyof Fields]: Codec<Fields[Field], ColumnOf<Fields[Field]>> };

/** The column of a field. */
export function columnName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * True for text that both databases keep unchanged: PostgreSQL refuses U+0000, and neither can encode half a surrogate pair.
 * Source: PostgreSQL 15 documentation, chapter 8.3, Character Types.
 */
export function isStorableText(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0');
}

export function text<Value extends string>(): Codec<Value, string> {
  return {
    write(value, place) {
      if (typeof value !== 'string') throw misplaced(value, place);
      if (isStorableText(value)) return value;
      const expected = 'text without U+0000 and without halves of surrogate pairs';
      throw invalidOptions('Text', [{ field: place, problem: 'invalid', expected, received: printValue(value) }]);
    },
    read: (stored) => stored as Value,
  };
}

export function integer(): Codec<number, number> {
  return { write: (value) => value, read: (stored) => stored };
}

/** True and false as 1 and 0. */
export function flag(): Codec<boolean, number> {
  return { write: (value) => (value ? 1 : 0), read: (stored) => stored === 1 };
}

/** ISO 8601 in UTC with milliseconds, so that text order is time order. */
export function instant(): Codec<Date, string> {
  return { write: (value) => value.toISOString(), read: (stored) => new Date(stored) };
}

/** A JSON document without secrets. */
export function document<Value>(): Codec<Value, string> {
  return {
    write(value, place) {
      refuseSecrets(value, place);
      return JSON.stringify(value);
    },
    read: (stored) => JSON.parse(stored) as Value,
  };
}

export function optional<Value, Stored extends string | number>(codec: Codec<Value, Stored>): Codec<Value | null, Stored | null> {
  return {
    write: (value, place) => (value === null ? null : codec.write(value, place)),
    read: (stored) => (stored === null ? null : codec.read(stored)),
  };
}

/** A document that holds dates, such as the work of a node: they are kept as ISO text and made dates again. */
export function documentWithDates<Value extends object>(dateKeys: readonly (string & keyof Value)[]): Codec<Value, string> {
  const plain = document<Value>();
  return {
    write: (value, place) => plain.write(value, place),
    read(stored) {
      const value = plain.read(stored) as Record<string, unknown>;
      for (const key of dateKeys) value[key] = new Date(value[key] as string);
      return value as Value;
    },
  };
}

/**
 * Makes sure that a value is free of secrets: they may be kept in the column `secrets` of a node and nowhere else.
 * @throws INTERNAL naming the place of the secret, never its value.
 */
export function refuseSecrets(value: unknown, place: string): void {
  if (Secret.is(value)) throw misplaced(value, place);
  if (typeof value !== 'object' || value === null || value instanceof Date) return;
  for (const [key, item] of Object.entries(value as Record<string, JsonValue>)) {
    if (typeof item === 'object' && item !== null) refuseSecrets(item, `${place}/${key}`);
  }
}

function misplaced(value: unknown, place: string): FerricError {
  const what = Secret.is(value) ? 'A secret' : `A value of type ${typeof value}`;
  return new FerricError('INTERNAL', `${what} was about to be written to ${place}, which does not take it`, { details: { place } });
}
