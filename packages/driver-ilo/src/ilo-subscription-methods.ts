import { defineVendorMethod, Secret, type JsonObject, type ObjectSchema, type VendorMethod } from '@ferric/core';
import { noArguments, objectSchema, z } from '@ferric/core/zod';
import type { IloSubscription } from './client/index.js';
import type { IloMachine } from './ilo-machine.js';

const DESTINATION_EXPECTED = 'an address with a scheme and a host, such as https://192.0.2.9/events';
const EVENT_TYPES_EXPECTED = 'a list of kinds of events';
const HEADERS_EXPECTED = 'a list of objects with texts';

/** Names of a header that HTTP allows. Source: RFC 9110, section 5.6.2. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\u0020-\u007e]*$/;

/** Most headers carry what proves who sends. */
const header = z.record(z.string().regex(HEADER_NAME), z.preprocess((value) => (Secret.is(value) ? value.reveal() : value), z.string().regex(HEADER_VALUE)).transform((text) => new Secret(text)));

const wantedArguments = objectSchema(
  'Arguments of create_subscription',
  z.object({
    Destination: z.string(DESTINATION_EXPECTED).trim().refine(hasHost, DESTINATION_EXPECTED).meta({ description: 'Where events are sent to' }),
    EventTypes: z.array(z.string(EVENT_TYPES_EXPECTED), EVENT_TYPES_EXPECTED).min(1, EVENT_TYPES_EXPECTED).optional().meta({ description: 'Kinds of events. Default: Alert' }),
    Context: z.string('a text').optional().meta({ description: 'Comes with each event' }),
    Protocol: z.string('a text').optional().meta({ description: 'Default: Redfish' }),
    HttpHeaders: z.array(header, HEADERS_EXPECTED).optional().meta({ secret: true, description: 'Sent with each event, such as [{"Authorization": "Bearer ..."}]' }),
  }),
);

const ID_FIELDS = z.object({ id: z.union([z.string(), z.number().transform(String)], 'a text').refine((id) => id !== '', 'a text that is not empty').meta({ type: 'string', description: 'Its name at the iLO' }) });
const idArguments = (method: string): ObjectSchema<z.output<typeof ID_FIELDS>> => objectSchema(`Arguments of ${method}`, ID_FIELDS);

/** Subscriptions to events, from iLO 5 on. Source: Ironic, ironic/drivers/modules/redfish/vendor.py, with its names and its checks. */
export function createSubscriptionMethods(machine: IloMachine): Readonly<Record<string, VendorMethod>> {
  const synchronous = { async: false, attach: false, requireExclusiveLock: true } as const;
  return {
    create_subscription: defineVendorMethod({
      ...synchronous,
      description: "Creates a subscription on a node. Required argument: a dictionary of {'Destination': 'destination_url'}",
      httpMethods: ['POST'],
      arguments: wantedArguments,
      call: ({ Destination: destination, EventTypes: eventTypes, Context: context, Protocol: protocol, HttpHeaders: httpHeaders }, options) =>
        machine.perform({ what: 'create_subscription' }, options, async ({ client, options: call }) => {
          warnOfClearText(machine, destination);
          const wanted = {
            destination,
            ...(eventTypes === undefined ? {} : { eventTypes }),
            ...(context === undefined ? {} : { context }),
            ...(protocol === undefined ? {} : { protocol }),
            ...(httpHeaders === undefined ? {} : { httpHeaders }),
          };
          return shown(await client.subscriptions.create(wanted, call));
        }),
    }),
    delete_subscription: defineVendorMethod({
      ...synchronous,
      description: "Delete a subscription on a node. Required argument: a dictionary of {'id': 'subscription_bmc_id'}",
      httpMethods: ['DELETE'],
      arguments: idArguments('delete_subscription'),
      call: ({ id }, options) =>
        machine.perform({ what: 'delete_subscription' }, options, async ({ client, options: call }) => {
          await client.subscriptions.remove(id, call);
          return null;
        }),
    }),
    get_all_subscriptions: defineVendorMethod({
      ...synchronous,
      description: 'Returns all subscriptions on the node.',
      httpMethods: ['GET'],
      arguments: noArguments,
      call: (_args, options) => machine.perform({ what: 'get_all_subscriptions' }, options, ({ client, options: call }) => client.subscriptions.readCollection(call)),
    }),
    get_subscription: defineVendorMethod({
      ...synchronous,
      description: "Get a subscription on the node. Required argument: a dictionary of {'id': 'subscription_bmc_id'}",
      httpMethods: ['GET'],
      arguments: idArguments('get_subscription'),
      call: ({ id }, options) =>
        machine.perform({ what: 'get_subscription' }, options, async ({ client, options: call }) => shown(await client.subscriptions.read(id, call))),
    }),
  };
}

/** What Ironic shows of a subscription (SUBSCRIPTION_COMMON_FIELDS). */
function shown({ id, destination, context, protocol, eventTypes }: IloSubscription): JsonObject {
  return { Id: id, Context: context, Destination: destination, EventTypes: [...eventTypes], Protocol: protocol };
}

function hasHost(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) && (URL.parse(text)?.host ?? '') !== '';
}

function warnOfClearText({ logger, address }: IloMachine, destination: string): void {
  if (/^http:/i.test(destination)) logger.warn({ address }, 'Events of this iLO go over HTTP, so that others on the network can read them');
}
