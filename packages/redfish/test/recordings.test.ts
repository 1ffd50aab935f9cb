import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { decodeBios, findLink, findLinks, inlineResource, isObject, membersOf, oem, oemKey, readMessages, settingsPath, writablePath } from '../src/index.js';
import { toResource } from '../src/client/to-resource.js';
import { fixture, recorded } from './support/fixtures.js';

const SMART = '/redfish/v1/Systems/1/SmartStorage';

/** Members of the recorded collections, read by hand. */
const COLLECTIONS: Readonly<Record<string, readonly string[]>> = {
  'redfish-gen10-dl180/account_collection': ['/redfish/v1/AccountService/Accounts/1/'],
  'redfish-gen10-dl180/array_controller_collection': [`${SMART}/ArrayControllers/0/`],
  'redfish-gen10-dl180/disk_drive_collection': [`${SMART}/ArrayControllers/0/DiskDrives/3/`, `${SMART}/ArrayControllers/0/DiskDrives/4/`],
  'redfish-gen10-dl180/logical_drive_collection': [`${SMART}/ArrayControllers/0/LogicalDrives/1/`, `${SMART}/ArrayControllers/0/LogicalDrives/2/`],
  'redfish-gen10-dl180/memory_collection': ['/redfish/v1/Systems/1/Memory/proc1logicalnvdimm1/'],
  'redfish-gen10-dl180/pci_device_collection': ['/redfish/v1/Systems/1/PCIDevices/1/', '/redfish/v1/Systems/1/PCIDevices/6/'],
  'redfish-gen10-dl180/vmedia_collection': ['/redfish/v1/Managers/1/VirtualMedia/2/'],
  'ris-gen9-bl460c/array_settings': [`${SMART}/ArrayControllers/0/`],
  'ris-gen9-bl460c/collections_sample': ['/rest/v1/AccountService/Accounts/1'],
  'ris-gen9-bl460c/disk_collection': [`${SMART}/ArrayControllers/0/DiskDrives/0/`],
  'ris-gen9-bl460c/logical_collection': [`${SMART}/ArrayControllers/0/LogicalDrives/0/`],
  'ris-gen9-bl460c/pci_device_details': ['/redfish/v1/Systems/1/PCIDevices/6/', '/redfish/v1/Systems/1/PCIDevices/6/'],
};

test.each(Object.entries(COLLECTIONS))('members of %s', (name, paths) => {
  expect(membersOf(recorded(name)).map(({ path }) => path)).toEqual(paths);
});

/** Links of the recorded resources, read by hand. */
const LINKS: readonly (readonly [name: string, variant: string | undefined, link: string, path: string])[] = [
  ['redfish-gen10-dl180/root', undefined, 'Sessions', '/redfish/v1/SessionService/Sessions/'],
  ['redfish-gen10-dl180/root', undefined, 'ResourceDirectory', '/redfish/v1/ResourceDirectory/'],
  ['redfish-gen10-dl180/manager', undefined, 'LicenseService', '/redfish/v1/Managers/1/LicenseService/'],
  ['redfish-gen10-dl180/manager', undefined, 'ManagerForServers', '/redfish/v1/Systems/1/'],
  ['redfish-gen10-dl180/account_service', undefined, 'Accounts', '/redfish/v1/AccountService/Accounts/'],
  ['redfish-gen10-dl180/array_controller', undefined, 'LogicalDrives', `${SMART}/ArrayControllers/0/LogicalDrives/`],
  ['redfish-gen10-dl180/smart_storage', undefined, 'ArrayControllers', `${SMART}/ArrayControllers/`],
  ['redfish-gen10-dl180/bios', 'Default', 'TlsConfig', '/redfish/v1/systems/1/bios/tlsconfig/'],
  ['redfish-gen10-dl180/bios_boot', 'Default', 'BaseConfigs', '/redfish/v1/systems/1/bios/boot/baseconfigs/'],
  ['redfish-gen10-dl180/update_service', undefined, 'ComponentRepository', '/redfish/v1/UpdateService/ComponentRepository/'],
  ['ris-gen9-bl460c/get_manager_details', undefined, 'UpdateService', '/rest/v1/Managers/1/UpdateService'],
  ['ris-gen9-bl460c/get_manager_details', undefined, 'VirtualMedia', '/rest/v1/Managers/1/VirtualMedia'],
  ['ris-gen9-bl460c/get_bios_settings', undefined, 'iScsi', '/rest/v1/systems/1/bios/iScsi'],
  ['ris-gen9-bl460c/rest_get_smart_storage', undefined, 'SmartStorage', '/rest/v1/Systems/1/SmartStorage'],
  // Both styles in one resource: the one of Redfish.
  ['ris-gen9-bl460c/storage_settings', undefined, 'ArrayControllers', `${SMART}/ArrayControllers/`],
  ['ris-gen9-bl460c/array_mem_settings', undefined, 'PhysicalDrives', `${SMART}/ArrayControllers/0/DiskDrives/`],
];

