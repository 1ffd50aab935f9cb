import type { JsonObject, JsonValue } from '@ferric/core';
import type { Field, ResourceTable, View } from './field.js';
import { selectedFields, type Selection } from './selection.js';

/** Shows records of one resource in one version with one selection of fields. */
export interface Presenter<Model> {
  /** Members of the record that are read; a list need not load any other. */
  readonly columns: readonly (keyof Model & string)[];
  present(record: Model, view: View): JsonObject;
}

/** Presenters that are kept. A client that asks for ever new combinations of fields only makes older ones be built again. */
const KEPT = 256;

/** Hands out presenters, each built once. `always` are columns that every list needs, such as the marker. */
export function presentersOf<Model>(
  table: ResourceTable<Model>,
  always: readonly (keyof Model & string)[],
): (version: number, selection: Selection) => Presenter<Model> {
  const kept = new Map<string, Presenter<Model>>();
  return (version, selection) => {
    const key = `${version} ${typeof selection === 'string' ? selection : selection.join(',')}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = makePresenter(selectedFields(table, selection, version), version, always);
    if (kept.size >= KEPT) kept.delete(kept.keys().next().value as string);
    kept.set(key, made);
    return made;
  };
}

/** A presenter of some named fields and nothing else, for documents that are views of a resource. Built once per version. */
export function viewPresenters<Model>(table: ResourceTable<Model>, names: readonly string[]): (version: number) => Presenter<Model> {
  const kept = new Map<number, Presenter<Model>>();
  return (version) => {
    const known = kept.get(version);
    if (known !== undefined) return known;
    const fields = names.flatMap((name) => table.fields.filter((field) => field.name === name && field.since <= version));
    const made = makePresenter(fields, version, []);
    kept.set(version, made);
    return made;
  };
}

function makePresenter<Model>(fields: readonly Field<Model>[], version: number, always: readonly (keyof Model & string)[]): Presenter<Model> {
  const shown = fields.map((field) => ({ name: field.name, show: showIn(field, version) }));
  return {
    columns: [...new Set([...always, ...fields.flatMap((field) => field.columns)])],
    present(record, view) {
      const document: { [name: string]: JsonValue } = {};
      for (const { name, show } of shown) document[name] = show(record, view);
      return document;
    },
  };
}

function showIn<Model>(field: Field<Model>, version: number): Field<Model>['show'] {
  const older = field.older?.filter(({ before }) => version < before) ?? [];
  if (older.length === 0) return (record, view) => field.show(record, view);
  return (record, view) => {
    const value = field.show(record, view);
    const mapped = older.find((each) => each.value === value);
    return mapped === undefined ? value : mapped.shownAs;
  };
}
