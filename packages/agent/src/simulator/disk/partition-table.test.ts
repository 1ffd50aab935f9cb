import { describe, expect, test } from 'vitest';
import { diskFixture } from '../../../test/simulator/raw-image.js';
import type { Disk } from './disk.js';
import { readGpt } from './gpt.js';
import { addLastPartition, diskIdentifier, moveBackupTable } from './partition-table.js';
import { createVirtualDisk } from './virtual-disk.js';

const MEBIBYTE = 1024 * 1024;

async function diskWith(fixture: string, sizeBytes: number = 200 * MEBIBYTE): Promise<Disk> {
  const disk = createVirtualDisk({ sizeBytes });
  await disk.write(0, diskFixture(fixture));
  return disk;
}

test.each([['gpt.img.gz', '0c2f5a3e-1b7d-4d2a-9c11-2233445566aa'], ['mbr.img.gz', '0x1234abcd']])('%s is told by its number', async (fixture, identifier) => {
  expect(await diskIdentifier(await diskWith(fixture))).toBe(identifier);
});

test('an empty disk has the number 0', async () => {
  expect(await diskIdentifier(createVirtualDisk())).toBe('0x00000000');
});

describe('a GPT', () => {
  test('gets its second table to the end of the disk', async () => {
    const disk = await diskWith('gpt.img.gz');
    await moveBackupTable(disk);
    const gpt = await readGpt(disk);
    const last = disk.sizeBytes / 512 - 1;
    expect(gpt).toMatchObject({ lastUsable: last - 33, partitions: [{ index: 0, firstSector: 2048, lastSector: 4095 }] });
    const backup = await disk.read(last * 512, 512);
    expect([backup.toString('latin1', 0, 8), Number(backup.readBigUInt64LE(24)), Number(backup.readBigUInt64LE(32))]).toEqual(['EFI PART', last, 1]);
    expect((await disk.read(0, 512)).readUInt32LE(446 + 12)).toBe(last);
  });

  test('that is damaged is left alone, and takes no partition', async () => {
    const disk = await diskWith('gpt.img.gz');
    await disk.write(512 + 60, Buffer.from([0xff]));
    const before = await disk.read(0, 64 * 512);
    await moveBackupTable(disk);
    expect((await disk.read(0, 64 * 512)).equals(before)).toBe(true);
    await expect(addLastPartition(disk, { name: 'x', sizeBytes: MEBIBYTE })).rejects.toThrow('header of the GUID partition table is damaged');
  });

  test('takes a partition at its end', async () => {
    const disk = await diskWith('gpt.img.gz');
    const place = await addLastPartition(disk, { name: 'config-2', sizeBytes: 64 * MEBIBYTE });
    // The last MiB holds the second table.
    expect(place).toEqual({ position: 135 * MEBIBYTE, length: 64 * MEBIBYTE });
    expect((await readGpt(disk))?.partitions).toEqual([
      { index: 0, firstSector: 2048, lastSector: 4095 }, { index: 1, firstSector: 135 * 2048, lastSector: 199 * 2048 - 1 },
    ]);
  });
});

test.each(['gpt.img.gz', 'mbr.img.gz'])('%s has no room where a partition is', async (fixture) => {
  const disk = await diskWith(fixture, 40 * MEBIBYTE);
  await expect(addLastPartition(disk, { name: 'config-2', sizeBytes: 64 * MEBIBYTE })).rejects.toThrow('its last 64 MiB are not free');
});
