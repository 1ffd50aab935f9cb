import { isEmptyImplementation, type Port, type Portgroup, type ProvisionState } from '@ferric/core';
import { faults } from '../fault.js';
import { vifOf } from '../networks/vif-places.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import type { Transaction } from '../store/store.js';
import { createNodeRecordService, type RecordChange } from './node-record-service.js';
import type { RecordService } from './record-service.js';

/** What a new port holds in the fields that its creator left out. */
export const EMPTY_PORT: Omit<Port, 'uuid' | 'nodeUuid' | 'address' | 'createdAt' | 'updatedAt'> = {
  name: null,
  description: null,
  pxeEnabled: true,
  localLinkConnection: {},
  physicalNetwork: null,
  portgroupUuid: null,
  isSmartnic: false,
  extra: {},
  internalInfo: {},
};

export function createPortService(context: ConductorContext): RecordService<Port> {
  return createNodeRecordService<Port>(context, {
    writer: (transaction) => transaction.ports,
    reader: context.store.ports,
    notFound: faults.portNotFound,
    empty: { ...EMPTY_PORT, address: '' },
    title: (port) => `Port ${port.address}`,
    events: { created: 'port-created', updated: 'port-updated', deleted: 'port-deleted' },
    facts: (port) => ({ port: port.uuid, address: port.address }),
    async checkCreation(transaction, { record, given }) {
      const portgroup = await portgroupOf(transaction, record);
      if (portgroup === undefined) return;
      if (given.pxeEnabled === true && !portgroup.standalonePortsSupported) throw faults.portCreatedInClosedPortgroup(portgroup.uuid);
      await checkPhysicalNetwork(transaction, record, portgroup);
    },
    checkChange,
    async checkDeletion(_transaction, port, node) {
      const vif = vifOf(port);
      if (vif !== undefined && !node.maintenance) throw faults.portBound(port.uuid, vif, 'tenant');
    },
  });
}

/** States of a node in which the cabling of its ports may change. Source: Ironic, ConductorManager.update_port and update_portgroup. */
export const CABLING_STATES: readonly ProvisionState[] = ['enroll', 'inspecting', 'inspect wait', 'manageable'];
/** First microversion (N of 1.N) that tells `inspect wait` from `inspecting`. */
export const INSPECT_WAIT_SINCE = 39;

/** What says how a port is connected, by the names of the refusal. */
const CABLING = {
  pxeEnabled: 'pxe_enabled',
  portgroupUuid: 'portgroup_id',
  physicalNetwork: 'physical_network',
  localLinkConnection: 'local_link_connection',
} as const;
const CABLING_FIELDS = Object.keys(CABLING) as readonly (keyof typeof CABLING)[];

async function checkChange(transaction: Transaction, change: RecordChange<Port>): Promise<void> {
  checkStateOfNode(change);
  const { next, changes, nextNode: node } = change;
  const portgroup = await portgroupOf(transaction, next);
  if (portgroup === undefined) return;
  await checkPhysicalNetwork(transaction, next, portgroup);
  if (portgroup.standalonePortsSupported || isEmptyImplementation('network', node.interfaces.network)) return;
  const vif = vifOf(next);
  if (vif !== undefined || changes('pxeEnabled') || changes('portgroupUuid')) refuseInClosedPortgroup(next, portgroup, vif);
}

/**
 * What may not change while the node is in use.
 * Source: Ironic, PortsController.patch and ConductorManager.update_port.
 */
function checkStateOfNode({ next, changes, nextNode: node, version }: RecordChange<Port>): void {
  if (node.provisionState === 'inspecting' && version >= INSPECT_WAIT_SINCE) throw faults.portWhileInspecting(next.uuid, node.uuid);
  if (node.maintenance) return;
  const hasInstance = node.provisionState === 'active' || node.instanceUuid !== null;
  if (hasInstance && changes('address')) throw faults.portAddressInUse(next.uuid, node.uuid);
  if (!CABLING_STATES.includes(node.provisionState) && CABLING_FIELDS.some((field) => changes(field))) {
    throw faults.portConnectionInState(next.uuid, node.uuid, Object.values(CABLING), CABLING_STATES, node.provisionState);
  }
}

/** In a group without standalone ports no port is used by itself. Source: Ironic, NeutronVIFPortIDMixin.port_changed. */
function refuseInClosedPortgroup({ uuid, pxeEnabled }: Port, portgroup: Portgroup, vif: string | undefined): void {
  const reasons = [
    ...(pxeEnabled ? ["'pxe_enabled' was set to True"] : []),
    ...(vif === undefined ? [] : [`VIF ${vif} is attached to the port`]),
  ];
  if (reasons.length > 0) throw faults.portInClosedPortgroup(uuid, portgroup.uuid, reasons);
}

/** The group that a port is going to be in. @throws RequestFault 400 for one that does not exist or is of another node. */
async function portgroupOf(transaction: Transaction, { portgroupUuid, nodeUuid }: Port): Promise<Portgroup | undefined> {
  if (portgroupUuid === null) return undefined;
  const portgroup = await transaction.portgroups.get(portgroupUuid);
  if (portgroup === undefined) throw faults.portgroupNotFoundInBody(portgroupUuid);
  if (portgroup.nodeUuid !== nodeUuid) throw faults.portgroupOfOtherNode();
  return portgroup;
}

/** All ports of a group are in one physical network. Source: Ironic, ironic/conductor/utils.py (validate_port_physnet). */
async function checkPhysicalNetwork(transaction: Transaction, port: Port, portgroup: Portgroup): Promise<void> {
  const others = (await transaction.ports.all({ portgroupUuid: portgroup.uuid })).filter(({ uuid }) => uuid !== port.uuid);
  const other = others.find(({ physicalNetwork }) => physicalNetwork !== port.physicalNetwork);
  if (other !== undefined) throw faults.portOfOtherPhysicalNetwork(portgroup.uuid, port.physicalNetwork, other.physicalNetwork);
}
