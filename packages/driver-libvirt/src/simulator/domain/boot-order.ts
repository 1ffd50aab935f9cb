import type { BootDeviceName } from '@ferric/core';
import { elementAt, elementsOf, insertBehind, removeElements, xmlElement, type XmlElement } from '../xml/element.js';

/** What a machine boots from, as `os/boot` names it. Source: libvirt 9.0.0, docs/formatdomain.rst, "BIOS bootloader". */
export const BOOT_NAMES = ['hd', 'network', 'cdrom', 'fd'] as const;
export type BootName = (typeof BOOT_NAMES)[number];

/** The same in core's words. */
export const BOOT_DEVICE_OF: Readonly<Record<BootName, BootDeviceName>> = { hd: 'disk', network: 'pxe', cdrom: 'cdrom', fd: 'floppy' };

export function isBootName(name: string | undefined): name is BootName {
  return (BOOT_NAMES as readonly (string | undefined)[]).includes(name);
}

/** What a disk boots as, by its `device`; a disk without one is a disk. */
const NAME_OF_DISK: ReadonlyMap<string, BootName> = new Map([['disk', 'hd'], ['lun', 'hd'], ['cdrom', 'cdrom'], ['floppy', 'fd']]);

function nameOfDevice(device: XmlElement): BootName | undefined {
  if (device.name === 'interface') return 'network';
  return device.name === 'disk' ? NAME_OF_DISK.get(device.attributes.get('device') ?? 'disk') : undefined;
}

/** Devices with a place of their own in the boot order, first ones first. */
export function orderedDevices(domain: XmlElement): { readonly device: XmlElement; readonly order: string }[] {
  const devices = elementsOf(elementAt(domain, 'devices')).flatMap((device) => {
    const order = elementAt(device, 'boot')?.attributes.get('order');
    return order === undefined ? [] : [{ device, order }];
  });
  return devices.toSorted((a, b) => Number(a.order) - Number(b.order));
}

/** What a machine with this definition boots from, first things first, by whichever of the two ways it says so. */
export function bootOrder(domain: XmlElement): readonly BootName[] {
  const perDevice = orderedDevices(domain).map(({ device }) => nameOfDevice(device));
  const named = elementsOf(elementAt(domain, 'os'), 'boot').map((boot) => boot.attributes.get('dev'));
  return (perDevice.length > 0 ? perDevice : named).filter(isBootName);
}

/** Writes the order into `os`, and takes away what devices say about themselves. */
export function setBootOrder(domain: XmlElement, names: readonly BootName[]): void {
  for (const device of elementsOf(elementAt(domain, 'devices'))) removeElements(device, (child) => child.name === 'boot');
  const os = elementAt(domain, 'os');
  if (os === undefined) return;
  removeElements(os, (child) => child.name === 'boot');
  for (const name of names.toReversed()) insertBehind(os, BEFORE_BOOT, xmlElement('boot', { dev: name }));
}

/** What stands before `boot` in `os`. Source: docs/schemas/domaincommon.rng of libvirt 9.0.0. */
export const BEFORE_BOOT: readonly string[] = ['type', 'firmware', 'loader', 'nvram', 'kernel', 'initrd', 'cmdline', 'dtb'];
