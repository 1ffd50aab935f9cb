import { readFileSync } from 'node:fs';
import type { Device } from '@ferric/core';
import { defineGuest, type Guest, type GuestOptions, openWitness, type PrivateLibvirtd, startPrivateLibvirtd, type Witness } from '@ferric/lab';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLibvirtDriver } from '../../src/index.js';

// The daemon chooses the firmware by what the driver has written into the definition; what it chose stands in the definition of the running machine.

/** Firmware of the Debian package ovmf: the program, and the variables that a machine begins with. */
const PLAIN = { code: '/usr/share/OVMF/OVMF_CODE_4M.fd', variables: '/usr/share/OVMF/OVMF_VARS_4M.fd' };
/** The same with the system management mode, and keys of Microsoft in its variables. */
const SECURE = { code: '/usr/share/OVMF/OVMF_CODE_4M.ms.fd', variables: '/usr/share/OVMF/OVMF_VARS_4M.ms.fd' };

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

interface Bench extends AsyncDisposable {
  readonly guest: Guest;
  readonly device: Device;
}

async function openBench(options: GuestOptions): Promise<Bench> {
  await using stack = new AsyncDisposableStack();
  const guest = stack.use(await defineGuest(libvirtd, options));
  const driver = stack.use(createLibvirtDriver());
  const device = stack.use(driver.open(driver.driverInfo.parse({ libvirt_uri: libvirtd.uris.unix, libvirt_domain: guest.name })));
  const owned = stack.move();
  return { guest, device, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** What the daemon has chosen for the machine that runs. */
function chosen({ name }: Guest): { readonly code: string | undefined; readonly variables: string | undefined; readonly secure: boolean } {
  const xml = witness.command('dumpxml', name);
  const loader = /<loader [^>]*>([^<]*)<\/loader>/.exec(xml);
  return {
    code: loader?.[1],
    variables: /<nvram template='([^']*)'/.exec(xml)?.[1],
    secure: /secure='yes'/.test(loader?.[0] ?? '') && /<smm state='on'/.test(xml),
  };
}

const said = async ({ bootMode, secureBoot }: Device): Promise<unknown> => [await bootMode?.read(), await secureBoot?.read()];

test('secure boot is switched on and off for the next start, which begins with fresh variables', async () => {
  await using bench = await openBench({ firmware: 'uefi' });
  const { device, guest } = bench;
  const hasKeys = (): boolean => readFileSync(`${libvirtd.directory}/lib/qemu/nvram/${guest.name}_VARS.fd`).includes('Microsoft Corporation KEK');
  await device.secureBoot?.set(true);
  expect(await said(device)).toEqual(['uefi', true]);
  await device.power.set('power on');
  expect(chosen(guest)).toEqual({ ...SECURE, secure: true });
  expect(await said(device)).toEqual(['uefi', true]);
  expect(hasKeys()).toBe(true);

  await device.power.set('power off');
  await device.secureBoot?.set(false);
  expect(await said(device)).toEqual(['uefi', false]);
  await device.power.set('power on');
  expect(chosen(guest)).toEqual({ ...PLAIN, secure: false });
  expect(hasKeys()).toBe(false);
  expect(await said(device)).toEqual(['uefi', false]);
});

test('what the daemon chose for a machine that says nothing of secure boot is read while it runs, and written down by a change', async () => {
  await using bench = await openBench({ firmware: 'uefi' });
  const { device, guest } = bench;
  await device.power.set('power on');
  const { secure } = chosen(guest);
  expect(await said(device)).toEqual(['uefi', secure]);
  await device.secureBoot?.set(secure);
  expect(witness.command('dumpxml', guest.name, '--inactive')).toMatch(new RegExp(`<feature enabled='${secure ? 'yes' : 'no'}' name='enrolled-keys'/>`));
});

test('a machine with a BIOS gets UEFI, and its BIOS back', async () => {
  await using bench = await openBench({ firmware: 'bios', memoryMib: 128 });
  const { device, guest } = bench;
  await expect(device.secureBoot?.set(true)).rejects.toMatchObject({ code: 'CONFLICT' });
  await device.bootMode?.set('uefi');
  await device.power.set('power on');
  expect(chosen(guest)).toEqual({ ...PLAIN, secure: false });
  // A machine of the type pc has no system management mode.
  await expect(device.secureBoot?.set(true)).rejects.toMatchObject({ code: 'UNSUPPORTED', message: expect.stringContaining('system management mode') as string });

  await device.power.set('power off');
  await device.bootMode?.set('bios');
  await device.power.set('power on');
  await guest.waitUntilReady('DISK');
  expect(chosen(guest)).toEqual({ code: undefined, variables: undefined, secure: false });
  expect(await said(device)).toEqual(['bios', false]);
});
