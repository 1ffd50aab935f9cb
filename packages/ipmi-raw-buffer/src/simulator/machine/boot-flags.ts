/** Devices that parameter 5 can name. Source: IPMI 1.5, table 22-12; 2.0 adds the remote ones. */
const DEVICES = {
  0: 'none',
  1: 'pxe',
  2: 'disk',
  3: 'safe',
  4: 'diagnostic',
  5: 'cdrom',
  6: 'bios',
  7: 'remote floppy',
  8: 'remote cdrom',
  9: 'remote primary',
  11: 'remote disk',
  15: 'floppy',
} as const;

export type VirtualBootDevice = (typeof DEVICES)[keyof typeof DEVICES];

/** A choice of what to boot from. */
export interface VirtualBootChoice {
  /** `none`: what the firmware finds first. */
  readonly device: VirtualBootDevice;
  readonly efi: boolean;
  readonly persistent: boolean;
}

const VALID = 0x80;
const PERSISTENT = 0x40;
const EFI = 0x20;

/** What the first two bytes of parameter 5 say; undefined when they are not valid or the device is reserved. */
export function readBootFlags(flags: Uint8Array): VirtualBootChoice | undefined {
  const [options = 0, selector = 0] = flags;
  const device = (DEVICES as Readonly<Record<number, VirtualBootDevice>>)[(selector >> 2) & 0x0f];
  if ((options & VALID) === 0 || device === undefined) return undefined;
  return { device, efi: (options & EFI) !== 0, persistent: (options & PERSISTENT) !== 0 };
}

/** The five bytes of parameter 5 for a choice. */
export function writeBootFlags({ device, efi, persistent }: VirtualBootChoice): Uint8Array {
  const value = Number(Object.entries(DEVICES).find(([, name]) => name === device)?.[0] ?? 0);
  return Uint8Array.of(VALID | (persistent ? PERSISTENT : 0) | (efi ? EFI : 0), value << 2, 0, 0, 0);
}

export function withoutValidBit(flags: Uint8Array): Uint8Array {
  const [options = 0, ...rest] = flags;
  return Uint8Array.of(options & ~VALID, ...rest);
}
