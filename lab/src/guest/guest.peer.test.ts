import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PrivateLibvirtd, startPrivateLibvirtd } from '../libvirtd/private-libvirtd.ts';
import { openWitness, type Witness } from '../libvirtd/witness.ts';
import { waitFor } from '../system/poll.ts';
import { GUEST_LINES } from './boot-sector.ts';
import { defineGuest, type Guest } from './guest.ts';

let libvirtd: PrivateLibvirtd;
let witness: Witness;
beforeAll(async () => {
  libvirtd = await startPrivateLibvirtd();
  witness = await openWitness(libvirtd, 'qemu');
});
afterAll(async () => {
  await witness?.[Symbol.asyncDispose]();
  await libvirtd?.[Symbol.asyncDispose]();
});

async function start(guest: Guest): Promise<void> {
  witness.command('start', guest.name);
  await guest.waitUntilReady();
}

const waitForState = (guest: Guest, state: string): Promise<unknown> =>
  waitFor(`guest to be ${state}`, () => (witness.state(guest.name) === state ? true : undefined), { timeoutMs: 5000 });

describe('a guest', () => {
  test('ends by its power button, and starts again', async () => {
    await using guest = await defineGuest(libvirtd);
    await start(guest);
    witness.command('shutdown', guest.name);
    await waitForState(guest, 'shut off');
    expect(witness.reason(guest.name)).toBe('shutdown');
    expect(guest.serialText()).toBe(`${GUEST_LINES.ready('DISK')}\r\n${GUEST_LINES.off}\r\n`);
    await start(guest);
    expect(witness.isOn(guest.name)).toBe(true);
  });

  test('reboots by its power button', async () => {
    await using guest = await defineGuest(libvirtd);
    await start(guest);
    const id = witness.id(guest.name);
    witness.command('reboot', guest.name);
    await guest.waitForSerial(`${GUEST_LINES.off}\r\n${GUEST_LINES.ready('DISK')}`);
    expect(witness.id(guest.name)).toBe(id);
  });

  test('goes on when it ignores its power button', async () => {
    await using guest = await defineGuest(libvirtd, { obeysPowerButton: false });
    await start(guest);
    witness.command('shutdown', guest.name);
    // It would have said so before it takes the key.
    witness.command('send-key', guest.name, 'KEY_Q');
    await guest.waitForSerial(`${GUEST_LINES.ready('DISK')}\r\nq`);
    expect(witness.state(guest.name)).toBe('running');
  });

  test('says that an NMI came', async () => {
    await using guest = await defineGuest(libvirtd);
    await start(guest);
    witness.command('inject-nmi', guest.name);
    await guest.waitForSerial(`${GUEST_LINES.nmi}\r\n`);
    expect(guest.serialText()).toBe(`${GUEST_LINES.ready('DISK')}\r\n${GUEST_LINES.nmi}\r\n`);
  });

  test('costs next to nothing while it sleeps', async () => {
    await using guest = await defineGuest(libvirtd);
    await start(guest);
    const cpuSeconds = (): number => Number(/cpu\.time=(\d+)/.exec(witness.command('domstats', '--cpu-total', guest.name))?.[1]) / 1e9;
    const [spent, startedAt] = [cpuSeconds(), performance.now()];
    // Its answers show that it was awake in between.
    for (const key of ['KEY_A', 'KEY_B', 'KEY_C']) {
      witness.command('send-key', guest.name, key);
      await guest.waitForSerial(key.slice(-1).toLowerCase());
      await new Promise<void>((resolve) => void setTimeout(resolve, 300));
    }
    expect((cpuSeconds() - spent) / ((performance.now() - startedAt) / 1000)).toBeLessThan(0.2);
  });
});

describe('what was booted is what was asked for', () => {
  test.each([
    ['the disk', { bootOrder: ['hd', 'cdrom'] }, GUEST_LINES.ready('DISK')],
    ['the CD-ROM', { bootOrder: ['cdrom', 'hd'] }, GUEST_LINES.ready('CDROM')],
    ['the CD-ROM, by its own number', { bootOrder: ['cdrom', 'hd'], bootStyle: 'device' }, GUEST_LINES.ready('CDROM')],
    ['the disk, by its own number', { bootOrder: ['hd', 'cdrom'], bootStyle: 'device' }, GUEST_LINES.ready('DISK')],
    ['the network', { bootOrder: ['network'] }, 'iPXE (http://ipxe.org)'],
  ] as const)('%s', async (_device, options, line) => {
    await using guest = await defineGuest(libvirtd, { ...options, cdrom: 'bootable' });
    witness.command('start', guest.name);
    await guest.waitForSerial(line);
    expect(witness.firstBootDevice(guest.name)).toBe(options.bootOrder[0]);
  });
});

test('a guest with UEFI has variables of its own', async () => {
  await using guest = await defineGuest(libvirtd, { firmware: 'uefi', cdrom: 'empty' });
  witness.command('start', guest.name);
  expect(witness.command('dumpxml', guest.name)).toMatch(/<loader .*>.*OVMF.*<\/loader>/);
  expect(existsSync(`${libvirtd.directory}/lib/qemu/nvram/${guest.name}_VARS.fd`)).toBe(true);
});

test('a guest that is disposed is gone, running or not', async () => {
  const guests = [await defineGuest(libvirtd), await defineGuest(libvirtd, { firmware: 'uefi' })];
  for (const guest of guests) witness.command('start', guest.name);
  for (const guest of guests) await guest[Symbol.asyncDispose]();
  expect(guests.map(({ name }) => witness.exists(name))).toEqual([false, false]);
});
