import type { Port } from '@ferric/core';
import { faults } from '../../fault.js';
import { document, flag, instant, optional, text, type Codecs } from '../column-codecs.js';
import { containing } from '../filters.js';
import { createRecordRows } from '../record-rows.js';
import type { RecordDefinition } from '../record-queries.js';

const CODECS: Codecs<Port> = {
  uuid: text(),
  nodeUuid: text(),
  address: text(),
  name: optional(text()),
  description: optional(text()),
  pxeEnabled: flag(),
  localLinkConnection: document(),
  physicalNetwork: optional(text()),
  portgroupUuid: optional(text()),
  isSmartnic: flag(),
  extra: document(),
  internalInfo: document(),
  createdAt: instant(),
  updatedAt: optional(instant()),
};

export interface PortFilters {
  readonly address?: string;
  /** Any of these; in lower case with colons. */
  readonly addresses?: readonly string[];
  readonly nodeUuid?: string;
  readonly portgroupUuid?: string;
  readonly nodeShards?: readonly string[];
  /** Without regard to case. */
  readonly descriptionContains?: string;
}

export const PORTS: RecordDefinition<'ports', Port, PortFilters> = {
  table: 'ports',
  rows: createRecordRows<Port>({
    name: 'port',
    codecs: CODECS,
    documents: ['localLinkConnection', 'extra', 'internalInfo'],
    folded: ['description'],
  }),
  conditions: {
    address: (row, value) => row('address', '=', value),
    addresses: (row, value) => row('address', 'in', value),
    nodeUuid: (row, value) => row('node_uuid', '=', value),
    portgroupUuid: (row, value) => row('portgroup_uuid', '=', value),
    nodeShards: (row, value) => row('node_uuid', 'in', row.selectFrom('nodes').select('nodes.uuid').where('nodes.shard', 'in', value)),
    descriptionContains: (row, value) => row('description_folded', 'like', containing(value)),
  },
  notFound: faults.portNotFound,
  faults: (port) => ({
    'ports.uuid': () => faults.portUuidTaken(port.uuid ?? ''),
    'ports.address': () => faults.portAddressTaken(port.address ?? ''),
    'ports.name': () => faults.portNameTaken(port.name ?? ''),
    // The only reference of a port is to its node.
    ports: () => faults.nodeNotFoundInBody(port.nodeUuid ?? ''),
  }),
};
