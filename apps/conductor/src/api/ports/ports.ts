import { isUuid, type JsonObject, type JsonValue, type Port } from '@ferric/core';
import { faults } from '../../fault.js';
import type { EditablePortFields } from '../../nodes/node-service.js';
import type { Page, PortFilters, PortSortKey } from '../../store/store.js';
import type { ApiDependencies } from '../dependencies.js';
import type { ArgumentTable, ArgumentValues } from '../http/arguments.js';
import { macAddress, textList, uuid, uuidOrName } from '../http/argument-types.js';
import { defineEndpoint, ok, type AnyEndpoint, type Answer, type Call } from '../http/endpoint.js';
import { findNode, viewOf } from '../nodes/node-lookup.js';
import { nodeIdentifier } from '../nodes/node-names.js';
import { listSchema, recordSchema } from '../openapi/schemas.js';
import { applyPatch } from '../table/apply-patch.js';
import { findField } from '../table/field.js';
import { creationBody, type InputValues } from '../table/input.js';
import { nextLink, PAGE_ARGUMENTS, readPage, SELECTION_ARGUMENTS } from '../table/paging.js';
import { patchBody, type PatchOperation } from '../table/patch.js';
import { presentersOf } from '../table/presenter.js';
import { readSelection, type Selection } from '../table/selection.js';
import { checkSmartNic } from './local-link.js';
import { PORT_TABLE } from './port-fields.js';

/** Source: Ironic, ironic/api/controllers/v1/port.py (PortsController.get_all). */
const FILTERS = {
  address: { type: macAddress, description: 'With this MAC address.' },
  node: { type: uuidOrName, description: 'Of this node, by UUID or name.' },
  node_uuid: { type: uuid, description: 'Of this node.' },
  portgroup: { type: uuidOrName, description: 'In this port group.', since: 24, namesVersion: true },
  shard: { type: textList, description: 'Of nodes in one of these shards.', since: 82, namesVersion: true },
} as const satisfies ArgumentTable;
const OF_NODE_ARGUMENTS = { address: FILTERS.address, ...PAGE_ARGUMENTS } as const;
const LIST_ARGUMENTS = { ...FILTERS, ...PAGE_ARGUMENTS } as const;

type ListCall = Call<ArgumentValues<typeof LIST_ARGUMENTS>, unknown>;

