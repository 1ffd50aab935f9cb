import { isEmptyImplementation, type Portgroup } from '@ferric/core';
import { faults } from '../fault.js';
import { vifOf } from '../networks/vif-places.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import type { Transaction } from '../store/store.js';
import { createNodeRecordService, type RecordChange } from './node-record-service.js';
import { CABLING_STATES, INSPECT_WAIT_SINCE } from './port-service.js';
import type { RecordService } from './record-service.js';

/** Bonding mode of a new port group. Source: Ironic, `[DEFAULT]default_portgroup_mode`. */
const DEFAULT_MODE = 'active-backup';

export function createPortgroupService(context: ConductorContext): RecordService<Portgroup> {
  const { store } = context;
  return createNodeRecordService<Portgroup>(context, {
    writer: (transaction) => transaction.portgroups,
    reader: store.portgroups,
    findByName: (name) => store.portgroups.one({ name }),
    notFound: faults.portgroupNotFound,
    empty: { address: null, name: null, mode: DEFAULT_MODE, properties: {}, standalonePortsSupported: true, extra: {}, internalInfo: {} },
    title: (portgroup) => `Port group ${portgroup.name ?? portgroup.uuid}`,
    events: { created: 'portgroup-created', updated: 'portgroup-updated', deleted: 'portgroup-deleted' },
    facts: ({ uuid, address, name }) => ({ portgroup: uuid, address, name }),
    checkChange,
    async checkDeletion(transaction, { uuid }) {
      if ((await transaction.ports.count({ portgroupUuid: uuid })) > 0) throw faults.portgroupNotEmpty(uuid);
    },
  });
}

/** Source: Ironic, PortgroupsController.patch, ConductorManager.update_portgroup and NeutronVIFPortIDMixin.portgroup_changed. */
async function checkChange(transaction: Transaction, { next, changes, nextNode: node, version }: RecordChange<Portgroup>): Promise<void> {
  if (node.provisionState === 'inspecting' && version >= INSPECT_WAIT_SINCE) throw faults.portgroupWhileInspecting(next.uuid, node.uuid);
  if (changes('nodeUuid')) {
    if (!CABLING_STATES.includes(node.provisionState) && !node.maintenance) throw faults.portgroupMovedInState(next.uuid, node.uuid, CABLING_STATES);
    if ((await transaction.ports.count({ portgroupUuid: next.uuid })) > 0) throw faults.portgroupWithPortsMoved(next.uuid, node.uuid);
  }
  if (next.standalonePortsSupported || !changes('standalonePortsSupported') || isEmptyImplementation('network', node.interfaces.network)) return;
  for (const port of await transaction.ports.all({ portgroupUuid: next.uuid })) {
    const vif = vifOf(port);
    const reasons = [...(port.pxeEnabled ? ["'pxe_enabled' is set to True"] : []), ...(vif === undefined ? [] : [`VIF ${vif} is attached to this port`])];
    if (reasons.length > 0) throw faults.portgroupNeedsStandalone(next.uuid, reasons);
  }
}
