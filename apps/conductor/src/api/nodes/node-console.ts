import type { ApiDependencies } from '../dependencies.js';
import { truth } from '../http/argument-types.js';
import { argumentsBody } from '../http/body-readers.js';
import { defineEndpoint, ok, type AnyEndpoint } from '../http/endpoint.js';
import { findNode, identifierOf } from './node-lookup.js';

const CONSOLE_SCHEMA = {
  type: 'object',
  properties: {
    console_enabled: { type: 'boolean' },
    console_info: { type: ['object', 'null'], description: 'How a client reaches it: type and url, url null where no client can. Null while the console is off.' },
  },
} as const;

/** `/v1/nodes/{node}/states/console`. */
export function nodeConsoleEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const path = '/nodes/:node/states/console';
  return [
    defineEndpoint({
      method: 'GET',
      path,
      summary: 'Tells whether the console is on and how to reach it.',
      answer: { status: 200, description: 'The console.', schema: CONSOLE_SCHEMA },
      async handle(call) {
        const { enabled, info } = await api.nodes.console(identifierOf(call));
        return ok({ console_enabled: enabled, console_info: info });
      },
    }),
    defineEndpoint({
      method: 'PUT',
      path,
      summary: 'Asks for the console to be on or off.',
      body: argumentsBody({ enabled: { type: truth, description: 'Whether it shall be on.', required: true } }),
      answer: { status: 202, description: 'Accepted; Location says where to watch.' },
      async handle(call) {
        const { uuid } = await findNode(api, call);
        await api.nodes.setConsole(uuid, call.body.enabled, call.requester);
        return { status: 202, headers: { location: `${call.base}/v1/nodes/${uuid}/states/console` } };
      },
    }),
  ];
}
