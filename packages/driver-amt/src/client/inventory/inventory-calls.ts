import type { CallOptions } from '@ferric/core';
import type { AmtCallParts } from '../call-parts.js';
import { AMT_EthernetPortSettings } from '../classes/amt-settings.js';
import {
  CIM_BIOSElement, CIM_Card, CIM_Chassis, CIM_Chip, CIM_ComputerSystem, CIM_ComputerSystemPackage, CIM_MediaAccessDevice, CIM_PhysicalMemory,
  CIM_Processor, CIM_SoftwareIdentity,
} from '../classes/cim-hardware.js';
import { getInstance, listInstances } from '../classes/class-calls.js';
import { toNetworkPort } from '../settings/network-ports.js';
import type { Wsman } from '../wsman/wsman.js';
import type { PartCalls } from './part-calls.js';
import {
  toBios, toChassis, toFirmwareVersions, toMediaDevice, toMemoryModule, toNameplate, toProcessor, toProcessorChip, toSystem,
} from './parts.js';
import { platformUuid } from './platform-uuid.js';
import { type AmtInventory, readWholeInventory } from './whole-inventory.js';

/**
 * What the machine is made of, as its firmware wrote it down at the last boot: after a change of parts it is out of date until the next one.
 * A device that does not have a class answers NOT_FOUND.
 */
export interface InventoryCalls extends PartCalls {
  /** All of it, some 20 exchanges: what the device does not have is left out and named. Default time 180000 ms. */
  readInventory(options?: CallOptions): Promise<AmtInventory>;
}

export function createInventoryCalls(wsman: Wsman, parts: AmtCallParts): InventoryCalls {
  const calls: PartCalls = {
    // The management engine is a computer system too.
    readSystem: async (options) => toSystem(await getInstance(wsman, CIM_ComputerSystem, { ...options, selectors: MANAGED_SYSTEM })),
    readSystemUuid: async (options) => platformUuid((await getInstance(wsman, CIM_ComputerSystemPackage, options)).PlatformGUID),
    readChassis: async (options) => toChassis(await getInstance(wsman, CIM_Chassis, options)),
    readBaseBoard: async (options) => toNameplate(await getInstance(wsman, CIM_Card, options)),
    readBios: async (options) => toBios(await getInstance(wsman, CIM_BIOSElement, options)),
    readProcessors: async (options) => (await listInstances(wsman, CIM_Processor, options)).map(toProcessor),
    readProcessorChips: async (options) => (await listInstances(wsman, CIM_Chip, options)).map(toProcessorChip),
    readMemoryModules: async (options) => (await listInstances(wsman, CIM_PhysicalMemory, options)).map(toMemoryModule),
    readMedia: async (options) => (await listInstances(wsman, CIM_MediaAccessDevice, options)).map(toMediaDevice),
    readNetworkPorts: async (options) => (await listInstances(wsman, AMT_EthernetPortSettings, options)).map(toNetworkPort),
    readFirmwareVersions: async (options) => toFirmwareVersions(await listInstances(wsman, CIM_SoftwareIdentity, options)),
  };
  return { ...calls, readInventory: (options) => readWholeInventory(calls, parts.clock, options) };
}

/** Keys of the machine itself. Source: Intel AMT Implementation and Reference Guide, "Discovering CIM_ComputerSystem". */
const MANAGED_SYSTEM = { CreationClassName: 'CIM_ComputerSystem', Name: 'ManagedSystem' } as const;
