import { type JsonObject, Secret } from '@ferric/core';
import type { Resource, RestContext } from '../rest/resource.js';
import type { RestService } from '../rest/service.js';
import { logIn } from '../rest/sessions.js';
import { BIOS_RESOURCES } from './bios.js';
import { href, resource } from './build.js';
import { strictly, toEarly } from './early-redfish.js';
import { MANAGER_RESOURCES } from './managers.js';
import { selfDescription } from './self-description.js';
import { chassisResources, SERVICE_RESOURCES, sessionResources, showSession } from './services.js';
import { STORAGE_RESOURCES } from './storage.js';
import { SYSTEM_RESOURCES } from './systems.js';

function readRoot(context: RestContext, sessions: string): JsonObject {
  const { identity, serverName, clock } = context.machine;
  return resource(
    context,
    '',
    'ServiceRoot.1.0.0',
    {
      Name: 'HP RESTful Root Service',
      Oem: {
        Hp: {
          Manager: [
            {
              DefaultLanguage: 'en',
              FQDN: `ILO${identity.serialNumber}.example.org`,
              HostName: `ILO${identity.serialNumber}`,
              ManagerFirmwareVersion: identity.firmwareVersion,
              ManagerType: 'iLO 4',
              Status: { Health: 'OK' },
            },
          ],
          Sessions: { LocalLoginEnabled: true, LoginFailureDelay: Math.round(context.controller.behaviour.loginFailureDelayMs / 1000), ServerName: serverName },
          Time: clock.now().toISOString().replace(/\.\d+/, ''),
          Type: 'HpiLOServiceExt.1.0.0',
          links: { ResourceDirectory: href(context, 'ResourceDirectory') },
        },
      },
      ServiceVersion: '1.0.0',
      Time: clock.now().toISOString().replace(/\.\d+/, ''),
      UUID: identity.uuid.toLowerCase(),
    },
    {
      AccountService: href(context, 'AccountService'),
      Chassis: href(context, 'Chassis'),
      Managers: href(context, 'Managers'),
      Registries: href(context, 'Registries'),
      Schemas: href(context, 'Schemas'),
      Sessions: href(context, sessions),
      Systems: href(context, 'Systems'),
    },
  );
}

function resourcesOf(sessions: string, reports: { readonly power: string; readonly thermal: string }): readonly Resource[] {
  return [
    { path: '', isOpen: true, read: (context) => readRoot(context, sessions) },
    ...sessionResources(sessions),
    ...SYSTEM_RESOURCES,
    ...BIOS_RESOURCES,
    ...STORAGE_RESOURCES,
    ...MANAGER_RESOURCES,
    ...chassisResources(reports),
    ...SERVICE_RESOURCES,
  ];
}

/** What both interfaces of iLO 4 have in common. */
function createService(origin: string, own: Pick<RestService, 'root' | 'style' | 'needsSlash' | 'sessionsPath' | 'present' | 'strict'>, resources: readonly Resource[]): RestService {
  const end = own.needsSlash ? '/' : '';
  const { root, sessionsPath } = own;
  const service: RestService = {
    ...own,
    resources: [...resources, ...selfDescription(() => service)],
    origin,
    nobody: new Secret(''),
    takesEmptyBody: (path) => /Manager\.Reset/i.test(path),
    href: (path) => (path === '' ? `${root}${end}` : `${root}/${path}${end}`),
    logIn: (controller, body, context, fault) =>
      logIn(controller, body, context, fault, {
        path: sessionsPath,
        show: (within, id) => own.present(within, `${sessionsPath}/{}`, showSession(within, sessionsPath, id) ?? {}),
      }),
  };
  return service;
}

/** `/rest/v1` of iLO 4. */
export function createRisService(origin: string): RestService {
  const own = { root: '/rest/v1', style: 'ris' as const, needsSlash: false, sessionsPath: 'Sessions' };
  return createService(origin, { ...own, present: (_context, _path, body) => body, strict: (body) => body }, resourcesOf('Sessions', { power: 'PowerMetrics', thermal: 'ThermalMetrics' }));
}

/** `/redfish/v1` of iLO 4. */
export function createEarlyService(origin: string): RestService {
  const own = { root: '/redfish/v1', style: 'early' as const, needsSlash: true, sessionsPath: 'SessionService/Sessions' };
  const sessionService: Resource = {
    path: 'SessionService',
    read: (context) => resource(context, 'SessionService', 'SessionService.1.0.0', { Name: 'Session Service', ServiceEnabled: true }),
  };
  const resources = [sessionService, ...resourcesOf('SessionService/Sessions', { power: 'Power', thermal: 'Thermal' })];
  return createService(origin, { ...own, present: toEarly, strict: strictly }, resources);
}
