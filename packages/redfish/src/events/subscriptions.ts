import { type CallOptions, FerricError, invalidOptions, type JsonObject, printValue, Secret } from '@ferric/core';
import { findAction, runAction } from '../actions/actions.js';
import type { RedfishClient, RedfishReply, RequestBody } from '../client/client-types.js';
import { within, withinChange } from '../client/within.js';
import { unknownOutcome } from '../errors/left-open.js';
import { requireLink } from '../resource/links.js';
import { samePath } from '../resource/paths.js';
import { reader } from '../resource/readers.js';
import { inlineResource, type Resource } from '../resource/resource.js';
import { listMembers, readMembers } from '../walk/collection.js';

/** What the controller tells others about. */
export interface EventService {
  readonly resource: Resource;
  readonly enabled: boolean | undefined;
  /** Kinds of events that can be subscribed to; empty when the controller does not tell. */
  readonly eventTypes: readonly string[];
  /** Path of the collection of subscriptions. */
  readonly subscriptions: string;
}

/** Somebody who is told of events. */
export interface EventSubscription {
  /** Of a new one that could not be read yet: what was asked for, without the headers. */
  readonly resource: Resource;
  /** As the controller names it: `1`. */
  readonly id: string;
  readonly destination: string;
  readonly context: string;
  /** `Redfish`, `SNMPv2c`, ... */
  readonly protocol: string | undefined;
  readonly eventTypes: readonly string[];
}

/** What is subscribed to. */
export interface SubscriptionRequest {
  /** Where events are sent to with POST. */
  readonly destination: string;
  /** Comes with each event, so that the receiver knows what it is about. Default: an empty text. */
  readonly context?: string;
  /** Default `Redfish`. */
  readonly protocol?: string;
  /** Default: `Alert`. */
  readonly eventTypes?: readonly string[];
  /** Sent with each event. All values are taken for secrets, also those that are plain texts: most prove who sends. Default: none. */
  readonly httpHeaders?: readonly Readonly<Record<string, string | Secret>>[];
}

/** An event that the controller sends when it is told to, so that a receiver can be tried. */
export interface TestEvent {
  /** Default `Alert`. */
  readonly eventType?: string;
  readonly message: string;
}

const DEFAULT_EVENT_TYPES = ['Alert'] as const;
const DEFAULT_PROTOCOL = 'Redfish';

/** The event service. Source: DSP0266, "Eventing"; schema EventService. @throws UNSUPPORTED when the controller has none */
export async function readEventService(client: RedfishClient, options?: CallOptions): Promise<EventService> {
  return within(client, options, 'the event service', async (call) => {
    const resource = await client.read(requireLink(await client.root(call), 'EventService'), call);
    const fields = reader(resource.body, resource.path);
    return {
      resource,
      enabled: fields.boolean('ServiceEnabled'),
      eventTypes: fields.texts('EventTypesForSubscription'),
      subscriptions: requireLink(resource, 'Subscriptions'),
    };
  });
}

/** All subscriptions, in the order of the controller. @throws UNSUPPORTED as {@link readEventService} */
export async function readSubscriptions(client: RedfishClient, options?: CallOptions): Promise<readonly EventSubscription[]> {
  return within(client, options, 'subscriptions', async (call) => {
    const { subscriptions } = await readEventService(client, call);
    return (await readMembers(client, subscriptions, call)).map(decodeSubscription);
  });
}

/** One subscription by its name. @throws NOT_FOUND when there is none of this name */
export async function findSubscription(client: RedfishClient, id: string, options?: CallOptions): Promise<EventSubscription> {
  return within(client, options, 'the subscription', async (call) => {
    const { subscriptions } = await readEventService(client, call);
    return decodeSubscription(await client.read(await pathOfSubscription(client, subscriptions, id, call), call));
  });
}

/**
 * Subscribes to events. When the answer gets lost, the subscriptions are read: one that was not there before and is for the same is the one. When the
 * answer tells the place of the new one and that cannot be read, it is told as it was asked for.
 * @throws INVALID_OPTIONS for a kind of event that the controller does not know, before anything is sent; BUSY when it can hold no more subscriptions;
 *   what leaves open whether it was made is not retryable, and `details.sent` is true
 */
export async function createSubscription(client: RedfishClient, request: SubscriptionRequest, options?: CallOptions): Promise<EventSubscription> {
  return withinChange(client, options, 'the subscription', async (call) => {
    const { subscriptions, eventTypes } = await readEventService(client, call);
    checkEventTypes(request, eventTypes);
    const before = await listMembers(client, subscriptions, call);
    const isNew = ({ resource }: EventSubscription): boolean => !before.some(({ path }) => samePath(path, resource.path));
    const findNew = async (): Promise<EventSubscription | undefined> =>
      (await readMembers(client, subscriptions, call)).map(decodeSubscription).filter(isNew).findLast((each) => isFor(each, request));
    let failure: FerricError | undefined;
    const location = await client.post(subscriptions, bodyOf(request), call).then(
      (reply) => placeOf(reply, subscriptions),
      (error: unknown) => {
        if (call.signal?.aborted === true || !FerricError.is(error) || error.details['sent'] !== true) throw error;
        failure = error;
      },
    );
    try {
      // It may be made: whatever goes wrong from here on must not lead to a second one.
      const created = location === undefined ? await findNew() : decodeSubscription(await readMade(client, location, request, call));
      if (created !== undefined) return created;
    } catch (error) {
      throw call.signal?.aborted === true ? error : unknownOutcome(error);
    }
    throw failure ?? unseen(client, subscriptions);
  });
}