/** `/v1/ports`, one port, and the ports of a node. */
export function portEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const presenters = presentersOf(PORT_TABLE, ['uuid']);
  const one = recordSchema(PORT_TABLE);
  const listed = { status: 200, description: 'A page of ports.', schema: listSchema(PORT_TABLE) };

  const list = async (call: ListCall, path: string, selection: Selection, more: PortFilters = {}): Promise<Answer> => {
    const { base, version, query } = call;
    const page = readPage(PORT_TABLE, query, version) as Page<PortSortKey>;
    const ports = await api.store.ports.list({ ...(await toFilters(api, query, version)), ...more }, page);
    if (ports === undefined) throw faults.portNotFound(page.marker ?? '');
    const presenter = presenters(version, selection);
    const view = viewOf(api, call);
    const last = ports.length === page.limit ? ports.at(-1) : undefined;
    return ok({
      ports: ports.map((port) => presenter.present(port, view)),
      ...(last === undefined ? {} : { next: nextLink({ base, path, table: PORT_TABLE, version, query, selection, limit: page.limit, marker: last.uuid }) }),
    });
  };
  const show = (call: Call<unknown, unknown>, port: Port, selection: Selection): JsonObject =>
    presenters(call.version, selection).present(port, viewOf(api, call));

  return [
    defineEndpoint({
      method: 'GET',
      path: '/ports',
      summary: 'Lists ports.',
      query: { ...LIST_ARGUMENTS, ...SELECTION_ARGUMENTS },
      answer: listed,
      handle: (call) => list(call, 'ports', readSelection(PORT_TABLE, call.query, call.version, 'summary')),
    }),
    defineEndpoint({
      method: 'GET',
      path: '/ports/detail',
      summary: 'Lists ports with all their fields.',
      query: LIST_ARGUMENTS,
      answer: listed,
      handle: (call) => list(call, 'ports/detail', 'whole record'),
    }),
    defineEndpoint({
      method: 'GET',
      path: '/nodes/:node/ports',
      summary: 'Lists the ports of a node.',
      query: { ...OF_NODE_ARGUMENTS, ...SELECTION_ARGUMENTS },
      answer: listed,
      async handle(call) {
        const selection = readSelection(PORT_TABLE, call.query, call.version, 'summary');
        const node = await findNode(api, call);
        return list(call, `nodes/${node.uuid}/ports`, selection, { nodeUuid: node.uuid });
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/nodes/:node/ports/detail',
      summary: 'Lists the ports of a node with all their fields.',
      query: OF_NODE_ARGUMENTS,
      answer: listed,
      async handle(call) {
        const node = await findNode(api, call);
        return list(call, `nodes/${node.uuid}/ports/detail`, 'whole record', { nodeUuid: node.uuid });
      },
    }),
    defineEndpoint({
      method: 'POST',
      path: '/ports',
      summary: 'Adds a port to a node.',
      body: creationBody(PORT_TABLE),
      answer: { status: 201, description: 'The new port; Location says where it is.', schema: one },
      async handle(call) {
        const port = await api.ports.create(toPort(call.body), call.requester);
        return { status: 201, headers: { location: `${call.base}/v1/ports/${port.uuid}` }, body: show(call, port, 'whole record') };
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/ports/:port',
      summary: 'Shows a port.',
      query: { fields: SELECTION_ARGUMENTS.fields },
      answer: { status: 200, description: 'The port.', schema: one },
      async handle(call) {
        const selection = readSelection(PORT_TABLE, call.query, call.version, 'whole record');
        return ok(show(call, await api.ports.find(portUuid(call)), selection));
      },
    }),
    defineEndpoint({
      method: 'PATCH',
      path: '/ports/:port',
      summary: 'Changes a port.',
      body: patchBody(PORT_TABLE),
      answer: { status: 200, description: 'The port as it is now.', schema: one },
      async handle(call) {
        const port = await api.ports.update(portUuid(call), (present) => toPortEdit(call.body, present, call.version), call.requester);
        return ok(show(call, port, 'whole record'));
      },
    }),
    defineEndpoint({
      method: 'DELETE',
      path: '/ports/:port',
      summary: 'Deletes a port.',
      answer: { status: 204, description: 'It is deleted.' },
      async handle(call) {
        await api.ports.delete(portUuid(call), call.requester);
        return { status: 204 };
      },
    }),
  ];
}

/** @throws RequestFault 404 for what is no UUID. */
function portUuid({ parameters }: Call<unknown, unknown>): string {
  const given = parameters['port'] ?? '';
  if (!isUuid(given)) throw faults.portNotFound(given);
  return given.toLowerCase();
}

async function toFilters(api: ApiDependencies, query: ListCall['query'], version: number): Promise<PortFilters> {
  const { address, node, node_uuid: nodeUuid, portgroup, shard } = query;
  const owner = nodeUuid ?? node;
  // Port groups are not known by name yet, so only a UUID can match.
  if (portgroup !== undefined && !isUuid(portgroup)) throw faults.portgroupNotFound(portgroup);
  return {
    ...(address === undefined ? {} : { address }),
    ...(owner === undefined ? {} : { nodeUuid: (await api.nodes.find(nodeIdentifier(owner, version))).uuid }),
    ...(portgroup === undefined ? {} : { portgroupUuid: portgroup }),
    ...(shard === undefined ? {} : { nodeShards: shard }),
  };
}

type NewPort = { readonly uuid?: string } & Partial<EditablePortFields> & Pick<EditablePortFields, 'address' | 'nodeUuid'>;

function toPort(values: InputValues): NewPort {
  const port = toMembers(values) as unknown as NewPort;
  if (port.isSmartnic === true) checkSmartNic(port.localLinkConnection ?? {});
  return port;
}

/** Pure: the same port gives the same edit. */
function toPortEdit(operations: readonly PatchOperation[], port: Port, version: number): Partial<EditablePortFields> {
  const values = applyPatch(PORT_TABLE, operations, version, (name) => port[findField(PORT_TABLE, name)?.columns[0] ?? 'uuid'] as JsonValue);
  const edit = toMembers(values) as Partial<EditablePortFields>;
  const changed = { ...port, ...edit };
  const touched = edit.isSmartnic !== undefined || edit.localLinkConnection !== undefined;
  if (touched && changed.isSmartnic) checkSmartNic(changed.localLinkConnection);
  return edit;
}

function toMembers(values: InputValues): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...values].map(([name, value]) => [findField(PORT_TABLE, name)?.columns[0] ?? name, value]));
}
