import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PrivateLibvirtd, startPrivateLibvirtd } from '../libvirtd/private-libvirtd.ts';
import { openWitness } from '../libvirtd/witness.ts';
import { type BootServer, startBootServer } from '../network-boot/boot-server.ts';
import { definePxeGuest } from '../network-boot/pxe-guest.ts';
import { waitFor } from '../system/poll.ts';
import { run } from '../system/programs.ts';
import { LINUX_LINES } from './init-scripts.ts';
import { buildLinuxDisk } from './linux-disk.ts';

let libvirtd: PrivateLibvirtd;
let server: BootServer;
beforeAll(async () => {
  libvirtd = await startPrivateLibvirtd();
  server = await startBootServer({ '/up': 'good', '/nothing': '#!ipxe\nexit 0\n' });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await libvirtd?.[Symbol.asyncDispose]();
});

test('a Linux boots from its disk, reports, and obeys its power button', async () => {
  const disk = await buildLinuxDisk({ directory: libvirtd.directory, reportUrl: `${server.guestUrl}/up?at=first` });
  await using witness = await openWitness(libvirtd, 'qemu');
  await using guest = await definePxeGuest(libvirtd, { bootUrl: `${server.guestUrl}/nothing`, memoryMib: 256, bootOrder: ['hd'] });
  await run('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', disk.qcow2, guest.diskImage]);
  witness.command('start', guest.name);
  await waitFor('its report', () => (server.requests.length > 0 ? true : undefined), { timeoutMs: 60_000 });
  expect(server.requests.map(({ url, userAgent }) => [url, userAgent])).toEqual([['/up?at=first', 'Wget']]);
  witness.command('shutdown', guest.name);
  await waitFor('the machine to be off', () => (witness.isOn(guest.name) ? undefined : true));
  expect(witness.reason(guest.name)).toBe('shutdown');
  expect(guest.serialText()).toContain(`${LINUX_LINES.diskUp}\r\n${LINUX_LINES.diskOff}\r\n`);
});

test('both formats hold the same disk of 24 MiB', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ferric-disk-'));
  try {
    const disk = await buildLinuxDisk({ directory });
    expect((await stat(disk.raw)).size).toBe(24 * 1024 * 1024);
    expect(await run('qemu-img', ['compare', disk.raw, disk.qcow2])).toContain('Images are identical');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
