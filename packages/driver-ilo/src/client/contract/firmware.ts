import type { CallOptions } from '@ferric/core';

export const FIRMWARE_COMPONENT_NAMES = ['ilo', 'cpld', 'power_pic', 'bios', 'chassis'] as const;
export type IloFirmwareComponentName = (typeof FIRMWARE_COMPONENT_NAMES)[number];

export interface IloFirmwareItem {
  /** One of {@link FIRMWARE_COMPONENT_NAMES} where it is one of these, else the controller's own name. */
  readonly component: string;
  readonly name: string;
  readonly version: string;
}

/** A raw image. `url`: the controller fetches it itself (iLO 4 2.00 and later). `open`: it is uploaded, over RIBCL. A controller takes the one that it can. */
export interface IloFirmwareImage {
  readonly component: IloFirmwareComponentName;
  readonly url: URL;
  readonly upload?: { readonly fileName: string; readonly length: number; open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array> };
}

export interface IloUpdateProgress {
  /** In the words of the controller: `Uploading`, `Verifying`, `Writing`, ... */
  readonly state: string;
  readonly percent: number | null;
}

export interface IloFirmware {
  read(options?: CallOptions): Promise<readonly IloFirmwareItem[]>;
  /**
   * Writes an image and waits for its end; after one of the controller itself, until that is back. Other components count after a reset of the server.
   * Virtual media may be ejected. Default of `timeoutMs`: one hour.
   * @throws INVALID_OPTIONS for what is no raw image (.bin, .flash, .vme, .hex, .full); REFUSED with the controller's words when it failed
   */
  update(image: IloFirmwareImage, options?: CallOptions & { readonly onProgress?: (progress: IloUpdateProgress) => void }): Promise<void>;
}
