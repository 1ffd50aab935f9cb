import type { BridgeHop } from '../message/request.js';
import type { ControllerTarget } from '../sdr/ask.js';
import type { SdrRecord } from '../sdr/record-types.js';

/** A FRU device that the records name. */
export interface FruDevice extends ControllerTarget {
  readonly fruDeviceId: number;
  readonly name: string;
  readonly entityId: number;
  readonly entityInstance: number;
  /** `fru`: in the FRU format; `memory-module`: the SPD of a memory module, which is not; `unspecified`. */
  readonly content: 'unspecified' | 'memory-module' | 'fru';
}

const BMC_ADDRESS = 0x20;
const FRU_DEVICE_TYPE = 0x10;
const CONTENTS: readonly FruDevice['content'][] = ['unspecified', 'memory-module', 'fru'];

/**
 * The FRU devices that Read FRU reaches: those of logical locators, and device 0 of every controller that has an inventory.
 * They can be handed to `readFru` as its options. Source: IPMI 1.5, sections 34 and 37.8.
 */
export function listFruDevices(records: readonly SdrRecord[]): readonly FruDevice[] {
  const devices = new Map<string, FruDevice>();
  const add = (address: number, channel: number, device: FruDevice): void => {
    const key = `${channel}:${address}:${device.lun ?? 0}:${device.fruDeviceId}`;
    if (!devices.has(key)) devices.set(key, device);
  };
  for (const record of records) {
    if (record.kind !== 'fru-device-locator' || !record.logical || record.deviceType !== FRU_DEVICE_TYPE) continue;
    const { fruDeviceId, entityId, entityInstance, lun, accessAddress, channel } = record;
    const content = CONTENTS[record.deviceTypeModifier] ?? 'unspecified';
    add(accessAddress, channel, { fruDeviceId, name: record.name.trim(), entityId, entityInstance, content, lun, ...pathTo(accessAddress, channel) });
  }
  for (const record of records) {
    if (record.kind !== 'mc-device-locator' || !record.capabilities.fruInventory) continue;
    const { entityId, entityInstance, slaveAddress, channel } = record;
    add(slaveAddress, channel, { fruDeviceId: 0, name: record.name.trim(), entityId, entityInstance, content: 'fru', ...pathTo(slaveAddress, channel) });
  }
  return [...devices.values()];
}

function pathTo(address: number, channel: number): { readonly bridge?: readonly BridgeHop[] } {
  return address === BMC_ADDRESS ? {} : { bridge: [{ channel, address }] };
}
