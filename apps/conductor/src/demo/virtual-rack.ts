import { randomUUID } from 'node:crypto';
import { createVirtualDisk, startNetworkBoot, type AgentPacing, type NetworkBoot, type VirtualDisk } from '@ferric/agent/simulator';
import type { StartVirtualDevice, VirtualDevice } from '@ferric/core';
import { findPackages } from '../compose/find-packages.js';
import type { IronicClient } from './ironic-client.js';

/** Firmware, deploy agent and disk of a virtual machine. */
export interface MachineBody {
  readonly boot: NetworkBoot;
  readonly disk: VirtualDisk;
  /** How its node boots and is deployed. */
  readonly interfaces: NetworkInterfaces;
}

/** Implementations by which a machine boots from the network, is inspected and deployed. */
export interface NetworkInterfaces {
  readonly boot_interface: string;
  readonly deploy_interface: string;
  readonly inspect_interface: string;
}

/** A virtual machine of the rack. */
export interface DemoMachine {
  readonly device: VirtualDevice;
  /** Of its node. */
  readonly uuid: string;
  /** Undefined where it is nothing but a controller: its simulator tells of no power changes, or its hardware type does not boot from the network. */
  readonly body: MachineBody | undefined;
}

/**
 * An agent that need not be gentle with a conductor of its own. What it found it offers for six seconds, as long as a controller may take to see that
 * its machine is on: until then the conductor does not take it.
 */
const QUICK: Partial<AgentPacing> = {
  forcedHeartbeatMs: 100, heartbeatFactors: [0.001, 0.002], heartbeatRetryMs: [50, 100], lookupIntervalMs: 100, longestLookupIntervalMs: 200,
  inspectionRetryMs: [400, 4000], downloadRetries: 1, downloadRetryMs: 50, downloadTimeoutMs: 5000,
};

const DISK_BYTES = 8 * 1024 ** 3;

/** Starts a controller of every kind: of each driver package of the project that brings a simulator. They are the stack's to dispose. */
export async function startVirtualRack(project: string, stack: AsyncDisposableStack): Promise<readonly VirtualDevice[]> {
  const { packages } = await findPackages({ projectDirectory: project });
  const devices: VirtualDevice[] = [];
  for (const { simulatorUrl } of packages) {
    if (simulatorUrl === undefined) continue;
    const { startVirtualDevice } = (await import(simulatorUrl.href)) as { readonly startVirtualDevice: StartVirtualDevice };
    devices.push(stack.use(await startVirtualDevice({ name: `demo-${devices.length + 1}` })));
  }
  return devices;
}

/** How the demo deploys: with what works for every machine that boots from the network. Hardware types may have a name of their own for it, such as `ilo-ipxe`. */
const NETWORK_IMPLEMENTATIONS: Readonly<Record<keyof NetworkInterfaces, RegExp>> = {
  boot_interface: /^(?:\w+-)?ipxe$/, deploy_interface: /^direct$/, inspect_interface: /^agent$/,
};

/** Gives controllers a machine each, where that is possible. The machines are the stack's to dispose. */
export async function buildMachines(
  devices: readonly VirtualDevice[], client: IronicClient, conductorUrl: string, stack: AsyncDisposableStack,
): Promise<readonly DemoMachine[]> {
  return Promise.all(
    devices.map(async (device) => {
      const canBoot = device.watchPower !== undefined && device.ports.length > 0;
      const interfaces = canBoot ? await findNetworkInterfaces(client, device.hardwareType) : undefined;
      return { device, uuid: randomUUID(), body: interfaces === undefined ? undefined : buildBody(device, interfaces, conductorUrl, stack) };
    }),
  );
}

/** What a hardware type calls the implementations that the demo deploys with; undefined when it lacks one. */
async function findNetworkInterfaces(client: IronicClient, hardwareType: string): Promise<NetworkInterfaces | undefined> {
  const driver = await client.request('GET', `/drivers/${hardwareType}`);
  const named = Object.entries(NETWORK_IMPLEMENTATIONS).map(([field, pattern]) => {
    const enabled = (driver[`enabled_${field}s`] ?? []) as readonly string[];
    return [field, enabled.find((name) => pattern.test(name))] as const;
  });
  return named.every(([, name]) => name !== undefined) ? (Object.fromEntries(named) as unknown as NetworkInterfaces) : undefined;
}

function buildBody(device: VirtualDevice, interfaces: NetworkInterfaces, conductorUrl: string, stack: AsyncDisposableStack): MachineBody {
  const disk = stack.use(createVirtualDisk({ sizeBytes: DISK_BYTES }));
  const scriptUrl = (mac: string): string => `${conductorUrl}/v1/drivers/${device.hardwareType}/vendor_passthru/ipxe_config?port_address=${mac}`;
  const boot = stack.use(startNetworkBoot({ device, scriptUrl, disk, agent: { pacing: QUICK } }));
  return { boot, disk, interfaces };
}
