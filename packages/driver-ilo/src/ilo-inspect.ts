import {
  delay, FerricError, invalidOptions, isMulticastMacAddress, normalizeMacAddress, readCapabilities, type InspectStrategy, type InventoryReport, type JsonObject,
  type NodeChanges, type Sealed, type Task,
} from '@ferric/core';
import type { IloInventoryReport } from './client/index.js';

/** How long a machine has to tell what is in it, after it was switched on for that. Milliseconds. */
const TELL_MS = 900_000;

const LOOK_MS = 15_000;

type Report = InventoryReport & Partial<Pick<IloInventoryReport, 'localGigabytes' | 'ports' | 'capabilities'>>;

/** What a scheduler needs to know of a machine. Source: Ironic, ironic/drivers/modules/inspect_utils.py, ironic/drivers/modules/ilo/inspect.py. */
const ESSENTIAL: Readonly<Record<string, (report: Report) => boolean>> = {
  memory_mb: ({ memoryMegabytes = 0 }) => memoryMegabytes > 0,
  cpus: ({ cpus = 0 }) => cpus > 0,
  cpu_arch: ({ cpuArchitecture }) => cpuArchitecture !== undefined,
  'MAC addresses': ({ macAddresses = [] }) => macAddresses.length > 0,
};

/**
 * The inspect interface `ilo`: asks the iLO what is in the machine, also for what Ironic calls capabilities. Some of it an iLO knows only after the
 * machine was on: one that is off and lacks something is switched on for that, and off again.
 * Source: Ironic, ironic/drivers/modules/ilo/inspect.py.
 */
export function createIloInspect(pacing: { readonly lookMs?: number | undefined; readonly tellMs?: number | undefined } = {}): InspectStrategy {
  const { lookMs = LOOK_MS, tellMs = TELL_MS } = pacing;
  const readSwitchedOn = async (task: Task): Promise<Report> => {
    const { device, clock, signal } = task;
    task.progress('Switching the machine on, for its iLO does not know yet what is in it');
    await device.power.set('power on', { signal });
    try {
      let report = await read(task);
      for (const endsAt = clock.monotonicMs() + tellMs; missingIn(report).length > 0 && clock.monotonicMs() < endsAt; ) {
        await delay(lookMs, { signal, clock });
        report = await read(task);
      }
      return report;
    } finally {
      if (!signal.aborted) await device.power.set('power off', { signal });
    }
  };
  return {
    interface: 'inspect',
    name: 'ilo',
    async validate(task) {
      requireInventory(task);
    },
    async inspect(task) {
      task.progress('Asking the iLO what is in the machine');
      let report = await read(task);
      if (missingIn(report).length > 0 && (await task.device.power.read({ signal: task.signal })).state === 'power off') report = await readSwitchedOn(task);
      const missing = missingIn(report);
      if (missing.length > 0) throw notTold(task, missing);
      return { next: 'done', changes: changesOf(task, report) };
    },
    // Nothing goes on outside of inspect(), which ends by its signal.
    abort: async () => undefined,
  };
}

async function read(task: Task): Promise<Report> {
  return requireInventory(task).read({ signal: task.signal });
}

function requireInventory({ device, node }: Task): NonNullable<Task['device']['inventory']> {
  if (device.inventory !== undefined) return device.inventory;
  throw invalidOptions(`Node ${node.uuid}`, [
    { field: 'inspect_interface', problem: 'invalid', expected: 'agent: the management interface of this node does not tell what is in the machine', received: '"ilo"' },
  ]);
}

function missingIn(report: Report): readonly string[] {
  return Object.entries(ESSENTIAL).flatMap(([name, isThere]) => (isThere(report) ? [] : [name]));
}

function changesOf({ node }: Task, report: Report): NodeChanges {
  const { cpus = 0, memoryMegabytes = 0, cpuArchitecture = 'x86_64', localGigabytes = 0, capabilities = {}, vendor, model, serialNumber, raw } = report;
  const addresses = (report.macAddresses ?? []).flatMap((text) => normalizeMacAddress(text) ?? []).filter((address) => !isMulticastMacAddress(address));
  const macAddresses = [...new Set(addresses)];
  return {
    properties: {
      cpus, memory_mb: memoryMegabytes, cpu_arch: cpuArchitecture,
      // A disk that the iLO does not see is no reason to forget one that a person wrote down.
      ...(localGigabytes > 0 ? { local_gb: localGigabytes } : {}),
      ...mergedCapabilities(node.properties['capabilities'] as Sealed | undefined, capabilities),
    },
    ports: macAddresses.map((address) => ({ address, pxeEnabled: true })),
    inventory: {
      inventory: {
        interfaces: macAddresses.map((address) => ({ mac_address: address })),
        cpu: { count: cpus, architecture: cpuArchitecture },
        memory: { physical_mb: memoryMegabytes },
        system_vendor: { manufacturer: vendor ?? null, product_name: model ?? null, serial_number: serialNumber ?? null },
      },
      pluginData: raw === undefined ? {} : { controller: raw },
    },
  };
}

function mergedCapabilities(present: Sealed | undefined, found: Readonly<Record<string, string>>): JsonObject {
  const all = { ...readCapabilities(present), ...found };
  return Object.keys(all).length === 0 ? {} : { capabilities: Object.entries(all).map((pair) => pair.join(':')).join(',') };
}

function notTold({ node }: Task, missing: readonly string[]): FerricError {
  return new FerricError('REFUSED', `The iLO of node ${node.uuid} does not tell ${missing.join(', ')}`, {
    details: { node: node.uuid, step: 'inspect', missing: [...missing] },
    hint: 'An iLO knows some of it only after the machine was switched on once. Otherwise inspect with the agent.',
  });
}
