import { readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BootServer, buildLinuxDisk, defineMediaGuest, findFreePorts, type MediaGuest, openWitness, type PrivateLibvirtd, startBootServer, startPrivateLibvirtd, waitFor, type Witness,
} from '@ferric/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Baremetal, createBaremetal } from '../support/baremetal.js';
import { type RunningConductor, startConductor } from '../support/conductor.js';
import { agentParameters, buildGuestFiles, type GuestFiles, REPORT_PATH } from '../support/guest-lab.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

// Real firmware, a real CD made by xorriso with ISOLINUX and GRUB, a real kernel with our agent; driven by Debian's baremetal. The guests' network
// cards have no program to boot from, and nobody answers to DHCP with a boot file.
const cleanUp = new AsyncDisposableStack();
let libvirtd: PrivateLibvirtd;
let witness: Witness;
let server: BootServer;
let files: GuestFiles;
let uefiImage: string;

beforeAll(async () => {
  libvirtd = cleanUp.use(await startPrivateLibvirtd());
  witness = cleanUp.use(await openWitness(libvirtd, 'qemu'));
  server = cleanUp.use(await startBootServer());
  files = await buildGuestFiles(libvirtd.directory, server);
  uefiImage = `file://${(await buildLinuxDisk({ directory: libvirtd.directory, firmware: 'uefi', reportUrl: `${server.guestUrl}${REPORT_PATH}` })).raw}`;
  const pool = join(libvirtd.directory, 'pool');
  await mkdir(pool);
  await libvirtd.virsh('pool-create-as', 'default', 'dir', '--target', pool);
}, 180_000);
afterAll(() => cleanUp.disposeAsync());

interface Site extends AsyncDisposable {
  readonly conductor: RunningConductor;
  readonly baremetal: Baremetal;
  readonly mediaFolder: string;
  readonly dataDir: string;
  readonly args: readonly string[];
}

/** A conductor that guests see at 10.0.2.2, and whose driver, which loads the media for its hypervisor, at 127.0.0.1. */
async function startSite(): Promise<Site> {
  await using place = new AsyncDisposableStack();
  const temporary = place.use(await createTemporaryFolder());
  const [port = 0] = await findFreePorts(1);
  const dataDir = join(temporary.path, 'data');
  const args = [...files.args, '--public-endpoint', `http://10.0.2.2:${port}`, '--media-endpoint', `http://127.0.0.1:${port}`];
  const conductor = place.use(await startConductor({ dataDir, port, args }));
  const kept = place.move();
  return {
    conductor, dataDir, args,
    baremetal: createBaremetal(conductor.api.url, temporary.path),
    mediaFolder: join(dataDir, 'media'),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function enrol({ baremetal }: Site, name: string, guest: MediaGuest): Promise<string> {
  const created = await baremetal.show(
    'node', 'create', '--driver', 'staging-libvirt', '--name', name, '--boot-interface', 'virtual-media', '--deploy-interface', 'direct',
    '--driver-info', `libvirt_uri=${libvirtd.uris.unix}`, '--driver-info', `libvirt_domain=${guest.uuid}`,
    '--driver-info', `kernel_append_params=${agentParameters(guest.agentPort)}`,
  );
  const uuid = String(created['uuid']);
  await baremetal.succeed('port', 'create', guest.mac, '--node', uuid);
  await baremetal.succeed('node', 'manage', name, '--wait', '60');
  await baremetal.succeed('node', 'provide', name, '--wait', '60');
  return uuid;
}

const ups = (): number => server.requests.filter(({ url }) => url === REPORT_PATH).length;
const told = async ({ api }: RunningConductor, name: string): Promise<string> => (await api.timeline(name)).map(({ type, message }) => `${type} ${message}`).join('\n');
/** What is in the CD-ROM drive of the definition. */
const cdromOf = (guest: MediaGuest): string | undefined =>
  /<source file='([^']*)'/.exec(/<disk [^>]*device='cdrom'[^]*?<\/disk>/.exec(libvirtd.virshSync('dumpxml', guest.uuid, '--inactive'))?.[0] ?? '')?.[1];

