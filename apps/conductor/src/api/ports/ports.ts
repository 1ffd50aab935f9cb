import type { Port } from '@ferric/core';
import { faults } from '../../fault.js';
import type { PortFilters } from '../../store/records/ports.js';
import type { ApiDependencies } from '../dependencies.js';
import type { ArgumentValues } from '../http/arguments.js';
import { requireUuid } from '../http/argument-types.js';
import type { AnyEndpoint } from '../http/endpoint.js';
import { findNode } from '../nodes/node-lookup.js';
import { nodeIdentifier } from '../nodes/node-names.js';
import { findPortgroup } from '../portgroups/portgroups.js';
import { collectionEndpoints } from '../table/collection.js';
import { checkSmartNic } from './local-link.js';
import { PORT_TABLE } from './port-fields.js';

/** `/v1/ports`, one port, and the ports of a node or a port group. */
export function portEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const { endpoints, nested } = collectionEndpoints(api, {
    table: PORT_TABLE,
    path: 'ports',
    one: 'a port',
    many: 'ports',
    detailPath: true,
    service: api.ports,
    reader: api.store.ports,
    toFilters: (query, version) => toFilters(api, query, version),
    identify: (given) => requireUuid('port_uuid', given),
    notFound: faults.portNotFound,
    check: checkPort,
  });
  return [
    ...endpoints,
    ...nested({
      path: 'nodes/:node/ports',
      summary: 'Lists the ports of a node.',
      filters: { address: PORT_TABLE.filters.address },
      async owner(call) {
        const { uuid: nodeUuid } = await findNode(api, call);
        return { filters: { nodeUuid }, path: `nodes/${nodeUuid}/ports` };
      },
    }),
    ...nested({
      path: 'portgroups/:portgroup/ports',
      summary: 'Lists the ports of a port group.',
      since: 24,
      filters: { address: PORT_TABLE.filters.address },
      async owner({ parameters }) {
        const { uuid: portgroupUuid } = await findPortgroup(api, parameters['portgroup'] ?? '');
        return { filters: { portgroupUuid }, path: `portgroups/${portgroupUuid}/ports` };
      },
    }),
  ];
}

async function toFilters(api: ApiDependencies, query: ArgumentValues<typeof PORT_TABLE.filters>, version: number): Promise<PortFilters> {
  const { address, node, node_uuid: nodeUuid, portgroup, shard } = query;
  const owner = nodeUuid ?? node;
  return {
    ...(address === undefined ? {} : { address }),
    ...(owner === undefined ? {} : { nodeUuid: (await api.nodes.find(nodeIdentifier(owner, version))).uuid }),
    ...(portgroup === undefined ? {} : { portgroupUuid: (await findPortgroup(api, portgroup)).uuid }),
    ...(shard === undefined ? {} : { nodeShards: shard }),
  };
}

/** The port of a smart NIC must say where it is plugged in, and a physical network has a name. */
function checkPort(changes: Partial<Port>, present: Port | undefined): void {
  if (changes.physicalNetwork === '') throw faults.invalid('A non-empty value is required when setting physical_network');
  const touched = changes.isSmartnic !== undefined || changes.localLinkConnection !== undefined;
  const port = { ...present, ...changes };
  if (touched && port.isSmartnic === true) checkSmartNic(port.localLinkConnection ?? {});
}
