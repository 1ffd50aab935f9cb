import type { JsonObject } from '@ferric/core';
import { faults } from '../../fault.js';
import type { StoredNode } from '../../nodes/stored-node.js';
import type { Page, SortKey } from '../../store/store.js';
import type { ApiDependencies } from '../dependencies.js';
import type { ArgumentValues } from '../http/arguments.js';
import { requireUuid, truth } from '../http/argument-types.js';
import { defineEndpoint, ok, type AnyEndpoint, type Answer, type Call } from '../http/endpoint.js';
import { listSchema, recordSchema } from '../openapi/schemas.js';
import { creationBody } from '../table/input.js';
import { nextLink, PAGE_ARGUMENTS, readPage, SELECTION_ARGUMENTS } from '../table/paging.js';
import { patchBody } from '../table/patch.js';
import { presentersOf } from '../table/presenter.js';
import { readSelection, type Selection } from '../table/selection.js';
import { NODE_TABLE } from './node-fields.js';
import { toNodeFilters } from './node-filters.js';
import { toNodeCreation, toNodeEdit } from './node-input.js';
import { findNode, identifierOf, viewOf } from './node-lookup.js';

const LIST_ARGUMENTS = { ...NODE_TABLE.filters, ...PAGE_ARGUMENTS } as const;

const { chassis_uuid: _chassis, ...LIST_ARGUMENTS_OF_CHASSIS } = LIST_ARGUMENTS;

type ListQuery = ArgumentValues<typeof LIST_ARGUMENTS>;

/** `/v1/nodes` and one node. */
export function nodeEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const presenters = presentersOf(NODE_TABLE, ['uuid']);
  const oneSchema = recordSchema(NODE_TABLE);

  const list = async (call: Call<ListQuery, unknown>, path: string, selection: Selection, ofChassis?: string): Promise<Answer> => {
    const { base, version, query } = call;
    const chassisUuid = ofChassis ?? query.chassis_uuid;
    if (chassisUuid !== undefined) await api.chassis.find(chassisUuid);
    const filters = { ...toNodeFilters(query), ...(chassisUuid === undefined ? {} : { chassisUuid }) };
    const page = readPage(NODE_TABLE, query, version) as Page<SortKey<StoredNode>>;
    const presenter = presenters(version, selection);
    // Every conductor serves every node, so this one answers for all of them.
    const elsewhere = query.conductor !== undefined && query.conductor !== api.hostname;
    const nodes = elsewhere ? [] : await api.store.nodes.list(filters, page, presenter.columns);
    if (nodes === undefined) throw faults.nodeNotFound(page.marker ?? '');
    const view = viewOf(api, call);
    const last = nodes.length === page.limit && query.instance_uuid === undefined ? nodes.at(-1) : undefined;
    return ok({
      nodes: nodes.map((node) => presenter.present(node as never, view)),
      ...(last === undefined ? {} : { next: nextLink({ base, path, table: NODE_TABLE, version, query, selection, limit: page.limit, marker: last.uuid }) }),
    });
  };

  const show = (call: Call<unknown, unknown>, node: Parameters<ReturnType<typeof presenters>['present']>[0], selection: Selection): JsonObject =>
    presenters(call.version, selection).present(node, viewOf(api, call));

  return [
    defineEndpoint({
      method: 'GET',
      path: '/nodes',
      summary: 'Lists nodes.',
      query: { ...LIST_ARGUMENTS, ...SELECTION_ARGUMENTS },
      answer: { status: 200, description: 'A page of nodes.', schema: listSchema(NODE_TABLE) },
      handle: (call) => list(call, 'nodes', readSelection(NODE_TABLE, call.query, call.version, 'summary')),
    }),
    defineEndpoint({
      method: 'GET',
      path: '/nodes/detail',
      summary: 'Lists nodes with all their fields.',
      query: LIST_ARGUMENTS,
      answer: { status: 200, description: 'A page of nodes.', schema: listSchema(NODE_TABLE) },
      handle: (call) => list(call, 'nodes/detail', 'whole record'),
    }),
    defineEndpoint({
      method: 'GET',
      path: '/chassis/:chassis/nodes',
      summary: 'Lists the nodes of a chassis.',
      query: { ...LIST_ARGUMENTS_OF_CHASSIS, ...SELECTION_ARGUMENTS },
      answer: { status: 200, description: 'A page of nodes.', schema: listSchema(NODE_TABLE) },
      handle(call) {
        const uuid = chassisOf(call);
        return list(call, `chassis/${uuid}/nodes`, readSelection(NODE_TABLE, call.query, call.version, 'summary'), uuid);
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/chassis/:chassis/nodes/detail',
      summary: 'Lists the nodes of a chassis with all their fields.',
      query: LIST_ARGUMENTS_OF_CHASSIS,
      answer: { status: 200, description: 'A page of nodes.', schema: listSchema(NODE_TABLE) },
      handle(call) {
        const uuid = chassisOf(call);
        return list(call, `chassis/${uuid}/nodes/detail`, 'whole record', uuid);
      },
    }),
    defineEndpoint({
      method: 'POST',
      path: '/nodes',
      summary: 'Enrols a node.',
      body: creationBody(NODE_TABLE),
      answer: { status: 201, description: 'The new node; Location says where it is.', schema: oneSchema },
      async handle(call) {
        const node = await api.nodes.create(toNodeCreation(call.body, api.isSecretKey), call.requester);
        return { status: 201, headers: { location: `${call.base}/v1/nodes/${node.uuid}` }, body: show(call, node, 'whole record') };
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/nodes/:node',
      summary: 'Shows a node.',
      query: { fields: SELECTION_ARGUMENTS.fields },
      answer: { status: 200, description: 'The node.', schema: oneSchema },
      async handle(call) {
        const selection = readSelection(NODE_TABLE, call.query, call.version, 'whole record');
        return ok(show(call, await findNode(api, call), selection));
      },
    }),
    defineEndpoint({
      method: 'PATCH',
      path: '/nodes/:node',
      summary: 'Changes a node.',
      query: { reset_interfaces: { type: truth, description: 'Give all interfaces the defaults of the new driver.', since: 45 } },
      body: patchBody(NODE_TABLE),
      answer: { status: 200, description: 'The node as it is now.', schema: oneSchema },
      async handle(call) {
        const { body: operations, query, version } = call;
        const resetInterfaces = query.reset_interfaces === true;
        if (resetInterfaces && !operations.some(({ op, path }) => path === '/driver' && op !== 'remove')) {
          throw faults.invalid("The reset_interfaces parameter can only be used when changing the node's driver.");
        }
        const edit = (node: Parameters<typeof toNodeEdit>[1]) => toNodeEdit(operations, node, version, api.isSecretKey);
        const node = await api.nodes.update(identifierOf(call), edit, { resetInterfaces }, call.requester);
        return ok(show(call, node, 'whole record'));
      },
    }),
    defineEndpoint({
      method: 'DELETE',
      path: '/nodes/:node',
      summary: 'Deletes a node and its ports.',
      answer: { status: 204, description: 'It is deleted.' },
      async handle(call) {
        await api.nodes.delete(identifierOf(call), call.requester);
        return { status: 204 };
      },
    }),
  ];
}

/** @throws RequestFault 400 for what is no UUID. */
function chassisOf({ parameters }: Call<unknown, unknown>): string {
  return requireUuid('chassis_uuid', parameters['chassis'] ?? '');
}
