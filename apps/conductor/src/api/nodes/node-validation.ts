import type { JsonObject } from '@ferric/core';
import { faults } from '../../fault.js';
import type { ApiDependencies } from '../dependencies.js';
import { uuid, uuidOrName } from '../http/argument-types.js';
import { defineEndpoint, ok, type AnyEndpoint, type Answer } from '../http/endpoint.js';
import { identifierOf } from './node-lookup.js';
import { nodeIdentifier } from './node-names.js';

const VERDICTS_SCHEMA: JsonObject = {
  type: 'object',
  additionalProperties: {
    type: 'object',
    properties: { result: { type: ['boolean', 'null'] }, reason: { type: 'string' } },
    required: ['result'],
  },
};

/** `/v1/nodes/{node}/validate` and its older form. */
export function nodeValidationEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const answer = { status: 200, description: 'A verdict on each interface.', schema: VERDICTS_SCHEMA };
  const validate = async (identifier: string): Promise<Answer> => {
    const verdicts = Object.entries(await api.nodes.validate(identifier));
    return ok(Object.fromEntries(verdicts.map(([name, { result, reason }]) => [name, { result, ...(reason === undefined ? {} : { reason }) }])));
  };
  return [
    defineEndpoint({
      method: 'GET',
      path: '/nodes/:node/validate',
      summary: 'Checks whether a node has what its interfaces need.',
      answer,
      handle: (call) => validate(identifierOf(call)),
    }),
    defineEndpoint({
      method: 'GET',
      path: '/nodes/validate',
      summary: 'The same; the query names the node.',
      query: {
        node: { type: uuidOrName, description: 'UUID or name of the node.' },
        node_uuid: { type: uuid, description: 'UUID of the node.' },
      },
      answer,
      handle(call) {
        const given = call.query.node_uuid ?? call.query.node;
        if (given === undefined) throw faults.invalid('Missing mandatory parameter: node');
        return validate(nodeIdentifier(given, call.version));
      },
    }),
  ];
}
