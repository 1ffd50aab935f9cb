import { createSubscription, type EventSubscription, findSubscription, readEventService, readSubscriptions, removeSubscription, submitTestEvent } from '@ferric/redfish';
import type { IloSubscription, IloSubscriptions } from '../ilo-client.js';
import type { Perform } from '../operations/perform.js';

/** Source: HPE iLO 5 RESTful API, EventService and EventDestination. */
export function createSubscriptions(perform: Perform): IloSubscriptions {
  return {
    list: (options) => perform('subscriptions', { rest: async ({ client, options: call }) => (await readSubscriptions(client, call)).map(toSubscription) }, options),
    readCollection: (options) =>
      perform('subscriptions', { rest: async ({ client, options: call }) => (await client.read((await readEventService(client, call)).subscriptions, call)).body }, options),
    read: (id, options) => perform('subscriptions', { rest: async ({ client, options: call }) => toSubscription(await findSubscription(client, id, call)) }, options),
    create: (request, options) =>
      perform('subscriptions', { rest: async ({ client, options: call }) => toSubscription(await createSubscription(client, request, call)) }, options),
    remove: (id, options) => perform('subscriptions', { rest: ({ client, options: call }) => removeSubscription(client, id, call) }, options),
    test: (message, options) => perform('subscriptions', { rest: ({ client, options: call }) => submitTestEvent(client, { message }, call) }, options),
  };
}

function toSubscription({ id, destination, context, protocol, eventTypes }: EventSubscription): IloSubscription {
  return { id, destination, context, protocol: protocol ?? null, eventTypes };
}
