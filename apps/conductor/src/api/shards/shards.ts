import type { ApiDependencies } from '../dependencies.js';
import { defineEndpoint, ok, type AnyEndpoint } from '../http/endpoint.js';

/** What the shard of nodes without one is called. */
const NO_SHARD = 'None';

const SHARD = { type: 'object', properties: { name: { type: 'string', description: `${NO_SHARD}: nodes without a shard.` }, count: { type: 'integer' } } } as const;
const SCHEMA = { type: 'object', properties: { shards: { type: 'array', items: SHARD } } } as const;

/** `/v1/shards`. Source: Ironic, ironic/api/controllers/v1/shard.py and its get_shard_list; recorded exchange 143. */
export function shardEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  return [
    defineEndpoint({
      method: 'GET',
      path: '/shards',
      summary: 'Lists the shards, the largest first, and how many nodes each has.',
      since: 82,
      answer: { status: 200, description: 'The shards.', schema: SCHEMA },
      async handle() {
        const counted = await api.store.nodes.countByShard();
        const largestFirst = counted.toSorted((a, b) => b.count - a.count);
        return ok({ shards: largestFirst.map(({ shard, count }) => ({ name: shard ?? NO_SHARD, count })) });
      },
    }),
  ];
}
