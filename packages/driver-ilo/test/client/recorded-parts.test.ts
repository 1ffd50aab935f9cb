import { readFileSync } from 'node:fs';
import type { JsonObject } from '@ferric/core';
import { decodeVirtualMedia, inlineResource } from '@ferric/redfish';
import { describe, expect, test } from 'vitest';
import { supportedByRest } from '../../src/client/boot/boot-device-rest.js';
import { deviceOfBootText, iscsiTarget } from '../../src/client/boot/boot-names.js';
import { decodePciDevice, isGpu } from '../../src/client/inventory/read-parts.js';

// Parts of answers of iLO 4 and what they mean, read by hand; see test/fixtures/ris-gen9-parts/SOURCE.md.

const recorded = <T>(name: string): T => JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')) as T;
const parts = <T>(name: string): T => recorded(`ris-gen9-parts/${name}`);

test.each([
  ['uefi_bootsources', { 'HD.Slot.1.1': 'disk', 'HD.Slot.1.2': 'disk', 'NIC.LOM.1.1.IPv4': 'pxe', 'NIC.LOM.1.1.iSCSI': 'iscsiboot', 'NIC.LOM.1.1.IPv6': 'pxe', 'Generic.USB.1.1': null, 'CD.Virtual.2.1': 'cdrom' }],
  ['uefi_boot_sources_err', { 'NIC.LOM.1.1.IPv4': 'pxe', 'NIC.LOM.1.1.IPv6': 'pxe', 'HD.Slot.1.2': null, 'Generic.USB.1.1': null, 'CD.Virtual.2.1': 'cdrom', 'FD.Virtual.1.1': null }],
] as const)('what is behind the entries of the boot order in %s', (name, devices) => {
  const sources = parts<readonly { readonly BootString?: string; readonly StructuredBootString: string }[]>(name);
  expect(Object.fromEntries(sources.map(({ BootString = '', StructuredBootString }) => [StructuredBootString, deviceOfBootText(BootString)]))).toEqual(devices);
});

test.each(['response_body_for_rest_op_with_iscsi', 'response_body_for_rest_op_with_iscsi_and_none'])('%s: the system boots from iSCSI too', (name) => {
  const body = parts<JsonObject & { readonly Boot: { readonly UefiTargetBootSourceOverrideSupported: readonly (string | null)[] } }>(name);
  expect(supportedByRest(inlineResource('/rest/v1/Systems/1', body))).toEqual(new Set(['pxe', 'disk', 'cdrom', 'iscsiboot']));
  expect(iscsiTarget(body.Boot.UefiTargetBootSourceOverrideSupported.filter((each) => each !== null))).toBe('NIC.LOM.1.1.iSCSI');
});

test('PCI devices that are display controllers, and others', () => {
  const decode = (devices: readonly JsonObject[]): readonly unknown[] =>
    devices.map((body) => decodePciDevice({ body, path: String(body['@odata.id']) })).map((device) => [device.name, device.classCode, device.subclassCode, device.vendorId, isGpu(device)]);
  expect(decode(parts('pci_gpu_list'))).toEqual([['HAWAII XTGL', 3, 128, 4098, true]]);
  expect(decode(parts<{ readonly Items: readonly JsonObject[] }>('pci_device_details_no_gpu').Items)).toEqual([['PCIe Controller', 6, 4, 4277, false]]);
});

describe('a drive tells the same as it tells the library of the vendor', () => {
  const yes = (word: string): boolean => word === 'YES' || word === 'CONNECTED';
  test.each(['cdrom_empty', 'cdrom_inserted', 'floppy_empty', 'floppy_inserted'])('%s', (name) => {
    const expected = parts<Readonly<Record<string, string>>>(`get_vm_status_${name}`);
    const drive = decodeVirtualMedia(inlineResource('/rest/v1/Managers/1/VirtualMedia/1', recorded(`ris-gen9-bl460c/resp_vm_status_${name}`)));
    expect(drive).toMatchObject({ inserted: yes(expected['IMAGE_INSERTED'] ?? ''), writeProtected: yes(expected['WRITE_PROTECT'] ?? '') });
    expect([drive.image ?? '', drive.connectedVia !== 'NotConnected']).toEqual([expected['IMAGE_URL'], yes(expected['VM_APPLET'] ?? '')]);
    expect(drive.mediaTypes).toContain(expected['DEVICE'] === 'CDROM' ? 'CD' : 'Floppy');
  });
});
