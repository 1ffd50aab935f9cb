import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '@ferric/core';
import { waitFor } from '@ferric/lab';
import { describe, expect, test } from 'vitest';
import { type RunningConductor, startConductor } from '../support/conductor.js';
import { type ImageServer, randomImage, startImageServer } from '../support/image-server.js';
import { createMediaTools, type MediaMachine, startMediaMachine } from '../support/media-machine.js';
import { createBootFiles } from '../support/simulated-machine.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const MEBIBYTE = 1024 ** 2;

/** A conductor with what it needs to make media, and one machine. */
interface Site extends AsyncDisposable {
  readonly machine: MediaMachine;
  readonly images: ImageServer;
  readonly folder: string;
  start(port?: number): Promise<RunningConductor>;
  /** What is served now: a folder for each node. */
  served(): readonly string[];
}

async function openSite(): Promise<Site> {
  await using place = new AsyncDisposableStack();
  const files = place.use(await createBootFiles());
  const data = place.use(await createTemporaryFolder());
  const images = place.use(await startImageServer());
  const machine = place.use(await startMediaMachine());
  await writeFile(join(files.folder, 'esp.img'), 'a boot loader');
  const env = { PATH: await createMediaTools(files.folder) };
  const args = [...files.args, '--bootloader', `file://${join(files.folder, 'esp.img')}`];
  const kept = place.move();
  return {
    machine, images,
    folder: files.folder,
    start: (port = 0) => startConductor({ dataDir: data.path, port, env, args }),
    served: () => readdirSync(join(data.path, 'media')),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function enrol({ api }: RunningConductor, { machine }: Site, name: string, driverInfo: JsonObject = {}): Promise<string> {
  const { uuid } = (await api.call('POST', '/v1/nodes', {
    name, driver: 'staging-libvirt', driver_info: { ...(machine.device.driverInfo as JsonObject), ...driverInfo },
    boot_interface: 'virtual-media', deploy_interface: 'direct', inspect_interface: 'agent', rescue_interface: 'agent',
  })) as { uuid: string };
  await api.call('POST', '/v1/ports', { node_uuid: uuid, address: machine.mac });
  await api.provision(name, 'manage', 'manageable');
  return uuid;
}

const runsItsDisk = async (machine: MediaMachine): Promise<unknown> =>
  waitFor('the machine to run what is on its disk', () => (machine.boot.running.kind === 'disk' ? true : undefined));

async function offer({ api }: RunningConductor, { images }: Site, name: string): Promise<Buffer> {
  const image = randomImage(2 * MEBIBYTE);
  await api.call('PATCH', `/v1/nodes/${name}`, [{ op: 'add', path: '/instance_info', value: images.offer(`${name}.img`, image) }] as never);
  return image;
}

describe.concurrent('a simulated machine that boots nothing from the network', () => {
  test('is inspected, cleaned, deployed, rescued and given back by virtual media', async () => {
    await using site = await openSite();
    await using conductor = await site.start();
    const { machine, served } = site;
    const { api } = conductor;
    const uuid = await enrol(conductor, site, 'by-media');
    await api.call('PATCH', '/v1/nodes/by-media', [{ op: 'add', path: '/automated_clean', value: true }] as never);
    const tokens: string[] = [];
    const noteToken = (): void => void tokens.push(machine.boot.agent?.token?.reveal() ?? '');

    expect((await api.provision('by-media', 'inspect', 'manageable'))['properties']).toMatchObject({ cpu_arch: 'x86_64', local_gb: 7 });
    noteToken();
    await machine.disk.write(0, Buffer.from('left by somebody else'));
    await api.provision('by-media', 'provide', 'available');
    noteToken();
    expect((await machine.disk.read(0, 512)).every((byte) => byte === 0)).toBe(true);

    const image = await offer(conductor, site, 'by-media');
    const active = await api.provision('by-media', 'active', 'active');
    noteToken();
    expect(active).toMatchObject({ power_state: 'power on', last_error: null });
    expect((await machine.disk.read(0, image.length)).equals(image)).toBe(true);
    await runsItsDisk(machine);
    expect([machine.inDrive, served(), machine.device.domain.bootOrder[0]]).toEqual([undefined, [], 'hd']);

    await api.provision('by-media', 'rescue', 'rescue', { rescue_password: 'let-me-in' });
    expect(machine.boot.running.kind).toBe('agent');
    noteToken();
    await api.provision('by-media', 'unrescue', 'active');
    await runsItsDisk(machine);
    await api.provision('by-media', 'deleted', 'available');
    expect([machine.inDrive, served(), machine.device.state.power]).toEqual([undefined, [], 'power off']);

    const timeline = await api.timeline(uuid);
    const told = timeline.map(({ type, message }) => `${type} ${message}`).join('\n');
    for (const entry of ['medium-published The conductor serves boot.iso', 'medium-fetched', 'its token came with what it booted from']) expect(told).toContain(entry);
    expect(told).not.toContain('boot-script');
    // Each boot has a token of its own, which nobody sees but its agent; nobody learns where the media were.
    expect(new Set(tokens).size).toBe(4);
    const everything = JSON.stringify([timeline, await api.node('by-media'), conductor.log()]);
    for (const token of tokens) expect([token.length, everything.includes(token)]).toEqual([43, false]);
    expect(everything).not.toMatch(/media\/[0-9a-f-]{36}\/[0-9a-f]{32}/);
  });

  test('boots an ISO image that is there already, which knows the conductor by itself', async () => {
    await using site = await openSite();
    await using conductor = await site.start();
    await writeFile(join(site.folder, 'agent.iso'), `\n  append initrd=/initrd ipa-api-url=${conductor.api.url}\n`);
    await enrol(conductor, site, 'by-iso', { deploy_iso: `file://${join(site.folder, 'agent.iso')}` });
    await conductor.api.provision('by-iso', 'provide', 'available');
    await offer(conductor, site, 'by-iso');
    await conductor.api.provision('by-iso', 'active', 'active');
    await runsItsDisk(site.machine);
    const told = (await conductor.api.timeline('by-iso')).map(({ message }) => message).join('\n');
    expect(told).toContain('The ISO image of the deploy agent gets no parameters');
    expect(told).toContain('found its node and got its token');
  });
});

describe.concurrent('a conductor that is killed in the middle, and started again', () => {
  test.each([
    ['while the machine is made ready', /^step-started .*deploy\.deploy/],
    ['after its medium was made', /^medium-published/],
    ['while the medium is loaded', /^medium-fetched/],
    ['while it waits for the call-back', /deploying -> wait call-back/],
    ['while the drive is emptied', /^step-started .*prepare_instance_boot/],
  ])('%s: the machine ends on its own disk, nothing in its drive, nothing served', async (_when, moment) => {
    await using site = await openSite();
    const { machine, served } = site;
    await using first = await site.start();
    await enrol(first, site, 'killed');
    await first.api.provision('killed', 'provide', 'available');
    const image = await offer(first, site, 'killed');
    await first.api.call('PUT', '/v1/nodes/killed/states/provision', { target: 'active' });
    await waitFor(`the timeline to tell of ${String(moment)}`, async () =>
      ((await first.api.timeline('killed')).some(({ type, message }) => moment.test(`${type} ${message}`) || moment.test(message)) ? true : undefined), { intervalMs: 20 });
    await first.kill();

    await using second = await site.start(first.port);
    const node = await second.api.waitForNode('killed', (each) => each['provision_state'] === 'active' && each['reservation'] === null);
    expect(node).toMatchObject({ power_state: 'power on', last_error: null });
    await runsItsDisk(machine);
    expect((await machine.disk.read(0, image.length)).equals(image)).toBe(true);
    expect([machine.inDrive, served()]).toEqual([undefined, []]);
    expect((await second.api.timeline('killed')).filter(({ message }) => message.startsWith('Writing image'))).toHaveLength(1);
  });
});
