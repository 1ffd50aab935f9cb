import { describe, expect, test } from 'vitest';
import { diskFixture, RAW_SHA256, rawImage, sha256 } from '../../../test/simulator/raw-image.js';
import { readQcow2Header, readQcow2Pieces, type ReadAt } from './qcow2.js';

function readerOf(file: Buffer): ReadAt {
  return async (position, length) => {
    const bytes = Buffer.alloc(length);
    file.copy(bytes, 0, position, position + length);
    return bytes;
  };
}

async function convert(file: Buffer): Promise<Buffer> {
  const readAt = readerOf(file);
  const header = await readQcow2Header(readAt);
  const raw = Buffer.alloc(header.virtualBytes);
  for await (const { position, length, content } of readQcow2Pieces(header, readAt)) (content ?? Buffer.alloc(length)).copy(raw, position);
  return raw;
}

test('the rule in SOURCE.md makes the image', () => {
  expect(sha256(rawImage())).toBe(RAW_SHA256);
});

test('reads compressed clusters of a file of version 2', async () => {
  expect((await convert(diskFixture('compressed-v2.qcow2'))).equals(rawImage())).toBe(true);
});

test('reads a file of version 3 with clusters that are marked as zero', async () => {
  const expected = rawImage().fill(0, 4096, 4096 * 3);
  expect((await convert(diskFixture('zeros-v3.qcow2'))).equals(expected)).toBe(true);
});

describe('refuses', () => {
  const changed = (change: (file: Buffer) => void): Buffer => {
    const file = Buffer.from(diskFixture('zeros-v3.qcow2'));
    change(file);
    return file;
  };

  test.each([
    ['another file', Buffer.alloc(200, 'raw'), 'does not begin like a qcow2 file'],
    ['a backing file', diskFixture('backed.qcow2'), 'backing file'],
    ['version 4', changed((file) => file.writeUInt32BE(4, 4)), 'of version 4'],
    ['encryption', changed((file) => file.writeUInt32BE(1, 32)), 'encrypted'],
    ['clusters of an odd size', changed((file) => file.writeUInt32BE(30, 20)), '2^30'],
    ['data elsewhere', changed((file) => file.writeBigUInt64BE(4n, 72)), 'in another file'],
    ['corruption', changed((file) => file.writeBigUInt64BE(2n, 72)), 'corrupt'],
    ['another compression', changed((file) => file.writeBigUInt64BE(8n, 72)), 'another method'],
    ['extended tables', changed((file) => file.writeBigUInt64BE(16n, 72)), 'extended tables'],
    ['what nobody knows', changed((file) => file.writeBigUInt64BE(1024n, 72)), '0x400'],
    ['a table that is too short', changed((file) => file.writeBigUInt64BE(2n ** 40n, 24)), 'first table has 1 entries'],
    ['absurd sizes', changed((file) => file.writeBigUInt64BE(2n ** 62n, 24)), 'its size'],
  ])('%s', async (_what, file, message) => {
    await expect(convert(file)).rejects.toThrow(message);
  });

  test('a compressed cluster that is damaged', async () => {
    const file = Buffer.from(diskFixture('compressed-v2.qcow2'));
    const readAt = readerOf(file);
    const { tableOffset } = await readQcow2Header(readAt);
    const table = Number((await readAt(tableOffset, 8)).readBigUInt64BE() & 0xfffffffffffe00n);
    const entry = file.readBigUInt64BE(table + 8 * 2);
    file.fill(0xff, Number(entry & ((1n << 58n) - 1n)), Number(entry & ((1n << 58n) - 1n)) + 64);
    await expect(convert(file)).rejects.toThrow(/cannot be unpacked|instead of/);
  });
});
