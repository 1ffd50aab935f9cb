import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Disk, looksWritten } from './disk.js';
import { openFileDisk } from './file-disk.js';
import { createVirtualDisk } from './virtual-disk.js';

const SIZE = 10 * 1024 * 1024 + 300;
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferric-disk-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function fileDisk(): Promise<Disk> {
  const path = join(folder, 'disk');
  await writeFile(path, '');
  await truncate(path, SIZE);
  return openFileDisk(path, { name: '/dev/vda' });
}

describe.each([
  ['in memory', async (): Promise<Disk> => createVirtualDisk({ name: '/dev/vda', sizeBytes: SIZE })],
  ['in a file', fileDisk],
])('a disk %s', (_where, make) => {
  test('gives back what was written, across its blocks, and zeros elsewhere', async () => {
    await using disk = await make();
    expect([disk.name, disk.sizeBytes, disk.sectorBytes, await looksWritten(disk)]).toEqual(['/dev/vda', SIZE, 512, false]);
    const bytes = Buffer.alloc(200_000, 'abc');
    await disk.write(65_000, bytes);
    await disk.sync();
    expect((await disk.read(65_000, bytes.length)).equals(bytes)).toBe(true);
    expect(await disk.read(64_999, 2)).toEqual(Buffer.from('\0a'));
    expect(await looksWritten(disk)).toBe(true);
  });

  test('erases exactly what it is told to', async () => {
    await using disk = await make();
    await disk.write(0, Buffer.alloc(300_000, 1));
    await disk.write(SIZE - 1, Buffer.from([1]));
    await disk.erase(65_000, 140_000);
    const content = await disk.read(0, 300_000);
    expect([content.indexOf(0), content.indexOf(1, 65_000), (await disk.read(SIZE - 1, 1))[0]]).toEqual([65_000, 205_000, 1]);
    await disk.erase(0, SIZE);
    expect([await looksWritten(disk), (await disk.read(SIZE - 1, 1))[0]]).toEqual([false, 0]);
  });

  test('ends where it ends', async () => {
    await using disk = await make();
    await expect(disk.write(SIZE - 1, Buffer.alloc(2))).rejects.toThrow(RangeError);
    await expect(disk.read(-1, 1)).rejects.toThrow(RangeError);
    await expect(disk.erase(SIZE, 1)).rejects.toThrow(RangeError);
  });
});

test('a virtual disk takes no more memory than it may', async () => {
  const disk = createVirtualDisk({ limitBytes: 128 * 1024 });
  await disk.write(0, Buffer.alloc(1024 * 1024));
  expect(disk.usedBytes).toBe(0);
  await disk.write(0, Buffer.alloc(128 * 1024, 1));
  await expect(disk.write(5_000_000, Buffer.from([1]))).rejects.toThrow('No space left');
});

test('a disk that keeps its ends forgets what is between', async () => {
  const disk = createVirtualDisk({ keeps: 'ends', sizeBytes: 100 * 1024 * 1024 });
  for (const position of [0, 50_000_000, disk.sizeBytes - 1]) await disk.write(position, Buffer.from([1]));
  expect([(await disk.read(0, 1))[0], (await disk.read(50_000_000, 1))[0], (await disk.read(disk.sizeBytes - 1, 1))[0], disk.writtenBytes]).toEqual([1, 0, 1, 3]);
});

test('a file that is not there is no disk', async () => {
  await expect(openFileDisk(join(folder, 'nothing'))).rejects.toThrow('ENOENT');
});
