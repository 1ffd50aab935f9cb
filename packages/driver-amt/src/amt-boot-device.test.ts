import type { BootDevice, BootDeviceName, Device } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createAmtBench } from '../test/amt-bench.js';

function bootDeviceOf(device: Device): BootDevice {
  expect.assert(device.bootDevice !== undefined);
  return device.bootDevice;
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
