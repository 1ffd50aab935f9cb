import { faults } from '../../fault.js';
import type { VolumeConnector } from '../../resources/volume.js';
import { document, instant, optional, text, type Codecs } from '../column-codecs.js';
import type { RecordDefinition } from '../record-queries.js';
import { createRecordRows } from '../record-rows.js';

const CODECS: Codecs<VolumeConnector> = {
  uuid: text(),
  nodeUuid: text(),
  type: text(),
  connectorId: text(),
  extra: document(),
  createdAt: instant(),
  updatedAt: optional(instant()),
};

export interface VolumeConnectorFilters {
  readonly nodeUuid?: string;
}

export const VOLUME_CONNECTORS: RecordDefinition<'volume_connectors', VolumeConnector, VolumeConnectorFilters> = {
  table: 'volume_connectors',
  rows: createRecordRows<VolumeConnector>({ name: 'volume_connector', codecs: CODECS, documents: ['extra'] }),
  conditions: { nodeUuid: (row, value) => row('node_uuid', '=', value) },
  notFound: faults.volumeConnectorNotFound,
  faults: (connector) => ({
    'volume_connectors.uuid': () => faults.volumeConnectorUuidTaken(connector.uuid ?? ''),
    'volume_connectors.connector_id': () => faults.volumeConnectorTaken(connector.type ?? '', connector.connectorId ?? ''),
    // The only reference of a connector is to its node.
    volume_connectors: () => faults.nodeNotFoundInBody(connector.nodeUuid ?? ''),
  }),
};
