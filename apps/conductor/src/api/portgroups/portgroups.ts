import type { Portgroup } from '@ferric/core';
import { faults } from '../../fault.js';
import type { ApiDependencies } from '../dependencies.js';
import type { AnyEndpoint } from '../http/endpoint.js';
import { findNode } from '../nodes/node-lookup.js';
import { nodeIdentifier } from '../nodes/node-names.js';
import { collectionEndpoints } from '../table/collection.js';
import { recordIdentifier } from '../table/value-kinds.js';
import { PORTGROUP_TABLE, PORTGROUPS_SINCE } from './portgroup-fields.js';

/** `/v1/portgroups`, one port group, and the port groups of a node. */
export function portgroupEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const { endpoints, nested } = collectionEndpoints(api, {
    table: PORTGROUP_TABLE,
    path: 'portgroups',
    one: 'a port group',
    many: 'port groups',
    since: PORTGROUPS_SINCE,
    detailPath: true,
    service: api.portgroups,
    reader: api.store.portgroups,
    toFilters: async ({ address, node }, version) => ({
      ...(address === undefined ? {} : { address }),
      ...(node === undefined ? {} : { nodeUuid: (await api.nodes.find(nodeIdentifier(node, version))).uuid }),
    }),
    identify: (given) => recordIdentifier(given, faults.portgroupNotFound),
    notFound: faults.portgroupNotFound,
  });
  return [
    ...endpoints,
    ...nested({
      path: 'nodes/:node/portgroups',
      summary: 'Lists the port groups of a node.',
      since: 24,
      filters: { address: PORTGROUP_TABLE.filters.address },
      async owner(call) {
        const { uuid } = await findNode(api, call);
        return { filters: { nodeUuid: uuid }, path: `nodes/${uuid}/portgroups` };
      },
    }),
  ];
}

/** @throws RequestFault 404. */
export async function findPortgroup(api: ApiDependencies, identifier: string): Promise<Portgroup> {
  return api.portgroups.find(recordIdentifier(identifier, faults.portgroupNotFound));
}