/** Ends a subscription. @throws NOT_FOUND when there is none of this name */
export async function removeSubscription(client: RedfishClient, id: string, options?: CallOptions): Promise<void> {
  await withinChange(client, options, 'the subscription', async (call) => {
    const { subscriptions } = await readEventService(client, call);
    await client.remove(await pathOfSubscription(client, subscriptions, id, call), call);
  });
}

/** Has the controller send an event to all who subscribed to its kind. @throws UNSUPPORTED when it does not offer that */
export async function submitTestEvent(client: RedfishClient, { eventType = DEFAULT_EVENT_TYPES[0], message }: TestEvent, options?: CallOptions): Promise<void> {
  await withinChange(client, options, 'a test event', async (call) => {
    const { resource } = await readEventService(client, call);
    const action = findAction(resource, 'SubmitTestEvent');
    if (action === undefined) throw new FerricError('UNSUPPORTED', `${resource.path} sends no test events`, { details: { resource: resource.path } });
    const body = {
      EventType: eventType,
      EventId: 'test',
      EventTimestamp: client.clock.now().toISOString().replace(/\.\d+/, ''),
      Severity: 'OK',
      Message: message,
      MessageArgs: [],
      MessageId: 'Base.1.0.Success',
      OriginOfCondition: resource.path,
    };
    await runAction(client, action, body, call);
  });
}

export function decodeSubscription(resource: Resource): EventSubscription {
  const fields = reader(resource.body, resource.path);
  return {
    resource,
    id: fields.text('Id') ?? nameIn(resource.path),
    destination: fields.requiredText('Destination'),
    context: fields.text('Context') ?? '',
    protocol: fields.text('Protocol'),
    eventTypes: fields.texts('EventTypes'),
  };
}

/** By the collection's own links, so that a name leads nowhere else. */
async function pathOfSubscription(client: RedfishClient, collection: string, id: string, call: CallOptions): Promise<string> {
  const found = (await listMembers(client, collection, call)).find(({ path }) => nameIn(path) === id);
  if (found !== undefined) return found.path;
  throw new FerricError('NOT_FOUND', `The controller at ${client.address} has no subscription ${printValue(id)}`, { details: { address: client.address, id } });
}

/** The last part of a path. */
function nameIn(path: string): string {
  return path.split('?')[0]?.replace(/\/+$/, '').split('/').at(-1) ?? '';
}

function unseen({ address }: RedfishClient, path: string): FerricError {
  return new FerricError('PROTOCOL_FAULT', `The controller at ${address} took a subscription and does not show it`, { details: { address, path, sent: true } });
}

/** Where the new one is, when the answer tells. What was only accepted has its task there. Source: DSP0266, "POST (create)" and "Asynchronous operations". */
function placeOf({ status, location }: RedfishReply, collection: string): string | undefined {
  return status === 202 || location === undefined || samePath(location, collection) ? undefined : location;
}

/** The new one; what was asked for when it cannot be read: it is made, and whoever hears of a failure subscribes a second time. */
async function readMade(client: RedfishClient, path: string, request: SubscriptionRequest, call: CallOptions): Promise<Resource> {
  try {
    return await client.read(path, call);
  } catch (error) {
    // Whoever gave up or closed the client hears of that.
    if (call.signal?.aborted === true || !FerricError.is(error) || error.code === 'ABORTED') throw error;
    return inlineResource(path, factsOf(request));
  }
}

function isFor({ destination, context }: EventSubscription, request: SubscriptionRequest): boolean {
  return destination === request.destination && context === (request.context ?? '').trim();
}

function checkEventTypes({ eventTypes = [] }: SubscriptionRequest, known: readonly string[]): void {
  const unknown = eventTypes.filter((each) => !known.includes(each));
  if (known.length === 0 || unknown.length === 0) return;
  throw invalidOptions('Event subscription', [{ field: 'eventTypes', problem: 'invalid', expected: `a list of some of ${known.join(', ')}`, received: printValue(eventTypes) }]);
}

function bodyOf(request: SubscriptionRequest): RequestBody {
  const { httpHeaders = [] } = request;
  return { ...factsOf(request), ...(httpHeaders.length === 0 ? {} : { HttpHeaders: httpHeaders.map(sealed) }) };
}

function factsOf({ destination, context = '', protocol = DEFAULT_PROTOCOL, eventTypes = DEFAULT_EVENT_TYPES }: SubscriptionRequest): JsonObject {
  return { Destination: destination, Protocol: protocol, Context: context, EventTypes: [...eventTypes] };
}

function sealed(headers: Readonly<Record<string, string | Secret>>): Readonly<Record<string, Secret>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Secret.from<string>(value)]));
}
