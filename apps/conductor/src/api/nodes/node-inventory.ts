import type { ApiDependencies } from '../dependencies.js';
import { defineEndpoint, ok, type AnyEndpoint } from '../http/endpoint.js';
import { identifierOf } from './node-lookup.js';

/** `/v1/nodes/{node}/inventory`. */
export function nodeInventoryEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  return [
    defineEndpoint({
      method: 'GET',
      path: '/nodes/:node/inventory',
      summary: 'Shows what the last inspection found.',
      since: 81,
      answer: {
        status: 200,
        description: 'The inventory and what inspection plugins added.',
        schema: { type: 'object', properties: { inventory: { type: 'object' }, plugin_data: { type: 'object' } } },
      },
      async handle(call) {
        const { inventory, pluginData } = await api.nodes.inventory(identifierOf(call));
        return ok({ inventory, plugin_data: pluginData });
      },
    }),
  ];
}
