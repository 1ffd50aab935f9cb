import { revealSealed, sealSecrets, type InterfaceName, type JsonValue, type Sealed, type SealedObject, type SecretKeyTest } from '@ferric/core';
import type { EditableNodeFields, NodeCreation, NodeEdit } from '../../nodes/node-service.js';
import type { StoredNode } from '../../nodes/stored-node.js';
import { applyPatch } from '../table/apply-patch.js';
import { findField } from '../table/field.js';
import type { InputValues } from '../table/input.js';
import type { PatchOperation } from '../table/patch.js';
import { restoreMasked } from '../table/restore-masked.js';
import { INTERFACE_FIELDS, NODE_TABLE, SHOWN_DOCUMENTS } from './node-fields.js';

/** Which keys of driver_info are secret, by driver. */
export type SecretKeys = (driverName: string) => SecretKeyTest;

/** Fields that are no members of {@link EditableNodeFields}. */
const APART: ReadonlySet<string> = new Set(['uuid', 'driver', ...INTERFACE_FIELDS.keys()]);

/** A creation from checked values. */
export function toNodeCreation(values: InputValues, isSecretKey: SecretKeys): NodeCreation {
  const driver = values.get('driver') as string;
  const uuid = values.get('uuid') as string | undefined;
  const named = [...values].filter(([name, value]) => INTERFACE_FIELDS.has(name) && value !== '');
  return {
    driver,
    ...(uuid === undefined ? {} : { uuid }),
    interfaces: toInterfaces(named) as NodeCreation['interfaces'],
    fields: toFields(values, (_name, value) => sealSecrets(value, isSecretKey(driver))),
  };
}

/**
 * What a patch makes of a node. Pure: the same node gives the same edit.
 * @throws RequestFault 400 for an operation that cannot be applied or a value that is not accepted.
 */
export function toNodeEdit(operations: readonly PatchOperation[], node: StoredNode, version: number, isSecretKey: SecretKeys): NodeEdit {
  const values = applyPatch(NODE_TABLE, operations, version, (name) => presentValue(name, node));
  const driver = values.get('driver') as string | undefined;
  return {
    ...(driver === undefined ? {} : { driver }),
    interfaces: toInterfaces([...values].filter(([name]) => INTERFACE_FIELDS.has(name))),
    fields: toFields(values, (name, value) => sealSecrets(keepMasked(name, value, node, isSecretKey), isSecretKey(driver ?? node.driver))),
  };
}

/** The fields among the values; `seal` hides the secrets of documents that hold some. */
function toFields(values: InputValues, seal: (name: string, value: JsonValue) => Sealed): Partial<EditableNodeFields> {
  const entries = [...values]
    .filter(([name]) => !APART.has(name))
    .map(([name, value]) => {
      const field = findField(NODE_TABLE, name);
      return [field?.columns[0] ?? name, field?.input?.sealed === true ? seal(name, revealSealed(value)) : value] as const;
    });
  return Object.fromEntries(entries) as Partial<EditableNodeFields>;
}

function toInterfaces(entries: readonly (readonly [string, Sealed])[]): Partial<Record<InterfaceName, string | null>> {
  return Object.fromEntries(entries.map(([name, value]) => [INTERFACE_FIELDS.get(name) as InterfaceName, value === '' ? null : (value as string | null)]));
}

/** The present value of a field in clear, for the patch to be applied to. */
function presentValue(name: string, node: StoredNode): JsonValue {
  const interfaceName = INTERFACE_FIELDS.get(name);
  if (interfaceName !== undefined) return node.interfaces[interfaceName];
  const member = findField(NODE_TABLE, name)?.columns[0];
  return member === undefined ? null : revealSealed(node[member] as Sealed);
}

function keepMasked(name: string, value: JsonValue, node: StoredNode, isSecretKey: SecretKeys): JsonValue {
  const kept = node[findField(NODE_TABLE, name)?.columns[0] ?? 'driverInfo'] as SealedObject;
  const shown = SHOWN_DOCUMENTS[name as keyof typeof SHOWN_DOCUMENTS](kept, isSecretKey(node.driver));
  return restoreMasked(value, shown, kept);
}
