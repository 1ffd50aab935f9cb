import type { Sealed } from '@ferric/core';
import { faults } from '../../fault.js';
import type { ApiDependencies } from '../dependencies.js';
import { requireObject } from '../http/body-readers.js';
import { defineEndpoint, ok, type AnyEndpoint, type BodyReader } from '../http/endpoint.js';
import { pythonScalar } from '../http/python-text.js';
import { schemaFault, unexpectedFault } from '../table/input.js';
import { requireTrait, TRAIT_SCHEMA } from '../traits/trait.js';
import { findNode, identifierOf } from './node-lookup.js';

/** First minor version that has traits. */
const SINCE = 37;

const TRAITS_SCHEMA = { type: 'object', properties: { traits: { type: 'array', items: TRAIT_SCHEMA } } } as const;

/** What error texts call the body. */
const SUBJECT = 'body';

/** `/v1/nodes/{node}/traits`. Source: Ironic, NodeTraitsController; recorded exchanges 066-071. */
export function nodeTraitEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const path = '/nodes/:node/traits';
  return [
    defineEndpoint({
      method: 'GET',
      path,
      summary: 'Lists the traits of a node.',
      since: SINCE,
      answer: { status: 200, description: 'The traits.', schema: TRAITS_SCHEMA },
      handle: async (call) => ok({ traits: (await findNode(api, call)).traits.toSorted() }),
    }),
    defineEndpoint({
      method: 'PUT',
      path,
      summary: 'Replaces the traits of a node.',
      since: SINCE,
      body: traitsBody,
      answer: { status: 204, description: 'It has these traits now.' },
      async handle(call) {
        if (call.body === undefined) throw oneOrAll();
        await api.nodes.setTraits(identifierOf(call), call.body, call.requester);
        return { status: 204 };
      },
    }),
    defineEndpoint({
      method: 'DELETE',
      path,
      summary: 'Removes all traits of a node.',
      since: SINCE,
      answer: { status: 204, description: 'It has none now.' },
      async handle(call) {
        await api.nodes.setTraits(identifierOf(call), [], call.requester);
        return { status: 204 };
      },
    }),
    defineEndpoint({
      method: 'PUT',
      path: `${path}/:trait`,
      summary: 'Adds a trait to a node.',
      since: SINCE,
      body: { schema: { type: 'object', maxProperties: 0 }, read: traitsBody.read },
      answer: { status: 204, description: 'It has the trait now; Location says where it is.' },
      async handle(call) {
        const trait = requireTrait('trait', call.parameters['trait'] ?? '');
        if (call.body !== undefined) throw oneOrAll();
        const node = identifierOf(call);
        await api.nodes.addTrait(node, trait, call.requester);
        return { status: 204, headers: { location: `${call.base}/v1/nodes/${node}/traits/${trait}` } };
      },
    }),
    defineEndpoint({
      method: 'DELETE',
      path: `${path}/:trait`,
      summary: 'Removes a trait of a node.',
      since: SINCE,
      answer: { status: 204, description: 'It does not have the trait any more.' },
      async handle(call) {
        await api.nodes.removeTrait(identifierOf(call), call.parameters['trait'] ?? '', call.requester);
        return { status: 204 };
      },
    }),
  ];
}

/** A list of traits; undefined when the body has none. */
const traitsBody: BodyReader<readonly string[] | undefined> = {
  schema: TRAITS_SCHEMA,
  read(body) {
    const { traits, ...others } = requireObject(SUBJECT, body ?? {});
    const unknown = Object.keys(others);
    if (unknown.length > 0) throw unexpectedFault(SUBJECT, unknown);
    if (traits === undefined) return undefined;
    if (!Array.isArray(traits)) throw schemaFault(SUBJECT, `${pythonScalar(traits)} is not of type 'array'`);
    return traits.map((trait: Sealed) => requireTrait(SUBJECT, trait));
  },
};

function oneOrAll(): Error {
  return faults.invalid(
    'A single node trait may be added via PUT /v1/nodes/<node identifier>/traits/<trait> with no body, or all node traits may be replaced ' +
      'via PUT /v1/nodes/<node identifier>/traits with the list of traits specified in the request body.',
  );
}
