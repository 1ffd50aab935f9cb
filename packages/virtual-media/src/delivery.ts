import type { BootDeviceName, BootModeName, Device, Task } from '@ferric/core';

/** Addresses of what a machine boots from, as its controller is told them; they may hold a secret. */
export interface MediaAddresses {
  /** The image that it boots. */
  readonly boot: string;
  /** A floppy with parameters for it. */
  readonly parameters?: string;
}

/** A way in which an image gets to a machine. */
export interface Delivery {
  /** The name of the boot interface. */
  readonly name: string;
  /** What errors say first. */
  readonly title: string;
  /** What the machine boots from then. */
  readonly bootDevice: BootDeviceName;
  /** The one firmware mode in which it works. Left out: any. */
  readonly mode?: BootModeName;
  /** Whether addresses have to be https. */
  readonly needsHttps: boolean;
  /** Kernel parameters that tell the deploy agent how it was booted. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Throws INVALID_OPTIONS when the machine lacks what it takes. */
  check(device: Device): void;
  /** Whether a ready-made image can be given parameters. */
  takesParameters(device: Device): boolean;
  /** Gives the machine these, and nothing else, to boot from; the boot device is left alone. Idempotent. */
  put(task: Task, addresses: MediaAddresses): Promise<void>;
  /** Takes away all that it may have been given. Nothing there is no error. */
  takeOut(task: Task): Promise<void>;
}
