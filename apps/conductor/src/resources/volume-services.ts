import { faults } from '../fault.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { createNodeRecordService, type NodeRecordRules } from './node-record-service.js';
import type { RecordService } from './record-service.js';
import type { VolumeConnector, VolumeTarget } from './volume.js';

export function createVolumeConnectorService(context: ConductorContext): RecordService<VolumeConnector> {
  return createNodeRecordService<VolumeConnector>(context, {
    writer: (transaction) => transaction.volumeConnectors,
    reader: context.store.volumeConnectors,
    notFound: faults.volumeConnectorNotFound,
    empty: { type: '', connectorId: '', extra: {} },
    title: ({ type, connectorId }) => `Volume connector ${type} ${connectorId}`,
    events: { created: 'volume-connector-created', updated: 'volume-connector-updated', deleted: 'volume-connector-deleted' },
    facts: ({ uuid, type, connectorId }) => ({ connector: uuid, type, connectorId }),
    ...onlyWhileOff('volume connector'),
  });
}

export function createVolumeTargetService(context: ConductorContext): RecordService<VolumeTarget> {
  return createNodeRecordService<VolumeTarget>(context, {
    writer: (transaction) => transaction.volumeTargets,
    reader: context.store.volumeTargets,
    notFound: faults.volumeTargetNotFound,
    empty: { volumeType: '', properties: {}, bootIndex: 0, volumeId: '', extra: {} },
    title: ({ volumeType, volumeId }) => `Volume target ${volumeType} ${volumeId}`,
    events: { created: 'volume-target-created', updated: 'volume-target-updated', deleted: 'volume-target-deleted' },
    facts: ({ uuid, volumeType, volumeId }) => ({ target: uuid, volumeType, volumeId }),
    ...onlyWhileOff('volume target'),
  });
}

/**
 * A machine that is on may be using its volumes, so they are changed and deleted while it is off.
 * Source: Ironic, ConductorManager.update_volume_target and destroy_volume_target, and the same of connectors.
 */
function onlyWhileOff<Model extends VolumeConnector | VolumeTarget>(noun: string): Pick<NodeRecordRules<Model>, 'checkChange' | 'checkDeletion'> {
  const requireOff = (node: StoredNode, action: string): void => {
    if (node.powerState !== 'power off') throw faults.invalidAction(`${noun} ${action}`, node.uuid, node.powerState);
  };
  return {
    async checkChange(_transaction, { node, nextNode }) {
      for (const each of new Set([node, nextNode])) requireOff(each, 'update');
    },
    async checkDeletion(_transaction, _record, node) {
      requireOff(node, 'deletion');
    },
  };
}
