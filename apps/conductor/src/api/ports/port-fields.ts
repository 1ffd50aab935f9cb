import type { Port } from '@ferric/core';
import type { ArgumentTable } from '../http/arguments.js';
import { macAddress, textList, uuid, uuidOrName } from '../http/argument-types.js';
import { defineTable } from '../table/field.js';
import { fieldMakers } from '../table/field-makers.js';
import { createOnly, required, settable } from '../table/input-rules.js';
import { macAddressValue, objectValue, textValue, truthValue, uuidValue } from '../table/value-kinds.js';
import { localLinkConnection } from './local-link.js';

const { text, truth, time, document, links } = fieldMakers<Port>();

/** Source: Ironic, ironic/api/controllers/v1/port.py (PortsController.get_all). */
const FILTERS = {
  address: { type: macAddress, description: 'With this MAC address.' },
  node: { type: uuidOrName, description: 'Of this node, by UUID or name.' },
  node_uuid: { type: uuid, description: 'Of this node.' },
  portgroup: { type: uuidOrName, description: 'In this port group, by UUID or name.', since: 24, namesVersion: true },
  shard: { type: textList, description: 'Of nodes in one of these shards.', since: 82, namesVersion: true },
} as const satisfies ArgumentTable;

/**
 * Every field of a port, in the order in which Ironic 21.4 shows them.
 * Source: recorded exchanges 042-050; versions from Ironic, ironic/api/controllers/v1/port.py.
 */
export const PORT_TABLE = defineTable<Port, typeof FILTERS>({
  filters: FILTERS,
  name: 'port',
  collection: 'ports',
  summary: ['uuid', 'address'],
  fields: [
    text('uuid', 'uuid', 'UUID of the port.', { input: createOnly(uuidValue) }),
    time('created_at', 'createdAt', 'When it was created.'),
    time('updated_at', 'updatedAt', 'When it was last changed.'),
    text('address', 'address', 'MAC address, unique.', { input: required(macAddressValue) }),
    document('extra', 'extra', 'Data of its users.', { input: settable(objectValue, {}) }),
    document('internal_info', 'internalInfo', 'What the conductor keeps about it.', { since: 18 }),
    truth('is_smartnic', 'isSmartnic', 'Whether it belongs to a smart NIC.', { since: 53, input: settable(truthValue, false) }),
    document('local_link_connection', 'localLinkConnection', 'Where it is plugged in.', { since: 19, input: settable(localLinkConnection, {}) }),
    text('name', 'name', 'Name of the port, unique.', { since: 88, input: settable(textValue(255)) }),
    text('description', 'description', 'Free text.', { since: 97, input: settable(textValue(255)) }),
    text('physical_network', 'physicalNetwork', 'Physical network it is in.', { since: 34, input: settable(textValue(64)) }),
    truth('pxe_enabled', 'pxeEnabled', 'Whether the machine boots from the network through it.', { since: 19, input: settable(truthValue, true) }),
    text('node_uuid', 'nodeUuid', 'UUID of its node.', { input: required(uuidValue) }),
    links('links', 'ports', 'uuid', ''),
    text('portgroup_uuid', 'portgroupUuid', 'UUID of its port group.', { since: 24, input: settable(uuidValue) }),
  ],
});
