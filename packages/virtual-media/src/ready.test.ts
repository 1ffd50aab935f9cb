import { FerricError, type RamdiskPurpose } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createBench, doneBy, fromMemory, type Bench } from '../test/bench.js';
import { readMediaRecord } from './media-record.js';

describe('a ramdisk that is made ready', () => {
  const ready = async (bench: Bench, purpose: RamdiskPurpose = 'deploy') => bench.boot.readyRamdisk?.(bench.task, purpose, {});

  test('is checked, made and served while the machine is left alone; the rest puts it in', async () => {
    const bench = createBench({ modes: ['bios', 'uefi'], settings: { defaultBootMode: 'uefi' } });
    const rest = await ready(bench);
    expect(bench.done).toEqual(['publish boot']);
    expect([...bench.served.values()][0]).toMatchObject({ bootMode: 'uefi' });
    await bench.run(async () => rest?.());
    expect(doneBy(bench)).toEqual(['publish boot', 'boot mode uefi', 'insert cdrom http://10.0.0.1:6385/ferric/v1/media/boot.iso', 'boot device cdrom once']);
  });

  test('fails before anything is changed', async () => {
    const bench = createBench({ modes: ['bios', 'uefi'], settings: { defaultBootMode: 'uefi' } });
    bench.fail('publish', new FerricError('UNREACHABLE', 'the server of the kernel is away'));
    await expect(ready(bench)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(bench.done).toEqual([]);
  });

  test('leaves the medium of an instance that still runs, until it is off', async () => {
    const bench = createBench({ instanceInfo: { kernel: 'http://h/k', ramdisk: 'http://h/r' }, node: fromMemory(), settings: { rescueIso: 'http://h/rescue.iso' } });
    await bench.run((boot, task) => boot.prepareInstance(task));
    const rest = await ready(bench, 'rescue');
    expect([bench.served.size, readMediaRecord(bench.task.node)?.purpose]).toEqual([1, 'instance']);
    await bench.run(async () => rest?.());
    expect([bench.served.size, readMediaRecord(bench.task.node)?.purpose]).toEqual([0, 'rescue']);
  });

  test('is made again when the firmware turns out to be in another mode', async () => {
    const bench = createBench({ modes: ['bios', 'uefi'] });
    const rest = await ready(bench);
    bench.firmware.mode = 'uefi';
    await bench.run(async () => rest?.());
    expect([...bench.served.values()][0]).toMatchObject({ bootMode: 'uefi' });
  });

  test('of a controller that tells its firmware only of a machine that is off is made for it then', async () => {
    const bench = createBench({ modes: ['bios', 'uefi'] });
    const { bootMode } = bench.task.device;
    const read = bootMode?.read;
    Object.assign(bootMode ?? {}, { read: async () => { throw new FerricError('BUSY', 'the machine starts'); } });
    const rest = await ready(bench);
    expect(bench.done).toEqual(['publish boot']);
    Object.assign(bootMode ?? {}, { read });
    await bench.run(async () => rest?.());
    expect([...bench.served.values()][0]).toMatchObject({ bootMode: 'bios' });
  });

  test('is refused before anything is made for a mode that the machine cannot have', async () => {
    const bench = createBench({ modes: ['bios'], settings: { defaultBootMode: 'uefi' } });
    await expect(ready(bench)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(bench.done).toEqual([]);
  });
});
