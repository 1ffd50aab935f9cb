import { expect, test } from 'vitest';
import { bootSector } from './boot-sector.ts';
import { cdromImage, diskImage } from './media.ts';

test('a disk begins with the boot sector', () => {
  const image = diskImage({ medium: 'DISK' });
  expect(image).toHaveLength(1024 * 1024);
  expect(Buffer.from(image.subarray(0, 512)).equals(bootSector({ medium: 'DISK' }))).toBe(true);
});

// Offsets from ECMA-119 chapter 8.4 and from the El Torito specification 1.0, figures 2, 3 and 7.
test('a CD-ROM leads from its boot record over the catalogue to the boot sector', () => {
  const image = Buffer.from(cdromImage({ medium: 'CDROM' }));
  const sector = (number: number): Buffer => image.subarray(2048 * number, 2048 * (number + 1));
  expect(sector(16).toString('latin1', 0, 7)).toBe('\u0001CD001\u0001');
  expect(sector(16).readUInt32LE(80) * 2048).toBe(image.length);
  expect(sector(17).toString('latin1', 1, 30)).toBe('CD001\u0001EL TORITO SPECIFICATION');
  const catalogue = sector(sector(17).readUInt32LE(0x47));
  let sum = 0;
  for (let at = 0; at < 32; at += 2) sum += catalogue.readUInt16LE(at);
  expect([catalogue[0], catalogue[30], catalogue[31], sum % 0x10000]).toEqual([1, 0x55, 0xaa, 0]);
  expect([catalogue[32], catalogue[33]]).toEqual([0x88, 0]);
  expect(sector(catalogue.readUInt32LE(40)).subarray(0, 512).equals(bootSector({ medium: 'CDROM' }))).toBe(true);
});
