import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readQcow2Header, readQcow2Pieces } from '../../src/simulator/image/qcow2.js';
import { rawImage } from '../simulator/raw-image.js';
import { run, temporaryFolder } from './tools.js';

/** What our reader makes of a file. */
async function convert(file: Buffer): Promise<Buffer> {
  const readAt = async (position: number, length: number): Promise<Buffer> => {
    const bytes = Buffer.alloc(length);
    file.copy(bytes, 0, position, position + length);
    return bytes;
  };
  const header = await readQcow2Header(readAt);
  const raw = Buffer.alloc(header.virtualBytes);
  for await (const { position, length, content } of readQcow2Pieces(header, readAt)) (content ?? Buffer.alloc(length)).copy(raw, position);
  return raw;
}

/** 3 MiB and a half sector cluster: text, zeros, noise, so that every kind of cluster comes up whatever its size. */
function sample(): Buffer {
  const parts = [rawImage(), Buffer.alloc(1024 * 1024), rawImage(), Buffer.alloc(1024 * 1024, 'text '), rawImage(), Buffer.alloc(512 * 1023)];
  const whole = Buffer.concat(parts);
  return whole.subarray(0, whole.length - (whole.length % 512));
}

test.each([
  { compat: '0.10', cluster: 65_536, packed: false },
  { compat: '0.10', cluster: 512, packed: true },
  { compat: '1.1', cluster: 512, packed: false },
  { compat: '1.1', cluster: 65_536, packed: true },
  { compat: '1.1', cluster: 2_097_152, packed: false },
  { compat: '1.1', cluster: 2_097_152, packed: true },
])('reads what qemu-img writes: compat $compat, clusters of $cluster bytes, compressed $packed', async ({ compat, cluster, packed }) => {
  await using folder = await temporaryFolder();
  const [raw, image] = [join(folder.path, 'raw'), join(folder.path, 'image.qcow2')];
  await writeFile(raw, sample());
  await run('qemu-img', ['convert', ...(packed ? ['-c'] : []), '-f', 'raw', '-O', 'qcow2', '-o', `compat=${compat},cluster_size=${cluster}`, raw, image]);
  expect((await convert(await readFile(image))).equals(sample())).toBe(true);
});

test('reads an image that was written to, with zeroed and unmapped clusters, snapshots and tables made beforehand', async () => {
  await using folder = await temporaryFolder();
  const [image, expected] = [join(folder.path, 'image.qcow2'), join(folder.path, 'expected')];
  await run('qemu-img', ['create', '-f', 'qcow2', '-o', 'preallocation=metadata,lazy_refcounts=on', image, '9M']);
  const commands = ['write -P 1 0 1M', 'write -P 2 3M 70k', 'write -z 128k 256k', 'discard 512k 128k', 'write -z -u 3M 64k', 'write -P 9 8M 1M'];
  await run('qemu-io', ['-f', 'qcow2', ...commands.flatMap((each) => ['-c', each]), image]);
  await run('qemu-img', ['snapshot', '-c', 'before', image]);
  await run('qemu-io', ['-f', 'qcow2', '-c', 'write -P 7 2M 300k', image]);
  await run('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', image, expected]);
  expect((await convert(await readFile(image))).equals(await readFile(expected))).toBe(true);
});

test.each([
  ['a backing file', ['create', '-f', 'qcow2', '-u', '-b', 'other.qcow2', '-F', 'qcow2', 'IMAGE', '1M'], 'backing file'],
  ['encryption', ['create', '-f', 'qcow2', '--object', 'secret,id=key,data=secret', '-o', 'encrypt.format=aes,encrypt.key-secret=key', 'IMAGE', '1M'], 'encrypted'],
  ['data in another file', ['create', '-f', 'qcow2', '-o', 'data_file=IMAGE.data', 'IMAGE', '1M'], 'in another file'],
  ['extended tables', ['create', '-f', 'qcow2', '-o', 'extended_l2=on', 'IMAGE', '1M'], 'extended tables'],
  ['zstd', ['create', '-f', 'qcow2', '-o', 'compression_type=zstd', 'IMAGE', '1M'], 'another method'],
])('refuses %s', async (_what, args, message) => {
  await using folder = await temporaryFolder();
  const image = join(folder.path, 'image.qcow2');
  await run('qemu-img', args.map((word) => word.replace('IMAGE', image)));
  await expect(convert(await readFile(image))).rejects.toThrow(message);
});
