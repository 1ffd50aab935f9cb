import type { Inventory, InventoryReport } from '@ferric/core';
import type { AmtInventory } from './client/inventory/index.js';
import type { AmtMachine } from './amt-machine.js';
import { toJson } from './to-json.js';

/** Some twenty exchanges with a small processor. Milliseconds. */
const CALL_MS = 180_000;

const BYTES_PER_MEGABYTE = 1024 * 1024;

/** What the firmware wrote down about the machine at its last boot. */
export function createAmtInventory(machine: AmtMachine): Inventory {
  return {
    read: (options) =>
      machine.perform({ what: 'read inventory', timeoutMs: CALL_MS }, options, async ({ client, options: call }) => toReport(await client.inventory.readInventory(call))),
  };
}

function toReport(inventory: AmtInventory): InventoryReport {
  const { chassis, baseBoard, processors = [], memoryModules = [], networkPorts = [] } = inventory;
  const texts = {
    vendor: chassis?.manufacturer ?? baseBoard?.manufacturer,
    model: chassis?.model ?? baseBoard?.model,
    serialNumber: chassis?.serialNumber ?? baseBoard?.serialNumber,
  };
  const memoryBytes = memoryModules.reduce((sum, { capacityBytes = 0 }) => sum + capacityBytes, 0);
  return {
    ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined)),
    // Ironic's `cpus` counts what runs threads, of which AMT knows nothing: a package is not one CPU. It stays in `raw`.
    ...(memoryBytes === 0 ? {} : { memoryMegabytes: Math.floor(memoryBytes / BYTES_PER_MEGABYTE) }),
    ...(processors.length === 0 ? {} : { cpuArchitecture: 'x86_64' }),
    macAddresses: networkPorts.flatMap(({ kind, macAddress }) => (kind === 'wired' && macAddress !== undefined ? [macAddress] : [])),
    raw: toJson(inventory),
  };
}