test.each(LINKS)('%s (%s) links %s', (name, variant, link, path) => {
  expect(findLink(recorded(name, variant), link)).toBe(path);
});

/** Where changes of the recorded resources go, read by hand. */
const SETTINGS: readonly (readonly [name: string, variant: string | undefined, path: string | undefined])[] = [
  ['redfish-gen10-dl180/bios', 'Default', '/redfish/v1/systems/1/bios/settings/'],
  ['redfish-gen10-dl180/bios_boot', 'Default', '/redfish/v1/systems/1/bios/boot/settings/'],
  ['redfish-gen10-dl180/iscsi', undefined, '/redfish/v1/systems/1/bios/iscsi/settings/'],
  ['redfish-gen10-dl180/smart_storage_config', undefined, '/redfish/v1/systems/1/smartstorageconfig/settings/'],
  ['redfish-gen10-dl180/iscsi_settings', 'Default', undefined],
  ['ris-gen9-bl460c/get_bios_boot', undefined, '/rest/v1/systems/1/bios/Boot/Settings'],
  ['ris-gen9-bl460c/get_iscsi_settings', undefined, '/rest/v1/systems/1/bios/iScsi/Settings'],
  ['ris-gen9-bl460c/get_bios_pending_settings', undefined, undefined],
];

test.each(SETTINGS)('changes of %s (%s) go to %s', (name, variant, path) => {
  const resource = recorded(name, variant);
  expect(settingsPath(resource)).toBe(path);
  expect(writablePath(resource)).toBe(path ?? resource.path);
});

test('what came of changes to the iSCSI settings of Gen9: one of them failed', () => {
  expect(decodeBios(recorded('ris-gen9-bl460c/get_iscsi_settings')).result).toMatchObject({ outcome: 'failure', messages: [{ key: 'PropertyUnknown', args: ['iSCSITargetTcpport'] }, { key: 'Success' }] });
});

test('the headers of iLO 4: a weak ETag, and what may be done', () => {
  const resource = toResource({ path: '/rest/v1/x', body: {}, headers: fixture('ris-gen9-bl460c/get_headers') as Readonly<Record<string, string>> });
  expect(resource).toEqual({ path: '/rest/v1/x', body: {}, etag: 'W/"715B59E6"', allow: new Set(['GET', 'HEAD', 'PATCH', 'POST']) });
});

describe('every recording', () => {
  const folder = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
  const files = ['redfish-gen10-dl180', 'ris-gen9-bl460c'].flatMap((place) => readdirSync(folder(place)).map((file) => `${place}/${file.replace('.json', '')}`));

  /** The resource itself, or the variants of it that a file holds. */
  const bodiesOf = (name: string): readonly JsonObject[] => {
    const content = fixture(name);
    return ['@odata.id', 'Type', 'links', 'Name', 'Oem', 'allow', 'Messages'].some((key) => key in content) ? [content] : Object.values(content).filter(isObject);
  };

  test.each(files)('%s can be walked', (name) => {
    const bodies = bodiesOf(name);
    expect(bodies.length).toBeGreaterThan(0);
    for (const body of bodies) {
      const resource = inlineResource('/r', body);
      expect(() => [membersOf(resource), findLinks(resource, 'Chassis'), settingsPath(resource), readMessages(body), decodeBios(resource)]).not.toThrow();
      expect([undefined, name.startsWith('ris') ? 'Hp' : 'Hpe']).toContain(oemKey(body));
      expect(isObject(oem(body))).toBe(true);
    }
  });
});
