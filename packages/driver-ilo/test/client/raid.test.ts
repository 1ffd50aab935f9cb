import { describe, expect, test } from 'vitest';
import type { JsonObject } from '@ferric/core';
import { failure, startBench } from './bench.js';

const SIX_DISKS = [...Array.from({ length: 4 }, () => ({ capacityGib: 300 })), { capacityGib: 400, mediaType: 'SSD' as const }, { capacityGib: 400, mediaType: 'SSD' as const }];

test('arrays are made beside those that are there, once', async () => {
  const { ilo, client } = await startBench({ generation: 'gen10', drives: SIX_DISKS });
  const target = { logical_disks: [{ size_gb: 100, raid_level: '1', disk_type: 'ssd', volume_name: 'data' }] };
  expect(await client.raid.create(target)).toBe('wait');
  ilo.machine.power.put(true);
  expect(await client.raid.result()).toMatchObject({ outcome: 'success' });
  expect(ilo.machine.storage.logicalDrives).toHaveLength(2);
  expect(await client.raid.read()).toEqual({
    logical_disks: [
      expect.objectContaining({ size_gb: 300, raid_level: '1', controller: 'Slot 0' }) as JsonObject,
      expect.objectContaining({ size_gb: 100, raid_level: '1', volume_name: 'data', physical_disks: ['1I:1:5', '1I:1:6'] }) as JsonObject,
    ],
  });
  const [, made] = ilo.machine.storage.logicalDrives;
  expect(JSON.stringify(await client.raid.read())).toContain(`0x${made?.uniqueIdentifier}`);
  expect(await client.raid.create(target)).toBe('done');
  expect(ilo.activity.operations['configure raid']).toBe(1);
});

test('a controller may be named by its location or by its model', async () => {
  const { ilo, client } = await startBench({ generation: 'gen10', drives: SIX_DISKS });
  const target = (controller: string): JsonObject => ({ logical_disks: [{ size_gb: 100, raid_level: '1', disk_type: 'ssd', volume_name: 'data', controller }] });
  const error = await failure(client.raid.create(target('Smart Array P999')));
  expect(error).toMatchObject({ code: 'NOT_FOUND', details: { received: 'Smart Array P999', controllers: ['Slot 0'] } });
  expect(await client.raid.create(target(ilo.machine.identity.facts.controllerModel))).toBe('wait');
  ilo.machine.power.put(true);
  expect(await client.raid.create(target('Slot 0'))).toBe('done');
});

test('all arrays are deleted', async () => {
  const { ilo, client } = await startBench({ generation: 'gen10' });
  expect(await client.raid.delete()).toBe('wait');
  ilo.machine.power.put(true);
  expect(ilo.machine.storage.logicalDrives).toEqual([]);
  expect(await client.raid.read()).toEqual({ logical_disks: [] });
  expect(await client.raid.delete()).toBe('done');
});

test('what could not be made is told', async () => {
  const { ilo, client } = await startBench({ generation: 'gen10' });
  expect(await client.raid.create({ logical_disks: [{ size_gb: 'MAX', raid_level: '5', physical_disks: ['1I:1:1', '1I:1:2', '1I:1:3'] }] })).toBe('wait');
  ilo.machine.power.put(true);
  const result = await client.raid.result();
  expect(result.outcome).toBe('failure');
  expect(result.messages.join()).toContain('DriveInUse');
});

test('disks that belong to no array are erased', async () => {
  const { ilo, client } = await startBench({ generation: 'gen10', eraseMs: 50 });
  expect(await client.raid.erase('hdd', 'overwrite')).toBe('done');
  expect(await client.raid.erase('ssd', 'block')).toBe('wait');
  expect((await client.raid.eraseStatus('ssd')).state).toBe('idle');
  ilo.machine.power.put(true);
  await expect.poll(async () => (await client.raid.eraseStatus('ssd')).state).toBe('done');
  expect(ilo.machine.storage.drives.map(({ erase }) => erase)).toEqual(['None', 'None', 'EraseCompleted']);
  expect((await failure(client.raid.erase('ssd', 'overwrite'))).code).toBe('INVALID_OPTIONS');
});

describe('a configuration that cannot be is refused before anything is sent', () => {
  const rows: readonly (readonly [string, JsonObject, string])[] = [
    ['no list', {}, 'logical_disks'],
    ['an empty list', { logical_disks: [] }, 'logical_disks'],
    ['no object', { logical_disks: [3] }, 'logical_disks.0'],
    ['an unknown level', { logical_disks: [{ size_gb: 1, raid_level: '7' }] }, 'logical_disks.0.raid_level'],
    ['no size', { logical_disks: [{ raid_level: '1' }] }, 'logical_disks.0.size_gb'],
    ['too few disks', { logical_disks: [{ size_gb: 1, raid_level: '5', physical_disks: ['1I:1:1'] }] }, 'logical_disks.0.physical_disks'],
    ['too small a number of disks', { logical_disks: [{ size_gb: 1, raid_level: '1+0', number_of_physical_disks: 2 }] }, 'logical_disks.0.number_of_physical_disks'],
    ['an unknown kind of disk', { logical_disks: [{ size_gb: 1, raid_level: '1', disk_type: 'tape' }] }, 'logical_disks.0.disk_type'],
    ['an unknown field', { logical_disks: [{ size_gb: 1, raid_level: '1', colour: 'red' }] }, 'logical_disks.0.colour'],
    ['shared disks', { logical_disks: [{ size_gb: 1, raid_level: '1', share_physical_disks: true }] }, 'logical_disks.0.share_physical_disks'],
  ];

  test.each(rows)('%s', async (_name, configuration, field) => {
    const { ilo, client } = await startBench({ generation: 'gen10' });
    const error = await failure(client.raid.create(configuration));
    expect(error.code).toBe('INVALID_OPTIONS');
    expect(error.message).toContain(field);
    expect(ilo.activity.requests).toBe(0);
  });

  test('a controller that is not there', async () => {
    const { ilo, client } = await startBench({ generation: 'gen10' });
    const error = await failure(client.raid.create({ logical_disks: [{ size_gb: 1, raid_level: '0', controller: 'Slot 9' }] }));
    expect(error).toMatchObject({ code: 'NOT_FOUND', hint: 'It has Slot 0.' });
    expect(ilo.activity.changeCommands).toBe(0);
  });
});
