import type { JsonObject } from '@ferric/core';
import { refuse } from '../outcome.js';
import { showPrivileges } from '../rest/account-operation.js';
import type { Resource, RestContext } from '../rest/resource.js';
import { collection, link, oem, resource } from './build.js';

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
      Links: { ResourceDirectory: link(context, 'ResourceDirectory') },
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
    Oem: oem(context, 'HpeiLOSession', { AccessTime: session.beganAt.toISOString(), Privileges: showPrivileges(session.account), UserAccount: session.account.login, UserDistinguishedName: '', UserExpires: '' }),
  });
}

export { showSession };

/** The root, sessions, events. */
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
];
