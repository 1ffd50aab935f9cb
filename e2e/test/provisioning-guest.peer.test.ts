import { readFileSync } from 'node:fs';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '@ferric/core';
import {
  type BootServer, definePxeGuest, findFreePorts, openWitness, type PrivateLibvirtd, type PxeGuest, startBootServer, startPrivateLibvirtd, startWakeableGuest, waitFor, type Witness,
} from '@ferric/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Baremetal, createBaremetal } from '../support/baremetal.js';
import { type RunningConductor, startConductor } from '../support/conductor.js';
import { agentParameters, buildGuestFiles, type GuestFiles, REPORT_PATH } from '../support/guest-lab.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

// Real firmware, real iPXE, a real kernel with our agent in its ramdisk, real disks; driven by Debian's baremetal.
const cleanUp = new AsyncDisposableStack();
let libvirtd: PrivateLibvirtd;
let witness: Witness;
let server: BootServer;
let files: GuestFiles;
let conductor: RunningConductor;
let baremetal: Baremetal;

beforeAll(async () => {
  const temporary = cleanUp.use(await createTemporaryFolder());
  libvirtd = cleanUp.use(await startPrivateLibvirtd());
  witness = cleanUp.use(await openWitness(libvirtd, 'qemu'));
  server = cleanUp.use(await startBootServer());
  files = await buildGuestFiles(libvirtd.directory, server);
  conductor = cleanUp.use(await startConductor({ dataDir: join(temporary.path, 'data'), args: files.args }));
  baremetal = createBaremetal(conductor.api.url, temporary.path);
}, 120_000);
afterAll(() => cleanUp.disposeAsync());

/** The conductor as guests see it. */
const guestUrl = (): string => `http://10.0.2.2:${conductor.port}`;

const byNode = (uuid: string): string => `${guestUrl()}/v1/drivers/staging-libvirt/vendor_passthru/ipxe_config?node_uuid=${uuid}`;

async function enrol(name: string, guest: PxeGuest): Promise<string> {
  const created = await baremetal.show(
    'node', 'create', '--driver', 'staging-libvirt', '--name', name, '--boot-interface', 'ipxe', '--deploy-interface', 'direct',
    '--driver-info', `libvirt_uri=${libvirtd.uris.unix}`, '--driver-info', `libvirt_domain=${guest.uuid}`,
    '--driver-info', `kernel_append_params=${agentParameters(guest.agentPort)}`,
  );
  const uuid = String(created['uuid']);
  await baremetal.succeed('port', 'create', guest.mac, '--node', uuid);
  guest.setBootUrl(byNode(uuid));
  return uuid;
}

const ups = (): number => server.requests.filter(({ url }) => url === REPORT_PATH).length;

describe.concurrent('a real guest, by the baremetal command line', () => {
  test('goes from its network card to its own disk, and is cleaned when it is given back', async () => {
    await using guest = await definePxeGuest(libvirtd, { bootUrl: guestUrl(), diskMib: 64 });
    const uuid = await enrol('guest', guest);
    await baremetal.succeed('node', 'manage', 'guest', '--wait', '60');
    await baremetal.succeed('node', 'provide', 'guest', '--wait', '60');
    await baremetal.succeed('node', 'set', 'guest', '--instance-info', `image_source=${files.image}`, '--instance-info', 'image_disk_format=raw', '--automated-clean');
    const before = ups();
    await baremetal.succeed('node', 'deploy', 'guest', '--wait', '120');
    await waitFor('the deployed system to report', () => (ups() > before ? true : undefined), { timeoutMs: 60_000 });
    const image = readFileSync(files.imageFile);
    expect(readFileSync(guest.diskImage).subarray(0, 440).equals(image.subarray(0, 440))).toBe(true);
    expect(witness.firstBootDevice(guest.uuid)).toBe('hd');

    await baremetal.succeed('node', 'undeploy', 'guest', '--wait', '120');
    expect(await baremetal.show('node', 'show', 'guest', '--fields', 'provision_state', 'power_state', 'last_error', 'instance_info')).toEqual({
      provision_state: 'available', power_state: 'power off', last_error: null, instance_info: {},
    });
    expect(readFileSync(guest.diskImage).subarray(0, 512).every((byte) => byte === 0)).toBe(true);
    const told = (await conductor.api.timeline(uuid)).map(({ type, message }) => `${type} ${message}`).join('\n');
    for (const entry of ['boot-script-served', 'boot-file-fetched', 'agent-looked-up', 'agent-reported', 'clean step 1']) expect(told).toContain(entry);
  }, 300_000);

  test('is inspected from nothing but its MAC address', async () => {
    await using guest = await definePxeGuest(libvirtd, { bootUrl: guestUrl(), diskMib: 64 });
    const uuid = await enrol('unknown', guest);
    await baremetal.succeed('node', 'manage', 'unknown', '--wait', '60');
    await baremetal.succeed('node', 'inspect', 'unknown', '--wait', '120');
    const { properties } = await baremetal.show('node', 'show', 'unknown', '--fields', 'properties');
    expect(properties).toMatchObject({ cpu_arch: 'x86_64', cpus: 1, memory_mb: expect.any(Number), capabilities: expect.stringContaining('boot_mode:bios') });
    const { inventory } = (await conductor.api.call('GET', `/v1/nodes/${uuid}/inventory`)) as { inventory: JsonObject };
    expect(inventory['interfaces']).toEqual([expect.objectContaining({ mac_address: guest.mac, ipv4_address: '10.0.2.15' })]);
    expect(inventory['disks']).toEqual([expect.objectContaining({ name: '/dev/vda', size: 64 * 1024 * 1024 })]);
    expect((await baremetal.list('port', 'list', '--node', uuid)).map((port) => port['Address'])).toEqual([guest.mac]);
    expect(witness.isOn(guest.uuid)).toBe(false);
  }, 180_000);

  test('that only a magic packet can start is deployed too, and finds its script by the address of its card', async () => {
    const [agentPort = 0] = await findFreePorts(1);
    const bootUrl = `${guestUrl()}/v1/drivers/staging-wol/vendor_passthru/ipxe_config?port_address=\${mac}`;
    const disk = join(libvirtd.directory, 'sleeper.raw');
    await writeFile(disk, '');
    await truncate(disk, 64 * 1024 * 1024);
    await using guest = await startWakeableGuest({ bootUrl, agentPort, disk, memoryMib: 512, bootOrder: ['network', 'hd'] });
    await baremetal.succeed(
      'node', 'create', '--driver', 'staging-wol', '--name', 'sleeper', '--boot-interface', 'ipxe', '--deploy-interface', 'direct',
      '--driver-info', 'wol_host=127.0.0.1', '--driver-info', `wol_port=${guest.wakePort}`, '--driver-info', `kernel_append_params=${agentParameters(agentPort)}`,
    );
    await baremetal.succeed('node', 'set', 'sleeper', '--instance-info', `image_source=${files.image}`, '--instance-info', 'image_disk_format=raw');
    await baremetal.succeed('port', 'create', guest.mac, '--node', (await conductor.api.node('sleeper')).uuid);
    await baremetal.succeed('node', 'manage', 'sleeper', '--wait', '60');
    await baremetal.succeed('node', 'provide', 'sleeper', '--wait', '60');
    const before = ups();
    await baremetal.succeed('node', 'deploy', 'sleeper', '--wait', '180');
    await waitFor('the deployed system to report', () => (ups() > before ? true : undefined), { timeoutMs: 60_000 });
    expect(guest.wakes).toBeGreaterThanOrEqual(2);
  }, 300_000);
});

