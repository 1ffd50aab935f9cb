import { normalizeMacAddress, type JsonObject } from '@ferric/core';
import { faults } from '../../fault.js';
import { plainScalar, pythonScalar } from '../http/python-text.js';
import { schemaFault, type ValueKind } from '../table/input.js';
import { requirePlainObject } from '../table/value-kinds.js';

/** First minor version that knows `network_type`. */
const NETWORK_TYPE_SINCE = 64;

const MEMBERS = ['port_id', 'switch_id', 'hostname', 'switch_info', 'network_type'] as const;

/** Each set of members makes a link whole. Source: Ironic, LOCAL_LINK_CONN_SCHEMA. */
const WHOLE: readonly (readonly string[])[] = [['port_id', 'switch_id'], ['port_id', 'hostname'], ['network_type']];
const SMART_NIC: readonly string[] = ['port_id', 'hostname'];

const DATAPATH = /^(?:[0-9a-f]{2}:){7}[0-9a-f]{2}$/i;

/** Where a port is plugged in: `{}`, a switch and its port, a smart NIC and its port, or an unmanaged network. */
export const localLinkConnection: ValueKind = {
  schema: {
    type: ['object', 'null'],
    properties: Object.fromEntries(MEMBERS.map((name) => [name, name === 'network_type' ? { enum: ['managed', 'unmanaged'] } : { type: 'string' }])),
    additionalProperties: false,
  },
  check(name, value, place) {
    const link = requirePlainObject(value, place);
    if (link['network_type'] !== undefined && place.version < NETWORK_TYPE_SINCE) throw faults.notAcceptable();
    if (Object.keys(link).length > 0) checkMembers(name, link);
    return normalized(link);
  },
};

/** @throws RequestFault 400 when a smart NIC's link does not say what it must. Source: Ironic, PortsController.post. */
export function checkSmartNic(link: JsonObject): void {
  if (SMART_NIC.some((member) => link[member] === undefined)) throw faults.invalid('Smart NIC port must have port_id and hostname in local_link_connection');
}

function checkMembers(name: string, link: JsonObject): void {
  const known: readonly string[] = MEMBERS;
  const wrong = Object.entries(link).find(([member, value]) => !known.includes(member) || typeof value !== 'string');
  const type = link['network_type'] ?? null;
  const whole = WHOLE.some((members) => members.every((member) => link[member] !== undefined)) && [null, 'managed', 'unmanaged'].includes(type as string | null);
  const managedAlone = type === 'managed' && link['port_id'] === undefined;
  if (wrong === undefined && whole && !managedAlone) return;
  const cause = wrong === undefined ? '' : `. Possible root cause: ${pythonScalar(wrong[0])} is not accepted`;
  throw schemaFault(name, `{...} is not valid under any of the given schemas${cause}`);
}

function normalized(link: JsonObject): JsonObject {
  const given = link['switch_id'];
  if (typeof given !== 'string') return link;
  const switchId = normalizeMacAddress(given) ?? (DATAPATH.test(given) ? given.toLowerCase() : undefined);
  if (switchId === undefined) throw faults.invalid(`Expected a MAC address or OpenFlow datapath ID but received ${plainScalar(given)}.`);
  return { ...link, switch_id: switchId };
}
