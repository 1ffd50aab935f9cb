import { optionIssues, type BootDevice, type BootDeviceName, type Device, type PowerTarget, type VendorMethod } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createAmtBench, type AmtBench } from '../test/amt-bench.js';

function bootDeviceOf(device: Device): BootDevice {
  expect.assert(device.bootDevice !== undefined);
  return device.bootDevice;
}

async function callVendor(device: Device, name: string): Promise<unknown> {
  const method: VendorMethod | undefined = device.vendor?.methods[name];
  expect.assert(method !== undefined);
  return method.call(method.arguments.parse({}));
}

/** The changes that chose a boot source. */
const sources = (changes: readonly string[]): readonly string[] => changes.flatMap((call) => /Source=(.*)$/.exec(call)?.[1] ?? []);

describe('a choice', () => {
  test('is kept and read back, and nothing is sent', async () => {
    await using bench = createAmtBench();
    const bootDevice = bootDeviceOf(bench.device);
    expect(await bootDevice.read()).toEqual({ device: 'disk', persistent: true, detail: 'Nothing is made at AMT: the firmware boots in its own order' });
    for (const persistent of [true, false]) {
      await bootDevice.set('pxe', { persistent });
      expect(await bootDeviceOf(bench.open()).read()).toMatchObject({ device: 'pxe', persistent });
    }
    expect(bench.amt.calls).toEqual([]);
    expect([bench.memory.get('amt_boot_device'), bench.memory.get('amt_boot_persistent')]).toEqual(['pxe', false]);
  });

  test('of the disk for good is none', async () => {
    await using bench = createAmtBench();
    const bootDevice = bootDeviceOf(bench.device);
    await bootDevice.set('pxe', { persistent: true });
    await bootDevice.set('disk', { persistent: true });
    expect([bench.memory.get('amt_boot_device'), bench.memory.get('amt_boot_persistent')]).toEqual([undefined, undefined]);
    await bench.run(bench.device.power.set('power on'));
    expect(bench.amt.changes).toEqual(['invoke RequestPowerStateChange 2']);
    expect(bench.amt.boots).toEqual(['firmware order']);
  });

  test('for one boot is made at the next start, and over after it', async () => {
    await using bench = createAmtBench();
    await bootDeviceOf(bench.device).set('pxe', { persistent: false });
    await bench.run(bench.device.power.set('power on'));
    expect(await bootDeviceOf(bench.open()).read()).toMatchObject({ device: 'disk', persistent: true });
    const before = bench.amt.changes.length;
    await bench.run(bench.open().power.set('rebooting'));
    expect(bench.amt.boots).toEqual(['Force PXE Boot', 'firmware order']);
    expect(bench.amt.changes.slice(before)).toEqual(['invoke RequestPowerStateChange 10']);
  });

  test('of the disk for one boot is made too', async () => {
    await using bench = createAmtBench();
    await bootDeviceOf(bench.device).set('disk', { persistent: false });
    await bench.run(bench.device.power.set('power on'));
    expect(bench.amt.boots).toEqual(['Force Hard-drive Boot']);
    expect(await bootDeviceOf(bench.device).read()).toMatchObject({ device: 'disk', persistent: true });
  });

  test('for good is made anew at each start through the driver', async () => {
    await using bench = createAmtBench();
    await bootDeviceOf(bench.device).set('pxe', { persistent: true });
    await bench.run(bench.device.power.set('power on'));
    await bench.run(bench.device.power.set('rebooting'));
    await bench.run(bench.device.power.set('power off'));
    await bench.run(bench.open().power.set('power on'));
    expect(bench.amt.boots).toEqual(['Force PXE Boot', 'Force PXE Boot', 'Force PXE Boot']);
    expect(await bootDeviceOf(bench.device).read()).toMatchObject({ device: 'pxe', persistent: true });
  });

  test('is not touched by what starts nothing', async () => {
    await using bench = createAmtBench();
    bench.amt.powerState = 4;
    await bootDeviceOf(bench.device).set('pxe', { persistent: false });
    await bench.run(bench.device.power.set('power on'));
    await bench.run(bench.device.power.set('power off'));
    expect(sources(bench.amt.changes)).toEqual([]);
    expect(await bootDeviceOf(bench.device).read()).toMatchObject({ device: 'pxe', persistent: false });
  });

  test.each<[BootDeviceName, string]>([['cdrom', 'Force CD/DVD Boot'], ['bios', 'BIOSSetup']])('of %s is booted', async (device, booted) => {
    await using bench = createAmtBench();
    await bootDeviceOf(bench.device).set(device, { persistent: false });
    await bench.run(bench.device.power.set('power on'));
    expect(bench.amt.boots).toEqual([booted]);
  });
});

