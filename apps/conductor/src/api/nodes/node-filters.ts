import { PROVISION_STATES } from '@ferric/core';
import type { NodeFilters } from '../../store/store.js';
import type { Argument, ArgumentTable, ArgumentValues } from '../http/arguments.js';
import { oneOf, text, textList, truth, uuid } from '../http/argument-types.js';

/** Faults that lists can be filtered by up to 1.82. Source: Ironic, ironic/common/faults.py. */
const KNOWN_FAULTS = ['power failure', 'clean failure', 'rescue abort failure'] as const;

const provisionState = oneOf(PROVISION_STATES, (given) => `Provision state "${given}" is not valid`);
const fault = oneOf(
  KNOWN_FAULTS,
  (given) => `Unrecognized fault "${given}" is specified, allowed faults are (${KNOWN_FAULTS.map((name) => `'${name}'`).join(', ')})`,
);

/**
 * Filters of node lists, each with the member of the store's filters that it sets.
 * Source: Ironic, ironic/api/controllers/v1/node.py (NodesController.get_all) and its check_allow_* functions.
 */
const STORE_FILTERS = {
  chassis_uuid: { type: uuid, description: 'In this chassis.', member: 'chassisUuid' },
  instance_uuid: { type: uuid, description: 'With this instance.', member: 'instanceUuid' },
  associated: { type: truth, description: 'With an instance, or without.', member: 'associated' },
  maintenance: { type: truth, description: 'In maintenance, or not.', member: 'maintenance' },
  retired: { type: truth, description: 'Retired, or not.', since: 61, namesVersion: true, member: 'retired' },
  provision_state: { type: provisionState, description: 'In this provision state.', since: 9, member: 'provisionState' },
  driver: { type: text, description: 'Of this hardware type.', since: 16, namesVersion: true, member: 'driver' },
  resource_class: { type: text, description: 'Of this resource class.', since: 21, namesVersion: true, member: 'resourceClass' },
  fault: { type: fault, description: 'With this fault.', since: 42, namesVersion: true, member: 'fault' },
  conductor_group: { type: text, description: 'In this conductor group.', since: 46, namesVersion: true, member: 'conductorGroup' },
  owner: { type: text, description: 'Of this owner.', since: 50, namesVersion: true, member: 'owner' },
  description_contains: { type: text, description: 'With this text in the description.', since: 51, namesVersion: true, member: 'descriptionContains' },
  lessee: { type: text, description: 'Of this lessee.', since: 65, namesVersion: true, member: 'lessee' },
  project: { type: text, description: 'Of this owner or lessee.', member: 'project' },
  shard: { type: textList, description: 'In one of these shards.', since: 82, namesVersion: true, member: 'shard' },
  sharded: { type: truth, description: 'With a shard, or without.', since: 82, namesVersion: true, member: 'sharded' },
} as const satisfies Readonly<Record<string, Argument & { readonly member: keyof NodeFilters }>>;

/** Every filter of node lists. */
export const NODE_FILTERS = {
  ...STORE_FILTERS,
  conductor: { type: text, description: 'Served by this conductor.', since: 49, namesVersion: true },
} as const satisfies ArgumentTable;

/** The store's filters for a query. */
export function toNodeFilters(query: ArgumentValues<typeof STORE_FILTERS>): NodeFilters {
  const given = query as Readonly<Record<string, unknown>>;
  const members = Object.entries(STORE_FILTERS).flatMap(([name, { member }]) => (given[name] === undefined ? [] : [[member, given[name]] as const]));
  const filters = Object.fromEntries(members) as NodeFilters;
  return filters.conductorGroup === undefined ? filters : { ...filters, conductorGroup: filters.conductorGroup.toLowerCase() };
}
