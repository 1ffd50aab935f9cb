import { FerricError } from '@ferric/core';
import { createFakeClock, type FakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createFakeAmt, PLAIN_SETTINGS, type Fate, type FakeAmt } from '../../../test/fake-amt.js';
import { createBootCalls, NEXT_BOOT_DEVICES, type BootCalls, type NextBoot } from './index.js';

const SETTINGS = 'AMT_BootSettingData';

function bench(): { readonly amt: FakeAmt; readonly boot: BootCalls; readonly clock: FakeClock } {
  const amt = createFakeAmt();
  const clock = createFakeClock();
  return { amt, clock, boot: createBootCalls(amt.wsman, { clock }) };
}

/** Starts the machine as a console would. */
async function start(amt: FakeAmt): Promise<string | undefined> {
  await amt.wsman.invoke('CIM_PowerManagementService', 'RequestPowerStateChange', { fields: [{ name: 'PowerState', value: 2 }] });
  return amt.boots.at(-1);
}

const HTTPS: NextBoot = { device: 'uefihttp', url: 'https://boot.example/a.efi' };
const withHttps = (amt: FakeAmt): void => {
  amt.instances.set('CIM_BootSourceSetting', [{ InstanceID: 'Intel(r) AMT: Force PXE Boot' }, { InstanceID: 'Intel(r) AMT: Force OCR UEFI HTTPS Boot' }]);
};

describe('a choice', () => {
  test.each<[NextBoot, string]>([
    [{ device: 'pxe' }, 'Force PXE Boot'],
    [{ device: 'disk' }, 'Force Hard-drive Boot'],
    [{ device: 'cdrom' }, 'Force CD/DVD Boot'],
    [{ device: 'bios' }, 'BIOSSetup'],
    [HTTPS, 'Force OCR UEFI HTTPS Boot'],
  ])('of %j is what the machine boots next, once', async (choice, booted) => {
    const { amt, boot } = bench();
    withHttps(amt);
    await boot.setNext(choice);
    expect(await start(amt)).toBe(booted);
    expect(await start(amt)).toBe('firmware order');
  });

  test('is made in the safe order: allowed, old source away, flags, role, new source', async () => {
    const { amt, boot } = bench();
    await boot.setNext({ device: 'pxe' });
    expect(amt.calls).toEqual([
      'get IPS_OptInService', 'invoke ChangeBootOrder', `get ${SETTINGS}`, 'invoke SetBootConfigRole Role=1', 'enumerate CIM_SoftwareIdentity',
      'invoke ChangeBootOrder Source=Force PXE Boot',
    ]);
  });

  test('of the firmware setup sets its flag and no source', async () => {
    const { amt, boot } = bench();
    expect(await boot.setNext({ device: 'bios' })).toEqual({ settingsChanged: ['BIOSSetup'] });
    expect(amt.changes).toEqual(['invoke ChangeBootOrder', `put ${SETTINGS}`, 'invoke SetBootConfigRole Role=1', 'invoke ChangeBootOrder']);
    expect(amt.instances.get(SETTINGS)?.[0]).toMatchObject({ BIOSSetup: true });
  });

  test('writes no settings where there is nothing to write', async () => {
    const { amt, boot } = bench();
    expect(await boot.setNext({ device: 'pxe' })).toEqual({ settingsChanged: [] });
    expect(amt.changes).not.toContain(`put ${SETTINGS}`);
  });

  test('takes back what an earlier console left', async () => {
    const { amt, boot } = bench();
    amt.instances.set(SETTINGS, [{ ...PLAIN_SETTINGS, UseSOL: true, BIOSPause: true }]);
    expect(await boot.setNext({ device: 'pxe' })).toEqual({ settingsChanged: ['BIOSPause', 'UseSOL'] });
    expect(await start(amt)).toBe('Force PXE Boot');
  });

  test('spells its parameter as AMT up to 5 wants it, and asks for the version once an hour', async () => {
    const { amt, boot, clock } = bench();
    amt.instances.set('CIM_SoftwareIdentity', [{ InstanceID: 'AMT', VersionString: '5.2.10' }]);
    amt.instances.delete('IPS_OptInService');
    await boot.setNext({ device: 'pxe' });
    await boot.setNext({ device: 'disk' });
    expect(amt.changes.filter((call) => call.includes('ource='))).toEqual(['invoke ChangeBootOrder source=Force PXE Boot', 'invoke ChangeBootOrder source=Force Hard-drive Boot']);
    const asked = (): number => amt.calls.filter((call) => call === 'enumerate CIM_SoftwareIdentity').length;
    expect(asked()).toBe(1);
    amt.instances.set('CIM_SoftwareIdentity', [{ InstanceID: 'AMT', VersionString: '6.0.1' }]);
    await clock.advance(3_600_000);
    await boot.setNext({ device: 'pxe' });
    expect([asked(), amt.changes.at(-1)]).toEqual([2, 'invoke ChangeBootOrder Source=Force PXE Boot']);
  });

  test.each([[{ device: 'floppy' }, 'device'], [{ device: 'uefihttp', url: 'http://boot.example/' }, 'url']] as const)('of %j cannot be used: nothing is sent', async (choice, field) => {
    const { amt, boot } = bench();
    await expect(boot.setNext(choice as unknown as NextBoot)).rejects.toMatchObject({ code: 'INVALID_OPTIONS', details: { issues: [{ field }] } });
    expect(amt.calls).toEqual([]);
  });
});

