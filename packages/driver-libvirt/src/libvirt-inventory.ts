import { errorCode, type Inventory, type InventoryReport, type JsonObject } from '@ferric/core';
import type { Domain, TypedValue } from './client/domains.js';
import { readFacts } from './domain-xml/facts.js';
import type { Machine, MachineCall } from './libvirt-machine.js';

/** Three exchanges, and the domain may have to be found first. Milliseconds. */
const CALL_MS = 30_000;

/** What the definition of one domain tells about its parts. */
export function createLibvirtInventory(machine: Machine): Inventory {
  return { read: (options) => machine.perform({ what: 'read inventory', timeoutMs: CALL_MS }, options, readInventory) };
}

async function readInventory(call: MachineCall): Promise<InventoryReport> {
  const { domain, document } = await call.locate();
  const facts = readFacts(document);
  const sizes = await diskSizes(call, domain);
  const disks = facts.disks.map(({ target, details }): JsonObject => {
    const bytes = sizes.get(target);
    return bytes === undefined ? details : { ...details, capacityBytes: bytes };
  });
  const model = facts.product ?? facts.machine;
  return {
    ...(facts.manufacturer === undefined ? {} : { vendor: facts.manufacturer }),
    ...(model === undefined ? {} : { model }),
    ...(facts.serialNumber === undefined ? {} : { serialNumber: facts.serialNumber }),
    ...(facts.cpus === undefined ? {} : { cpus: facts.cpus }),
    ...(facts.memoryMegabytes === undefined ? {} : { memoryMegabytes: facts.memoryMegabytes }),
    ...(facts.architecture === undefined ? {} : { cpuArchitecture: facts.architecture }),
    macAddresses: facts.macAddresses,
    raw: { name: domain.name, uuid: domain.uuid, ...(facts.machine === undefined ? {} : { machine: facts.machine }), disks, interfaces: facts.interfaces },
  };
}

/** Sizes of disks in bytes, by their targets, as far as the hypervisor tells. */
async function diskSizes(call: MachineCall, domain: Domain): Promise<ReadonlyMap<string, number>> {
  try {
    const [stats] = await call.exchange((options) => call.client.domains.stats([domain], ['block'], options));
    return sizesIn(stats?.values ?? {});
  } catch (error) {
    // A hypervisor without statistics, and one that cannot open an image to measure it.
    if (['UNSUPPORTED', 'REFUSED', 'NOT_FOUND'].includes(errorCode(error))) return new Map();
    throw error;
  }
}

/** Reads `block.0.name`, `block.0.capacity`. Source: libvirt 9.0.0, src/libvirt-domain.c, virConnectGetAllDomainStats. */
function sizesIn(values: Readonly<Record<string, TypedValue>>): ReadonlyMap<string, number> {
  const names = Object.entries(values).flatMap(([key, name]) => {
    const prefix = /^(block\.\d+\.)name$/.exec(key)?.[1];
    return prefix === undefined || typeof name !== 'string' ? [] : [[name, values[`${prefix}capacity`]] as const];
  });
  return new Map(names.flatMap(([name, capacity]) => (capacity === undefined ? [] : [[name, Number(capacity)] as const])));
}
