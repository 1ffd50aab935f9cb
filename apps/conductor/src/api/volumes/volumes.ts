import type { JsonObject } from '@ferric/core';
import { faults } from '../../fault.js';
import type { ApiDependencies } from '../dependencies.js';
import { requireUuid } from '../http/argument-types.js';
import { defineEndpoint, ok, type AnyEndpoint, type Call } from '../http/endpoint.js';
import { linkPair } from '../http/links.js';
import { findNode } from '../nodes/node-lookup.js';
import { nodeIdentifier } from '../nodes/node-names.js';
import { collectionEndpoints } from '../table/collection.js';
import { LINKS_SCHEMA } from '../table/field-makers.js';
import { VOLUME_CONNECTOR_TABLE, VOLUME_TARGET_TABLE, VOLUMES_SINCE } from './volume-fields.js';

/** `/v1/volume`, its connectors and targets, and those of a node. */
export function volumeEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const toFilters = async ({ node }: { readonly node?: string }, version: number) =>
    node === undefined ? {} : { nodeUuid: (await api.nodes.find(nodeIdentifier(node, version))).uuid };
  const shared = { since: VOLUMES_SINCE, detailPath: false, toFilters } as const;
  const connectors = collectionEndpoints(api, {
    ...shared,
    table: VOLUME_CONNECTOR_TABLE,
    path: 'volume/connectors',
    one: 'a volume connector',
    many: 'volume connectors',
    service: api.volumeConnectors,
    reader: api.store.volumeConnectors,
    identify: (given) => requireUuid('connector_uuid', given),
    notFound: faults.volumeConnectorNotFound,
  });
  const targets = collectionEndpoints(api, {
    ...shared,
    table: VOLUME_TARGET_TABLE,
    path: 'volume/targets',
    one: 'a volume target',
    many: 'volume targets',
    service: api.volumeTargets,
    reader: api.store.volumeTargets,
    identify: (given) => requireUuid('target_uuid', given),
    notFound: faults.volumeTargetNotFound,
  });
  const ofNode = async (call: Call<unknown, unknown>, below: string) => {
    const { uuid } = await findNode(api, call);
    return { filters: { nodeUuid: uuid }, path: `nodes/${uuid}/volume/${below}` };
  };
  return [
    volumeRoot('/volume', 'Links to the volumes.', async ({ base }) => volumeLinks(base, 'volume')),
    volumeRoot('/nodes/:node/volume', 'Links to the volumes of a node.', async (call) => volumeLinks(call.base, `nodes/${(await findNode(api, call)).uuid}/volume`)),
    ...connectors.endpoints,
    ...connectors.nested({ path: 'nodes/:node/volume/connectors', summary: 'Lists the volume connectors of a node.', owner: (call) => ofNode(call, 'connectors') }),
    ...targets.endpoints,
    ...targets.nested({ path: 'nodes/:node/volume/targets', summary: 'Lists the volume targets of a node.', owner: (call) => ofNode(call, 'targets') }),
  ];
}

/** Source: recorded exchange 139. */
function volumeLinks(base: string, path: string): JsonObject {
  return { links: linkPair(base, `${path}/`), connectors: linkPair(base, `${path}/connectors`), targets: linkPair(base, `${path}/targets`) };
}

function volumeRoot(path: string, summary: string, document: (call: Call<unknown, unknown>) => Promise<JsonObject>): AnyEndpoint {
  return defineEndpoint({
    method: 'GET',
    path,
    summary,
    since: VOLUMES_SINCE,
    answer: { status: 200, description: 'Links.', schema: { type: 'object', properties: { links: LINKS_SCHEMA, connectors: LINKS_SCHEMA, targets: LINKS_SCHEMA } } },
    handle: async (call) => ok(await document(call)),
  });
}
