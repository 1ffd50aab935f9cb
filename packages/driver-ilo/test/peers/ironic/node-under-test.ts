import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IloOptions, VirtualIlo } from '../../../src/simulator/index.js';
import { startAt443 } from '../simulator-bench.js';
import { type Fields, IronicFault } from './ironic-api.js';
import type { IronicServer } from './ironic-server.js';
import { type Ramdisk, watchRamdisk } from './ramdisk.js';

export type PeerGeneration = 'gen8' | 'gen9' | 'gen10';

/** What the machines are made of; what Ironic finds is compared with it. */
const MACHINE: Omit<IloOptions, 'generation'> = {
  hardware: { processors: 2, coresPerProcessor: 6, memoryGib: 48, gpus: 2 },
  drives: [
    { capacityGib: 1117, rotationalSpeed: 15_000 },
    { capacityGib: 1117, rotationalSpeed: 15_000 },
    { capacityGib: 447, mediaType: 'SSD', interfaceType: 'SATA' },
  ],
  // The client's connection for Redfish cannot take a 503: it hands on an argument that it does not have.
  resetDurations: { startingMs: 0 },
};

/** Ironic looks three times, however slow it is, and does not see the end of the self test: the machine boots when it has seen the beginning. */
const SEEN: Partial<IloOptions> = { post: { heldForReads: 3, heldAtMostMs: 30_000 } };

/** Gen8 starts in BIOS mode, as most of them do, but knows both. Gen9 is no blade: at those the client looks once more. */
const MODELS: Readonly<Record<PeerGeneration, Partial<IloOptions>>> = {
  gen8: { bootModes: 'both', bootMode: 'bios' },
  gen9: { productName: 'ProLiant DL380 Gen9', ...SEEN },
  gen10: SEEN,
};

/** One machine, enrolled in Ironic. */
export interface NodeUnderTest extends AsyncDisposable {
  readonly generation: PeerGeneration;
  readonly ironic: IronicServer;
  readonly ilo: VirtualIlo;
  readonly uuid: string;
  /** The answer to its enrolment. */
  readonly node: Fields;
  /** URL of the ISO from which it is deployed and cleaned. */
  readonly deployIso: string;
  readonly ramdisk: Ramdisk;
  /** The requests to its iLO since this was last called, in their order: `POST /ribcl HOLD_PWR_BTN: 200`. */
  takeRequests(): readonly string[];
}

/** @param name of the node; its second letter makes its network cards' addresses differ from those of another of its generation */
export async function enrol(ironic: IronicServer, generation: PeerGeneration, name: string): Promise<NodeUnderTest> {
  const requests: string[] = [];
  const pair = `${generation.slice(3).padStart(2, '0')}:${name.charCodeAt(1).toString(16)}`;
  const macAddresses = [1, 2, 3].map((number) => `52:54:00:${pair}:0${number}`);
  const ilo = await startAt443({
    ...MACHINE,
    ...MODELS[generation],
    generation,
    name: `${name}-${generation}`,
    hardware: { ...MACHINE.hardware, macAddresses },
    onLine: (line) => requests.push(line),
  });
  try {
    const authority = join(ironic.folder, `${ilo.name}.pem`);
    const iso = `deploy-${ilo.name}.iso`;
    await writeFile(authority, ilo.certificate);
    await writeFile(join(ironic.published, iso), 'an image');
    const deployIso = `${ironic.imagesUrl}/${iso}`;
    const node = await ironic.api.ask('POST', '/v1/nodes', {
      name: ilo.name,
      driver: generation === 'gen10' ? 'ilo5' : 'ilo',
      driver_info: { ilo_address: ilo.host, ilo_username: ilo.username, ilo_password: ilo.password, ilo_verify_ca: authority, deploy_iso: deployIso },
    });
    const ramdisk = watchRamdisk(ilo, ironic.api, deployIso, { macAddresses, folder: ironic.folder });
    return {
      generation, ironic, ilo, node, deployIso, ramdisk,
      uuid: String(node['uuid']),
      takeRequests: () => requests.splice(0),
      async [Symbol.asyncDispose]() {
        await ramdisk[Symbol.asyncDispose]();
        await ilo[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await ilo[Symbol.asyncDispose]();
    throw error;
  }
}

/** Where each transition ends, well or not. */
const ENDS: Readonly<Record<string, readonly string[]>> = {
  manage: ['manageable', 'enroll'],
  inspect: ['manageable', 'inspect failed'],
  clean: ['manageable', 'clean failed'],
  provide: ['available', 'clean failed'],
  active: ['active', 'deploy failed'],
  deleted: ['available', 'error', 'clean failed'],
};

/** Asks for a transition and waits for its end. Yields the node as it is then. @throws IronicFault with what the conductor says why it did not work */
export async function provision({ ironic: { api }, uuid }: NodeUnderTest, target: string, more: Fields = {}): Promise<Fields> {
  await api.ask('PUT', `/v1/nodes/${uuid}/states/provision`, { target, ...more });
  return withoutFault(await api.settled(uuid, ENDS[target]));
}

/** Changes one of the node's other states and waits for it. @throws as {@link provision} */
export async function setState({ ironic: { api }, uuid }: NodeUnderTest, what: 'power' | 'boot_mode' | 'secure_boot', change: Fields): Promise<Fields> {
  await api.ask('PUT', `/v1/nodes/${uuid}/states/${what}`, change);
  return withoutFault(await api.settled(uuid));
}

function withoutFault(node: Fields): Fields {
  if (node['last_error'] !== null) throw new IronicFault(String(node['last_error']));
  return node;
}

/** Longest time that a soft change of power may take. Seconds. */
const SOFT_LIMIT_S = 8;

/** Changes power. Yields what Ironic takes the state to be, beside the machine's own. */
export async function power(node: NodeUnderTest, target: string): Promise<readonly unknown[]> {
  const { power_state: told } = await setState(node, 'power', { target, ...(target.startsWith('soft') ? { timeout: SOFT_LIMIT_S } : {}) });
  return [told, node.ilo.machine.power.state];
}
