import type { JsonObject, JsonValue } from '@ferric/core';
import { DELIVERY, EVENT_TYPES } from '../events.js';
import { refuse } from '../outcome.js';
import { asList, asObject, asText, type Resource, type RestContext } from '../rest/resource.js';
import { collection, link, resource } from './build.js';

const SERVICE = 'EventService';
const ALL = `${SERVICE}/Subscriptions`;
const TEST_EVENT = `${SERVICE}/Actions/EventService.SubmitTestEvent`;

/** What a test event must say. */
const OF_TEST_EVENT = ['EventType', 'EventId', 'EventTimestamp', 'Severity', 'Message', 'MessageId', 'OriginOfCondition'] as const;

function readSubscription(context: RestContext, id: string): JsonObject | undefined {
  const subscription = context.controller.events.subscriptions.find((each) => each.id === id);
  if (subscription === undefined) return undefined;
  const { destination, eventTypes, context: ownContext, protocol } = subscription;
  return resource(context, `${ALL}/${id}`, 'EventDestination', {
    Name: 'EventSubscription',
    Destination: destination,
    EventTypes: [...eventTypes],
    Context: ownContext,
    // Written only.
    HttpHeaders: [],
    Protocol: protocol,
  });
}

/** A list of objects with one header each. */
function headersIn(value: JsonValue | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(asList(value).flatMap((each) => Object.entries(asObject(each)).map(([name, text]) => [name, String(text)])));
}

/** Source: HPE iLO 5 RESTful API, EventService and EventDestination. */
export const EVENT_RESOURCES: readonly Resource[] = [
  {
    path: SERVICE,
    read: (context) =>
      resource(context, SERVICE, 'EventService', {
        Name: 'Event Service',
        Actions: { '#EventService.SubmitTestEvent': { target: context.href(TEST_EVENT), 'EventType@Redfish.AllowableValues': [...EVENT_TYPES] } },
        ServiceEnabled: true,
        DeliveryRetryAttempts: DELIVERY.retries,
        DeliveryRetryIntervalSeconds: DELIVERY.pauseSeconds,
        EventTypesForSubscription: [...EVENT_TYPES],
        Subscriptions: link(context, ALL),
      }),
  },
  {
    path: ALL,
    read: (context) => collection(context, ALL, 'EventDestinationCollection', context.controller.events.subscriptions.map(({ id }) => `${ALL}/${id}`)),
    post(context, body) {
      const { events } = context.controller;
      const destination = asText(body['Destination']);
      if (destination === undefined) return refuse('missing property', 'Destination');
      if (URL.parse(destination)?.host === undefined) return refuse('value not allowed', destination, 'Destination');
      const eventTypes = asList(body['EventTypes']).map(String);
      const unknown = eventTypes.find((each) => !EVENT_TYPES.includes(each));
      if (unknown !== undefined) return refuse('value not allowed', unknown, 'EventTypes');
      if (events.isFull) return refuse('too many');
      let path = '';
      const outcome = context.caller.perform('subscribe', () => {
        const headers = headersIn(body['HttpHeaders']);
        const { id } = events.subscribe({ destination, eventTypes, context: asText(body['Context']) ?? '', protocol: asText(body['Protocol']) ?? 'Redfish', headers });
        path = `${ALL}/${id}`;
        return undefined;
      });
      if (outcome !== undefined || path === '') return outcome;
      return { status: 201, headers: { Location: `${context.origin}${context.href(path)}` }, messages: [{ registry: 'Base', key: 'Created' }] };
    },
  },
  {
    path: `${ALL}/{}`,
    read: readSubscription,
    remove: (context, id) =>
      context.caller.perform('subscribe', () => {
        context.controller.events.unsubscribe(id);
        return undefined;
      }),
  },
  {
    path: TEST_EVENT,
    post({ controller: { events }, caller }, body) {
      const missing = OF_TEST_EVENT.find((name) => asText(body[name]) === undefined);
      if (missing !== undefined) return refuse('missing property', missing);
      const kind = String(body['EventType']);
      if (!EVENT_TYPES.includes(kind)) return refuse('value not allowed', kind, 'EventType');
      return caller.perform('subscribe', () => {
        events.raise({ ...body, OriginOfCondition: { '@odata.id': String(body['OriginOfCondition']) } });
        return undefined;
      });
    },
  },
];
