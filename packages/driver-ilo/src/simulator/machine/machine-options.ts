import type { Clock } from '@ferric/core';
import type { Generation } from '../generations.js';
import type { AccountOptions } from './accounts.js';
import type { HardwareOptions } from './hardware.js';
import type { PostDurations } from './post-timeline.js';
import type { PowerDurations } from './power.js';
import type { DriveOptions } from './storage.js';

export type BootModes = 'bios' | 'uefi' | 'both';

/** The machine and its iLO, without the network. */
export interface MachineOptions {
  readonly generation: Generation;
  /** Version of the iLO's firmware, such as `2.44`; decides which interfaces there are. Default: one that was common. */
  readonly firmwareVersion?: string;
  /** Default: one of the generation. */
  readonly productName?: string;
  /** Default: made up from the name. */
  readonly serialNumber?: string;
  /** Default: made up from the name. */
  readonly uuid?: string;
  /** Firmware modes that the machine can boot in. Default `bios` for Gen8, otherwise `both`. */
  readonly bootModes?: BootModes;
  /** The mode that it starts with. Default `uefi` where it can. */
  readonly bootMode?: 'bios' | 'uefi';
  /** Attributes that its BIOS does not have although the generation does: `UefiOptimizedBoot`. */
  readonly absentBiosAttributes?: readonly string[];
  readonly hardware?: HardwareOptions;
  /** Default: two disks and one SSD. */
  readonly drives?: readonly DriveOptions[];
  /** Whether the first drives make up a logical drive. Default true. */
  readonly withLogicalDrive?: boolean;
  /** Virtual media needs `advanced`. Default `advanced`. */
  readonly licence?: 'advanced' | 'standard';
  /** The users besides the first. */
  readonly users?: readonly AccountOptions[];
  readonly post?: Partial<PostDurations>;
  readonly powerDurations?: Partial<PowerDurations>;
  /** Time to erase drives. Milliseconds, default 500. */
  readonly eraseMs?: number;
  /** Time to write firmware. Milliseconds, default 400. */
  readonly updateMs?: number;
  readonly clock?: Clock;
}