describe('a choice for one boot is not lost', () => {
  test.each(['ChangeBootOrder', 'SetBootConfigRole', 'AMT_BootSettingData', 'IPS_OptInService'])('when %s fails', async (key) => {
    await using bench = createAmtBench();
    await bootDeviceOf(bench.device).set('pxe', { persistent: false });
    bench.amt.fates.set(key, ['request lost']);
    await expect(bench.run(bench.device.power.set('power on'))).rejects.toMatchObject({ code: 'UNREACHABLE', details: { address: '192.0.2.10:16992', step: expect.any(String) } });
    expect(bench.amt.changes).not.toContain('invoke RequestPowerStateChange 2');
    expect(await bootDeviceOf(bench.device).read()).toMatchObject({ device: 'pxe', persistent: false });
    await bench.run(bench.device.power.set('power on'));
    expect(bench.amt.boots).toEqual(['Force PXE Boot']);
    expect(await bootDeviceOf(bench.device).read()).toMatchObject({ device: 'disk' });
  });

  test('when the power request is declined', async () => {
    await using bench = createAmtBench();
    await bootDeviceOf(bench.device).set('pxe', { persistent: false });
    bench.amt.fates.set('RequestPowerStateChange', Array.from({ length: 3 }, () => ({ returnValue: 2 })));
    await expect(bench.run(bench.device.power.set('power on'))).rejects.toMatchObject({ code: 'REFUSED' });
    await bench.run(bench.device.power.set('power on'));
    expect(bench.amt.boots).toEqual(['Force PXE Boot']);
  });

  test('when the machine accepts and does not start', async () => {
    await using bench = createAmtBench();
    await bootDeviceOf(bench.device).set('pxe', { persistent: false });
    bench.amt.fates.set('RequestPowerStateChange', Array.from({ length: 9 }, () => 'ignored' as const));
    await expect(bench.run(bench.device.power.set('power on'))).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(await bootDeviceOf(bench.device).read()).toMatchObject({ device: 'pxe', persistent: false });
  });
});

