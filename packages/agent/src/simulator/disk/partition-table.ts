import type { Disk } from './disk.js';
import { fitToDisk, LINUX_DATA, readGpt, withPartition, writeGpt } from './gpt.js';
import { freeIndex, LINUX_TYPE, readMbr, writeMbrPartition } from './mbr.js';

const MEBIBYTE = 1024 * 1024;
/** Sectors that an MBR can number. */
const MBR_SECTORS = 2 ** 32;

/** Where a partition was made. Bytes. */
export interface PartitionPlace {
  readonly position: number;
  readonly length: number;
}

/** What tells one written disk from another: the GUID of a GPT, or else the number in the boot record, `0x00000000` when it has none. */
export async function diskIdentifier(disk: Disk): Promise<string> {
  const gpt = await readGpt(disk).catch(() => undefined);
  return gpt?.diskGuid ?? (await readMbr(disk)).identifier;
}

/** Moves the second table of a GPT to the end of the disk; does nothing where there is no GPT, or a damaged one. */
export async function moveBackupTable(disk: Disk): Promise<void> {
  const gpt = await readGpt(disk).catch(() => undefined);
  if (gpt !== undefined) await writeGpt(disk, fitToDisk(gpt, disk));
}

/** Makes a partition at the end of the disk that begins at a whole MiB. @throws Error saying why there can be none */
export async function addLastPartition(disk: Disk, settings: { readonly name: string; readonly sizeBytes: number }): Promise<PartitionPlace> {
  const gpt = await readGpt(disk);
  if (gpt === undefined) return addToMbr(disk, settings.sizeBytes);
  const fitted = fitToDisk(gpt, disk);
  const place = placeBefore(disk, (fitted.lastUsable + 1) * disk.sectorBytes, settings.sizeBytes, fitted.partitions.map(({ lastSector }) => lastSector + 1));
  const sectors = { firstSector: place.position / disk.sectorBytes, lastSector: (place.position + place.length) / disk.sectorBytes - 1 };
  await writeGpt(disk, withPartition(fitted, { ...sectors, type: LINUX_DATA, name: settings.name }));
  return place;
}

async function addToMbr(disk: Disk, sizeBytes: number): Promise<PartitionPlace> {
  const mbr = await readMbr(disk);
  if (!mbr.isValid) throw new Error('there is no valid partition table on it');
  const index = freeIndex(mbr);
  if (index === undefined) throw new Error(`it uses MBR partitioning and already has ${mbr.partitions.length} primary partitions`);
  const end = Math.min(disk.sizeBytes, MBR_SECTORS * disk.sectorBytes);
  const place = placeBefore(disk, end, sizeBytes, mbr.partitions.map(({ firstSector, sectors }) => firstSector + sectors));
  await writeMbrPartition(disk, { index, type: LINUX_TYPE, firstSector: place.position / disk.sectorBytes, sectors: place.length / disk.sectorBytes });
  return place;
}

/** @param taken the sectors behind each partition */
function placeBefore({ sectorBytes }: Disk, end: number, sizeBytes: number, taken: readonly number[]): PartitionPlace {
  const position = Math.floor((end - sizeBytes) / MEBIBYTE) * MEBIBYTE;
  if (position < MEBIBYTE || taken.some((sector) => sector * sectorBytes > position)) throw new Error(`its last ${sizeBytes / MEBIBYTE} MiB are not free`);
  return { position, length: sizeBytes };
}
