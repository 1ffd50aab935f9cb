import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openFileDisk } from '../../src/simulator/disk/file-disk.js';
import { addLastPartition, diskIdentifier, moveBackupTable } from '../../src/simulator/disk/partition-table.js';
import { run, temporaryFolder } from './tools.js';

const MEBIBYTE = 1024 * 1024;

/** Makes an image of 100 MiB with sfdisk, and grows it as a disk that it was written to would. */
async function makeDisk(path: string, table: string): Promise<void> {
  await using file = await open(path, 'w');
  await file.truncate(100 * MEBIBYTE);
  await run('sfdisk', ['--quiet', path], table);
  await file.truncate(300 * MEBIBYTE);
}

interface Dump {
  readonly partitiontable: { readonly id: string; readonly lastlba?: number; readonly partitions: readonly { readonly start: number; readonly size: number; readonly type: string; readonly name?: string }[] };
}

async function dump(path: string): Promise<Dump['partitiontable']> {
  return (JSON.parse(await run('sfdisk', ['--json', path])) as Dump).partitiontable;
}

describe('other programs read what was written', () => {
  test('a GPT with a config drive: no problem, both tables alike', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'disk');
    await makeDisk(path, 'label: gpt\nsize=10M, name=root\nsize=20M\n');
    const before = await dump(path);
    await using disk = await openFileDisk(path);
    const place = await addLastPartition(disk, { name: 'config-2', sizeBytes: 64 * MEBIBYTE });
    await disk.sync();
    expect(await run('sgdisk', ['--verify', path])).toContain('No problems found');
    const { partitions, id, lastlba } = await dump(path);
    expect(partitions).toHaveLength(3);
    expect(partitions.slice(0, 2)).toEqual(before.partitions);
    expect(partitions[2]).toMatchObject({ start: place.position / 512, size: 64 * 2048, type: '0FC63DAF-8483-4772-8E79-3D69D8477DE4', name: 'config-2' });
    expect([await diskIdentifier(disk), lastlba]).toEqual([id.toLowerCase(), (300 * MEBIBYTE) / 512 - 34]);
  });

  test('a GPT on a larger disk', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'disk');
    await makeDisk(path, 'label: gpt\nsize=10M\n');
    expect(await run('sgdisk', ['--verify', path])).not.toContain('No problems found');
    await using disk = await openFileDisk(path);
    await moveBackupTable(disk);
    await disk.sync();
    expect(await run('sgdisk', ['--verify', path])).toContain('No problems found');
  });

  test('a GPT whose first table is lost: the second one is whole', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'disk');
    await makeDisk(path, 'label: gpt\nsize=10M\n');
    await using disk = await openFileDisk(path);
    await addLastPartition(disk, { name: 'config-2', sizeBytes: 64 * MEBIBYTE });
    await disk.erase(512, 33 * 512);
    await disk.sync();
    expect((await dump(path)).partitions).toHaveLength(2);
  });

  test('an MBR with a config drive', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'disk');
    await makeDisk(path, 'label: dos\nlabel-id: 0x1234abcd\nsize=10M, type=c, bootable\n');
    const before = await dump(path);
    await using disk = await openFileDisk(path);
    const place = await addLastPartition(disk, { name: 'config-2', sizeBytes: 64 * MEBIBYTE });
    await disk.sync();
    await run('sfdisk', ['--verify', path]);
    const { partitions, id } = await dump(path);
    expect(partitions).toEqual([...before.partitions, { node: expect.any(String) as string, start: place.position / 512, size: 64 * 2048, type: '83' }]);
    expect([await diskIdentifier(disk), id]).toEqual(['0x1234abcd', '0x1234abcd']);
  });
});
