/** What a boot device is, as far as its name tells. */
export type RibclBootDeviceKind = 'cdrom' | 'disk' | 'network' | 'floppy' | 'usb' | 'other';

/** One entry of the persistent boot order. */
export interface RibclBootDevice {
  /** By which it is set: `CDROM` in BIOS mode, `Boot000B` in UEFI mode. */
  readonly id: string;
  /** Only in UEFI mode. */
  readonly description?: string;
  readonly kind: RibclBootDeviceKind;
}

/** The persistent boot order, the first device first. */
export interface RibclBootOrder {
  /** UEFI mode is told by the descriptions that its entries have. */
  readonly mode: 'bios' | 'uefi';
  readonly devices: readonly RibclBootDevice[];
}

const BIOS_KINDS: readonly (readonly [pattern: RegExp, kind: RibclBootDeviceKind])[] = [
  [/^cdrom/i, 'cdrom'],
  [/^hdd/i, 'disk'],
  [/^network/i, 'network'],
  [/^floppy/i, 'floppy'],
  [/^usb/i, 'usb'],
];

/**
 * By what a description contains; firmware is not sure of the blanks. The first that matches decides: a board for networks may have
 * `Storage` in its name. Source: proliantutils, ilo/ribcl.py and ilo/common.py.
 */
const UEFI_KINDS: readonly (readonly [pattern: RegExp, kind: RibclBootDeviceKind])[] = [
  [/iLO ?Virtual ?USB ?CD/i, 'cdrom'],
  [/PXE|NIC|iSCSI/, 'network'],
  [/Logical ?Drive|HDD|Storage|LogVol/i, 'disk'],
  [/iLO ?Virtual ?USB ?Key/i, 'floppy'],
  [/USB/, 'usb'],
];

/** Among network devices those that boot by PXE come first and those that boot by iSCSI last. */
const NETWORK_RANKS: readonly (readonly [pattern: RegExp, rank: number])[] = [[/PXE/, 0], [/iSCSI/, 2]];
const PLAIN_NETWORK_RANK = 1;

/** What a device is by its name in BIOS mode, or by its description in UEFI mode. */
export function bootDeviceKind(id: string, description?: string): RibclBootDeviceKind {
  const [text, kinds] = description === undefined ? [id, BIOS_KINDS] : [description.replace(/\s+/g, ' '), UEFI_KINDS];
  return kinds.find(([pattern]) => pattern.test(text))?.[1] ?? 'other';
}

/** The ids of all devices of a kind, in the order in which they are to be tried; empty when there is none. */
export function bootDevicesOfKind(order: RibclBootOrder, kind: RibclBootDeviceKind): readonly string[] {
  return order.devices
    .filter((device) => device.kind === kind)
    .toSorted((a, b) => rankOf(a) - rankOf(b))
    .map((device) => device.id);
}

function rankOf({ kind, description = '' }: RibclBootDevice): number {
  if (kind !== 'network') return 0;
  return NETWORK_RANKS.find(([pattern]) => pattern.test(description))?.[1] ?? PLAIN_NETWORK_RANK;
}