describe('a start of which the outcome is not known', () => {
  /** Asks for a start from the network and leaves before the machine shows it. */
  async function leaveDuring(bench: AmtBench, target: PowerTarget = 'power on'): Promise<void> {
    await bootDeviceOf(bench.device).set('pxe', { persistent: false });
    const caller = new AbortController();
    const call = bench.device.power.set(target, { signal: caller.signal });
    call.catch(() => undefined);
    await expect.poll(async () => (await bench.clock.advance(500), bench.amt.changes.at(-1))).toMatch(/^invoke RequestPowerStateChange/);
    await bench.clock.advance(2500);
    caller.abort('left');
    await expect(call).rejects.toBe('left');
  }

  test.each<[string, readonly PowerTarget[]]>([['a reading', []], ['a restart', ['rebooting']], ['off and on', ['power off', 'power on']]])(
    'has used the choice for one boot when the machine is seen on, by %s', async (_by, targets) => {
      await using bench = createAmtBench();
      bench.amt.looksUntilChange = 3;
      await leaveDuring(bench);
      expect(await bootDeviceOf(bench.open()).read()).toMatchObject({ device: 'pxe', detail: expect.stringContaining('not known whether it was carried out') });
      bench.amt.looksUntilChange = 0;
      bench.amt.powerState = 2;
      const device = bench.open();
      if (targets.length === 0) await bench.run(device.power.read());
      for (const target of targets) await bench.run(device.power.set(target));
      expect(await bootDeviceOf(device).read()).toMatchObject({ device: 'disk', persistent: true });
      expect(bench.amt.boots).toEqual(['Force PXE Boot', ...targets.slice(-1).map(() => 'firmware order')]);
    },
  );

  test('has not when the machine stayed off', async () => {
    await using bench = createAmtBench();
    bench.amt.fates.set('RequestPowerStateChange', ['ignored']);
    await leaveDuring(bench);
    await bench.run(bench.open().power.read());
    await bench.run(bench.open().power.set('power on'));
    expect(bench.amt.boots).toEqual(['Force PXE Boot']);
    expect(await bootDeviceOf(bench.device).read()).toMatchObject({ device: 'disk' });
  });

  test('does not use another choice', async () => {
    await using bench = createAmtBench();
    bench.amt.looksUntilChange = 3;
    await leaveDuring(bench);
    await bootDeviceOf(bench.device).set('cdrom', { persistent: false });
    bench.amt.powerState = 2;
    await bench.run(bench.device.power.read());
    expect(await bootDeviceOf(bench.device).read()).toMatchObject({ device: 'cdrom', persistent: false });
  });

  test('of a reset whose answer was lost: nothing can tell, so the choice stays', async () => {
    await using bench = createAmtBench();
    bench.amt.powerState = 2;
    await bootDeviceOf(bench.device).set('pxe', { persistent: false });
    bench.amt.fates.set('RequestPowerStateChange', ['request lost']);
    await expect(bench.run(bench.device.power.set('rebooting'))).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(await bootDeviceOf(bench.device).read()).toMatchObject({ device: 'pxe', detail: expect.stringContaining('not known') });
    await bench.run(bench.device.power.set('rebooting'));
    expect(bench.amt.boots).toEqual(['Force PXE Boot']);
  });

  test('is not one that was declined: a machine that somebody else starts keeps its choice', async () => {
    await using bench = createAmtBench();
    await bootDeviceOf(bench.device).set('pxe', { persistent: false });
    bench.amt.fates.set('RequestPowerStateChange', Array.from({ length: 3 }, () => ({ returnValue: 2 })));
    await expect(bench.run(bench.device.power.set('power on'))).rejects.toMatchObject({ code: 'REFUSED' });
    bench.amt.powerState = 2;
    await bench.run(bench.device.power.read());
    expect(await bootDeviceOf(bench.device).read()).toMatchObject({ device: 'pxe', persistent: false });
  });
});

/** As in client control mode: nothing about the next boot may be changed before the user has agreed. */
const CONSENT = [{ OptInRequired: 4_294_967_295, OptInState: 0 }];