/** When a conductor is killed, as the timeline of its node shows it. */
const MOMENTS: readonly (readonly [when: string, seen: RegExp])[] = [
  ['before the machine boots', /available -> deploying/],
  ['while it waits for the call-back', /^boot-file-fetched/],
  ['while the image is written', /^step-finished deploy step deploy\.write_image waits/],
  ['between two steps', /^step-started .*prepare_instance_boot/],
  ['while the machine is switched off', /^step-started .*tear_down_agent/],
];

describe.concurrent('a conductor that is killed in the middle of the deployment of a real guest, and started again', () => {
  test.each(MOMENTS)('%s: the guest ends on its own disk', async (when, seen) => {
    await using data = await createTemporaryFolder();
    await using first = await startConductor({ dataDir: data.path, args: files.args });
    await using guest = await definePxeGuest(libvirtd, { bootUrl: 'http://10.0.2.2:1/', diskMib: 64 });
    guest.setBootUrl(`http://10.0.2.2:${first.port}/v1/drivers/staging-libvirt/vendor_passthru/ipxe_config?node_uuid=${guest.uuid}`);
    await first.api.call('POST', '/v1/nodes', {
      uuid: guest.uuid, name: 'killed', driver: 'staging-libvirt', boot_interface: 'ipxe', deploy_interface: 'direct',
      driver_info: { libvirt_uri: libvirtd.uris.unix, libvirt_domain: guest.uuid, kernel_append_params: agentParameters(guest.agentPort) },
      instance_info: { image_source: files.small, image_disk_format: 'raw' },
    });
    await first.api.call('POST', '/v1/ports', { node_uuid: guest.uuid, address: guest.mac });
    await first.api.provision('killed', 'manage', 'manageable');
    await first.api.provision('killed', 'provide', 'available');
    await first.api.call('PUT', '/v1/nodes/killed/states/provision', { target: 'active' });
    await waitFor(`the moment to kill the conductor, ${when}`, async () => (await isTold(first, seen)) ? true : undefined, { timeoutMs: 120_000 });
    await first.kill();

    await using second = await startConductor({ dataDir: data.path, port: first.port, args: files.args });
    const node = await second.api.waitForNode('killed', (each) => each['provision_state'] === 'active' && each['reservation'] === null, { timeoutMs: 120_000, intervalMs: 250 });
    expect(node).toMatchObject({ power_state: 'power on', last_error: null });
    await guest.waitUntilReady('DISK', { timeoutMs: 60_000 });
    const orders = (await second.api.timeline('killed')).filter(({ message }) => message.startsWith('Writing image'));
    expect(orders).toHaveLength(1);
  }, 300_000);
});

async function isTold({ api }: RunningConductor, seen: RegExp): Promise<boolean> {
  return (await api.timeline('killed')).some(({ type, message }) => seen.test(`${type} ${message}`) || seen.test(message));
}
