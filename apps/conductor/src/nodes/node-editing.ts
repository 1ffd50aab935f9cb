import { INTERFACE_CHANGE_ALLOWED_STATES, UPDATE_ALLOWED_STATES, type InterfaceName, type NodeInterfaces, type ProvisionState } from '@ferric/core';
import { withoutAllocation } from '../allocations/association.js';
import type { Registry } from '../compose/registry.js';
import { faults } from '../fault.js';
import type { NodeUpdate } from '../store/store.js';
import { chooseInterfaces, resolveDriver } from './node-creation.js';
import type { NodeEdit } from './node-service.js';
import type { StoredNode } from './stored-node.js';

/** First microversion (N of 1.N) that tells `inspect wait` from `inspecting`. */
const INSPECT_WAIT_SINCE = 39;

/**
 * Whether a node may be changed now at all.
 * @throws RequestFault 409 while work leads the node somewhere.
 */
export function checkUpdateAllowed(node: StoredNode, version: number, edit?: NodeEdit): void {
  if (node.targetProvisionState === null && node.targetPowerState === null) return;
  const removesInstance = node.maintenance && edit?.fields.instanceUuid === null;
  const allowed = UPDATE_ALLOWED_STATES.has(node.provisionState) && (node.provisionState !== 'inspecting' || version < INSPECT_WAIT_SINCE);
  if (!allowed && !removesInstance) throw faults.updateDuringTransition(node.uuid, node.targetPowerState ?? node.provisionState);
}

/**
 * The record changes of an edit.
 * Source: Ironic, NodesController.patch and ConductorManager.update_node.
 * @throws RequestFault 400 or 409, INVALID_OPTIONS for interfaces that cannot be used.
 */
export function applyEdit(registry: Registry, node: StoredNode, edit: NodeEdit, resetInterfaces: boolean): NodeUpdate {
  checkFields(node, edit);
  const resolved = resolveDriver(registry, edit.driver ?? node.driver, edit.fields.conductorGroup ?? node.conductorGroup);
  const driverChanged = resolved.type.name !== node.driver;
  if (resetInterfaces && !driverChanged) {
    throw faults.invalid('The reset_interfaces parameter can only be used when changing the driver.');
  }
  if (driverChanged && node.consoleEnabled) throw faults.conflict(`Cannot change the driver of node ${node.uuid} while its console is enabled.`);
  const kept = resetInterfaces ? {} : node.interfaces;
  const touched = driverChanged || Object.keys(edit.interfaces).length > 0;
  const interfaces = touched ? chooseInterfaces(registry, resolved, { ...kept, ...edit.interfaces }) : node.interfaces;
  if (differs(interfaces, node.interfaces)) checkInterfaceChange(node);
  return {
    ...edit.fields,
    ...(driverChanged ? { driver: resolved.type.name } : {}),
    ...(touched ? { interfaces } : {}),
    ...consequences(node, edit),
  };
}

/** What changes because of what the client changed. */
function consequences(node: StoredNode, edit: NodeEdit): NodeUpdate {
  const { instanceInfo = node.instanceInfo, maintenance } = edit.fields;
  return {
    ...(endsAllocation(node, edit) ? withoutAllocation({ instanceInfo }) : {}),
    ...(maintenance === false ? { maintenanceReason: null, fault: null } : {}),
  };
}

/** Taking the instance away from a node takes it back from its allocation, which ends. Source: Ironic, ConductorManager.update_node. */
export function endsAllocation(node: Pick<StoredNode, 'allocationUuid'>, { fields }: NodeEdit): boolean {
  return fields.instanceUuid === null && node.allocationUuid !== null;
}

function differs(a: NodeInterfaces, b: NodeInterfaces): boolean {
  return (Object.keys(a) as InterfaceName[]).some((name) => a[name] !== b[name]);
}

function checkInterfaceChange(node: StoredNode): void {
  if (node.maintenance || INTERFACE_CHANGE_ALLOWED_STATES.has(node.provisionState)) return;
  const states = [...INTERFACE_CHANGE_ALLOWED_STATES].map((state) => `'${state}'`).join(', ');
  throw faults.invalid(
    `Cannot update the interfaces of node ${node.uuid}: it must be in one of [${states}] or in maintenance, it is in state "${node.provisionState}".`,
  );
}

const PROTECTABLE_STATES: ReadonlySet<ProvisionState> = new Set(['active', 'rescue']);

function checkFields(node: StoredNode, { fields }: NodeEdit): void {
  checkInstance(node, fields.instanceUuid);
  if (fields.resourceClass !== undefined && fields.resourceClass !== node.resourceClass && PROTECTABLE_STATES.has(node.provisionState)) {
    throw faults.invalid(`Cannot update resource_class of node ${node.uuid} while it is in state "${node.provisionState}".`);
  }
  if (fields.protected === true && !node.protected && !PROTECTABLE_STATES.has(node.provisionState)) {
    throw faults.invalid(`Node ${node.uuid} cannot be protected in state "${node.provisionState}": only active and rescued nodes can.`);
  }
  if (fields.retired === true && !node.retired && node.provisionState === 'available') {
    throw faults.invalid(`Node ${node.uuid} cannot be retired while it is available; move it to manageable first.`);
  }
}

function checkInstance(node: StoredNode, instanceUuid: string | null | undefined): void {
  if (typeof instanceUuid === 'string' && node.instanceUuid !== null && instanceUuid !== node.instanceUuid) {
    throw faults.instanceUuidSet(node.uuid, node.instanceUuid);
  }
  if (instanceUuid === null && node.allocationUuid !== null && !node.maintenance && !INTERFACE_CHANGE_ALLOWED_STATES.has(node.provisionState)) {
    throw faults.instanceOfAllocation(node.uuid, [...INTERFACE_CHANGE_ALLOWED_STATES]);
  }
}
