import type { BootDeviceName } from '@ferric/core';
import type { BootTarget, ReadBootFlags } from '@ferric/ipmi-raw-buffer';

/** Boot devices that the protocol has a word for; the words are the same. Source: Ironic, ironic/drivers/modules/ipmitool.py (get_supported_boot_devices). */
export const IPMI_BOOT_DEVICES = ['pxe', 'disk', 'cdrom', 'bios', 'safe', 'floppy'] as const satisfies readonly (BootDeviceName & BootTarget)[];
export type IpmiBootDevice = (typeof IPMI_BOOT_DEVICES)[number];

/** Targets that are one of them in all but the place where the medium lies. */
const REMOTE: Partial<Readonly<Record<ReadBootFlags['device'], IpmiBootDevice>>> = {
  'remote-disk': 'disk', 'remote-cdrom': 'cdrom', 'remote-floppy': 'floppy',
};

/** The boot device by the name that Ironic gives it; null for what it has no name for. */
export function bootDeviceOf(target: ReadBootFlags['device']): IpmiBootDevice | null {
  return IPMI_BOOT_DEVICES.find((device) => device === target) ?? REMOTE[target] ?? null;
}
