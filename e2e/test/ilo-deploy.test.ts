import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseCommandLine } from '@ferric/agent/simulator';
import type { JsonObject } from '@ferric/core';
import type { BootRecord, Operation } from '@ferric/driver-ilo/simulator';
import { waitFor } from '@ferric/lab';
import { describe, expect, test } from 'vitest';
import { type RunningConductor, startConductor } from '../support/conductor.js';
import { type IloMediaMachine, type IloMediaMachineOptions, startIloMediaMachine, withFloppyTools } from '../support/ilo-media-machine.js';
import { type ImageServer, randomImage, startImageServer } from '../support/image-server.js';
import { type IronicClient, isIdle } from '../support/ironic-client.js';
import { createMediaTools } from '../support/media-machine.js';
import { createBootFiles, scriptByPort } from '../support/simulated-machine.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const MEBIBYTE = 1024 ** 2;

/** A conductor with what it needs to make media, a web server that is not the conductor's, and one ProLiant. */
interface Site extends AsyncDisposable {
  readonly machine: IloMediaMachine;
  readonly images: ImageServer;
  readonly folder: string;
  start(port?: number): Promise<RunningConductor>;
  /** What is served now: a folder for each node. */
  served(): readonly string[];
}

async function openSite(options: IloMediaMachineOptions): Promise<Site> {
  await using place = new AsyncDisposableStack();
  const files = place.use(await createBootFiles());
  const data = place.use(await createTemporaryFolder());
  const images = place.use(await startImageServer());
  let scriptOf: (mac: string) => string = () => 'http://127.0.0.1:1/';
  const machine = place.use(await startIloMediaMachine({ ...options, scriptUrl: (mac) => scriptOf(mac) }));
  await writeFile(join(files.folder, 'esp.img'), 'a boot loader');
  await writeFile(join(files.folder, 'agent.iso'), AGENT_ISO);
  const env = { PATH: await withFloppyTools(files.folder, await createMediaTools(files.folder)) };
  const args = [...files.args, '--bootloader', pathToFileURL(join(files.folder, 'esp.img')).href];
  const kept = place.move();
  return {
    machine, images,
    folder: files.folder,
    async start(port = 0) {
      const conductor = await startConductor({ dataDir: data.path, port, env, args });
      scriptOf = scriptByPort(conductor, machine.device.hardwareType);
      return conductor;
    },
    served: () => readdirSync(join(data.path, 'media')),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** An ISO image of the deploy agent as others make them: it knows no conductor, and looks for a floppy. */
const AGENT_ISO = '\n  append initrd=/initrd quiet boot_method=vmedia\n';

/** driver_info that says where a node gets the deploy agent from. */
type Agent = (site: Site) => JsonObject;

/** The conductor makes a CD of kernel and ramdisk. */
const madeMedium: Agent = () => ({});
/** An image in a folder of the conductor, which serves it. */
const ownWebServer: Agent = ({ folder }) => {
  const image = pathToFileURL(join(folder, 'agent.iso')).href;
  return { deploy_iso: image, rescue_iso: image };
};
/** An image that somebody else serves, at exactly this address and no other. */
const elsewhere = (address: string): Agent => ({ images }) => ({ deploy_iso: images.offer(address, Buffer.from(AGENT_ISO)).image_source });

/** As Swift signs addresses; what is escaped must come as it is. Source: OpenStack Swift, middleware "tempurl". */
const TEMPORARY_ADDRESS = 'v1/AUTH_1/agents/agent.iso?temp_url_sig=c2ln%2Bbg%3D%3D&temp_url_expires=1924988400&filename=agent%20image.iso';

const IN_BY_FLOPPY = ['insert media', 'insert media'] as const;
const IN_BY_CD = ['insert media'] as const;
const ejected = (inserted: readonly Operation[]): readonly Operation[] => inserted.map(() => 'eject media');
/** What Ironic's own driver does until the machine runs the deploy agent, on both generations. */
const booted = (inserted: readonly Operation[]): readonly Operation[] => [...inserted, 'set boot override', 'power on'];
const clearedAway = (inserted: readonly Operation[]): readonly Operation[] => [...ejected(inserted), 'set boot override'];

async function enrol({ api }: RunningConductor, { machine: { device, mac } }: Site, name: string, driverInfo: JsonObject, fields: JsonObject = {}): Promise<string> {
  const { uuid } = (await api.call('POST', '/v1/nodes', {
    name, driver: device.hardwareType, driver_info: { ...(device.driverInfo as JsonObject), ...driverInfo },
    boot_interface: 'ilo-virtual-media', deploy_interface: 'direct', inspect_interface: 'ilo', rescue_interface: 'agent', automated_clean: false, ...fields,
  })) as { uuid: string };
  await api.call('POST', '/v1/ports', { node_uuid: uuid, address: mac });
  await provision(api, name, 'manage', 'manageable');
  return uuid;
}

/** An iLO that starts anew is away for a while, and the machines are many. Milliseconds. */
const LIMIT_MS = 90_000;

async function provision(api: IronicClient, name: string, target: string, state: string, more: JsonObject = {}): Promise<JsonObject> {
  await api.call('PUT', `/v1/nodes/${name}/states/provision`, { target, ...more });
  return api.waitForNode(name, (node) => node['provision_state'] === state && isIdle(node), { timeoutMs: LIMIT_MS });
}

async function offer({ api }: RunningConductor, { images }: Site, name: string, more: JsonObject = {}): Promise<Buffer> {
  const image = randomImage(2 * MEBIBYTE);
  await api.call('PATCH', `/v1/nodes/${name}`, [{ op: 'add', path: '/instance_info', value: { ...images.offer(`${name}.img`, image), ...more } }] as never);
  return image;
}

const runsItsDisk = async ({ boot }: IloMediaMachine): Promise<unknown> =>
  waitFor('the machine to run what is on its disk', () => (boot.running.kind === 'disk' ? true : undefined));

const holds = async ({ disk }: IloMediaMachine, image: Buffer): Promise<boolean> => (await disk.read(0, image.length)).equals(image);

/** What the iLO was asked to change since the last call. */
function operationsOf({ device: { ilo } }: IloMediaMachine): () => readonly Operation[] {
  let seen = 0;
  return () => {
    const news = ilo.activity.latestOperations.slice(seen);
    seen += news.length;
    return news;
  };
}

const starts = <Key extends keyof BootRecord>({ device: { ilo } }: IloMediaMachine, ...facts: readonly Key[]): readonly (readonly unknown[])[] =>
  ilo.machine.boot.records.map((record) => facts.map((fact) => record[fact]));

describe.concurrent('a ProLiant that boots nothing from the network', () => {
  test.each([
    { generation: 'gen9', from: 'a ready-made ISO image with a floppy', agent: ownWebServer, inserted: IN_BY_FLOPPY, keys: ['set secure boot keys', 'set bios', 'set bios'] },
    { generation: 'gen10', from: 'a CD that is made of kernel and ramdisk', agent: madeMedium, inserted: IN_BY_CD, keys: ['set secure boot keys', 'set bios'] },
  ] as const)('$generation is inspected, cleaned, deployed, rescued and given back by $from', async ({ generation, agent, inserted, keys }) => {
    await using site = await openSite({ generation });
    await using conductor = await site.start();
    const { machine, served } = site;
    const { api } = conductor;
    const uuid = await enrol(conductor, site, generation, agent(site), { automated_clean: true });
    const news = operationsOf(machine);
    const tokens: string[] = [];
    const noteToken = (): void => void tokens.push(machine.boot.agent?.token?.reveal() ?? '');

    expect((await provision(api, generation, 'inspect', 'manageable'))['properties']).toMatchObject({ cpu_arch: 'x86_64', local_gb: 557 });
    expect(news()).toEqual([]);

    await machine.disk.write(0, Buffer.from('left by somebody else'));
    await provision(api, generation, 'provide', 'available');
    noteToken();
    expect((await machine.disk.read(0, 512)).every((byte) => byte === 0)).toBe(true);
    // The iLO's own reset takes the media out: they are in again before the machine goes off, and taken out with the rest.
    const cleaned = [...booted(inserted), ...keys, 'reset ilo', ...inserted, 'power off', ...clearedAway(inserted)];
    expect(news()).toEqual(cleaned);

    const image = await offer(conductor, site, generation);
    expect(await provision(api, generation, 'active', 'active')).toMatchObject({ power_state: 'power on', last_error: null });
    noteToken();
    expect(await holds(machine, image)).toBe(true);
    await runsItsDisk(machine);
    expect(news()).toEqual([...booted(inserted), ...clearedAway(inserted), 'power on']);
    expect([machine.inDrives, served()]).toEqual([[undefined, undefined], []]);

    await provision(api, generation, 'rescue', 'rescue', { rescue_password: 'let-me-in' });
    expect(machine.boot.running.kind).toBe('agent');
    noteToken();
    await provision(api, generation, 'unrescue', 'active');
    await runsItsDisk(machine);
    expect(news()).toEqual(['power off', ...booted(inserted), 'power off', ...clearedAway(inserted), 'power on']);

    await provision(api, generation, 'deleted', 'available');
    noteToken();
    expect(news()).toEqual(['power off', ...cleaned]);
    expect([machine.inDrives, served(), machine.device.state.power]).toEqual([[undefined, undefined], [], 'power off']);
    expect(starts(machine, 'source', 'isOneTime')).toEqual([['cdrom', true], ['cdrom', true], ['disk', false], ['cdrom', true], ['disk', false], ['cdrom', true]]);

    // Each boot has a token of its own, by floppy or by CD, which nobody sees but its agent; nobody learns where the media were.
    expect(new Set(tokens).size).toBe(4);
    const told = machine.mediaBoots.map(({ commandLine, floppy }) => floppy?.parameters['ipa-agent-token'] ?? parseCommandLine(commandLine)['ipa-agent-token']);
    expect(told).toEqual(tokens);
    const everything = JSON.stringify([await api.timeline(uuid), await api.node(generation), conductor.log()]);
    for (const token of tokens) expect([token.length, everything.includes(token)]).toEqual([43, false]);
    expect(everything).not.toMatch(/media\/[0-9a-f-]{36}\/[0-9a-f]{32}/);
  }, 2 * LIMIT_MS);
});

describe.concurrent('a ProLiant is deployed to its own disk with the image of an external web server, its deploy ISO', () => {
  test.each([
    { flow: 4, from: 'at a temporary URL of an object store, whose signature stays as it is', generation: 'gen10', agent: elsewhere(TEMPORARY_ADDRESS), loaded: TEMPORARY_ADDRESS },
    { flow: 6, from: 'on an external web server', generation: 'gen9', agent: elsewhere('agents/agent.iso'), loaded: 'agents/agent.iso' },
    { flow: 8, from: "in the conductor's own folder of images (file:///)", generation: 'gen10', agent: ownWebServer, loaded: undefined },
  ] as const)('flow $flow: $from ($generation)', async ({ flow, generation, agent, loaded }) => {
    await using site = await openSite({ generation });
    await using conductor = await site.start();
    const { machine, images, served } = site;
    const name = `flow-${flow}`;
    await enrol(conductor, site, name, agent(site));
    await provision(conductor.api, name, 'provide', 'available');
    const news = operationsOf(machine);
    const image = await offer(conductor, site, name);
    expect(await provision(conductor.api, name, 'active', 'active')).toMatchObject({ power_state: 'power on', last_error: null });
    await runsItsDisk(machine);

    expect(news()).toEqual([...booted(IN_BY_FLOPPY), ...clearedAway(IN_BY_FLOPPY), 'power on']);
    const [first, ...others] = machine.mediaBoots;
    expect(others).toEqual([]);
    expect(first).toEqual({
      image: loaded === undefined ? `${conductor.api.url}/images/0/agent.iso` : `${images.url}/${loaded}`,
      commandLine: 'quiet boot_method=vmedia',
      floppy: {
        url: expect.stringContaining(`${conductor.api.url}/ferric/v1/media/`) as unknown,
        label: 'ir-vfd-dev',
        parameters: { boot_method: 'vmedia', BOOTIF: machine.mac, 'ipa-agent-token': machine.boot.agent?.token?.reveal(), 'ipa-api-url': conductor.api.url },
      },
    });
    // Each was loaded once: the ISO image by the iLO, the user's image by the agent.
    if (loaded !== undefined) expect(images.downloads.get(loaded)).toBe(1);
    expect(images.downloads.get(`${name}.img`)).toBe(1);
    expect(await holds(machine, image)).toBe(true);
    expect([machine.inDrives, served()]).toEqual([[undefined, undefined], []]);
  }, 2 * LIMIT_MS);
});

describe.concurrent('the firmware of a ProLiant', () => {
  test('with secure boot on runs the ramdisk without, and an instance that asks for it with it', async () => {
    await using site = await openSite({ generation: 'gen10' });
    await using conductor = await site.start();
    const { machine } = site;
    const { secureBoot } = machine.device.ilo.machine;
    if (secureBoot === undefined) throw new Error('The machine has no secure boot');
    secureBoot.isWanted = true;
    secureBoot.apply();
    await enrol(conductor, site, 'secure', madeMedium(site));
    await provision(conductor.api, 'secure', 'provide', 'available');
    const news = operationsOf(machine);
    await offer(conductor, site, 'secure', { capabilities: { secure_boot: 'true' } });
    await provision(conductor.api, 'secure', 'active', 'active');
    await runsItsDisk(machine);
    expect(news()).toEqual(['set secure boot', ...booted(IN_BY_CD), ...clearedAway(IN_BY_CD), 'set secure boot', 'power on']);
    expect(starts(machine, 'source', 'mode', 'isSecure')).toEqual([['cdrom', 'uefi', false], ['disk', 'uefi', true]]);
  }, 2 * LIMIT_MS);

  test('goes from BIOS mode to UEFI for a node with the capability boot_mode:uefi', async () => {
    await using site = await openSite({ generation: 'gen9', bootMode: 'bios' });
    await using conductor = await site.start();
    const { machine } = site;
    await enrol(conductor, site, 'mode', ownWebServer(site), { properties: { capabilities: 'boot_mode:uefi' } });
    await provision(conductor.api, 'mode', 'provide', 'available');
    const news = operationsOf(machine);
    await offer(conductor, site, 'mode');
    await provision(conductor.api, 'mode', 'active', 'active');
    await runsItsDisk(machine);
    expect(news()).toEqual(['set bios', ...booted(IN_BY_FLOPPY), ...clearedAway(IN_BY_FLOPPY), 'power on']);
    expect(starts(machine, 'source', 'mode')).toEqual([['cdrom', 'uefi'], ['disk', 'uefi']]);
  }, 2 * LIMIT_MS);
});

describe.concurrent('disk arrays that the controller of a ProLiant makes by a start of the machine', () => {
  test.each([
    { boot: 'ilo-ipxe', source: 'pxe', inserted: [], again: 'set boot override', cleared: [], bootMs: 0 },
    // As on real machines: the arrays are there long before the agent is.
    { boot: 'ilo-virtual-media', source: 'cdrom', inserted: IN_BY_CD, again: 'set media', cleared: clearedAway(IN_BY_CD), bootMs: 8000 },
  ] as const)('bring the deploy agent back with $boot, for the steps that follow', async ({ boot, source, inserted, again, cleared, bootMs }) => {
    await using site = await openSite({ generation: 'gen10', withLogicalDrive: false, bootMs });
    await using conductor = await site.start();
    const { machine } = site;
    const { api } = conductor;
    await enrol(conductor, site, 'arrays', madeMedium(site), { boot_interface: boot });
    await api.call('PUT', '/v1/nodes/arrays/states/raid', { logical_disks: [{ raid_level: '1', size_gb: 'MAX', is_root_volume: true }] });
    const news = operationsOf(machine);
    const steps = [{ interface: 'raid', step: 'create_configuration' }, { interface: 'deploy', step: 'erase_devices_metadata' }];
    const cleaned = await provision(api, 'arrays', 'clean', 'manageable', { clean_steps: steps });
    expect(cleaned).toMatchObject({ last_error: null, raid_config: { logical_disks: [{ raid_level: '1' }] }, power_state: 'power off' });
    expect(machine.device.ilo.machine.storage.logicalDrives).toHaveLength(1);
    expect(starts(machine, 'source', 'isOneTime')).toEqual([[source, true], [source, true]]);
    expect(news()).toEqual([...booted(inserted), 'configure raid', again, 'reset server', 'power off', ...cleared]);
    // The agent of the second start did it.
    expect(machine.boot.agent?.commands.map(({ name }) => name)).toContain('execute_clean_step');
    const [first] = (await api.timeline('arrays')).filter(({ type }) => type === 'step-finished').map(({ message }) => message);
    expect(first).toBe('clean step raid.create_configuration waits for the deploy agent to report after the machine started anew');
  }, 2 * LIMIT_MS);
});

/** An event of the timeline at which the conductor is killed. */
const MOMENTS: readonly (readonly [when: string, event: RegExp])[] = [
  ['while the machine is made ready', /^step-started .*deploy\.deploy/],
  ['after its medium was made', /^medium-published/],
  ['while the medium is loaded', /^medium-fetched/],
  ['while it waits for the call-back', /^provision-state-changed deploying -> wait call-back/],
  ['while the drives are emptied', /^step-started .*prepare_instance_boot/],
];
const KILLED = 'killed';

describe.concurrent.each([
  // An iLO 4 is asked without sessions.
  { generation: 'gen9', agent: ownWebServer, sessions: 0 },
  { generation: 'gen10', agent: madeMedium, sessions: 1 },
] as const)('a conductor that is killed while it deploys a ProLiant $generation, and started again', ({ generation, agent, sessions }) => {
  test.each(MOMENTS)('%s: the machine ends on its own disk, its image written once, nothing in its drives, nothing served', async (_when, moment) => {
    await using site = await openSite({ generation });
    const { machine, images, served } = site;
    const { activity } = machine.device.ilo;
    await using first = await site.start();
    await enrol(first, site, KILLED, agent(site));
    await provision(first.api, KILLED, 'provide', 'available');
    const image = await offer(first, site, KILLED);
    await first.api.call('PUT', `/v1/nodes/${KILLED}/states/provision`, { target: 'active' });
    await waitFor(`the timeline to tell of ${String(moment)}`, async () =>
      ((await first.api.timeline(KILLED)).some(({ type, message }) => moment.test(`${type} ${message}`)) ? true : undefined), { intervalMs: 20 });
    await first.kill();
    // A process that is killed does not log out; the iLO ends its session when its time is over.
    expect(activity.openSessions).toBe(sessions);

    await using second = await site.start(first.port);
    const node = await second.api.waitForNode(KILLED, (each) => each['provision_state'] === 'active' && isIdle(each) && each['reservation'] === null, { timeoutMs: LIMIT_MS });
    expect(node).toMatchObject({ power_state: 'power on', last_error: null });
    await runsItsDisk(machine);
    expect(await holds(machine, image)).toBe(true);
    expect(images.downloads.get(`${KILLED}.img`)).toBe(1);
    expect((await second.api.timeline(KILLED)).filter(({ message }) => message.startsWith('Writing image'))).toHaveLength(1);
    expect([machine.inDrives, served()]).toEqual([[undefined, undefined], []]);

    // Each start has one command. The ramdisk may be started twice, for nobody can know whether it came up; the instance once.
    expect(activity.operations['power on']).toBe(machine.boot.boots);
    expect(activity.operations['reset server']).toBeUndefined();
    expect(machine.mediaBoots.length).toBeLessThanOrEqual(2);
    expect(starts(machine, 'source').filter(([source]) => source === 'disk')).toHaveLength(1);
    await second.stop();
    expect([activity.openSessions, activity.mostOpenSessions]).toEqual([sessions, 2 * sessions]);
  }, 2 * LIMIT_MS);
});
