import { maskSealed, revealSealed, sealSecrets, type JsonValue, type Sealed } from '@ferric/core';
import { applyPatch } from './apply-patch.js';
import { findField, type Field, type ResourceTable } from './field.js';
import type { InputValues } from './input.js';
import type { PatchOperation } from './patch.js';
import { restoreMasked } from './restore-masked.js';

/** The member of the record that input of this field sets. */
function memberOf<Model>(table: ResourceTable<Model>, name: string): string {
  return findField(table, name)?.columns[0] ?? name;
}

/** What hides the secrets of a field; undefined for one that has none. */
function sealOf<Model>(field: Field<Model> | undefined): ((value: JsonValue) => Sealed) | undefined {
  return field?.input?.sealed === true ? (field.input.seal ?? ((value) => sealSecrets(value))) : undefined;
}

/** The members of a new record from checked values; secrets are hidden one by one. */
export function toCreation<Model>(table: ResourceTable<Model>, values: InputValues): Partial<Model> {
  const entries = [...values].map(([name, value]) => {
    const seal = sealOf(findField(table, name));
    return [memberOf(table, name), seal === undefined ? value : seal(revealSealed(value))];
  });
  return Object.fromEntries(entries) as Partial<Model>;
}

/**
 * What a patch makes of a record. Pure: the same record gives the same edit. A secret that comes back as it was shown stays.
 * @throws RequestFault 400 for an operation that cannot be applied or a value that is not accepted.
 */
export function toEdit<Model extends { readonly uuid: string }>(
  table: ResourceTable<Model>,
  operations: readonly PatchOperation[],
  present: Model,
  version: number,
): Partial<Model> {
  const keptOf = (name: string): Sealed => (present as Readonly<Record<string, Sealed>>)[memberOf(table, name)] ?? null;
  const values = applyPatch(table, operations, version, (name) => revealSealed(keptOf(name)), present.uuid);
  const entries = [...values].map(([name, value]) => {
    const seal = sealOf(findField(table, name));
    if (seal === undefined) return [memberOf(table, name), value];
    const kept = keptOf(name);
    const restored: JsonValue = restoreMasked(revealSealed(value), maskSealed(kept), kept);
    return [memberOf(table, name), seal(restored)];
  });
  return Object.fromEntries(entries) as Partial<Model>;
}
