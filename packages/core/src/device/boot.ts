import type { CallOptions } from '../time/call-options.js';

/** Boot devices as Ironic names them (ironic/common/boot_devices.py). */
export const BOOT_DEVICES = ['pxe', 'disk', 'cdrom', 'bios', 'safe', 'wanboot', 'iscsiboot', 'floppy', 'uefihttp'] as const;
export type BootDeviceName = (typeof BOOT_DEVICES)[number];

export interface BootDeviceSetting {
  /** Null when the controller does not tell. */
  readonly device: BootDeviceName | null;
  /** False: for the next boot only. Null when the controller does not tell. */
  readonly persistent: boolean | null;
  /** What the setting alone does not say: from when on it counts, or why the controller does not tell. */
  readonly detail?: string;
}

/** What the machine boots from. */
export interface BootDevice {
  readonly supported: ReadonlySet<BootDeviceName>;
  read(options?: CallOptions): Promise<BootDeviceSetting>;
  /** Idempotent. Throws UNSUPPORTED for a device outside {@link BootDevice.supported}. */
  set(device: BootDeviceName, setting: { readonly persistent: boolean }, options?: CallOptions): Promise<void>;
}

export const BOOT_MODES = ['bios', 'uefi'] as const;
export type BootModeName = (typeof BOOT_MODES)[number];

/** Firmware mode of the next boots. */
export interface BootMode {
  readonly supported: ReadonlySet<BootModeName>;
  read(options?: CallOptions): Promise<BootModeName>;
  set(mode: BootModeName, options?: CallOptions): Promise<void>;
}

/** UEFI secure boot. */
export interface SecureBoot {
  read(options?: CallOptions): Promise<boolean>;
  set(enabled: boolean, options?: CallOptions): Promise<void>;
}

export const VIRTUAL_MEDIA_TYPES = ['disk', 'cdrom', 'floppy'] as const;
export type VirtualMediaType = (typeof VIRTUAL_MEDIA_TYPES)[number];

/** Images that the controller shows to the machine as drives. */
export interface VirtualMedia {
  readonly supported: ReadonlySet<VirtualMediaType>;
  /** What is inserted now; an empty list when nothing is. */
  read(options?: CallOptions): Promise<readonly { readonly type: VirtualMediaType; readonly url: string }[]>;
  insert(type: VirtualMediaType, url: URL, options?: CallOptions): Promise<void>;
  /** Ejecting an empty drive is not an error. */
  eject(type: VirtualMediaType, options?: CallOptions): Promise<void>;
}

/**
 * A boot over HTTP or HTTPS by the machine's own firmware, in UEFI mode: it loads an image from an address and starts it, for the boot device `uefihttp`.
 * What is set counts from the next start on. Every call throws UNSUPPORTED while the firmware neither is in UEFI mode nor will be with its next start.
 * Source: UEFI specification 2.10, section 24.7 (HTTP Boot).
 */
export interface HttpBoot {
  /** The address that the next boot from `uefihttp` loads; null when none is set. */
  read(options?: CallOptions): Promise<string | null>;
  /** Idempotent. Null removes it. */
  set(url: URL | null, options?: CallOptions): Promise<void>;
  /**
   * Lets the firmware trust these certificates when it loads from https addresses, besides those that it trusts already. Idempotent: what it trusts is
   * not given to it again. Left out: this hardware, or this machine by its owner's will, cannot be told.
   * @param certificates one certificate in PEM form each
   * @returns how many were new to it
   */
  trust?(certificates: readonly string[], options?: CallOptions): Promise<number>;
}
