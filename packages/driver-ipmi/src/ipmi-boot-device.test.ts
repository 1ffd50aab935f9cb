import { createDeviceMemory, type BootDevice, type BootDeviceName, type BootMode, type DeviceMemory } from '@ferric/core';
import { createRecordingLogger, type RecordingLogger } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createFakeBmc, type FakeBmc } from '../test/fake-bmc.js';
import { makeMachine } from '../test/make-machine.js';
import { createBootMemory } from './boot-memory.js';
import { createIpmiBootDevice } from './ipmi-boot-device.js';
import { createBootFlagsKeeper } from './ipmi-boot-flags.js';
import { createIpmiBootMode } from './ipmi-boot-mode.js';

interface Bench {
  readonly bmc: FakeBmc;
  readonly bootDevice: BootDevice;
  readonly bootMode: BootMode;
  readonly memory: DeviceMemory;
  readonly logger: RecordingLogger;
  /** What happens right before the machine is switched on. */
  start(): Promise<void>;
}

function bench(settings: { readonly forced?: boolean; readonly disableTimeout?: boolean; readonly memory?: DeviceMemory } = {}): Bench {
  const { forced = false, disableTimeout = true, memory = createDeviceMemory() } = settings;
  const bmc = createFakeBmc();
  const logger = createRecordingLogger();
  const machine = makeMachine(bmc, { memory, logger });
  const keeper = createBootFlagsKeeper(machine, { memory: createBootMemory(memory), disableTimeout });
  const { bootDevice, beforeStart } = createIpmiBootDevice(machine, keeper, forced);
  const start = (): Promise<void> => machine.perform({ what: 'start', timeoutMs: 1000 }, undefined, beforeStart);
  return { bmc, bootDevice, bootMode: createIpmiBootMode(machine, keeper), memory, logger, start };
}

const flagsWritten = (bmc: FakeBmc): readonly string[] => bmc.changes.filter((request) => request.startsWith('00/08 05'));

