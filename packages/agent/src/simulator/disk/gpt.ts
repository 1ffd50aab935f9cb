import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Disk } from './disk.js';
import { PROTECTIVE_TYPE, readMbr, writeMbrPartition } from './mbr.js';

// Source: UEFI Specification 2.10, section 5.3 (GUID Partition Table Disk Layout).

const SIGNATURE = 'EFI PART';
const FIELD = {
  headerBytes: 12, headerCrc: 16, ownSector: 24, otherSector: 32, firstUsable: 40, lastUsable: 48, diskGuid: 56, tableSector: 72,
  entries: 80, entryBytes: 84, tableCrc: 88,
} as const;
const LEAST_HEADER_BYTES = 92;
const MOST_ENTRIES = 4096;
const HIGHEST_MBR_SECTOR = 0xffffffff;
const LONGEST_NAME = 36;
/** Source: Discoverable Partitions, "Generic Linux Data". */
export const LINUX_DATA = '0fc63daf-8483-4772-8e79-3d69d8477de4';

export interface GptPartition {
  readonly index: number;
  readonly firstSector: number;
  readonly lastSector: number;
}

/** A table as it was read, ready to be changed and written again. Sectors are the disk's logical ones. */
export interface Gpt {
  readonly diskGuid: string;
  readonly partitions: readonly GptPartition[];
  /** The last sector that partitions may use. */
  readonly lastUsable: number;
  readonly header: Buffer;
  readonly table: Buffer;
}

/** Reads the first of the two tables; undefined when there is none. @throws Error for one that is damaged */
export async function readGpt(disk: Disk): Promise<Gpt | undefined> {
  if (disk.sizeBytes < 3 * disk.sectorBytes) return undefined;
  const header = await disk.read(disk.sectorBytes, disk.sectorBytes);
  if (header.toString('latin1', 0, SIGNATURE.length) !== SIGNATURE) return undefined;
  const headerBytes = header.readUInt32LE(FIELD.headerBytes);
  if (headerBytes < LEAST_HEADER_BYTES || headerBytes > disk.sectorBytes || headerCrc(header, headerBytes) !== header.readUInt32LE(FIELD.headerCrc)) {
    throw new Error('the header of the GUID partition table is damaged');
  }
  const [entries, entryBytes] = [header.readUInt32LE(FIELD.entries), header.readUInt32LE(FIELD.entryBytes)];
  if (entries > MOST_ENTRIES || entryBytes < 128 || entryBytes > 4096) throw new Error(`the GUID partition table has ${entries} entries of ${entryBytes} bytes`);
  const table = await disk.read(readSector(header, FIELD.tableSector) * disk.sectorBytes, entries * entryBytes);
  if (crc32(table) !== header.readUInt32LE(FIELD.tableCrc)) throw new Error('the GUID partition table is damaged');
  return describe(header, table);
}

function describe(header: Buffer, table: Buffer): Gpt {
  const entryBytes = header.readUInt32LE(FIELD.entryBytes);
  const partitions = Array.from({ length: table.length / entryBytes }, (_, index) => ({ index, entry: table.subarray(index * entryBytes, (index + 1) * entryBytes) }))
    .filter(({ entry }) => entry.subarray(0, 16).some((byte) => byte !== 0))
    .map(({ index, entry }) => ({ index, firstSector: readSector(entry, 32), lastSector: readSector(entry, 40) }));
  return { diskGuid: readGuid(header.subarray(FIELD.diskGuid)), partitions, lastUsable: readSector(header, FIELD.lastUsable), header, table };
}

/**
 * The same table for a disk of this size: an image that is smaller than the disk has its second table in the middle, where firmware does not look.
 * Nothing is written.
 */