describe('a choice that AMT would refuse', () => {
  test.each<[PowerTarget, number]>([['soft rebooting', 2], ['rebooting', 4]])('does not stop the machine: %s from %d', async (target, from) => {
    await using bench = createAmtBench();
    bench.amt.powerState = from;
    bench.amt.instances.set('IPS_OptInService', CONSENT);
    await bootDeviceOf(bench.device).set('pxe', { persistent: false });
    await expect(bench.run(bench.device.power.set(target))).rejects.toMatchObject({ code: 'REFUSED', details: { step: 'user consent' } });
    expect([bench.amt.changes, bench.amt.powerState]).toEqual([[], from]);
    bench.amt.instances.delete('IPS_OptInService');
    await bench.run(bench.device.power.set(target));
    expect(bench.amt.boots).toEqual(['Force PXE Boot']);
  });

  test('leaves nothing at AMT, so that nothing has to be taken back', async () => {
    await using bench = createAmtBench();
    bench.amt.instances.set('IPS_OptInService', CONSENT);
    await bootDeviceOf(bench.device).set('pxe', { persistent: false });
    await expect(bench.run(bench.device.power.set('power on'))).rejects.toMatchObject({ code: 'REFUSED' });
    await bootDeviceOf(bench.device).set('disk', { persistent: true });
    await bench.run(bench.device.power.set('power on'));
    expect(bench.amt.changes).toEqual(['invoke RequestPowerStateChange 2']);
  });

  test('is told by validate of the management interface, and power stays usable', async () => {
    await using bench = createAmtBench();
    bench.amt.instances.set('IPS_OptInService', CONSENT);
    bench.validate('management');
    await bootDeviceOf(bench.device).set('pxe', { persistent: false });
    bench.validate('management');
    await expect(bench.run(bench.device.power.set('power on'))).rejects.toMatchObject({ code: 'REFUSED' });
    expect(() => bench.validate('management')).toThrow(expect.objectContaining({
      code: 'INVALID_OPTIONS', message: expect.stringMatching(/^Boot device pxe: AMT refused it .*'user consent': The firmware wants the consent of the user.*Ask for consent/),
    }));
    expect(() => bench.validate()).toThrow('AMT refused it');
    bench.validate('power');
    bench.validate('vendor');

    bench.amt.instances.set('IPS_OptInService', [{ OptInRequired: 4_294_967_295, OptInState: 3 }]);
    await bench.run(bench.device.power.set('power on'));
    bench.validate('management');
  });

  test.each<[string, (device: Device) => Promise<unknown>]>([
    ['another choice', (device) => bootDeviceOf(device).set('cdrom', { persistent: false })],
    ['the consent', (device) => callVendor(device, 'get_user_consent')],
  ])('is no more after %s', async (_what, act) => {
    await using bench = createAmtBench();
    bench.amt.instances.set('IPS_OptInService', CONSENT);
    bench.amt.instances.set('AMT_SetupAndConfigurationService', [{ ProvisioningMode: 4, ProvisioningState: 2 }]);
    await bootDeviceOf(bench.device).set('pxe', { persistent: false });
    await expect(bench.run(bench.device.power.set('power on'))).rejects.toMatchObject({ code: 'REFUSED' });
    expect(() => bench.validate('management')).toThrow('AMT refused it');
    bench.amt.instances.set('IPS_OptInService', [{ OptInRequired: 4_294_967_295, OptInState: 3 }]);
    await bench.run(act(bench.device));
    bench.validate('management');
  });

  test('because it was away for a moment is none', async () => {
    await using bench = createAmtBench();
    await bootDeviceOf(bench.device).set('pxe', { persistent: false });
    bench.amt.fates.set('ChangeBootOrder', ['request lost']);
    await expect(bench.run(bench.device.power.set('power on'))).rejects.toMatchObject({ code: 'UNREACHABLE' });
    bench.validate('management');
  });
});

describe('a choice that is left at AMT', () => {
  test('is taken back before a start that has none', async () => {
    await using bench = createAmtBench();
    await bootDeviceOf(bench.device).set('pxe', { persistent: false });
    bench.amt.fates.set('RequestPowerStateChange', Array.from({ length: 3 }, () => ({ returnValue: 2 })));
    await expect(bench.run(bench.device.power.set('power on'))).rejects.toMatchObject({ code: 'REFUSED' });
    await bootDeviceOf(bench.device).set('disk', { persistent: true });
    await bench.run(bench.open().power.set('power on'));
    expect(bench.amt.boots).toEqual(['firmware order']);
    const before = bench.amt.changes.length;
    await bench.run(bench.open().power.set('rebooting'));
    expect(bench.amt.changes.slice(before)).toEqual(['invoke RequestPowerStateChange 10']);
  });

  test('that cannot be taken back keeps the machine from starting into it', async () => {
    await using bench = createAmtBench();
    await bootDeviceOf(bench.device).set('pxe', { persistent: false });
    bench.amt.fates.set('RequestPowerStateChange', Array.from({ length: 3 }, () => ({ returnValue: 2 })));
    await expect(bench.run(bench.device.power.set('power on'))).rejects.toMatchObject({ code: 'REFUSED' });
    await bootDeviceOf(bench.device).set('disk', { persistent: true });
    bench.amt.fates.set('ChangeBootOrder', ['request lost']);
    await expect(bench.run(bench.device.power.set('power on'))).rejects.toMatchObject({ code: 'UNREACHABLE', details: { step: 'clear the boot order' } });
    expect(bench.amt.boots).toEqual([]);
    await bench.run(bench.device.power.set('power on'));
    expect(bench.amt.boots).toEqual(['firmware order']);
  });
});