describe('a choice', () => {
  test.each([
    ['pxe', false, [0xa0, 0x04]],
    ['pxe', true, [0xe0, 0x04]],
    ['disk', false, [0xa0, 0x08]],
    ['safe', false, [0xa0, 0x0c]],
    ['cdrom', true, [0xe0, 0x14]],
    ['bios', false, [0xa0, 0x18]],
    ['floppy', true, [0xe0, 0x3c]],
  ] as const)('%s, persistent %s, is written in EFI mode and read back', async (device, persistent, [first, second]) => {
    const { bmc, bootDevice } = bench();
    await bootDevice.set(device, { persistent });
    expect(bmc.bootFlags).toEqual([first, second, 0, 0, 0]);
    expect(await bootDevice.read()).toEqual({ device, persistent });
  });

  test('what the protocol has no word for is refused before anything is sent', async () => {
    const { bmc, bootDevice } = bench();
    for (const device of ['wanboot', 'iscsiboot', 'uefihttp'] as const) {
      await expect(bootDevice.set(device, { persistent: false })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
      expect(bootDevice.supported.has(device)).toBe(false);
    }
    expect(bmc.requests).toEqual([]);
  });

  test('outlives 60 seconds, unless that is not wanted', async () => {
    const usual = bench();
    await usual.bootDevice.set('pxe', { persistent: false });
    expect(usual.bmc.changes).toContain('00/08 03 08');
    const plain = bench({ disableTimeout: false });
    await plain.bootDevice.set('pxe', { persistent: false });
    expect(plain.bmc.changes.filter((request) => request.startsWith('00/08 03'))).toEqual([]);
    expect(plain.bmc.bootFlags).toEqual([0xa0, 0x04, 0, 0, 0]);
  });

  test('that the controller keeps only in part is logged', async () => {
    const { bmc, bootDevice, logger } = bench();
    bmc.answers.set('00/09', () => [0, 0x01, 0x05, 0xa0, 0x04, 0, 0, 0]);
    await bootDevice.set('pxe', { persistent: true });
    expect(logger.lines.map(({ fields }) => fields)).toContainEqual(expect.objectContaining({ differences: ['persistent'] }));
  });

  test('that the controller does not keep at all fails', async () => {
    const { bmc, bootDevice } = bench();
    bmc.answers.set('00/09', () => [0, 0x01, 0x05, 0xa0, 0x08, 0, 0, 0]);
    await expect(bootDevice.set('pxe', { persistent: false })).rejects.toMatchObject({ code: 'REFUSED' });
  });
});

describe('reading', () => {
  test.each([
    [[0x00, 0x00], { device: null, persistent: null, detail: expect.stringContaining('none') }],
    [[0x00, 0x04], { device: null, persistent: null, detail: expect.stringContaining('pxe, which does not count any more') }],
    [[0x80, 0x00], { device: null, persistent: false, detail: expect.stringContaining('no device is chosen') }],
    [[0xc0, 0x08], { device: 'disk', persistent: true }],
    [[0x80, 0x20], { device: 'cdrom', persistent: false, detail: 'The controller names remote-cdrom' }],
    [[0x80, 0x10], { device: null, persistent: false, detail: 'The controller names diag' }],
  ] as const)('flags %j', async ([first, second], setting) => {
    const { bmc, bootDevice } = bench();
    bmc.bootFlags = [first, second, 0, 0, 0];
    expect(await bootDevice.read()).toEqual(setting);
  });

  test('a controller that does not tell', async () => {
    const { bmc, bootDevice } = bench();
    bmc.answers.set('00/09', () => [0x80]);
    expect(await bootDevice.read()).toEqual({ device: null, persistent: null, detail: 'The controller does not tell' });
    await bootDevice.set('pxe', { persistent: false });
    expect(flagsWritten(bmc)).toEqual(['00/08 05 a0 04 00 00 00']);
  });
});

describe('the firmware mode', () => {
  test('that was chosen goes with each boot device, also after a restart of the conductor', async () => {
    const { bootMode, memory } = bench();
    await bootMode.set('bios');
    expect(await bootMode.read()).toBe('bios');
    const later = bench({ memory });
    await later.bootDevice.set('disk', { persistent: true });
    expect(later.bmc.bootFlags).toEqual([0xc0, 0x08, 0, 0, 0]);
    expect(await later.bootMode.read()).toBe('bios');
  });

  test('that the flags tell is kept when nobody chose one', async () => {
    const { bmc, bootDevice, bootMode } = bench();
    bmc.bootFlags = [0x80, 0x04, 0, 0, 0];
    expect(await bootMode.read()).toBe('bios');
    await bootDevice.set('disk', { persistent: false });
    expect(bmc.bootFlags).toEqual([0x80, 0x08, 0, 0, 0]);
  });

  test('is unknown when nobody chose one and no flags count', async () => {
    const { bmc, bootMode } = bench();
    bmc.bootFlags = [0x20, 0x04, 0, 0, 0];
    await expect(bootMode.read()).rejects.toMatchObject({ code: 'CONFLICT', details: { address: '192.0.2.10:623' } });
  });

  test('changes a boot device that is chosen already, and nothing where none is', async () => {
    const { bmc, bootMode } = bench();
    await bootMode.set('bios');
    expect(flagsWritten(bmc)).toEqual([]);
    bmc.bootFlags = [0xc0, 0x14, 0, 0, 0];
    await bootMode.set('uefi');
    expect(bmc.bootFlags).toEqual([0xe0, 0x14, 0, 0, 0]);
    await bootMode.set('uefi');
    expect(flagsWritten(bmc)).toHaveLength(1);
  });

  test('is not remembered when the controller refuses it', async () => {
    const { bmc, bootMode, memory } = bench();
    bmc.bootFlags = [0xc0, 0x14, 0, 0, 0];
    bmc.answers.set('00/08', () => [0xd4]);
    await expect(bootMode.set('uefi')).rejects.toMatchObject({ code: 'REFUSED' });
    expect(memory.get('boot_mode')).toBeUndefined();
  });

  test('other words are refused', async () => {
    await expect(bench().bootMode.set('efi' as 'uefi')).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('ipmi_force_boot_device, for a controller that forgets', () => {
  const ONCE = '00/08 05 a0 08 00 00 00';

  test('a device for all boots is chosen for one boot before each start', async () => {
    const { bmc, bootDevice, start } = bench({ forced: true });
    await bootDevice.set('disk', { persistent: true });
    for (const written of [2, 3]) {
      bmc.bootFlags = [0, 0, 0, 0, 0];
      expect(await bootDevice.read()).toMatchObject({ device: 'disk', persistent: true });
      await start();
      expect(flagsWritten(bmc)).toEqual(Array.from({ length: written }, () => ONCE));
    }
  });

  test('a device for the next boot only is left alone at that boot, and gives way after it', async () => {
    const { bmc, bootDevice, start } = bench({ forced: true });
    await bootDevice.set('disk', { persistent: true });
    await bootDevice.set('pxe', { persistent: false });
    expect(await bootDevice.read()).toEqual({ device: 'pxe', persistent: false });
    await start();
    expect(bmc.bootFlags).toEqual([0xa0, 0x04, 0, 0, 0]);
    await start();
    expect(bmc.bootFlags).toEqual([0xa0, 0x08, 0, 0, 0]);
  });

  test('is known after a restart of the conductor', async () => {
    const memory = createDeviceMemory();
    await bench({ forced: true, memory }).bootDevice.set('disk', { persistent: true });
    const later = bench({ forced: true, memory });
    await later.start();
    expect(flagsWritten(later.bmc)).toEqual([ONCE]);
  });

  test.each([
    ['without it, nothing happens before a start', false, 'disk', true],
    ['without a choice, nothing happens before a start', true, null, true],
    ['with a choice for one boot alone, nothing happens before a start', true, 'pxe', false],
  ] as const)('%s', async (_, forced, device: BootDeviceName | null, persistent) => {
    const { bmc, bootDevice, start } = bench({ forced });
    if (device !== null) await bootDevice.set(device, { persistent });
    const before = bmc.requests.length;
    await start();
    await start();
    expect(bmc.requests.length).toBe(before);
  });

  test('a choice that failed is not remembered', async () => {
    const { bmc, bootDevice, memory } = bench({ forced: true });
    bmc.answers.set('00/08', () => [0xd4]);
    await expect(bootDevice.set('disk', { persistent: true })).rejects.toMatchObject({ code: 'REFUSED' });
    expect([memory.get('persistent_boot_device'), memory.get('boots_once')]).toEqual([undefined, undefined]);
  });
});
