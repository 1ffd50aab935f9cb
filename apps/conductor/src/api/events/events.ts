import type { ApiDependencies } from '../dependencies.js';
import { defineEndpoint, type AnyEndpoint } from '../http/endpoint.js';
import { eventsBody } from './event-input.js';

/** `/v1/events`. Source: Ironic, ironic/api/controllers/v1/event.py; recorded exchange 142. */
export function networkEventEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  return [
    defineEndpoint({
      method: 'POST',
      path: '/events',
      summary: 'Takes note of what a network service tells of its ports.',
      since: 54,
      body: eventsBody,
      answer: { status: 204, description: 'They are noted in the histories of the nodes whose ports they are about.' },
      async handle(call) {
        await api.nodes.receiveNetworkEvents(call.body, call.requester);
        return { status: 204 };
      },
    }),
  ];
}
