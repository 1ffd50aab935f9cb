import type { NodeChanges, Sealed } from '@ferric/core';
import type { NodeUpdate } from '../store/store.js';
import type { StoredNode } from './stored-node.js';

/** What a strategy wants changed, merged into the record key by key; null removes a key. */
export function applyNodeChanges(node: StoredNode, changes: NodeChanges | undefined): NodeUpdate {
  if (changes === undefined) return {};
  return {
    ...(changes.properties === undefined ? {} : { properties: merge(node.properties, changes.properties) }),
    ...(changes.instanceInfo === undefined ? {} : { instanceInfo: merge(node.instanceInfo, changes.instanceInfo) }),
    ...(changes.driverInternalInfo === undefined ? {} : { driverInternalInfo: merge(node.driverInternalInfo, changes.driverInternalInfo) }),
  };
}

function merge<T extends Sealed>(before: Readonly<Record<string, T>>, changes: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null));
}
