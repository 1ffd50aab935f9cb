import { Secret } from '@ferric/core';
import type { Machine } from '../machine/machine.js';
import type { Resource } from '../rest/resource.js';
import type { RestService } from '../rest/service.js';
import { logIn } from '../rest/sessions.js';
import { BIOS_RESOURCES } from './bios.js';
import { CHASSIS_RESOURCES } from './chassis.js';
import { EVENT_RESOURCES } from './events.js';
import { INVENTORY_RESOURCES } from './inventory.js';
import { MANAGER_RESOURCES } from './managers.js';
import { ROOT_RESOURCES, showSession } from './root.js';
import { SECURE_BOOT_RESOURCES } from './secure-boot.js';
import { SECURITY_RESOURCES } from './security.js';
import { selfDescription } from './self-description.js';
import { SERVICE_RESOURCES } from './services.js';
import { SMART_STORAGE_RESOURCES } from './smart-storage.js';
import { STORAGE_RESOURCES } from './storage.js';
import { SYSTEM_RESOURCES } from './systems.js';
import { VIRTUAL_MEDIA_RESOURCES } from './virtual-media.js';

const RESOURCES: readonly Resource[] = [
  ...ROOT_RESOURCES,
  ...SYSTEM_RESOURCES,
  ...BIOS_RESOURCES,
  ...SECURE_BOOT_RESOURCES,
  ...INVENTORY_RESOURCES,
  ...SMART_STORAGE_RESOURCES,
  ...STORAGE_RESOURCES,
  ...MANAGER_RESOURCES,
  ...VIRTUAL_MEDIA_RESOURCES,
  ...SECURITY_RESOURCES,
  ...SERVICE_RESOURCES,
  ...CHASSIS_RESOURCES,
  ...EVENT_RESOURCES,
];

const ROOT = '/redfish/v1';

/** Redfish of iLO 5, whose paths end with a slash, and of iLO 6, whose paths do not. */
export function createRedfishService(machine: Machine, origin: string): RestService {
  const hasSlashes = machine.identity.facts.iloNumber === 5;
  const end = hasSlashes ? '/' : '';
  const service: RestService = {
    root: ROOT,
    style: 'full',
    resources: [...RESOURCES, ...selfDescription(() => service)],
    needsSlash: hasSlashes,
    origin,
    sessionsPath: 'SessionService/Sessions',
    nobody: new Secret(''),
    takesEmptyBody: (path) => /Manager\.Reset|ClearLog|SecureSystemErase|SecureErase/i.test(path),
    href: (path) => (path === '' ? `${ROOT}/` : `${ROOT}/${path}${end}`),
    logIn: (controller, body, context, fault) => logIn(controller, body, context, fault, { path: service.sessionsPath, show: showSession }),
    present: (_context, _path, body) => body,
    strict: (body) => body,
  };
  return service;
}
