import type { Sealed } from '@ferric/core';
import { faults } from '../../fault.js';
import type { Allocation } from '../../resources/allocation.js';
import type { ArgumentTable } from '../http/arguments.js';
import { text as textArgument, uuidOrName } from '../http/argument-types.js';
import { pythonScalar } from '../http/python-text.js';
import { defineTable, type ResourceTable } from '../table/field.js';
import { fieldMakers } from '../table/field-makers.js';
import { schemaFault, type ValueKind } from '../table/input.js';
import { createOnly, settable } from '../table/input-rules.js';
import { logicalName, objectValue, requireText, textValue, uuidValue } from '../table/value-kinds.js';
import { traitListValue } from '../traits/trait.js';

const { text, time, document, links } = fieldMakers<Allocation>();

/** First minor versions that have allocations, that change them, that tell their owner, and that write one down for a node in use. */
export const ALLOCATIONS_SINCE = 52;
export const CHANGE_SINCE = 57;
const OWNER_SINCE = 60;
const BACKFILL_SINCE = 58;

/** UUIDs or names; whether there are such nodes is looked at later. */
const nodeList: ValueKind = {
  schema: { type: ['array', 'null'], items: { type: 'string' } },
  check(_name, value, place) {
    if (!Array.isArray(value)) throw schemaFault(place.subject, `${pythonScalar(value)} is not of type 'array', 'null'`);
    return value.map((item: Sealed) => {
      if (typeof item !== 'string') throw schemaFault(place.subject, `${pythonScalar(item)} is not of type 'string'`);
      return item;
    });
  },
};

const nodeToBackfill: ValueKind = {
  schema: { type: ['string', 'null'] },
  check(_name, value, place) {
    if (place.version < BACKFILL_SINCE) throw faults.backfillUnknown();
    return requireText(value, place);
  },
};

/** Source: Ironic, ironic/api/controllers/v1/allocation.py (AllocationsController.get_all). */
const FILTERS = {
  node: { type: uuidOrName, description: 'Of this node, by UUID or name.' },
  resource_class: { type: textArgument, description: 'For this resource class.' },
  state: { type: textArgument, description: 'In this state.' },
  owner: { type: textArgument, description: 'Of this owner.', since: 60 },
} as const satisfies ArgumentTable;

/**
 * Every field of an allocation, in the order in which Ironic 21.4 shows them.
 * Source: recorded exchanges 114 to 119; versions from Ironic, ironic/api/controllers/v1/allocation.py.
 */
export const ALLOCATION_TABLE = defineTable<Allocation, typeof FILTERS>({
  filters: FILTERS,
  name: 'allocation',
  collection: 'allocations',
  summary: ['uuid', 'name', 'resource_class', 'state', 'node_uuid'],
  fields: [
    text('uuid', 'uuid', 'UUID of the allocation; of the instance on its node too.', { input: createOnly(uuidValue) }),
    time('created_at', 'createdAt', 'When it was created.'),
    time('updated_at', 'updatedAt', 'When it was last changed.'),
    document('candidate_nodes', 'candidateNodes', 'The nodes to choose from; creations name them by UUID or name. Empty: any.', { input: createOnly(nodeList, []) }),
    document('extra', 'extra', 'Data of its users.', { input: settable(objectValue, {}) }),
    text('last_error', 'lastError', 'Why it got no node.'),
    text('name', 'name', 'Name of the allocation, unique.', { input: settable(logicalName('allocation')) }),
    text('owner', 'owner', 'Only nodes of this owner or lessee are given to it.', { since: OWNER_SINCE, input: createOnly(textValue(255)) }),
    text('resource_class', 'resourceClass', 'Resource class that the node must have.', { input: createOnly(textValue(80)) }),
    text('state', 'state', 'allocating, active or error.'),
    document('traits', 'traits', 'Traits that the node must have.', { input: createOnly(traitListValue, []) }),
    links('links', 'allocations', 'uuid', ''),
    text('node_uuid', 'nodeUuid', 'UUID of the node that it was given; null until then.'),
  ],
});

/** What a creation may say: besides fields of the record, which node it is written down for. */
export function allocationCreationTable(): ResourceTable<Allocation> {
  const node: (typeof ALLOCATION_TABLE)['fields'][number] = {
    name: 'node',
    since: ALLOCATIONS_SINCE,
    description: `UUID or name of a deployed node to write the allocation down for, from 1.${BACKFILL_SINCE} on.`,
    schema: {},
    columns: [],
    show: () => null,
    input: createOnly(nodeToBackfill),
  };
  return { ...ALLOCATION_TABLE, fields: [...ALLOCATION_TABLE.fields, node] };
}
