import type { JsonObject, JsonValue, SecretKeyTest } from '@ferric/core';
import type { ArgumentTable } from '../http/arguments.js';
import { MAXIMUM_VERSION } from '../http/versions.js';
import type { InputRule } from './input.js';

/** What showing a record needs besides the record. */
export interface View {
  /** Base of all links. */
  readonly base: string;
  /** Name of this conductor. */
  readonly hostname: string;
  readonly isSecretKey: (driverName: string) => SecretKeyTest;
}

/** A value that older versions know by another name. */
export interface OlderValue {
  /** Applies to versions before this one. */
  readonly before: number;
  readonly value: JsonValue;
  readonly shownAs: JsonValue;
}

/** One field of a resource: the one place that says what the API does with it. */
export interface Field<Model> {
  /** Name on the wire. */
  readonly name: string;
  /** First minor version that has it: absent from answers before, refused with 406 in requests. */
  readonly since: number;
  readonly description: string;
  /** JSON Schema of the shown value. */
  readonly schema: JsonObject;
  /** Members of the record that {@link Field.show} reads. The first is the one that input sets. */
  readonly columns: readonly (keyof Model & string)[];
  show(record: Model, view: View): JsonValue;
  /** A list of links: always part of an answer when `always`, otherwise only of a whole record; `fields=` cannot name it. */
  readonly links?: 'always' | 'whole record';
  /** Member of the record that lists are sorted by when `sort_key` names this field. */
  readonly sortKey?: keyof Model & string;
  readonly older?: readonly OlderValue[];
  /** How clients set it; absent: they cannot. */
  readonly input?: InputRule;
}

/** A resource: its names, its fields in the order in which they are shown, and what its lists are narrowed by. */
export interface ResourceTable<Model, Filters extends ArgumentTable = ArgumentTable> {
  /** As error texts name it: `node`. */
  readonly name: string;
  /** As paths and lists name it: `nodes`. */
  readonly collection: string;
  readonly fields: readonly Field<Model>[];
  /** Arguments by which lists are narrowed; their `since` may be later than that of the field of the same name. */
  readonly filters: Filters;
  /** Names of the fields of a list that asks for none, in the order in which `next` links name them. */
  readonly summary: readonly string[];
  /** First minor version that reads `fields`. Default 8. */
  readonly fieldsSince?: number;
  /** First minor version that reads `detail`. Default 43. */
  readonly detailSince?: number;
  /** Error text for `fields` together with `detail`. Default: that of most resources. */
  readonly fieldsWithDetail?: string;
  /** Error text for `fields=` naming what does not exist. Default: that of most resources. */
  readonly unknownFields?: (names: readonly string[]) => string;
}

/** First minor version in which clients may name the fields they want, where a table does not say otherwise. */
export const FIELDS_SINCE = 8;
export const DETAIL_SINCE = 43;

/** Makes a table of the fields that exist up to the maximum version: later ones wait for it to be raised. Filters left out: nothing narrows its lists. */
export function defineTable<Model, Filters extends ArgumentTable = ArgumentTable>(
  table: Omit<ResourceTable<Model, Filters>, 'filters'> & { readonly filters?: Filters },
): ResourceTable<Model, Filters> {
  return { ...table, filters: table.filters ?? ({} as Filters), fields: table.fields.filter((field) => field.since <= MAXIMUM_VERSION) };
}

export function findField<Model>(table: ResourceTable<Model>, name: string): Field<Model> | undefined {
  return table.fields.find((field) => field.name === name);
}
