import { randomUUID } from 'node:crypto';
import type { FoundPort, NodeChanges, Sealed } from '@ferric/core';
import type { NodeUpdate, Transaction } from '../store/store.js';
import { EMPTY_PORT } from './create-port-service.js';
import type { StoredNode } from './stored-node.js';

/** What a strategy wants changed in the record itself, merged key by key; null removes a key. */
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

/** Writes what a strategy found besides the record: ports and inventory. */
export async function keepFindings(transaction: Transaction, node: StoredNode, changes: NodeChanges | undefined, actor: string, at: Date): Promise<void> {
  for (const port of changes?.ports ?? []) await addPort(transaction, node, port, actor, at);
  if (changes?.inventory !== undefined) await transaction.inventories.put(node.uuid, changes.inventory);
}

/** A port that some node has already stays where it is: an inspection must not take a port away from another machine. */
async function addPort(transaction: Transaction, node: StoredNode, { address, pxeEnabled }: FoundPort, actor: string, at: Date): Promise<void> {
  const known = await transaction.ports.list({ address }, { sortKey: 'id', sortDirection: 'asc', limit: 1 });
  const owner = known?.[0];
  if (owner?.nodeUuid === node.uuid) return;
  if (owner !== undefined) {
    await transaction.events.append({
      nodeUuid: node.uuid, type: 'work-progressed', severity: 'WARNING', actor, details: { address, node: owner.nodeUuid },
      message: `The inspection found port ${address}, which belongs to node ${owner.nodeUuid} already; it stays there`,
    });
    return;
  }
  const port = await transaction.ports.insert({
    ...EMPTY_PORT, uuid: randomUUID(), nodeUuid: node.uuid, address, pxeEnabled, createdAt: at,
  });
  await transaction.events.append({
    nodeUuid: node.uuid, type: 'port-created', severity: 'INFO', actor, details: { port: port.uuid, address }, message: `Port ${address} was found by an inspection`,
  });
}
