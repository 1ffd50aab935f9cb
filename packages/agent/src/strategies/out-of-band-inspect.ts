import {
  invalidOptions, isMulticastMacAddress, normalizeMacAddress, type FoundInventory, type InspectStrategy, type InventoryReport, type JsonObject, type JsonValue,
  type NodeChanges,
} from '@ferric/core';

/** Inspects by asking the machine's controller; the machine is not touched. */
export function createOutOfBandInspect(): InspectStrategy {
  return {
    interface: 'inspect',
    name: 'out-of-band',
    async validate(task) {
      if (task.device.inventory === undefined) throw noInventory(task.node.uuid);
    },
    async inspect(task) {
      const { inventory } = task.device;
      if (inventory === undefined) throw noInventory(task.node.uuid);
      task.progress('Asking the controller of the machine what is in it');
      return { next: 'done', changes: readReport(await inventory.read({ signal: task.signal })) };
    },
    // Nothing goes on outside of inspect(), which ends by its signal.
    abort: async () => undefined,
  };
}

/** What a controller's report changes on a node. What it does not tell stays. */
export function readReport(report: InventoryReport): NodeChanges {
  const addresses = (report.macAddresses ?? []).flatMap((text) => normalizeMacAddress(text) ?? []).filter((address) => !isMulticastMacAddress(address));
  const macAddresses = [...new Set(addresses)];
  return {
    properties: known({ cpus: report.cpus, memory_mb: report.memoryMegabytes, cpu_arch: report.cpuArchitecture }),
    // Which of them boots from the network the controller does not tell.
    ports: macAddresses.map((address) => ({ address, pxeEnabled: true })),
    inventory: foundInventory(report, macAddresses),
  };
}

/** In the form of the agent's inventory, so that readers need to know only one. */
function foundInventory(report: InventoryReport, macAddresses: readonly string[]): FoundInventory {
  return {
    inventory: {
      interfaces: macAddresses.map((address) => ({ mac_address: address })),
      cpu: { count: report.cpus ?? null, architecture: report.cpuArchitecture ?? null },
      memory: { physical_mb: report.memoryMegabytes ?? null },
      system_vendor: {
        manufacturer: report.vendor ?? null, product_name: report.model ?? null, serial_number: report.serialNumber ?? null,
      },
    },
    pluginData: report.raw === undefined ? {} : { controller: report.raw },
  };
}

function known(values: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined));
}

function noInventory(uuid: string): Error {
  return invalidOptions(`Node ${uuid}`, [
    { field: 'inspect_interface', problem: 'invalid', expected: 'agent: the controller of this machine does not tell what is in it', received: '"out-of-band"' },
  ]);
}
