import type { ApiDependencies } from '../dependencies.js';
import { defineEndpoint, ok, type AnyEndpoint } from '../http/endpoint.js';
import { findNode } from './node-lookup.js';

/** `/v1/nodes/{node}/traits`. */
export function nodeTraitEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  return [
    defineEndpoint({
      method: 'GET',
      path: '/nodes/:node/traits',
      summary: 'Lists the traits of a node.',
      since: 37,
      answer: { status: 200, description: 'The traits.', schema: { type: 'object', properties: { traits: { type: 'array', items: { type: 'string' } } } } },
      handle: async (call) => ok({ traits: (await findNode(api, call)).traits.toSorted() }),
    }),
  ];
}
