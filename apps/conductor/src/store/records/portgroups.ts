import type { Portgroup } from '@ferric/core';
import { faults } from '../../fault.js';
import { document, flag, instant, optional, text, type Codecs } from '../column-codecs.js';
import type { RecordDefinition } from '../record-queries.js';
import { createRecordRows } from '../record-rows.js';

const CODECS: Codecs<Portgroup> = {
  uuid: text(),
  nodeUuid: text(),
  address: optional(text()),
  name: optional(text()),
  mode: text(),
  properties: document(),
  standalonePortsSupported: flag(),
  extra: document(),
  internalInfo: document(),
  createdAt: instant(),
  updatedAt: optional(instant()),
};

export interface PortgroupFilters {
  readonly address?: string;
  /** Any of these; in lower case with colons. */
  readonly addresses?: readonly string[];
  readonly name?: string;
  readonly nodeUuid?: string;
}

export const PORTGROUPS: RecordDefinition<'portgroups', Portgroup, PortgroupFilters> = {
  table: 'portgroups',
  rows: createRecordRows<Portgroup>({ name: 'portgroup', codecs: CODECS, documents: ['properties', 'extra', 'internalInfo'] }),
  conditions: {
    address: (row, value) => row('address', '=', value),
    addresses: (row, value) => row('address', 'in', value),
    name: (row, value) => row('name', '=', value),
    nodeUuid: (row, value) => row('node_uuid', '=', value),
  },
  notFound: faults.portgroupNotFound,
  faults: (portgroup) => ({
    'portgroups.uuid': () => faults.portgroupUuidTaken(portgroup.uuid ?? ''),
    'portgroups.address': () => faults.portgroupAddressTaken(portgroup.address ?? ''),
    'portgroups.name': () => faults.portgroupNameTaken(portgroup.name ?? ''),
    // The only reference of a port group is to its node.
    portgroups: () => faults.nodeNotFoundInBody(portgroup.nodeUuid ?? ''),
  }),
};
