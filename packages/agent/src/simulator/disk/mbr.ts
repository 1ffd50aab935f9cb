import type { Disk } from './disk.js';

// Source: UEFI Specification 2.10, section 5.2 (Legacy Master Boot Record).

const SECTOR_BYTES = 512;
const IDENTIFIER_AT = 440;
const TABLE_AT = 446;
const ENTRY_BYTES = 16;
const MOST_ENTRIES = 4;
const SIGNATURE_AT = 510;
const SIGNATURE = 0xaa55;
/** Cylinder, head and sector of places that cannot be told in that way. */
const UNTOLD_PLACE = Buffer.from('feffff', 'hex');
/** Type of the partition that stands for the whole disk when there is a GPT. */
export const PROTECTIVE_TYPE = 0xee;
export const LINUX_TYPE = 0x83;

export interface MbrPartition {
  /** 0 to 3. */
  readonly index: number;
  readonly type: number;
  readonly firstSector: number;
  readonly sectors: number;
}

export interface Mbr {
  /** The disk's number, as Linux prints it: `0x1234abcd`. */
  readonly identifier: string;
  /** Whether the sector is marked as a boot record. */
  readonly isValid: boolean;
  /** Entries in use. */
  readonly partitions: readonly MbrPartition[];
}

export async function readMbr(disk: Disk): Promise<Mbr> {
  const sector = await disk.read(0, SECTOR_BYTES);
  const partitions = Array.from({ length: MOST_ENTRIES }, (_, index) => {
    const at = TABLE_AT + index * ENTRY_BYTES;
    return { index, type: sector.readUInt8(at + 4), firstSector: sector.readUInt32LE(at + 8), sectors: sector.readUInt32LE(at + 12) };
  });
  return {
    identifier: `0x${sector.readUInt32LE(IDENTIFIER_AT).toString(16).padStart(8, '0')}`,
    isValid: sector.readUInt16LE(SIGNATURE_AT) === SIGNATURE,
    partitions: partitions.filter(({ type }) => type !== 0),
  };
}

/** Writes one entry; the others stay. */
export async function writeMbrPartition(disk: Disk, { index, type, firstSector, sectors }: MbrPartition): Promise<void> {
  const entry = Buffer.alloc(ENTRY_BYTES);
  UNTOLD_PLACE.copy(entry, 1);
  entry.writeUInt8(type, 4);
  UNTOLD_PLACE.copy(entry, 5);
  entry.writeUInt32LE(firstSector, 8);
  entry.writeUInt32LE(sectors, 12);
  const sector = await disk.read(0, SECTOR_BYTES);
  entry.copy(sector, TABLE_AT + index * ENTRY_BYTES);
  await disk.write(0, sector);
}

/** The first entry that is not in use; undefined when all four are. */
export function freeIndex({ partitions }: Mbr): number | undefined {
  return [0, 1, 2, 3].find((index) => partitions.every((partition) => partition.index !== index));
}
