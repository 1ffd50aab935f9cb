import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GUEST_LINES } from '../guest/boot-sector.ts';
import { diskImage } from '../guest/media.ts';
import { type PrivateLibvirtd, startPrivateLibvirtd } from '../libvirtd/private-libvirtd.ts';
import { openWitness, type Witness } from '../libvirtd/witness.ts';
import { type BootFiles, buildAgentInitrd } from '../linux/agent-initrd.ts';
import { LINUX_LINES } from '../linux/init-scripts.ts';
import { waitFor } from '../system/poll.ts';
import { type BootServer, startBootServer } from './boot-server.ts';
import { definePxeGuest } from './pxe-guest.ts';

let libvirtd: PrivateLibvirtd;
let witness: Witness;
let files: BootFiles;
beforeAll(async () => {
  libvirtd = await startPrivateLibvirtd();
  witness = await openWitness(libvirtd, 'qemu');
  files = await buildAgentInitrd({ program: fileURLToPath(new URL('../../test/programs/agent.js', import.meta.url)), directory: libvirtd.directory });
});
afterAll(async () => {
  await witness?.[Symbol.asyncDispose]();
  await libvirtd?.[Symbol.asyncDispose]();
});

const NOTHING = '#!ipxe\necho Nothing to boot\nexit 0\n';

/** Has the agent. */
async function startSite(): Promise<BootServer> {
  const server = await startBootServer({ '/hello': 'hello', '/nothing': NOTHING, '/kernel': { file: files.kernel }, '/initrd': { file: files.initrd } });
  server.serve('/agent', `#!ipxe\nkernel --name kernel /kernel quiet initrd=ramdisk ipa-api-url=${server.guestUrl}\ninitrd --name ramdisk /initrd\nboot\n`);
  return server;
}

describe('a guest that boots from the network', { concurrent: true }, () => {
  test('an agent in JavaScript boots from the network, is reached from here, and its machine ends with it', async () => {
    await using server = await startSite();
    await using guest = await definePxeGuest(libvirtd, { bootUrl: `${server.guestUrl}/agent?mac=\${mac}`, diskMib: 8 });
    witness.command('start', guest.name);
    await waitFor('the agent to listen', async () => ((await fetch(`http://127.0.0.1:${guest.agentPort}/disk`)).ok ? true : undefined), { timeoutMs: 60_000, intervalMs: 100 });
    expect(server.requests.map(({ url }) => url)).toEqual([`/agent?mac=${encodeURIComponent(guest.mac)}`, '/kernel', '/initrd', '/hello']);
    const told = (await (await fetch(`http://127.0.0.1:${guest.agentPort}/disk`)).json()) as { readonly bytes: number; readonly api: string };
    expect(told).toEqual({ bytes: 8 * 1024 * 1024, api: server.guestUrl });
    // Writes the disk, as a deployment does, and ends.
    await fetch(`http://127.0.0.1:${guest.agentPort}/write`, { method: 'POST', body: diskImage({ medium: 'DISK' }) as Uint8Array<ArrayBuffer> });
    await waitFor('the machine to be off', () => (witness.isOn(guest.name) ? undefined : true), { timeoutMs: 20_000 });
    expect(guest.serialText()).toContain(LINUX_LINES.agentEnded(0));
    expect(readFileSync(guest.diskImage).subarray(0, 512).equals(diskImage({ medium: 'DISK' }).subarray(0, 512))).toBe(true);

    guest.setBootUrl(`${server.guestUrl}/nothing`);
    witness.command('start', guest.name);
    await guest.waitUntilReady('DISK', { timeoutMs: 60_000 });
    expect(guest.serialText()).toContain('Nothing to boot');
  });

  test.each([
    ['an empty disk leads on to the network', ['hd', 'network'], 'empty', 'Nothing to boot'],
    ['a disk that boots comes before the network', ['hd', 'network'], 'bootable', GUEST_LINES.ready('DISK')],
    ['the network leads on to the disk', ['network', 'hd'], 'bootable', GUEST_LINES.ready('DISK')],
  ] as const)('%s', async (_case, bootOrder, disk, line) => {
    await using server = await startBootServer({ '/nothing': NOTHING });
    await using guest = await definePxeGuest(libvirtd, { bootUrl: `${server.guestUrl}/nothing`, memoryMib: 64, bootOrder });
    if (disk === 'bootable') writeFileSync(guest.diskImage, diskImage({ medium: 'DISK' }));
    witness.command('start', guest.name);
    await guest.waitForSerial(line, { timeoutMs: 60_000 });
    expect([witness.firstBootDevice(guest.name), guest.serialText().includes('Nothing to boot')]).toEqual([bootOrder[0], bootOrder[0] === 'network' || disk === 'empty']);
  });

  test('with UEFI, too', async () => {
    const uuid = '3c3c3c3c-1111-4222-8333-444444444444';
    await using server = await startBootServer({ '/efi': '#!ipxe\necho This is ${platform} ${uuid}\n' });
    await using guest = await definePxeGuest(libvirtd, { bootUrl: `${server.guestUrl}/efi`, uuid, firmware: 'uefi', memoryMib: 128 });
    witness.command('start', guest.name);
    await guest.waitForSerial(`This is efi ${uuid}`, { timeoutMs: 60_000 });
    expect(guest.uuid).toBe(uuid);
  });
});
