import { randomUUID } from 'node:crypto';
import type { FoundPort, JsonObject, NodeChanges, Sealed } from '@ferric/core';
import type { NodeUpdate, Transaction } from '../store/store.js';
import { EMPTY_PORT } from '../resources/port-service.js';
import type { StoredNode } from './stored-node.js';

/** What work wants changed on a node: what a strategy wants, and what a device changed at its controller. */
export interface RecordChanges extends NodeChanges {
  /** Merged key by key; null removes a key. */
  readonly driverInfo?: { readonly [key: string]: Sealed };
}

/** What is wanted changed in the record itself, merged key by key; null removes a key. */
export function applyNodeChanges(node: StoredNode, changes: RecordChanges | undefined): NodeUpdate {
  if (changes === undefined) return {};
  return {
    ...(changes.driverInfo === undefined ? {} : { driverInfo: merge(node.driverInfo, changes.driverInfo) }),
    ...(changes.properties === undefined ? {} : { properties: merge(node.properties, changes.properties) }),
    ...(changes.instanceInfo === undefined ? {} : { instanceInfo: merge(node.instanceInfo, changes.instanceInfo) }),
    ...(changes.raidConfig === undefined ? {} : { raidConfig: changes.raidConfig }),
    ...(changes.driverInternalInfo === undefined ? {} : { driverInternalInfo: merge(node.driverInternalInfo, changes.driverInternalInfo) }),
  };
}

function merge<T extends Sealed>(before: Readonly<Record<string, T>>, changes: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null));
}

/** Ports or port groups with what becomes of their internal_info. */
export function withInternalInfo<Record_ extends { readonly uuid: string; readonly internalInfo: JsonObject }>(
  records: readonly Record_[],
  changes: NodeChanges['portInfo'],
): readonly Record_[] {
  return records.map((record) => {
    const info = changes?.[record.uuid];
    return info === undefined ? record : { ...record, internalInfo: merge(record.internalInfo, info) };
  });
}

/** Writes what a strategy found or changed besides the record of the node: ports, their internal_info, and inventory. */
export async function keepFindings(transaction: Transaction, node: StoredNode, changes: NodeChanges | undefined, actor: string, at: Date): Promise<void> {
  for (const port of changes?.ports ?? []) await addPort(transaction, node, port, actor, at);
  await keepInternalInfo(transaction.ports, node, changes?.portInfo);
  await keepInternalInfo(transaction.portgroups, node, changes?.portgroupInfo);
  if (changes?.inventory !== undefined) await transaction.inventories.put(node.uuid, changes.inventory);
}

/** Ports and port groups, as far as their internal_info goes. */
interface InternalInfoWriter {
  getForUpdate(uuid: string): Promise<{ readonly nodeUuid: string; readonly internalInfo: JsonObject } | undefined>;
  update(uuid: string, changes: { readonly internalInfo: JsonObject }): Promise<unknown>;
}

/** What is gone by now, or belongs to another node, is left alone. */
async function keepInternalInfo(writer: InternalInfoWriter, node: StoredNode, changes: NodeChanges['portInfo']): Promise<void> {
  for (const [uuid, info] of Object.entries(changes ?? {})) {
    const present = await writer.getForUpdate(uuid);
    if (present?.nodeUuid === node.uuid) await writer.update(uuid, { internalInfo: merge(present.internalInfo, info) });
  }
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
