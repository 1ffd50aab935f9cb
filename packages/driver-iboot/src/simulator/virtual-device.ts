import type { VirtualDevice, VirtualDeviceOptions } from '@ferric/core';
import { type IbootUnit, startIbootUnit } from './iboot-unit.js';
import type { IbootUnitOptions } from './unit-options.js';

export interface VirtualIbootOptions extends VirtualDeviceOptions, Omit<IbootUnitOptions, 'name' | 'host'> {
  /** The relay of the machine, counted from 1, default 1. */
  readonly relay?: number;
}

/** A machine behind one relay of a unit of its own. */
export interface VirtualIbootDevice extends VirtualDevice {
  /** The unit; its other relays are free for more machines. */
  readonly unit: IbootUnit;
}

/** Starts a unit with one machine at it, which is off. Disposing the machine disposes the unit. @throws as {@link startIbootUnit} */
export async function startVirtualDevice(options: VirtualIbootOptions = {}): Promise<VirtualIbootDevice> {
  const { relay = 1, name, ...unitOptions } = options;
  const unit = await startIbootUnit({ ...unitOptions, ...(name === undefined ? {} : { name }) });
  try {
    const device = unit.device(relay, name === undefined ? {} : { name });
    return { ...device, unit, [Symbol.asyncDispose]: () => Promise.resolve(unit[Symbol.asyncDispose]()) };
  } catch (error) {
    await unit[Symbol.asyncDispose]();
    throw error;
  }
}