describe('a boot over HTTPS', () => {
  const url = { amt_https_boot_url: 'https://boot.example/a.efi' };

  test('is offered where driver_info says from where', async () => {
    await using bench = createAmtBench();
    expect([...bootDeviceOf(bench.device).supported]).toEqual(['pxe', 'disk', 'cdrom', 'bios']);
    expect([...bootDeviceOf(bench.open(url)).supported]).toEqual(['pxe', 'disk', 'cdrom', 'bios', 'uefihttp']);
    await expect(bootDeviceOf(bench.device).set('uefihttp', { persistent: false })).rejects.toMatchObject({ code: 'UNSUPPORTED', hint: 'Set amt_https_boot_url to what is to be booted.' });
  });

  test('is made where the firmware has it', async () => {
    await using bench = createAmtBench(url);
    bench.amt.instances.set('CIM_BootSourceSetting', [{ InstanceID: 'Intel(r) AMT: Force OCR UEFI HTTPS Boot' }]);
    await bootDeviceOf(bench.device).set('uefihttp', { persistent: false });
    await bench.run(bench.device.power.set('power on'));
    expect(bench.amt.boots).toEqual(['Force OCR UEFI HTTPS Boot']);
  });

  test('is told by validate when its URL was taken away since, and nothing is sent', async () => {
    await using bench = createAmtBench();
    await bootDeviceOf(bench.open(url)).set('uefihttp', { persistent: false });
    let thrown: unknown;
    try {
      bench.validate('management');
    } catch (error) {
      thrown = error;
    }
    expect(optionIssues(thrown)).toEqual([{ field: 'amt_https_boot_url', problem: 'missing', expected: 'what is to be booted' }]);
    const error: unknown = await bench.run(bench.device.power.set('power on')).catch((reason: unknown) => reason);
    expect(optionIssues(error)).toEqual(optionIssues(thrown));
    expect(bench.amt.changes).toEqual([]);
  });

  test('is refused where it has not', async () => {
    await using bench = createAmtBench(url);
    await bootDeviceOf(bench.device).set('uefihttp', { persistent: false });
    await expect(bench.run(bench.device.power.set('power on'))).rejects.toMatchObject({ code: 'UNSUPPORTED', details: { step: 'boot capabilities', address: '192.0.2.10:16992' } });
  });
});

test('what no machine with AMT boots from is refused', async () => {
  await using bench = createAmtBench();
  for (const device of ['floppy', 'wanboot', 'usb'] as const) {
    await expect(bootDeviceOf(bench.device).set(device as BootDeviceName, { persistent: false })).rejects.toMatchObject({
      code: 'UNSUPPORTED', details: { accepted: ['pxe', 'disk', 'cdrom', 'bios'], address: '192.0.2.10:16992' },
    });
  }
});

test('a call that was given up, has no time, or comes too late is refused', async () => {
  await using bench = createAmtBench();
  const bootDevice = bootDeviceOf(bench.device);
  await expect(bootDevice.read({ signal: AbortSignal.abort('left') })).rejects.toBe('left');
  await expect(bootDevice.set('pxe', { persistent: true }, { timeoutMs: Number.NaN })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  await bench.device[Symbol.asyncDispose]();
  await expect(bootDevice.read()).rejects.toMatchObject({ code: 'ABORTED' });
  await expect(bootDevice.set('pxe', { persistent: true })).rejects.toMatchObject({ code: 'ABORTED' });
  expect(bench.memory.get('amt_boot_device')).toBeUndefined();
});
