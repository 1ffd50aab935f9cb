import type { Port } from '@ferric/core';
import { defineTable } from '../table/field.js';
import { fieldMakers } from '../table/field-makers.js';
import type { InputRule, ValueKind } from '../table/input.js';
import { macAddressValue, objectValue, textValue, truthValue, uuidValue } from '../table/value-kinds.js';
import { localLinkConnection } from './local-link.js';

const { text, truth, time, document, links } = fieldMakers<Port>();

const settable = (kind: ValueKind, empty: InputRule['empty'] = null): InputRule => ({ kind, empty, create: true, patch: true });
const required = (kind: ValueKind): InputRule => ({ ...settable(kind), required: true });

/**
 * Every field of a port, in the order in which Ironic 21.4 shows them.
 * Source: recorded exchanges 042-050; versions from Ironic, ironic/api/controllers/v1/port.py.
 */
export const PORT_TABLE = defineTable<Port>({
  name: 'port',
  collection: 'ports',
  summary: ['uuid', 'address'],
  unknownFields: (names) => `Field(s) "${names.join(', ')}" are not valid`,
  fields: [
    text('uuid', 'uuid', 'UUID of the port.', { input: { kind: uuidValue, empty: null, create: true, patch: false } }),
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
