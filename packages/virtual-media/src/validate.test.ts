import { describe, expect, test } from 'vitest';
import { createBench, fieldsOf, ISO, NO_KERNEL, prepare, type BenchOptions } from '../test/bench.js';

const CDROM = ['pxe', 'disk', 'cdrom'] as const;

describe('validate', () => {
  const validate = (options: BenchOptions): Promise<readonly string[]> => {
    const { boot, task } = createBench(options);
    return fieldsOf(boot.validate(task));
  };

  test.each<[string, BenchOptions, readonly string[]]>([
    ['kernel and ramdisk', {}, []],
    ['an ISO image', { driverInfo: { ...NO_KERNEL, ...ISO } }, []],
    ['files of the settings', { driverInfo: NO_KERNEL, settings: { deployIso: 'file:///srv/agent.iso' } }, []],
    ['nothing', { driverInfo: NO_KERNEL }, ['driver_info.deploy_iso']],
    ['half of it', { driverInfo: { deploy_ramdisk: null } }, ['driver_info.deploy_ramdisk']],
    ['no drive', { drives: [] }, ['boot_interface']],
    ['a floppy only', { drives: ['floppy'] }, ['boot_interface']],
    ['a machine that cannot boot from CD', { bootDevices: ['pxe', 'disk'] }, ['boot_interface']],
    ['a machine without boot device', { bootDevices: [] }, ['boot_interface']],
    ['an image by its id', { driverInfo: { deploy_iso: 'c0ffee' } }, ['driver_info.deploy_iso']],
    ['several at once', { driverInfo: { deploy_iso: 'x', bootloader: 'y', kernel_append_params: 'a ; b', force_persistent_boot_device: 'sometimes', external_http_url: 'ftp://h' } },
      ['driver_info.deploy_iso', 'driver_info.bootloader', 'driver_info.kernel_append_params', 'driver_info.force_persistent_boot_device', 'external_http_url']],
    ['what a boot loader would change', { driverInfo: { kernel_append_params: "a='b'" } }, ['kernel_append_params']],
    ['more than the kernel reads', { driverInfo: { kernel_append_params: 'x'.repeat(1850) } }, ['driver_info.kernel_append_params']],
    ['what is only in the way of a rescue', { driverInfo: { ...NO_KERNEL, ...ISO, rescue_kernel: 'http://h/k', rescue_ramdisk: 'http://h/r', kernel_append_params: "a='b'" } }, ['kernel_append_params']],
    ['nothing to rescue with', { driverInfo: { rescue_kernel: 'http://h/k' } }, []],
    ['anaconda', { instanceInfo: { image_source: 'http://h/i', capabilities: { boot_option: 'kickstart' } } }, ['boot_interface']],
    ['a partition image that is not written yet', { instanceInfo: { image_source: 'http://h/i', kernel: 'http://h/k', ramdisk: 'http://h/r', capabilities: { boot_option: 'netboot' } } }, []],
    ['secure boot that nobody can switch', { instanceInfo: { capabilities: { secure_boot: 'true' } } }, ['capabilities.secure_boot']],
    ['a firmware mode that the machine lacks', { modes: ['bios'], node: { properties: { capabilities: 'boot_mode:uefi' } } }, ['capabilities.boot_mode']],
  ])('%s', async (_case, options, fields) => {
    expect(await validate(options)).toEqual(fields);
  });

  test('the same is refused before anything is touched', async () => {
    for (const options of [{ drives: [] }, { bootDevices: CDROM.slice(0, 2) }, { ports: [] }, { modes: ['bios'], node: { properties: { capabilities: 'boot_mode:uefi' } } }] as const) {
      const bench = createBench(options);
      await expect(prepare(bench)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
      expect(bench.done).toEqual([]);
    }
  });

  test('an inspection needs no ports', async () => {
    const bench = createBench({ ports: [] });
    await prepare(bench, 'inspect');
    expect(bench.drives.size).toBe(1);
  });
});
