import type { BootModeName } from '@ferric/core';
import type { HardwareDisk } from './read-parts.js';

/** What the rules for capabilities look at; undefined or empty where the controller does not tell. */
export interface HardwareFacts {
  readonly model?: string | undefined;
  readonly iloFirmware?: string | undefined;
  readonly romFirmware?: string | undefined;
  readonly bootModes: readonly BootModeName[];
  /** Values of BIOS attributes. */
  readonly bios: Readonly<Record<string, unknown>>;
  readonly hasSecureBoot: boolean;
  readonly hasIscsi: boolean;
  readonly gpuCount?: number | undefined;
  /** Texts that may name the speed of a network card: `HPE Ethernet 10Gb 2-port 562FLR Adapter`. */
  readonly cardNames: readonly string[];
  readonly hasRaidController: boolean;
  readonly disks: readonly HardwareDisk[];
  /** `1`, `5`, `10`. */
  readonly raidLevels: readonly string[];
  readonly memory: readonly { readonly type: string | undefined; readonly deviceType: string | undefined }[];
  readonly gpus: readonly Gpu[];
  readonly security: Readonly<Record<string, string>>;
}

export interface Gpu {
  readonly vendor: string;
  readonly name: string;
}

export const NO_FACTS: HardwareFacts = {
  bootModes: [], bios: {}, hasSecureBoot: false, hasIscsi: false, cardNames: [], hasRaidController: false, disks: [], raidLevels: [], memory: [], gpus: [],
  security: {},
};
