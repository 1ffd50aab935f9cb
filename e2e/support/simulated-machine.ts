import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AgentPacing, createVirtualDisk, type NetworkBoot, startNetworkBoot, type VirtualDisk } from '@ferric/agent/simulator';
import type { JsonObject, VirtualDevice } from '@ferric/core';
import { startVirtualDevice } from '@ferric/driver-fake/simulator';
import { type RunningConductor, startConductor } from './conductor.js';
import { type ImageServer, startImageServer } from './image-server.js';
import { createTemporaryFolder } from './temporary-folder.js';

/** A simulated machine: a controller, and firmware, agent and disk behind it. */
export interface SimulatedMachine extends AsyncDisposable {
  readonly device: VirtualDevice;
  readonly boot: NetworkBoot;
  readonly disk: VirtualDisk;
  readonly mac: string;
}

export interface MachineOptions {
  readonly diskBytes?: number;
  /** Where its firmware gets its script. */
  readonly scriptUrl: (mac: string) => string;
  readonly pacing?: Partial<AgentPacing>;
}

const GIBIBYTE = 1024 ** 3;

/** An agent that need not be gentle with a conductor of its own. */
export const QUICK: Partial<AgentPacing> = {
  forcedHeartbeatMs: 50, heartbeatFactors: [0.001, 0.002], heartbeatRetryMs: [50, 100], lookupIntervalMs: 50, longestLookupIntervalMs: 200,
  inspectionRetryMs: [50, 100], downloadRetries: 1, downloadRetryMs: 50, downloadTimeoutMs: 2000, shutdownMs: 10,
};

export async function startSimulatedMachine({ diskBytes = 8 * GIBIBYTE, scriptUrl, pacing = QUICK }: MachineOptions): Promise<SimulatedMachine> {
  const device = await startVirtualDevice();
  const disk = createVirtualDisk({ sizeBytes: diskBytes });
  const boot = startNetworkBoot({ device, scriptUrl, disk, agent: { pacing } });
  return {
    device, boot, disk,
    mac: device.ports[0]?.address ?? '',
    async [Symbol.asyncDispose]() {
      await boot[Symbol.asyncDispose]();
      await device[Symbol.asyncDispose]();
      await disk[Symbol.asyncDispose]();
    },
  };
}

/** Options of a conductor that provisions: where its boot files are, and how patient it is. */
export interface BootFiles extends AsyncDisposable {
  readonly folder: string;
  readonly args: readonly string[];
}

/** A folder with a kernel and a ramdisk for simulated machines, which load them and run something else. */
export async function createBootFiles(): Promise<BootFiles> {
  const folder = await createTemporaryFolder();
  await writeFile(join(folder.path, 'kernel'), 'a kernel');
  await writeFile(join(folder.path, 'ramdisk'), 'a ramdisk');
  const file = (name: string): string => `file://${join(folder.path, name)}`;
  return {
    folder: folder.path,
    args: [
      '--image-dirs', folder.path, '--deploy-kernel', file('kernel'), '--deploy-ramdisk', file('ramdisk'),
      '--rescue-kernel', file('kernel'), '--rescue-ramdisk', file('ramdisk'), '--power-sync-interval-ms', '0', '--scripts-per-minute', '10000',
    ],
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** A conductor that provisions simulated machines, and where their images are. */
export interface Provisioning extends AsyncDisposable {
  readonly conductor: RunningConductor;
  readonly images: ImageServer;
  readonly files: BootFiles;
}

/** @param args more arguments of the conductor */
export async function startProvisioning(args: readonly string[] = []): Promise<Provisioning> {
  await using place = new AsyncDisposableStack();
  const files = place.use(await createBootFiles());
  const images = place.use(await startImageServer());
  const data = place.use(await createTemporaryFolder());
  const conductor = place.use(await startConductor({ dataDir: data.path, args: [...files.args, ...args] }));
  const kept = place.move();
  return { conductor, images, files, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** The script of a machine by its network card, as the seed of dynamic configuration has it. */
export const scriptByPort = (conductor: Pick<RunningConductor, 'api'>, driver = 'fake-hardware') => (mac: string): string =>
  `${conductor.api.url}/v1/drivers/${driver}/vendor_passthru/ipxe_config?port_address=${mac}`;

/** Enrols a simulated machine and makes it available. */
export async function enrolMachine({ api }: RunningConductor, machine: SimulatedMachine, name: string, more: JsonObject = {}): Promise<string> {
  const { uuid } = (await api.call('POST', '/v1/nodes', {
    name, driver: 'fake-hardware', driver_info: machine.device.driverInfo as JsonObject,
    boot_interface: 'ipxe', deploy_interface: 'direct', inspect_interface: 'agent', rescue_interface: 'agent', ...more,
  })) as { uuid: string };
  await api.call('POST', '/v1/ports', { node_uuid: uuid, address: machine.mac });
  await api.provision(name, 'manage', 'manageable');
  return uuid;
}
