import type { BootModeName, Device } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createFakeLibvirtClient } from '../test/fake-libvirt-client.js';
import { failureOf, openLibvirtBench } from '../test/libvirt-bench.js';
import { domainFixture } from '../test/domain-fixtures.js';
import { FerricError } from '@ferric/core';
import { parseXml } from './domain-xml/document.js';
import { readMarks } from './domain-xml/marks.js';
import { createLibvirtDriver } from './libvirt-driver.js';

const needsFreshVariables = (xml: string): boolean => readMarks(parseXml(xml))['reset-nvram'] !== undefined;

describe('boot mode', () => {
  test('BIOS and UEFI, which count at the next start', async () => {
    await using bench = await openLibvirtBench();
    const { bootMode } = bench.device;
    expect([...bootMode.supported]).toEqual(['bios', 'uefi']);
    expect(await bootMode.read()).toBe('bios');
    await bootMode.set('uefi');
    expect([await bootMode.read(), await bench.device.secureBoot.read()]).toEqual(['uefi', false]);
    await bootMode.set('bios');
    expect(await bootMode.read()).toBe('bios');
  });

  test('the first start after a change begins with fresh variables, the others do not', async () => {
    const starts: number[] = [];
    await using bench = await openLibvirtBench({
      driver: {
        transcript: {
          record: ({ direction, label, payload }) =>
            void (
              direction === 'out' &&
              label.startsWith('domain_create') &&
              starts.push(Buffer.from(payload as Uint8Array).readUInt32BE(payload.length - 4))
            ),
        },
      },
    });
    await bench.device.bootMode.set('uefi');
    expect(needsFreshVariables(bench.domain.definition)).toBe(true);
    await bench.device.power.set('power on');
    expect(needsFreshVariables(bench.domain.definition)).toBe(false);
    await bench.device.power.set('rebooting');
    // Source: libvirt 9.0.0, include/libvirt/libvirt-domain.h, VIR_DOMAIN_START_RESET_NVRAM.
    expect(starts).toEqual([32, 0]);
  });

  test('what is set already changes nothing', async () => {
    await using bench = await openLibvirtBench({ domains: [{ name: 'uefi', firmware: 'uefi' }] });
    const before = bench.domain.definition;
    await bench.device.bootMode.set('uefi');
    expect(bench.domain.definition).toBe(before);
  });

  test('an unknown mode is refused before anything is sent', async () => {
    await using bench = await openLibvirtBench();
    const attempt = async (): Promise<void> => expect((await failureOf(bench.device.bootMode.set('efi' as BootModeName))).code).toBe('UNSUPPORTED');
    expect(await bench.callsOf(attempt)).toBe(0);
  });
});

describe('secure boot', () => {
  test('is switched on and off', async () => {
    await using bench = await openLibvirtBench({ domains: [{ name: 'uefi', firmware: 'uefi' }] });
    const { secureBoot } = bench.device;
    await secureBoot.set(true);
    expect([await secureBoot.read(), await bench.device.bootMode.read()]).toEqual([true, 'uefi']);
    await secureBoot.set(false);
    expect([await secureBoot.read(), await bench.device.bootMode.read()]).toEqual([false, 'uefi']);
  });

  test('needs UEFI; off is what BIOS has anyway', async () => {
    await using bench = await openLibvirtBench();
    expect(await failureOf(bench.device.secureBoot.set(true))).toMatchObject({ code: 'CONFLICT', hint: expect.stringContaining('uefi') as string });
    await bench.device.secureBoot.set(false);
    expect(await bench.device.bootMode.read()).toBe('bios');
  });

  describe('that the definition leaves to the daemon', () => {
    const definition = `<domain><name>vm-1</name><os firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os></domain>`;
    const withLoader = (secure: string): string => definition.replace('</os>', `<loader readonly='yes' secure='${secure}' type='pflash'>/x</loader></os>`);

    async function open(live: string): Promise<{ readonly device: Device; readonly defined: string[] } & AsyncDisposable> {
      const fake = createFakeLibvirtClient([{ name: 'vm-1', uuid: '10000000-0000-4000-8000-000000000001', macs: [], xml: definition, live }]);
      const defined: string[] = [];
      Object.assign(fake.client.domains, { define: async (xml: string) => void defined.push(xml) });
      Object.assign(fake.client, { call: async () => 1 });
      const driver = createLibvirtDriver({ createClient: () => fake.client });
      return { device: driver.open(driver.driverInfo.parse({ libvirt_domain: 'vm-1' })), defined, [Symbol.asyncDispose]: () => driver[Symbol.asyncDispose]() };
    }

    test.each([['yes', true], ['no', false]] as const)('is what the machine runs with: secure=%s', async (secure, expected) => {
      await using bench = await open(withLoader(secure));
      expect([await bench.device.secureBoot?.read(), await bench.device.bootMode?.read()]).toEqual([expected, 'uefi']);
    });

    const features = (enabled: 'yes' | 'no'): RegExp =>
      new RegExp(`<firmware>\\s*<feature enabled='${enabled}' name='enrolled-keys'/>\\s*<feature enabled='${enabled}' name='secure-boot'/>\\s*</firmware>`);

    // Read as off, but at the start the daemon may choose firmware with keys: only what is written holds.
    test.each([
      ['a machine that is off', definition],
      ['one that runs without', withLoader('no')],
      ['one that runs with it', withLoader('yes')],
    ])('is written down as off for %s', async (_what, live) => {
      await using bench = await open(live);
      await bench.device.secureBoot?.set(false);
      expect(bench.defined).toEqual([expect.stringMatching(features('no')) as string]);
      expect(bench.defined.map(needsFreshVariables)).toEqual([true]);
    });

    test('is written down as on, also where the daemon had chosen that', async () => {
      await using bench = await open(withLoader('yes'));
      await bench.device.secureBoot?.set(true);
      expect(bench.defined).toEqual([expect.stringMatching(features('yes')) as string]);
    });

    test('stays open when only the boot mode is set, which it has', async () => {
      await using bench = await open(withLoader('yes'));
      await bench.device.bootMode?.set('uefi');
      expect(bench.defined).toEqual([]);
    });
  });

  test('a machine type that cannot is told so', async () => {
    await using bench = await openLibvirtBench();
    bench.hypervisor.define(domainFixture('04'));
    const device = bench.open({ libvirt_domain: 'uefi-manual' });
    expect(await failureOf(device.secureBoot.set(true))).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('pc-i440fx') as string,
    });
  });
});

test('a host without such firmware: UNSUPPORTED with the words of the daemon', async () => {
  const fake = createFakeLibvirtClient([
    { name: 'vm-1', uuid: '10000000-0000-4000-8000-000000000001', macs: [], xml: domainFixture('01').replace('bios-pc', 'vm-1') },
  ]);
  const refusal = new FerricError('REFUSED', "Unable to find any firmware to satisfy 'efi'", {
    details: { address: '192.0.2.1:16509', libvirtCode: 67 },
  });
  Object.assign(fake.client.domains, { define: async () => Promise.reject(refusal) });
  Object.assign(fake.client, { call: async () => 1 });
  const driver = createLibvirtDriver({ createClient: () => fake.client });
  const device = driver.open(driver.driverInfo.parse({ libvirt_domain: 'vm-1' }));
  expect(await failureOf((device.bootMode as NonNullable<typeof device.bootMode>).set('uefi'))).toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining("Unable to find any firmware to satisfy 'efi'") as string,
    cause: refusal,
    details: { address: '192.0.2.1:16509' },
  });
  await driver[Symbol.asyncDispose]();
});
