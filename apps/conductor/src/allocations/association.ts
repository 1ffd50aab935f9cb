import type { StoredNode } from '../nodes/stored-node.js';
import type { Allocation } from '../resources/allocation.js';
import type { NodeUpdate, Transaction } from '../store/store.js';
import { nextAllocationState } from './allocation-state.js';

/**
 * Gives a node, which the transaction has locked, to an allocation that waits for one. All or nothing: allocation, node and history.
 * @throws RequestFault 409 when another node has the UUID of the allocation as its instance.
 */
export async function giveNode(transaction: Transaction, node: StoredNode, allocation: Allocation, actor: string): Promise<Allocation> {
  const state = nextAllocationState(allocation.state, 'given') ?? allocation.state;
  const given = await transaction.allocations.update(allocation.uuid, { state, nodeUuid: node.uuid, lastError: null });
  await transaction.nodes.update(node.uuid, {
    instanceUuid: allocation.uuid,
    allocationUuid: allocation.uuid,
    instanceInfo: { ...node.instanceInfo, traits: allocation.traits },
  });
  await transaction.events.append({
    nodeUuid: node.uuid, type: 'allocated', severity: 'INFO', message: `Given to allocation ${allocation.name ?? allocation.uuid}`,
    details: { allocation: allocation.uuid, name: allocation.name }, actor,
  });
  return given;
}

/** What a node forgets with its allocation. */
export function withoutAllocation(node: Pick<StoredNode, 'instanceInfo'>): NodeUpdate {
  const { traits: _traits, ...instanceInfo } = node.instanceInfo;
  return { instanceUuid: null, allocationUuid: null, instanceInfo };
}

/**
 * Deletes the allocation of a node, which the transaction has locked. What the node itself forgets is up to the caller.
 * Whoever takes both locks takes that of the node first.
 */
export async function endAllocation(transaction: Transaction, node: Pick<StoredNode, 'uuid'>, actor: string): Promise<void> {
  const allocation = await transaction.allocations.one({ nodeUuid: node.uuid });
  if (allocation === undefined) return;
  await transaction.allocations.delete(allocation.uuid);
  await transaction.events.append({
    nodeUuid: node.uuid, type: 'deallocated', severity: 'INFO', message: `Taken back from allocation ${allocation.name ?? allocation.uuid}`,
    details: { allocation: allocation.uuid, name: allocation.name }, actor,
  });
}
