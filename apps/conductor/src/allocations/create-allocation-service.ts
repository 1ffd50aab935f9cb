import { randomUUID } from 'node:crypto';
import { isUuid, UPDATE_ALLOWED_STATES } from '@ferric/core';
import { faults } from '../fault.js';
import type { Requester } from '../nodes/node-service.js';
import { actorOf } from '../nodes/requester.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { EMPTY_ALLOCATION, type Allocation } from '../resources/allocation.js';
import { createRecordService } from '../resources/record-service.js';
import type { NewRecord } from '../store/record-rows.js';
import type { Store } from '../store/store.js';
import type { AllocationCreation, AllocationService } from './allocation-service.js';
import { createAllocator, type AllocationContext } from './allocator.js';
import { endAllocation, giveNode, withoutAllocation } from './association.js';
import { checkBackfill } from './backfilling.js';

/** The service of allocations on a store. */
export function createAllocationService(context: AllocationContext): AllocationService {
  const { store, locks, clock } = context;
  const allocator = createAllocator(context);
  const { find, update } = createRecordService<Allocation>(
    { store, clock },
    {
      writer: (transaction) => transaction.allocations,
      reader: store.allocations,
      findByName: (name) => store.allocations.one({ name }),
      notFound: faults.allocationNotFound,
      empty: EMPTY_ALLOCATION,
    },
  );

  const ofNode = async (identifier: string): Promise<Allocation> => {
    const node = await findNode(store, identifier);
    if (node === undefined) throw faults.nodeNotFound(identifier);
    const allocation = await store.allocations.one({ nodeUuid: node.uuid });
    if (allocation === undefined) throw faults.nodeNotAllocated(identifier);
    return allocation;
  };

  /** False when it was given a node meanwhile, whose lock must be taken. */
  const deleteWithoutNode = (uuid: string): Promise<boolean> =>
    store.write(async (transaction) => {
      const present = await transaction.allocations.getForUpdate(uuid);
      if (present === undefined) throw faults.allocationNotFound(uuid);
      if (present.nodeUuid !== null) return false;
      await transaction.allocations.delete(uuid);
      return true;
    });

  const deleteWithNode = (uuid: string, nodeUuid: string, requester: Requester): Promise<void> =>
    locks.change(
      nodeUuid,
      async (transaction, node) => {
        if ((await transaction.allocations.one({ nodeUuid }))?.uuid !== uuid) throw faults.allocationNotFound(uuid);
        checkDeallocation(node, uuid);
        await endAllocation(transaction, node, actorOf(requester));
        await transaction.nodes.update(nodeUuid, withoutAllocation(node));
      },
      requester.signal,
    );

  const deleteAllocation = async (uuid: string, nodeUuid: string | null, requester: Requester): Promise<void> => {
    if (nodeUuid !== null) return deleteWithNode(uuid, nodeUuid, requester);
    if (await deleteWithoutNode(uuid)) return;
    // An allocation gets one node in its life, so there is no third case.
    const given = await find(uuid);
    await deleteAllocation(uuid, given.nodeUuid, requester);
  };

  return {
    find,
    update,
    ofNode,

    async create(creation, requester) {
      const { record, node } = await readCreation(context, creation);
      if (node === undefined) {
        const waiting = await store.write((transaction) => transaction.allocations.insert(record));
        allocator.start(record.uuid, actorOf(requester));
        return waiting;
      }
      return locks.change(
        node.uuid,
        async (transaction, current) => {
          checkBackfill(current, record);
          return giveNode(transaction, current, await transaction.allocations.insert(record), actorOf(requester));
        },
        requester.signal,
      );
    },

    async delete(identifier, requester) {
      const { uuid, nodeUuid } = await find(identifier);
      await deleteAllocation(uuid, nodeUuid, requester);
    },

    async deleteOfNode(identifier, requester) {
      const { uuid, nodeUuid } = await ofNode(identifier);
      await deleteAllocation(uuid, nodeUuid, requester);
    },

    resume: () => allocator.resume(),
  };
}

/** The record of a new allocation, and the node that it is written down for. @throws RequestFault 400. */
async function readCreation(
  { store, clock }: AllocationContext,
  { node: identifier, ...fields }: AllocationCreation,
): Promise<{ readonly record: NewRecord<Allocation>; readonly node: StoredNode | undefined }> {
  const node = identifier === undefined ? undefined : await findNode(store, identifier);
  if (identifier !== undefined && node === undefined) throw faults.nodeNotFoundInBody(identifier);
  const asked = fields.resourceClass === '' ? null : fields.resourceClass;
  const resourceClass = asked ?? node?.resourceClass ?? null;
  if (resourceClass === null && node === undefined) throw faults.resourceClassMissing();
  const candidateNodes = await findCandidates(store, fields.candidateNodes ?? []);
  // A node that was deployed without an allocation may have an instance already, whose UUID becomes that of the allocation too.
  const uuid = fields.uuid ?? node?.instanceUuid ?? randomUUID();
  return { node, record: { ...EMPTY_ALLOCATION, ...fields, uuid, resourceClass, candidateNodes, createdAt: clock.now() } };
}

async function findNode(store: Store, identifier: string): Promise<StoredNode | undefined> {
  return isUuid(identifier) ? store.nodes.get(identifier.toLowerCase()) : store.nodes.getByName(identifier);
}

/** UUIDs of the nodes that were named. @throws RequestFault 400 naming all that are not there. */
async function findCandidates(store: Store, identifiers: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  const missing: string[] = [];
  for (const identifier of new Set(identifiers)) {
    const node = await findNode(store, identifier);
    if (node === undefined) missing.push(identifier);
    else found.push(node.uuid);
  }
  if (missing.length > 0) throw faults.nodesNotFoundInBody(missing);
  return [...new Set(found)];
}

/** @throws RequestFault 409 for a node in use, unless it is in maintenance. Source: Ironic, ironic/conductor/allocations.py (verify_node_for_deallocation). */
function checkDeallocation(node: StoredNode, allocationUuid: string): void {
  if (node.maintenance) return;
  if (node.targetProvisionState !== null && !UPDATE_ALLOWED_STATES.has(node.provisionState)) {
    throw faults.deallocationInState(allocationUuid, node.uuid, node.provisionState);
  }
  if (node.provisionState === 'active') throw faults.deallocationOfActive(allocationUuid, node.uuid);
}
