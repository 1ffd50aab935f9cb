import { FerricError } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createBench, prepare, type BenchOptions } from '../test/bench.js';

describe('the firmware', () => {
  const modes = ['bios', 'uefi'] as const;
  const asked = (capabilities: string) => ({ node: { properties: { capabilities } } });

  test.each<[string, BenchOptions, readonly string[]]>([
    ['stays as it is when nobody asks', { modes }, []],
    ['is set to what the node asks for', { modes, ...asked('boot_mode:uefi') }, ['boot mode uefi']],
    ['is not set when it is so already', { modes, ...asked('boot_mode:bios') }, []],
    ["is set to the instance's wish before the node's", { modes, ...asked('boot_mode:uefi'), instanceInfo: { capabilities: { boot_mode: 'bios' } } }, []],
    ['is set to the default of the conductor', { modes, settings: { defaultBootMode: 'uefi' } }, ['boot mode uefi']],
    ['goes to UEFI for secure boot, which is off for the ramdisk', { modes, secureBoot: false, ...asked('secure_boot:true') }, ['boot mode uefi']],
    ['with secure boot: that goes off, and the mode is not touched in the same round', { modes, secureBoot: true, ...asked('boot_mode:bios') }, ['secure boot off']],
    ['that nobody can set is left alone', { ...asked('boot_mode:uefi') }, []],
  ])('%s', async (_case, options, done) => {
    const bench = createBench(options);
    await prepare(bench);
    expect(bench.done.filter((each) => /^(boot mode|secure)/.test(each))).toEqual(done);
    const [, first] = bench.done;
    if (done.length > 0) expect(first).toBe('publish boot');
  });

  test('mode is remembered for the image of a deployment, and for nothing else', async () => {
    const bench = createBench({ modes, settings: { defaultBootMode: 'uefi' } });
    await prepare(bench, 'clean');
    expect(bench.task.node.driverInternalInfo['deploy_boot_mode']).toBeUndefined();
    await prepare(bench, 'deploy');
    expect(bench.task.node.driverInternalInfo['deploy_boot_mode']).toBe('uefi');
  });

  test('gets secure boot for the instance, and loses it afterwards', async () => {
    const bench = createBench({ modes, secureBoot: false, ...asked('secure_boot:true'), instanceInfo: { image_source: 'http://h/i' } });
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
