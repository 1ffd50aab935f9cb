import { DELETE_ALLOWED_STATES } from '@ferric/core';
import { faults } from '../fault.js';
import type { StoredNode } from './stored-node.js';

/**
 * Whether a node may be deleted.
 * Source: Ironic, ConductorManager.destroy_node.
 * @throws RequestFault 403 when protected, 409 in a wrong state.
 */
export function checkDeletable(node: StoredNode): void {
  if (node.protected) throw faults.protectedNode(node.uuid);
  if (node.maintenance) return;
  if (node.instanceUuid !== null) throw faults.deleteAssociated(node.uuid, node.instanceUuid);
  if (!DELETE_ALLOWED_STATES.has(node.provisionState)) throw faults.deleteInState(node.uuid, node.provisionState);
}
