import type { JsonObject, Sealed } from '@ferric/core';
import { NETWORK_EVENTS, type NetworkEvent } from '../../networks/network-events.js';
import { requireMacAddress, requireUuid } from '../http/argument-types.js';
import { isObject, requireObject } from '../http/body-readers.js';
import type { BodyReader } from '../http/endpoint.js';
import { pythonScalar, pythonText } from '../http/python-text.js';
import { schemaFault, unexpectedFault } from '../table/input.js';

/** What error texts call the body. */
const SUBJECT = 'evts';
/** Longest text of an event, since it is kept in the history of a node. */
const LONGEST_TEXT = 255;

const TEXT: JsonObject = { type: 'string', maxLength: LONGEST_TEXT };
const OPTIONAL_TEXT: JsonObject = { type: ['string', 'null'], maxLength: LONGEST_TEXT };

/** Members of an event. Source: Ironic, ironic/api/controllers/v1/event.py (NETWORK_EVENT_VALIDATOR). */
const REQUIRED = ['event', 'port_id', 'mac_address', 'status'] as const;
const OPTIONAL = ['device_id', 'binding:host_id', 'binding:vnic_type'] as const;
const MEMBERS: ReadonlySet<string> = new Set([...REQUIRED, ...OPTIONAL]);

/** The events of a network service. */
export const eventsBody: BodyReader<readonly NetworkEvent[]> = {
  schema: {
    type: 'object',
    properties: {
      events: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          properties: {
            event: { enum: [...NETWORK_EVENTS] },
            port_id: { ...TEXT, format: 'uuid', description: "UUID of the network's port, which is the VIF of a node." },
            mac_address: { ...TEXT, description: 'a MAC address' },
            status: { ...TEXT, description: 'ACTIVE, DOWN, ERROR, DELETED.' },
            device_id: { ...OPTIONAL_TEXT, format: 'uuid' },
            'binding:host_id': { ...OPTIONAL_TEXT, format: 'uuid' },
            'binding:vnic_type': OPTIONAL_TEXT,
          },
          required: [...REQUIRED],
          additionalProperties: false,
        },
      },
    },
    required: ['events'],
    additionalProperties: false,
  },
  read(body) {
    const given = requireObject(SUBJECT, body ?? {});
    refuseOthers(given, new Set(['events']));
    const events = given['events'];
    if (events === undefined) throw schemaFault(SUBJECT, "'events' is a required property");
    if (!Array.isArray(events)) throw schemaFault(SUBJECT, `${pythonScalar(events)} is not of type 'array'`);
    if (events.length === 0) throw schemaFault(SUBJECT, '[] is too short');
    return events.map((event: Sealed) => readEvent(event));
  },
};

function readEvent(given: Sealed): NetworkEvent {
  if (!isObject(given)) throw schemaFault(SUBJECT, `${pythonScalar(given)} is not of type 'object'`);
  const missing = REQUIRED.find((name) => given[name] === undefined);
  if (missing !== undefined) throw schemaFault(SUBJECT, `'${missing}' is a required property`);
  const event = NETWORK_EVENTS.find((each) => each === given['event']);
  if (event === undefined) throw schemaFault(SUBJECT, `${pythonScalar(given['event'] ?? null)} is not one of ${pythonText(NETWORK_EVENTS)}`);
  refuseOthers(given, MEMBERS);
  const text = (name: string): string => requireText(given[name] ?? null, ['string']);
  const optional = (name: string): string | null => ((given[name] ?? null) === null ? null : requireText(given[name] ?? null, ['string', 'null']));
  const optionalUuid = (name: string): string | null => {
    const value = optional(name);
    return value === null ? null : requireUuid(name, value);
  };
  return {
    event,
    portId: requireUuid('port_id', text('port_id')),
    macAddress: requireMacAddress('mac_address', text('mac_address')),
    status: text('status'),
    deviceId: optionalUuid('device_id'),
    hostId: optionalUuid('binding:host_id'),
    vnicType: optional('binding:vnic_type'),
  };
}

function requireText(value: Sealed, types: readonly string[]): string {
  if (typeof value !== 'string') throw schemaFault(SUBJECT, `${pythonScalar(value)} is not of type ${types.map((type) => `'${type}'`).join(', ')}`);
  if (value.length > LONGEST_TEXT) throw schemaFault(SUBJECT, `${pythonScalar(value)} is too long`);
  return value;
}

function refuseOthers(given: Readonly<Record<string, Sealed>>, known: ReadonlySet<string>): void {
  const unknown = Object.keys(given).filter((name) => !known.has(name));
  if (unknown.length > 0) throw unexpectedFault(SUBJECT, unknown);
}
