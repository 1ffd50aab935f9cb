import { MASK, maskSealed } from '@ferric/core';
import type { VolumeConnector, VolumeTarget } from '../../resources/volume.js';
import type { ArgumentTable } from '../http/arguments.js';
import { uuidOrName } from '../http/argument-types.js';
import { defineTable } from '../table/field.js';
import { fieldMakers } from '../table/field-makers.js';
import { createOnly, required, settable } from '../table/input-rules.js';
import { integerValue, objectValue, textValue, uuidValue } from '../table/value-kinds.js';

/** First minor version that has volumes. */
export const VOLUMES_SINCE = 32;

const connector = fieldMakers<VolumeConnector>();
const target = fieldMakers<VolumeTarget>();

/** Of both kinds. */
const FILTERS = { node: { type: uuidOrName, description: 'Of this node, by UUID or name.' } } as const satisfies ArgumentTable;

/** Source: recorded exchange 138; Ironic, ironic/api/controllers/v1/volume_connector.py. */
export const VOLUME_CONNECTOR_TABLE = defineTable<VolumeConnector, typeof FILTERS>({
  filters: FILTERS,
  name: 'connector',
  collection: 'connectors',
  summary: ['uuid', 'node_uuid', 'type', 'connector_id'],
  detailSince: VOLUMES_SINCE,
  fieldsWithDetail: "Can't fetch a subset of fields with 'detail' set",
  fields: [
    connector.text('uuid', 'uuid', 'UUID of the connector.', { input: createOnly(uuidValue) }),
    connector.time('created_at', 'createdAt', 'When it was created.'),
    connector.time('updated_at', 'updatedAt', 'When it was last changed.'),
    connector.text('connector_id', 'connectorId', 'Name of the initiator, unique among those of its type.', { input: required(textValue(255)) }),
    connector.document('extra', 'extra', 'Data of its users.', { input: settable(objectValue, {}) }),
    connector.text('type', 'type', 'Kind of initiator: iqn, ip, mac, wwnn, wwpn.', { input: required(textValue(32)) }),
    connector.links('links', 'volume/connectors', 'uuid', ''),
    connector.text('node_uuid', 'nodeUuid', 'UUID of its node.', { input: required(uuidValue) }),
  ],
});

/** Source: recorded exchange 140; Ironic, ironic/api/controllers/v1/volume_target.py. */
export const VOLUME_TARGET_TABLE = defineTable<VolumeTarget, typeof FILTERS>({
  filters: FILTERS,
  name: 'target',
  collection: 'targets',
  summary: ['uuid', 'node_uuid', 'volume_type', 'boot_index', 'volume_id'],
  detailSince: VOLUMES_SINCE,
  fieldsWithDetail: "Can't fetch a subset of fields with 'detail' set",
  fields: [
    target.text('uuid', 'uuid', 'UUID of the target.', { input: createOnly(uuidValue) }),
    target.time('created_at', 'createdAt', 'When it was created.'),
    target.time('updated_at', 'updatedAt', 'When it was last changed.'),
    target.whole('boot_index', 'bootIndex', '0: what the node boots from; unique on a node.', { input: required(integerValue) }),
    target.document('extra', 'extra', 'Data of its users.', { input: settable(objectValue, {}) }),
    {
      name: 'properties',
      since: 1,
      description: `How the volume is reached. Secrets are shown as ${MASK}; sending that back keeps them.`,
      schema: { type: 'object' },
      columns: ['properties'],
      show: ({ properties }) => maskSealed(properties),
      input: { ...settable(objectValue, {}), sealed: true },
    },
    target.text('volume_id', 'volumeId', 'Name of the volume in its storage.', { input: required(textValue(255)) }),
    target.text('volume_type', 'volumeType', 'Kind of storage: iscsi, fibre_channel.', { input: required(textValue(64)) }),
    target.links('links', 'volume/targets', 'uuid', ''),
    target.text('node_uuid', 'nodeUuid', 'UUID of its node.', { input: required(uuidValue) }),
  ],
});
