import type { ApiDependencies } from '../dependencies.js';
import { text } from '../http/argument-types.js';
import { argumentsBody } from '../http/body-readers.js';
import { defineEndpoint, type AnyEndpoint } from '../http/endpoint.js';
import { identifierOf } from './node-lookup.js';

/** `/v1/nodes/{node}/maintenance`. */
export function nodeMaintenanceEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const path = '/nodes/:node/maintenance';
  return [
    defineEndpoint({
      method: 'PUT',
      path,
      summary: 'Puts a node into maintenance.',
      body: argumentsBody({ reason: { type: text, description: 'Why.' } }),
      answer: { status: 202, description: 'It is in maintenance.' },
      async handle(call) {
        await api.nodes.setMaintenance(identifierOf(call), { enabled: true, reason: call.body.reason ?? null }, call.requester);
        return { status: 202 };
      },
    }),
    defineEndpoint({
      method: 'DELETE',
      path,
      summary: 'Takes a node out of maintenance; forgets the reason and the fault.',
      answer: { status: 202, description: 'It is out of maintenance.' },
      async handle(call) {
        await api.nodes.setMaintenance(identifierOf(call), { enabled: false, reason: null }, call.requester);
        return { status: 202 };
      },
    }),
  ];
}
