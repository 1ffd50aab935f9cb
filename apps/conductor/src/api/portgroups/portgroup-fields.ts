import type { Portgroup } from '@ferric/core';
import type { ArgumentTable } from '../http/arguments.js';
import { macAddress, uuidOrName } from '../http/argument-types.js';
import { defineTable } from '../table/field.js';
import { fieldMakers } from '../table/field-makers.js';
import { createOnly, required, settable } from '../table/input-rules.js';
import { logicalName, macAddressValue, objectValue, textValue, truthValue, uuidValue } from '../table/value-kinds.js';

const { text, truth, time, document, links } = fieldMakers<Portgroup>();

/** First minor version that has port groups, and the one that tells their mode. */
export const PORTGROUPS_SINCE = 23;
const MODE_SINCE = 26;

/** Source: Ironic, PortgroupsController.post and patch. */
const portgroupName = logicalName('portgroup', (name, { uuid }) => `Portgroup ${uuid ?? ''}: Cannot change name to invalid name '${name}'`);

/** Source: Ironic, ironic/api/controllers/v1/portgroup.py (PortgroupsController.get_all). */
const FILTERS = {
  address: { type: macAddress, description: 'With this MAC address.' },
  node: { type: uuidOrName, description: 'Of this node, by UUID or name.' },
} as const satisfies ArgumentTable;

/**
 * Every field of a port group, in the order in which Ironic 21.4 shows them.
 * Source: recorded exchanges 051 and 052; versions from Ironic, ironic/api/controllers/v1/portgroup.py.
 */
export const PORTGROUP_TABLE = defineTable<Portgroup, typeof FILTERS>({
  filters: FILTERS,
  name: 'portgroup',
  collection: 'portgroups',
  summary: ['uuid', 'address', 'name'],
  fields: [
    text('uuid', 'uuid', 'UUID of the port group.', { input: createOnly(uuidValue) }),
    time('created_at', 'createdAt', 'When it was created.'),
    time('updated_at', 'updatedAt', 'When it was last changed.'),
    text('address', 'address', 'MAC address of the group, unique.', { input: settable(macAddressValue) }),
    document('extra', 'extra', 'Data of its users.', { input: settable(objectValue, {}) }),
    document('internal_info', 'internalInfo', 'What the conductor keeps about it.'),
    text('mode', 'mode', 'Bonding mode as Linux names it.', { since: MODE_SINCE, input: { ...settable(textValue(255)), lasting: true } }),
    text('name', 'name', 'Name of the port group, unique.', { input: settable(portgroupName) }),
    document('properties', 'properties', 'Options of the bonding mode.', { since: MODE_SINCE, input: settable(objectValue, {}) }),
    truth('standalone_ports_supported', 'standalonePortsSupported', 'Whether its ports may be used one by one.', { input: settable(truthValue, true) }),
    text('node_uuid', 'nodeUuid', 'UUID of its node.', { input: required(uuidValue) }),
    links('links', 'portgroups', 'uuid', ''),
    links('ports', 'portgroups', 'uuid', 'ports'),
  ],
});