export function fitToDisk({ header, table }: Gpt, { sizeBytes, sectorBytes }: Pick<Disk, 'sizeBytes' | 'sectorBytes'>): Gpt {
  const lastSector = Math.floor(sizeBytes / sectorBytes) - 1;
  const fitted = Buffer.from(header);
  writeSector(fitted, FIELD.otherSector, lastSector);
  writeSector(fitted, FIELD.lastUsable, lastSector - Math.ceil(table.length / sectorBytes) - 1);
  return describe(fitted, table);
}

/** The same table with one more partition. Nothing is written. @throws Error when all entries are in use */
export function withPartition(gpt: Gpt, partition: { readonly firstSector: number; readonly lastSector: number; readonly type: string; readonly name: string }): Gpt {
  const entryBytes = gpt.header.readUInt32LE(FIELD.entryBytes);
  const used = new Set(gpt.partitions.map(({ index }) => index));
  const index = Array.from({ length: gpt.table.length / entryBytes }, (_, each) => each).find((each) => !used.has(each));
  if (index === undefined) throw new Error(`all ${used.size} entries of the GUID partition table are in use`);
  const table = Buffer.from(gpt.table);
  const entry = table.subarray(index * entryBytes, (index + 1) * entryBytes);
  guidBytes(partition.type).copy(entry, 0);
  guidBytes(randomUUID()).copy(entry, 16);
  writeSector(entry, 32, partition.firstSector);
  writeSector(entry, 40, partition.lastSector);
  entry.write(partition.name.slice(0, LONGEST_NAME), 56, 'utf16le');
  return describe(gpt.header, table);
}

/** Writes both tables, and the boot record's entry that keeps old tools away. */
export async function writeGpt(disk: Disk, { header, table }: Gpt): Promise<void> {
  const last = readSector(header, FIELD.otherSector);
  const backupTable = last - Math.ceil(table.length / disk.sectorBytes);
  const first = sealed(header, table);
  const second = Buffer.from(header);
  writeSector(second, FIELD.ownSector, last);
  writeSector(second, FIELD.otherSector, 1);
  writeSector(second, FIELD.tableSector, backupTable);
  await disk.write(backupTable * disk.sectorBytes, table);
  await disk.write(last * disk.sectorBytes, sealed(second, table));
  await disk.write(readSector(header, FIELD.tableSector) * disk.sectorBytes, table);
  await disk.write(disk.sectorBytes, first);
  const protective = (await readMbr(disk)).partitions.find(({ type }) => type === PROTECTIVE_TYPE);
  if (protective !== undefined) await writeMbrPartition(disk, { ...protective, sectors: Math.min(last, HIGHEST_MBR_SECTOR) });
}

/** With both checksums as they must be. */
function sealed(header: Buffer, table: Buffer): Buffer {
  const copy = Buffer.from(header);
  copy.writeUInt32LE(crc32(table), FIELD.tableCrc);
  copy.writeUInt32LE(headerCrc(copy, copy.readUInt32LE(FIELD.headerBytes)), FIELD.headerCrc);
  return copy;
}

function headerCrc(header: Buffer, headerBytes: number): number {
  const copy = Buffer.from(header.subarray(0, headerBytes));
  copy.writeUInt32LE(0, FIELD.headerCrc);
  return crc32(copy);
}

function readSector(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}

function writeSector(bytes: Buffer, at: number, sector: number): void {
  bytes.writeBigUInt64LE(BigInt(sector), at);
}

/** The first three groups of a GUID are stored with their lowest byte first. */
function guidBytes(guid: string): Buffer {
  const [first = '', second = '', third = '', ...rest] = guid.split('-');
  return Buffer.from([swapped(first), swapped(second), swapped(third), ...rest].join(''), 'hex');
}

function readGuid(bytes: Buffer): string {
  const hex = (from: number, to: number): string => bytes.toString('hex', from, to);
  return [swapped(hex(0, 4)), swapped(hex(4, 6)), swapped(hex(6, 8)), hex(8, 10), hex(10, 16)].join('-');
}

/** Bytes in hexadecimal digits, last byte first. */
function swapped(hex: string): string {
  return (hex.match(/../g) ?? []).toReversed().join('');
}
