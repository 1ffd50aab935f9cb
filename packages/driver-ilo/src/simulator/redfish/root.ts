import type { JsonObject } from '@ferric/core';
import { refuse } from '../outcome.js';
import { asList, asText, type Resource, type RestContext } from '../rest/resource.js';
import { collection, link, oem, resource } from './build.js';

/** How many may be told of events. */
const MOST_SUBSCRIPTIONS = 10;

function readRoot(context: RestContext): JsonObject {
  const { identity } = context.machine;
  const { iloNumber } = identity.facts;
  return {
    ...resource(context, '', 'ServiceRoot', {}),
    Id: 'RootService',
    Name: 'HPE RESTful Root Service',
    RedfishVersion: iloNumber === 6 ? '1.13.0' : '1.6.0',
    UUID: identity.uuid.toLowerCase(),
    Vendor: 'HPE',
    Product: identity.productName,
    AccountService: link(context, 'AccountService'),
    Chassis: link(context, 'Chassis'),
    EventService: link(context, 'EventService'),
    JsonSchemas: link(context, 'JsonSchemas'),
    Managers: link(context, 'Managers'),
    Registries: link(context, 'Registries'),
    SessionService: link(context, 'SessionService'),
    Systems: link(context, 'Systems'),
    UpdateService: link(context, 'UpdateService'),
    Links: { Sessions: link(context, 'SessionService/Sessions') },
    Oem: oem(context, 'HpeiLOServiceExt', {
      Manager: [
        {
          DefaultLanguage: 'en',
          FQDN: `ILO${identity.serialNumber}.example.org`,
          HostName: `ILO${identity.serialNumber}`,
          Languages: [{ Language: 'en', TranslationName: 'English', Version: identity.firmwareVersion }],
          ManagerFirmwareVersion: identity.firmwareVersion,
          ManagerType: `iLO ${iloNumber}`,
          Status: { Health: 'OK' },
        },
      ],
      Moniker: { PRODTAG: 'HPE iLO', PRODNAM: `Integrated Lights-Out ${iloNumber}`, SUMGR: `iLO ${iloNumber}` },
      Sessions: {
        CertCommonName: `ILO${identity.serialNumber}`,
        KerberosEnabled: false,
        LDAPEnabled: false,
        LocalLoginEnabled: true,
        LoginFailureDelay: Math.round(context.controller.behaviour.loginFailureDelayMs / 1000),
        SecurityOverride: false,
        ServerName: context.machine.serverName,
      },
      Time: context.machine.clock.now().toISOString().replace(/\.\d+/, ''),
    }),
  };
}

function showSession(context: RestContext, id: string): JsonObject | undefined {
  const session = context.controller.sessions.withId(id);
  if (session === undefined) return undefined;
  return resource(context, `SessionService/Sessions/${id}`, 'Session', {
    Name: 'User Session',
    Description: 'Manager User Session',
    UserName: session.account.login,
    Oem: oem(context, 'HpeiLOSession', { AccessTime: session.beganAt.toISOString(), UserAccount: session.account.login, UserDistinguishedName: '', UserExpires: '' }),
  });
}

export { showSession };

const readSubscription = (context: RestContext, id: string): JsonObject | undefined => {
  const subscription = context.controller.subscriptions.find((each) => each.id === id);
  if (subscription === undefined) return undefined;
  return resource(context, `EventService/Subscriptions/${id}`, 'EventDestination', {
    Name: 'EventSubscription',
    Destination: subscription.destination,
    EventTypes: [...subscription.eventTypes],
    Context: subscription.context,
    Protocol: subscription.protocol,
  });
};

/** The root, sessions, events, and what has no contents here. */
export const ROOT_RESOURCES: readonly Resource[] = [
  { path: '', isOpen: true, read: readRoot },
  {
    path: 'odata',
    isOpen: true,
    read: () => ({ '@odata.context': '/redfish/v1/$metadata', value: [{ name: 'Service', kind: 'Singleton', url: '/redfish/v1/' }] }),
  },
  {
    path: 'SessionService',
    read: (context) =>
      resource(context, 'SessionService', 'SessionService', {
        Name: 'Session Service',
        ServiceEnabled: true,
        SessionTimeout: Math.round(context.controller.behaviour.sessionTimeoutMs / 1000),
        Sessions: link(context, 'SessionService/Sessions'),
      }),
  },
  {
    path: 'SessionService/Sessions',
    isOpen: true,
    read: (context) =>
      collection(context, 'SessionService/Sessions', 'SessionCollection', context.controller.sessions.open.map(({ id }) => `SessionService/Sessions/${id}`)),
    // New sessions are made before anybody is known; see rest/sessions.ts.
    post: () => undefined,
  },
  {
    path: 'SessionService/Sessions/{}',
    read: showSession,
    remove(context, id) {
      const session = context.controller.sessions.withId(id);
      if (session === undefined) return refuse('not there', context.href(`SessionService/Sessions/${id}`));
      context.controller.sessions.end(session);
      return undefined;
    },
  },
  { path: 'Registries', read: (context) => collection(context, 'Registries', 'MessageRegistryFileCollection', []) },
  { path: 'JsonSchemas', read: (context) => collection(context, 'JsonSchemas', 'JsonSchemaFileCollection', []) },
  {
    path: 'EventService',
    read: (context) =>
      resource(context, 'EventService', 'EventService', {
        Name: 'Event Service',
        ServiceEnabled: true,
        DeliveryRetryAttempts: 3,
        DeliveryRetryIntervalSeconds: 30,
        EventTypesForSubscription: ['StatusChange', 'ResourceUpdated', 'ResourceAdded', 'ResourceRemoved', 'Alert'],
        Subscriptions: link(context, 'EventService/Subscriptions'),
      }),
  },
  {
    path: 'EventService/Subscriptions',
    read: (context) =>
      collection(context, 'EventService/Subscriptions', 'EventDestinationCollection', context.controller.subscriptions.map(({ id }) => `EventService/Subscriptions/${id}`)),
    post(context, body) {
      const destination = asText(body['Destination']);
      if (destination === undefined) return refuse('missing property', 'Destination');
      const { controller } = context;
      if (controller.subscriptions.length >= MOST_SUBSCRIPTIONS) return refuse('too many');
      const id = String(1 + Math.max(0, ...controller.subscriptions.map((each) => Number(each.id))));
      const outcome = context.caller.perform('subscribe', () => {
        const eventTypes = asList(body['EventTypes']).map(String);
        const subscription = { id, destination, eventTypes, context: asText(body['Context']) ?? '', protocol: asText(body['Protocol']) ?? 'Redfish' };
        controller.subscriptions = [...controller.subscriptions, subscription];
        return undefined;
      });
      const path = `EventService/Subscriptions/${id}`;
      return outcome ?? { status: 201, headers: { Location: `${context.origin}${context.href(path)}` }, messages: [{ registry: 'Base', key: 'Created' }] };
    },
  },
  {
    path: 'EventService/Subscriptions/{}',
    read: readSubscription,
    remove: (context, id) =>
      context.caller.perform('subscribe', () => {
        context.controller.subscriptions = context.controller.subscriptions.filter((each) => each.id !== id);
        return undefined;
      }),
  },
];
