import type { BootDeviceName } from '@ferric/core';

/** What the next boot can be, in Ironic's words. `uefihttp` is One-Click Recovery over HTTPS, from AMT 15 on. */
export const NEXT_BOOT_DEVICES = ['pxe', 'disk', 'cdrom', 'bios', 'uefihttp'] as const satisfies readonly BootDeviceName[];
export type NextBootDevice = (typeof NEXT_BOOT_DEVICES)[number];

/** One choice for the next boot. */
export type NextBoot =
  | { readonly device: Exclude<NextBootDevice, 'uefihttp'> }
  /** `url`: what is booted, https, at most 300 bytes. The firmware trusts the server by the root certificates that AMT has. */
  | { readonly device: 'uefihttp'; readonly url: string };

interface BootDeviceFacts {
  /** InstanceID of CIM_BootSourceSetting; null: flags do the work and no source may be set. */
  readonly source: string | null;
  /** Flags of AMT_BootSettingData that are set; all others are zero. */
  readonly flags: Readonly<Record<string, boolean>>;
  /** Fields of AMT_BootCapabilities of which one must be true; none: every firmware has it. */
  readonly capabilities: readonly string[];
  /** Field of AMT_BootSettingData by which the BIOS forbids it, when it is false. */
  readonly allowedBy?: string;
  /** Whether the boot sources must be looked at, because not every firmware has this one. */
  readonly optionalSource: boolean;
}

/** Source: Intel AMT Implementation and Reference Guide, "Boot Control", "Set or Disable Boot Configuration Settings for the Next Boot". */
export const BOOT_DEVICE_FACTS: Readonly<Record<NextBootDevice, BootDeviceFacts>> = {
  pxe: { source: 'Intel(r) AMT: Force PXE Boot', flags: {}, capabilities: [], optionalSource: false },
  disk: { source: 'Intel(r) AMT: Force Hard-drive Boot', flags: {}, capabilities: [], optionalSource: false },
  cdrom: { source: 'Intel(r) AMT: Force CD/DVD Boot', flags: {}, capabilities: [], optionalSource: false },
  bios: { source: null, flags: { BIOSSetup: true }, capabilities: ['BIOSSetup'], optionalSource: false },
  uefihttp: {
    source: 'Intel(r) AMT: Force OCR UEFI HTTPS Boot', flags: {}, capabilities: ['ForceUEFIHTTPSBoot'], allowedBy: 'UEFIHTTPSBootEnabled', optionalSource: true,
  },
};
