import type { BootDevice, BootMode, HttpBoot, SecureBoot, VirtualMedia } from './boot.js';
import type { Bios, Console, Firmware, Raid } from './configuration.js';
import type { Indicators } from './indicators.js';
import type { EventLog, Inventory, Nmi, Sensors } from './monitoring.js';
import type { Power } from './power.js';
import type { Step } from './step.js';
import type { VendorMethods } from './vendor.js';

/**
 * A handle on the controller of one machine. Opening it does no I/O; it connects when first used.
 * A capability that is absent means "this hardware cannot"; no method throws "not implemented".
 */
export interface Device extends AsyncDisposable {
  readonly power: Power;
  readonly bootDevice?: BootDevice;
  readonly bootMode?: BootMode;
  readonly secureBoot?: SecureBoot;
  readonly virtualMedia?: VirtualMedia;
  readonly httpBoot?: HttpBoot;
  readonly sensors?: Sensors;
  readonly inventory?: Inventory;
  readonly bios?: Bios;
  readonly raid?: Raid;
  readonly firmware?: Firmware;
  readonly console?: Console;
  readonly nmi?: Nmi;
  readonly indicators?: Indicators;
  readonly eventLog?: EventLog;
  readonly vendor?: VendorMethods;
  readonly steps?: readonly Step[];
}

/** Names of the optional capabilities. */
export const OPTIONAL_CAPABILITIES = [
  'bootDevice', 'bootMode', 'secureBoot', 'virtualMedia', 'httpBoot', 'sensors', 'inventory', 'bios', 'raid', 'firmware', 'console',
  'nmi', 'indicators', 'eventLog', 'vendor', 'steps',
] as const satisfies readonly Exclude<keyof Device, 'power' | typeof Symbol.asyncDispose>[];

export type Capability = 'power' | (typeof OPTIONAL_CAPABILITIES)[number];
