import { faults, RequestFault } from '../../fault.js';
import type { Allocation } from '../../resources/allocation.js';
import type { ApiDependencies } from '../dependencies.js';
import { uuidOrName } from '../http/argument-types.js';
import { defineEndpoint, ok, type AnyEndpoint } from '../http/endpoint.js';
import { identifierOf, viewOf } from '../nodes/node-lookup.js';
import { recordSchema } from '../openapi/schemas.js';
import { collectionEndpoints } from '../table/collection.js';
import { SELECTION_ARGUMENTS } from '../table/paging.js';
import { presentersOf } from '../table/presenter.js';
import { readSelection } from '../table/selection.js';
import { ALLOCATION_TABLE, allocationCreationTable, ALLOCATIONS_SINCE, CHANGE_SINCE } from './allocation-fields.js';

/** `/v1/allocations` and one allocation. */
export function allocationEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const { endpoints } = collectionEndpoints(api, {
    table: ALLOCATION_TABLE,
    creationTable: allocationCreationTable(),
    path: 'allocations',
    one: 'an allocation',
    many: 'allocations',
    since: ALLOCATIONS_SINCE,
    changeSince: CHANGE_SINCE,
    detailPath: false,
    listShows: 'whole record',
    service: api.allocations,
    reader: api.store.allocations,
    toFilters: async ({ node, resource_class: resourceClass, state, owner }) => ({
      ...(node === undefined ? {} : { nodeUuid: await nodeUuidOf(api, node) }),
      ...(resourceClass === undefined ? {} : { resourceClass }),
      ...(state === undefined ? {} : { state }),
      ...(owner === undefined ? {} : { owner }),
    }),
    identify: (given) => uuidOrName.parse('allocation_ident', given),
    notFound: faults.allocationNotFound,
  });
  return [...endpoints, ...nodeAllocationEndpoints(api)];
}

/** @throws RequestFault 400 for a node that is not there. */
async function nodeUuidOf(api: ApiDependencies, identifier: string): Promise<string> {
  const { uuid } = await api.nodes.find(identifier).catch((error: unknown) => {
    throw isMissing(error) ? faults.nodeNotFoundInBody(identifier) : error;
  });
  return uuid;
}

function isMissing(error: unknown): boolean {
  return error instanceof RequestFault && error.status === 404;
}

/** `/v1/nodes/{node}/allocation`. Source: Ironic, ironic/api/controllers/v1/allocation.py (NodeAllocationController). */
function nodeAllocationEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const presenters = presentersOf<Allocation>(ALLOCATION_TABLE, []);
  const shared = { since: ALLOCATIONS_SINCE, path: '/nodes/:node/allocation' } as const;
  return [
    defineEndpoint({
      ...shared,
      method: 'GET',
      summary: 'Shows the allocation of a node.',
      query: { fields: SELECTION_ARGUMENTS.fields },
      answer: { status: 200, description: 'The record.', schema: recordSchema(ALLOCATION_TABLE) },
      async handle(call) {
        const selection = readSelection(ALLOCATION_TABLE, call.query, call.version, 'whole record');
        return ok(presenters(call.version, selection).present(await api.allocations.ofNode(identifierOf(call)), viewOf(api, call)));
      },
    }),
    defineEndpoint({
      ...shared,
      method: 'DELETE',
      summary: 'Deletes the allocation of a node: the node is free again.',
      answer: { status: 204, description: 'It is deleted.' },
      async handle(call) {
        await api.allocations.deleteOfNode(identifierOf(call), call.requester);
        return { status: 204 };
      },
    }),
  ];
}
