import { FerricError } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { commandLineOf, createBench, fromMemory, prepare } from '../test/bench.js';
import { readMediaRecord } from './media-record.js';

describe('an instance', () => {
  test('on its disk: the drives are empty before it starts', async () => {
    const bench = createBench({ instanceInfo: { image_source: 'http://h/image' } });
    await prepare(bench);
    bench.done.length = 0;
    await bench.run((boot, task) => boot.prepareInstance(task));
    expect(bench.done).toEqual(['withdraw', 'eject cdrom', 'boot device disk for good']);
    expect(readMediaRecord(bench.task.node)).toBeUndefined();
    await bench.run((boot, task) => boot.prepareInstance(task));
    expect(bench.done.slice(3)).toEqual(['boot device disk for good']);
  });

  test('on its disk: fails when the drives cannot be emptied, for it would boot the ramdisk again', async () => {
    const bench = createBench({ instanceInfo: { image_source: 'http://h/image' } });
    await prepare(bench);
    bench.fail('eject', new FerricError('UNREACHABLE', 'away'));
    await expect(bench.boot.prepareInstance(bench.task)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  test('from an ISO image boots it from now on, until it is given back', async () => {
    const bench = createBench({ instanceInfo: { boot_iso: 'http://h/live.iso' }, node: fromMemory() });
    await bench.run((boot, task) => boot.prepareInstance(task));
    expect(bench.done).toEqual(['insert cdrom http://h/live.iso', 'boot device cdrom for good']);
    await bench.run((boot, task) => boot.cleanUpInstance(task));
    expect(bench.drives.size).toBe(0);
    expect(bench.done.slice(2)).toEqual(['withdraw', 'eject cdrom', 'boot device disk for good']);
  });

  test('from kernel and ramdisk gets a medium of its own, which does not call the conductor', async () => {
    const bench = createBench({ instanceInfo: { kernel: 'http://h/k', ramdisk: 'http://h/r' }, node: fromMemory() });
    await bench.run((boot, task) => boot.prepareInstance(task));
    expect(commandLineOf([...bench.served.values()][0])).toBe('root=/dev/ram0 text nofb vga=normal');
  });

  test('of a partition image finds its root', async () => {
    const bench = createBench({
      instanceInfo: { image_source: 'http://h/i', kernel: 'http://h/k', ramdisk: 'http://h/r', capabilities: { boot_option: 'netboot' } },
      node: { driverInternalInfo: { root_uuid_or_disk_id: '0c2e4e9d-root' } },
    });
    await bench.run((boot, task) => boot.prepareInstance(task));
    expect(commandLineOf([...bench.served.values()][0])).toContain('root=UUID=0c2e4e9d-root');
  });

  test.each(['active', 'adopting'] as const)('that is %s keeps its boot device and its firmware', async (provisionState) => {
    const bench = createBench({
      modes: ['bios', 'uefi'], instanceInfo: { boot_iso: 'http://h/live.iso', capabilities: { boot_mode: 'uefi' } }, node: fromMemory({ provisionState }),
    });
    await bench.run((boot, task) => boot.prepareInstance(task));
    expect(bench.done).toEqual(['insert cdrom http://h/live.iso']);
  });
});