describe('what the firmware does not allow', () => {
  test.each([['not started', 0], ['requested', 1], ['displayed', 2]] as const)('without consent (%s): nothing is changed', async (words, state) => {
    const { amt, boot } = bench();
    amt.instances.set('IPS_OptInService', [{ OptInRequired: 4_294_967_295, OptInState: state }]);
    await expect(boot.setNext({ device: 'pxe' })).rejects.toMatchObject({
      code: 'REFUSED', message: expect.stringContaining(`'user consent'`), details: { step: 'user consent', consentRequired: 'all', consentState: words },
    });
    expect(amt.changes).toEqual([]);
  });

  test.each([[4_294_967_295, 3], [4_294_967_295, 4], [1, 0], [0, 0]])('consent %d in state %d is enough', async (required, state) => {
    const { amt, boot } = bench();
    amt.instances.set('IPS_OptInService', [{ OptInRequired: required, OptInState: state }]);
    await boot.setNext({ device: 'pxe' });
    expect(await start(amt)).toBe('Force PXE Boot');
  });

  test('because it does not have it: nothing is changed', async () => {
    const { amt, boot } = bench();
    await expect(boot.setNext(HTTPS)).rejects.toMatchObject({ code: 'UNSUPPORTED', message: expect.stringContaining('boot sources do not include') });
    withHttps(amt);
    amt.instances.set('AMT_BootCapabilities', [{ BIOSSetup: false, ForceUEFIHTTPSBoot: false }]);
    await expect(boot.setNext({ device: 'bios' })).rejects.toMatchObject({ code: 'UNSUPPORTED', details: { step: 'boot capabilities', device: 'bios' } });
    await expect(boot.setNext(HTTPS)).rejects.toMatchObject({ code: 'UNSUPPORTED', message: expect.stringContaining('does not list ForceUEFIHTTPSBoot') });
    expect(amt.changes).toEqual([]);
  });

  test('because its BIOS forbids it: nothing is changed', async () => {
    const { amt, boot } = bench();
    withHttps(amt);
    amt.instances.set(SETTINGS, [{ ...PLAIN_SETTINGS, UEFIHTTPSBootEnabled: false }]);
    await expect(boot.setNext(HTTPS)).rejects.toMatchObject({
      code: 'REFUSED', message: expect.stringContaining('The BIOS of this machine forbids to boot to uefihttp'), hint: expect.stringContaining('setup of the BIOS'),
      details: { step: 'boot capabilities', device: 'uefihttp', field: 'UEFIHTTPSBootEnabled' },
    });
    expect(amt.changes).toEqual([]);
  });

  test('is said without making the choice, too', async () => {
    const { amt, boot } = bench();
    await boot.checkNext({ device: 'pxe' });
    amt.instances.set('IPS_OptInService', [{ OptInRequired: 4_294_967_295, OptInState: 0 }]);
    await expect(boot.checkNext({ device: 'pxe' })).rejects.toMatchObject({ code: 'REFUSED', details: { step: 'user consent' } });
    await expect(boot.checkNext({ device: 'floppy' } as unknown as NextBoot)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(amt.calls).toEqual(['get IPS_OptInService', 'get IPS_OptInService']);
  });

  test('is told from what may have changed something', async () => {
    const { amt, boot } = bench();
    let changes = 0;
    const onChange = (): void => void (changes += 1);
    amt.fates.set('IPS_OptInService', ['request lost']);
    await expect(boot.setNext({ device: 'pxe' }, { onChange })).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(changes).toBe(0);
    amt.fates.set('ChangeBootOrder', ['request lost']);
    amt.before = (call) => {
      if (call === 'invoke ChangeBootOrder') expect(changes).toBe(1);
    };
    await expect(boot.setNext({ device: 'pxe' }, { onChange })).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(changes).toBe(1);
  });

  test('because it did not take the flag', async () => {
    const { amt, boot } = bench();
    const put = amt.wsman.put;
    (amt.wsman as { put: typeof put }).put = async (resource, instance, options) => {
      await put(resource, instance, options);
      amt.instances.set(SETTINGS, [PLAIN_SETTINGS]);
      return amt.wsman.get(SETTINGS);
    };
    await expect(boot.setNext({ device: 'bios' })).rejects.toMatchObject({ code: 'REFUSED', details: { step: 'boot settings', fields: ['BIOSSetup'] } });
    expect(amt.changes.at(-1)).toBe(`put ${SETTINGS}`);
  });
});

describe('a step that fails is the last one, and is named', () => {
  const denied = new FerricError('REFUSED', 'access denied', { details: { subcode: 'AccessDenied' }, hint: 'ask' });
  test.each<[string, Fate[], string, string[]]>([
    ['IPS_OptInService', ['request lost'], 'user consent', []],
    ['ChangeBootOrder', [denied], 'clear the boot order', ['invoke ChangeBootOrder']],
    [`put ${SETTINGS}`, [denied], 'boot settings', ['invoke ChangeBootOrder', `put ${SETTINGS}`]],
    ['SetBootConfigRole', [{ returnValue: 1 }], 'boot configuration role', ['invoke ChangeBootOrder', `put ${SETTINGS}`, 'invoke SetBootConfigRole Role=1']],
    ['ChangeBootOrder', ['answered', { returnValue: 5 }], 'boot order', [
      'invoke ChangeBootOrder', `put ${SETTINGS}`, 'invoke SetBootConfigRole Role=1', 'invoke ChangeBootOrder Source=Force PXE Boot',
    ]],
  ])('%s with %j: %s', async (key, fates, step, sent) => {
    const { amt, boot } = bench();
    amt.instances.set(SETTINGS, [{ ...PLAIN_SETTINGS, UseSOL: true }]);
    amt.fates.set(key, fates);
    const error: unknown = await boot.setNext({ device: 'pxe' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringMatching(/^The choice of pxe for the next boot failed at step \d of 5, /), details: { step } });
    expect((error as FerricError).message).toContain(`'${step}'`);
    expect(amt.changes).toEqual(sent);
    if (fates[0] === denied) expect(error).toMatchObject({ code: 'REFUSED', details: { subcode: 'AccessDenied' }, hint: 'ask', cause: denied });
  });

  test.each([
    [1, 'UNSUPPORTED', 'not supported'], [2, 'REFUSED', 'unknown or unspecified error'], [3, 'BUSY', 'busy'], [4, 'UNSUPPORTED', 'invalid reference'],
    [5, 'REFUSED', 'invalid parameter'], [6, 'REFUSED', 'access denied'],
  ] as const)('ReturnValue %d is %s', async (returnValue, code, words) => {
    const { amt, boot } = bench();
    amt.fates.set('SetBootConfigRole', [{ returnValue }]);
    await expect(boot.setNext({ device: 'pxe' })).rejects.toMatchObject({ code, message: expect.stringContaining(words), details: { returnValue } });
  });

  test('a caller who gives up gets his own reason', async () => {
    const { amt, boot } = bench();
    const caller = new AbortController();
    amt.before = (call) => {
      if (call.startsWith('invoke SetBootConfigRole')) caller.abort('left');
    };
    await expect(boot.setNext({ device: 'pxe' }, { signal: caller.signal })).rejects.toBe('left');
  });
});

describe('taking a choice back', () => {
  test.each(NEXT_BOOT_DEVICES.filter((device) => device !== 'uefihttp'))('of %s leaves the firmware its order', async (device) => {
    const { amt, boot } = bench();
    await boot.setNext({ device });
    await boot.clear();
    expect(await start(amt)).toBe('firmware order');
    expect(amt.instances.get(SETTINGS)?.[0]).toMatchObject({ BIOSSetup: false });
  });

  test('is done where firmware before 7.0 does not know the role', async () => {
    const { amt, boot } = bench();
    amt.fates.set('SetBootConfigRole', [{ returnValue: 5 }]);
    await boot.clear();
    expect(amt.changes).toEqual(['invoke ChangeBootOrder', 'invoke SetBootConfigRole Role=32768']);
  });

  test('fails when the device is away', async () => {
    const { amt, boot } = bench();
    amt.fates.set('SetBootConfigRole', ['request lost']);
    await expect(boot.clear()).rejects.toMatchObject({ code: 'UNREACHABLE', details: { step: 'boot configuration role' } });
  });
});

test('capabilities and sources come as AMT names them', async () => {
  const { boot } = bench();
  expect(await boot.capabilities()).toEqual({ ElementName: 'Intel(r) AMT: Boot Capabilities', BIOSSetup: true, ForcePXEBoot: true, ForceUEFIHTTPSBoot: true, SOL: true });
  expect((await boot.sources()).map(({ InstanceID }) => InstanceID)).toEqual([
    'Intel(r) AMT: Force Hard-drive Boot', 'Intel(r) AMT: Force PXE Boot', 'Intel(r) AMT: Force CD/DVD Boot',
  ]);
});
