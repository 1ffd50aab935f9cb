import type { BootDeviceName, BootDeviceSetting, BootModeName, CallOptions } from '@ferric/core';

/** Devices that an iLO of any generation knows. `iscsiboot` and `uefihttp` from Gen9 on, in UEFI mode. */
export const ILO_BOOT_DEVICES = ['pxe', 'disk', 'cdrom', 'iscsiboot', 'uefihttp'] as const satisfies readonly BootDeviceName[];
export type IloBootDeviceName = (typeof ILO_BOOT_DEVICES)[number];

export interface IloBootDevice {
  /** What this server takes. */
  supported(options?: CallOptions): Promise<ReadonlySet<IloBootDeviceName>>;
  read(options?: CallOptions): Promise<BootDeviceSetting>;
  /** Idempotent. Waits for the end of a power-on self-test, which refuses it. @throws UNSUPPORTED for a device that the server cannot boot from */
  set(device: IloBootDeviceName, setting: { readonly persistent: boolean }, options?: CallOptions): Promise<void>;
}

export interface IloBootModes {
  /** In which the server was booted; null when the controller does not know. */
  readonly current: BootModeName | null;
  /** Of the next boot; null when the controller does not know. */
  readonly pending: BootModeName | null;
  readonly supported: readonly BootModeName[];
}

/** A server whose controller does not know boot modes (older Gen8) reads as BIOS only. */
export interface IloBootMode {
  read(options?: CallOptions): Promise<IloBootModes>;
  /** Counts after the next reset of the server. Writes only when it differs from the pending one. @throws UNSUPPORTED for a mode that is not supported */
  set(mode: BootModeName, options?: CallOptions): Promise<void>;
}

export interface IloSecureBootReading {
  /** Whether the server booted with it. */
  readonly current: boolean;
  /** Whether it will with the next boot. */
  readonly next: boolean;
}

/** From Gen9 on, in UEFI mode; in BIOS mode all of it is UNSUPPORTED. Changes count after a power cycle, during which the server resets itself twice. */
export interface IloSecureBoot {
  read(options?: CallOptions): Promise<IloSecureBootReading>;
  set(enabled: boolean, options?: CallOptions): Promise<void>;
  /** All keys back to the defaults of the platform. */
  resetKeys(options?: CallOptions): Promise<void>;
  /** Deletes all keys. */
  clearKeys(options?: CallOptions): Promise<void>;
}

/** What the firmware boots from over HTTP, in UEFI mode, from Gen9 on. */
export interface IloHttpBoot {
  /** Null when none is set. */
  read(options?: CallOptions): Promise<string | null>;
  /** Counts with the next boot from `uefihttp`. Null removes it. */
  set(url: URL | null, options?: CallOptions): Promise<void>;
}

/** Certificates that the firmware trusts when it boots over HTTPS, in UEFI mode, from Gen10 on. Changes count after a reset of the server. */
export interface IloCertificates {
  /** SHA-256 fingerprints. */
  read(options?: CallOptions): Promise<readonly { readonly fingerprint: string; readonly subject: string | null }[]>;
  /** @param certificates in PEM form */
  add(certificates: readonly string[], options?: CallOptions): Promise<void>;
  /** Removes those with these fingerprints; all when left out. */
  remove(fingerprints?: readonly string[], options?: CallOptions): Promise<void>;
}
