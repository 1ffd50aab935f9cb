import { INDICATOR_COMPONENTS, INDICATOR_STATES, type Indicator, type JsonValue } from '@ferric/core';
import { faults } from '../../fault.js';
import type { IndicatorName } from '../../nodes/node-service.js';
import type { ApiDependencies } from '../dependencies.js';
import { text } from '../http/argument-types.js';
import { argumentsBody } from '../http/body-readers.js';
import { defineEndpoint, ok, type AnyEndpoint } from '../http/endpoint.js';
import { linkPair } from '../http/links.js';
import { LINKS_SCHEMA } from '../table/field-makers.js';
import { findNode, identifierOf } from './node-lookup.js';

/** First minor version that has indicators. */
const SINCE = 63;

const STATE_SCHEMA = { type: 'object', properties: { state: { enum: [...INDICATOR_STATES] } } } as const;
const LIST_SCHEMA = {
  type: 'object',
  properties: {
    indicators: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          name: { type: 'string', description: 'Its name and its component: led@system.' },
          component: { enum: [...INDICATOR_COMPONENTS] },
          readonly: { type: 'boolean' },
          states: { type: 'array', items: { enum: [...INDICATOR_STATES] } },
          links: LINKS_SCHEMA,
        },
      },
    },
  },
} as const;

/** `/v1/nodes/{node}/management/indicators`. Source: Ironic, IndicatorController; recorded exchanges 081 and 082. */
export function nodeIndicatorEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const path = '/nodes/:node/management/indicators';
  const list = (indicators: readonly Indicator[], base: string, uuid: string): JsonValue => ({ indicators: indicators.map((each) => present(each, base, uuid)) });
  return [
    defineEndpoint({
      method: 'GET',
      path,
      summary: 'Lists the indicators of a machine.',
      since: SINCE,
      callsDevice: true,
      answer: { status: 200, description: 'The indicators.', schema: LIST_SCHEMA },
      async handle(call) {
        const { uuid } = await findNode(api, call);
        return ok(list(await api.nodes.indicators(uuid, call.requester), call.base, uuid));
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: `${path}/:indicator`,
      summary: 'Tells the state of an indicator; for the name of a component, lists the indicators of the component.',
      since: SINCE,
      callsDevice: true,
      answer: { status: 200, description: 'The state, or the indicators.', schema: { oneOf: [STATE_SCHEMA, LIST_SCHEMA] } },
      async handle(call) {
        const { uuid } = await findNode(api, call);
        const given = call.parameters['indicator'] ?? '';
        if ((INDICATOR_COMPONENTS as readonly string[]).includes(given)) {
          const indicators = await api.nodes.indicators(uuid, call.requester);
          return ok(list(indicators.filter(({ component }) => component === given), call.base, uuid));
        }
        return ok({ state: await api.nodes.indicator(uuid, parseName(given), call.requester) });
      },
    }),
    defineEndpoint({
      method: 'PUT',
      path: `${path}/:indicator`,
      summary: 'Sets an indicator.',
      since: SINCE,
      callsDevice: true,
      body: argumentsBody({ state: { type: text, description: 'One of the states that the indicator can have.', required: true } }),
      answer: { status: 204, description: 'It is set.' },
      async handle(call) {
        const name = parseName(call.parameters['indicator'] ?? '');
        await api.nodes.setIndicator(identifierOf(call), name, call.body.state, call.requester);
        return { status: 204 };
      },
    }),
  ];
}

/** `led@system` taken apart at its first @. @throws RequestFault 400. */
function parseName(unique: string): IndicatorName {
  const at = unique.indexOf('@');
  if (at < 0) throw faults.malformedIndicator(unique);
  return { name: unique.slice(0, at), component: unique.slice(at + 1) };
}

function present({ component, name, readonly, states }: Indicator, base: string, uuid: string): JsonValue {
  const unique = `${name}@${component}`;
  return { name: unique, component, readonly, states: [...states], links: linkPair(base, `nodes/${uuid}/management/indicators/${unique}`) };
}
