import { bootSector, type BootSectorOptions, SECTOR_BYTES } from './boot-sector.ts';

export const MEBIBYTE = 1024 * 1024;

/** A raw hard disk of 1 MiB that boots our guest. */
export function diskImage(options: BootSectorOptions): Uint8Array {
  const image = new Uint8Array(MEBIBYTE);
  image.set(bootSector(options));
  return image;
}

/** Sectors of a CD-ROM, and what stands in which. */
const CD_SECTOR_BYTES = 2048;
const LAYOUT = { volume: 16, bootRecord: 17, end: 18, pathTable: 19, bigPathTable: 20, root: 21, catalogue: 22, boot: 23, size: 24 } as const;

/**
 * A CD-ROM that boots our guest without emulating a disk, and has an empty root folder.
 * Source: ECMA-119 (ISO 9660) chapters 6.8, 8 and 9; El Torito bootable CD-ROM specification 1.0, chapters 2 and 4.
 */
export function cdromImage(options: BootSectorOptions): Uint8Array {
  const image = Buffer.alloc(LAYOUT.size * CD_SECTOR_BYTES);
  const sector = (number: number): Buffer => image.subarray(number * CD_SECTOR_BYTES, (number + 1) * CD_SECTOR_BYTES);
  writePrimaryVolume(sector(LAYOUT.volume));
  writeDescriptorHead(sector(LAYOUT.bootRecord), 0);
  sector(LAYOUT.bootRecord).write('EL TORITO SPECIFICATION', 7, 'latin1');
  sector(LAYOUT.bootRecord).writeUInt32LE(LAYOUT.catalogue, 0x47);
  writeDescriptorHead(sector(LAYOUT.end), 255);
  writePathTables(sector(LAYOUT.pathTable), sector(LAYOUT.bigPathTable));
  sector(LAYOUT.root).set([...folderRecord('\0'), ...folderRecord('\u0001')]);
  writeBootCatalogue(sector(LAYOUT.catalogue));
  sector(LAYOUT.boot).set(bootSector(options));
  return image;
}

function writeDescriptorHead(descriptor: Buffer, type: number): void {
  descriptor.writeUInt8(type, 0);
  descriptor.write('CD001', 1, 'latin1');
  descriptor.writeUInt8(1, 6);
}

function writePrimaryVolume(descriptor: Buffer): void {
  writeDescriptorHead(descriptor, 1);
  descriptor.fill(' ', 8, 72, 'latin1');
  descriptor.write('FERRIC_GUEST', 40, 'latin1');
  descriptor.set(bothEndian32(LAYOUT.size), 80);
  for (const at of [120, 124]) descriptor.set(bothEndian16(1), at);
  descriptor.set(bothEndian16(CD_SECTOR_BYTES), 128);
  descriptor.set(bothEndian32(PATH_TABLE_BYTES), 132);
  descriptor.writeUInt32LE(LAYOUT.pathTable, 140);
  descriptor.writeUInt32BE(LAYOUT.bigPathTable, 148);
  descriptor.set(folderRecord('\0'), 156);
  descriptor.fill(' ', 190, 813, 'latin1');
  for (const at of [813, 830, 847, 864]) descriptor.write('0000000000000000', at, 'latin1');
  descriptor.writeUInt8(1, 881);
}

const PATH_TABLE_BYTES = 10;

function writePathTables(little: Buffer, big: Buffer): void {
  little.writeUInt8(1, 0);
  little.writeUInt32LE(LAYOUT.root, 2);
  little.writeUInt16LE(1, 6);
  big.writeUInt8(1, 0);
  big.writeUInt32BE(LAYOUT.root, 2);
  big.writeUInt16BE(1, 6);
}

/** The root folder under one of its two names: zero for itself, one for its parent. */
function folderRecord(name: string): Uint8Array {
  const record = Buffer.alloc(34);
  record.writeUInt8(record.length, 0);
  record.set(bothEndian32(LAYOUT.root), 2);
  record.set(bothEndian32(CD_SECTOR_BYTES), 10);
  // A folder.
  record.writeUInt8(2, 25);
  record.set(bothEndian16(1), 28);
  record.writeUInt8(1, 32);
  record.write(name, 33, 'latin1');
  return record;
}

function writeBootCatalogue(catalogue: Buffer): void {
  // Validation entry: its words add up to zero.
  catalogue.writeUInt8(1, 0);
  catalogue.set([0x55, 0xaa], 30);
  let sum = 0;
  for (let at = 0; at < 32; at += 2) sum += catalogue.readUInt16LE(at);
  catalogue.writeUInt16LE(-sum & 0xffff, 28);
  // Default entry: bootable, no emulation, so many sectors of a disk.
  catalogue.writeUInt8(0x88, 32);
  catalogue.writeUInt16LE(CD_SECTOR_BYTES / SECTOR_BYTES, 38);
  catalogue.writeUInt32LE(LAYOUT.boot, 40);
}

function bothEndian16(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(value, 0);
  bytes.writeUInt16BE(value, 2);
  return bytes;
}

function bothEndian32(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value, 0);
  bytes.writeUInt32BE(value, 4);
  return bytes;
}
