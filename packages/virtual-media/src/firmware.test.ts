import { FerricError, type NodeView, type RamdiskPurpose } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createBench, fromMemory, prepare, type BenchOptions } from '../test/bench.js';

describe('the firmware', () => {
  const modes = ['bios', 'uefi'] as const;
  const SECURE = { capabilities: { secure_boot: 'true' } };
  const asked = (capabilities: string) => ({ node: { properties: { capabilities } } });

  test.each<[string, BenchOptions, readonly string[]]>([
    ['stays as it is when nobody asks', { modes }, []],
    ['is set to what the node asks for', { modes, ...asked('boot_mode:uefi') }, ['boot mode uefi']],
    ['is not set when it is so already', { modes, ...asked('boot_mode:bios') }, []],
    ["is set to the instance's wish before the node's", { modes, ...asked('boot_mode:uefi'), instanceInfo: { capabilities: { boot_mode: 'bios' } } }, []],
    ['is set to the default of the conductor', { modes, settings: { defaultBootMode: 'uefi' } }, ['boot mode uefi']],
    ['goes to UEFI for secure boot, which is off for the ramdisk', { modes, secureBoot: false, instanceInfo: SECURE }, ['boot mode uefi']],
    ['with secure boot: that goes off, and the mode is not touched in the same round', { modes, secureBoot: true, ...asked('boot_mode:bios') }, ['secure boot off']],
    ['that nobody can set is left alone', { ...asked('boot_mode:uefi') }, []],
  ])('%s', async (_case, options, done) => {
    const bench = createBench(options);
    await prepare(bench);
    expect(bench.done.filter((each) => /^(boot mode|secure)/.test(each))).toEqual(done);
    // Made before anything is changed: a failure then costs nothing.
    expect(bench.done[0]).toBe('publish boot');
  });

  test.each<[RamdiskPurpose, Partial<NodeView>, readonly string[]]>([
    ['deploy', {}, ['boot mode uefi']],
    ['clean', {}, ['boot mode uefi']],
    ['rescue', {}, []],
    ['service', {}, []],
    ['inspect', {}, []],
    ['rescue', asked('boot_mode:uefi').node, ['boot mode uefi']],
    ['rescue', { driverInternalInfo: { deploy_boot_mode: 'bios' } }, []],
    ['deploy', { driverInternalInfo: { deploy_boot_mode: 'bios' } }, []],
    ['service', { driverInternalInfo: { deploy_boot_mode: 'uefi' } }, ['boot mode uefi']],
    ['service', { driverInternalInfo: { deploy_boot_mode: 'coreboot' } }, []],
  ])('for %s of a node with %j, where the conductor has a default of its own', async (purpose, node, done) => {
    const bench = createBench({ modes, settings: { defaultBootMode: 'uefi', rescueIso: 'http://h/rescue.iso' }, node });
    await prepare(bench, purpose);
    expect(bench.done.filter((each) => each.startsWith('boot mode'))).toEqual(done);
  });

  test('is left alone for a mode of a deployment that the controller does not know', async () => {
    const bench = createBench({ modes: ['bios'], node: { driverInternalInfo: { deploy_boot_mode: 'uefi' } } });
    await prepare(bench, 'clean');
    expect(bench.firmware.mode).toBe('bios');
  });

  test('keeps the mode of an instance in memory over a rescue', async () => {
    const instance = { boot_iso: 'http://h/live.iso' };
    const bench = createBench({ modes, settings: { defaultBootMode: 'uefi' }, instanceInfo: instance, node: fromMemory({ provisionState: 'deploying' }) });
    await bench.run((boot, task) => boot.prepareInstance(task));
    expect([bench.firmware.mode, bench.task.node.driverInternalInfo['deploy_boot_mode']]).toEqual(['uefi', 'uefi']);
    const older = createBench({ modes, settings: { defaultBootMode: 'uefi' }, instanceInfo: instance, node: fromMemory({ provisionState: 'unrescuing' }) });
    await older.run((boot, task) => boot.prepareInstance(task));
    expect(older.firmware.mode).toBe('bios');
  });

  test.each(['clean', 'rescue', 'inspect', 'service'] as const)('with secure boot that nobody asked for has it again after %s', async (purpose) => {
    const bench = createBench({ modes, secureBoot: true, settings: { rescueIso: 'http://h/rescue.iso' } });
    await prepare(bench, purpose);
    expect(bench.firmware.secureBoot).toBe(false);
    // Done again after a crash, it must not take the state of now for the one before.
    await prepare(bench, purpose);
    bench.fail('eject', new FerricError('UNREACHABLE', 'away'));
    await bench.run((boot, task) => boot.cleanUpRamdisk(task));
    bench.heal();
    await bench.run((boot, task) => boot.cleanUpRamdisk(task));
    expect(bench.firmware).toEqual({ mode: 'uefi', secureBoot: true });
    expect(bench.task.node.driverInternalInfo).toEqual({});
  });

  test('with secure boot that nobody asked for has it again before the system on the disk starts', async () => {
    const bench = createBench({ modes, secureBoot: true, settings: { rescueIso: 'http://h/rescue.iso' } });
    await prepare(bench, 'rescue');
    await bench.run((boot, task) => boot.prepareInstance(task));
    expect(bench.firmware.secureBoot).toBe(true);
  });

  test('loses secure boot for a deployment that does not ask for it, and says so', async () => {
    const bench = createBench({ modes, secureBoot: true, settings: { rescueIso: 'http://h/rescue.iso' } });
    await prepare(bench, 'rescue');
    await prepare(bench, 'deploy');
    await bench.run((boot, task) => boot.prepareInstance(task));
    expect(bench.firmware.secureBoot).toBe(false);
    const plain = createBench({ modes, secureBoot: true });
    await prepare(plain, 'deploy');
    expect(plain.task.told.join()).toContain('It stays off, for the instance does not ask for it (capability secure_boot:true)');
  });

  test('with secure boot comes into the BIOS mode that was asked for before the instance starts', async () => {
    const bench = createBench({ modes, secureBoot: true, ...asked('boot_mode:bios'), instanceInfo: { image_source: 'http://h/i' } });
    await prepare(bench);
    expect([bench.firmware.mode, bench.task.node.driverInternalInfo['deploy_boot_mode']]).toEqual(['uefi', 'bios']);
    await bench.run((boot, task) => boot.prepareInstance(task));
    expect(bench.firmware).toEqual({ mode: 'bios', secureBoot: false });
  });

  test('mode is remembered for the image of a deployment, and for nothing else', async () => {
    const bench = createBench({ modes, settings: { defaultBootMode: 'uefi' } });
    await prepare(bench, 'clean');
    expect(bench.task.node.driverInternalInfo['deploy_boot_mode']).toBeUndefined();
    await prepare(bench, 'deploy');
    expect(bench.task.node.driverInternalInfo['deploy_boot_mode']).toBe('uefi');
  });

  test('gets secure boot for the instance, and loses it afterwards', async () => {
    const bench = createBench({ modes, secureBoot: false, instanceInfo: { image_source: 'http://h/i', ...SECURE } });
    await prepare(bench);
    expect(bench.firmware).toEqual({ mode: 'uefi', secureBoot: false });
    await bench.run((boot, task) => boot.prepareInstance(task));
    expect(bench.firmware.secureBoot).toBe(true);
    await bench.run((boot, task) => boot.cleanUpInstance(task));
    expect(bench.firmware.secureBoot).toBe(false);
  });

  test('that cannot be asked in its present mode counts as BIOS without secure boot', async () => {
    const bench = createBench({ modes, secureBoot: true, ...asked('boot_mode:bios') });
    const { device } = bench.task;
    const unknown = async (): Promise<never> => {
      throw new FerricError('UNSUPPORTED', 'not in this mode');
    };
    Object.assign(device.bootMode ?? {}, { read: unknown });
    Object.assign(device.secureBoot ?? {}, { read: unknown });
    await prepare(bench);
    expect(bench.done[0]).toBe('publish boot');
  });
});