describe.concurrent('a real guest that can boot nothing from the network', () => {
  test('is deployed by virtual media and a BIOS, and cleaned when it is given back', async () => {
    await using site = await startSite();
    await using guest = await defineMediaGuest(libvirtd);
    const uuid = await enrol(site, 'by-bios', guest);
    await site.baremetal.succeed('node', 'set', 'by-bios', '--instance-info', `image_source=${files.image}`, '--instance-info', 'image_disk_format=raw', '--automated-clean');
    const before = ups();
    await site.baremetal.succeed('node', 'deploy', 'by-bios', '--wait', '180');
    await waitFor('the deployed system to report', () => (ups() > before ? true : undefined), { timeoutMs: 60_000 });
    expect(witness.firstBootDevice(guest.uuid)).toBe('hd');
    expect(cdromOf(guest)).toBeUndefined();
    expect(readdirSync(site.mediaFolder)).toEqual([]);
    const { driver_internal_info: facts } = await site.conductor.api.node(uuid);
    expect(Object.keys(facts as object)).not.toContain('virtual_media');
    expect(Object.keys(facts as object)).not.toContain('agent_embedded_token');

    await site.baremetal.succeed('node', 'undeploy', 'by-bios', '--wait', '180');
    expect(await site.baremetal.show('node', 'show', 'by-bios', '--fields', 'provision_state', 'power_state', 'last_error')).toEqual({
      provision_state: 'available', power_state: 'power off', last_error: null,
    });
    expect(readdirSync(site.mediaFolder)).toEqual([]);
    const history = await told(site.conductor, uuid);
    for (const entry of ['medium-published', 'medium-fetched', 'its token came with what it booted from', 'agent-reported', 'clean step 1']) expect(history).toContain(entry);
    expect(history).not.toContain('boot-script');
    // The addresses of what was served stand nowhere.
    expect(history + JSON.stringify(site.conductor.log())).not.toMatch(/media\/[0-9a-f-]{36}\/[0-9a-f]{32}/);
  }, 600_000);

  test('is set to UEFI and deployed by virtual media, although the conductor is killed while its medium is being served', async () => {
    await using site = await startSite();
    await using guest = await defineMediaGuest(libvirtd);
    await enrol(site, 'by-uefi', guest);
    await site.baremetal.succeed('node', 'set', 'by-uefi', '--property', 'capabilities=boot_mode:uefi', '--instance-info', `image_source=${uefiImage}`, '--instance-info', 'image_disk_format=raw');
    const before = ups();
    await site.baremetal.succeed('node', 'deploy', 'by-uefi');
    await waitFor('the medium to be served', async () => ((await told(site.conductor, 'by-uefi')).includes('medium-published') ? true : undefined), { timeoutMs: 120_000, intervalMs: 50 });
    await site.conductor.kill();

    await using second = await startConductor({ dataDir: site.dataDir, port: site.conductor.port, args: site.args });
    const node = await second.api.waitForNode('by-uefi', (each) => each['provision_state'] === 'active' && each['reservation'] === null, { timeoutMs: 240_000, intervalMs: 250 });
    expect(node).toMatchObject({ power_state: 'power on', last_error: null });
    await waitFor('the deployed system to report', () => (ups() > before ? true : undefined), { timeoutMs: 120_000 });
    expect(cdromOf(guest)).toBeUndefined();
    expect(readdirSync(site.mediaFolder)).toEqual([]);
    const history = await told(second, 'by-uefi');
    expect(history.match(/Writing image/g)).toHaveLength(1);
    expect(history).toContain('its token came with what it booted from');
    expect(history).toContain('Changing the boot mode of the firmware from bios to uefi');
    expect(libvirtd.virshSync('dumpxml', guest.uuid)).toMatch(/<loader [^>]*type='pflash'/);
  }, 600_000);
});
