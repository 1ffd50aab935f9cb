import { inflateRawSync } from 'node:zlib';

// Source of every number here: QEMU, docs/interop/qcow2.rst.

/** The first bytes of every qcow2 file: `QFI` and FBh. */
export const QCOW2_MAGIC: Buffer = Buffer.from('514649fb', 'hex');

/** Reads from the file; bytes behind its end are zero. */
export type ReadAt = (position: number, length: number) => Promise<Buffer>;

/** A qcow2 file that this reader can turn into a raw image. Sizes in bytes. */
export interface Qcow2Header {
  readonly version: 2 | 3;
  readonly clusterBytes: number;
  readonly virtualBytes: number;
  readonly tableOffset: number;
  /** Entries of the first table; each stands for one second table. */
  readonly tableEntries: number;
}

/** A piece of the raw image, in order and without gaps; `content` undefined: zeros. */
export interface Qcow2Piece {
  readonly position: number;
  readonly length: number;
  readonly content: Buffer | undefined;
}

export class Qcow2Error extends Error {
  override readonly name = 'Qcow2Error';
}

const HEADER_BYTES = 112;
const LONGEST_TABLE_ENTRIES = 4 * 1024 * 1024;
/** Of a cluster number in a table entry: bits 9 to 55. */
const OFFSET_MASK = 0x00fffffffffffe00n;
const COMPRESSED = 1n << 62n;
const READS_AS_ZERO = 1n;
const SECTOR_BYTES = 512;

/** Features that change how the file is read, by their bit; dirty (0) only concerns reference counts. */
const REFUSED_FEATURES: readonly (readonly [bit: bigint, what: string])[] = [
  [1n, 'it is marked as corrupt'],
  [2n, 'its data is in another file'],
  [3n, 'it is compressed by another method than deflate'],
  [4n, 'it has extended tables'],
];

/** @throws Qcow2Error saying why the file cannot be read */
export async function readQcow2Header(readAt: ReadAt): Promise<Qcow2Header> {
  const header = await readAt(0, HEADER_BYTES);
  if (!header.subarray(0, 4).equals(QCOW2_MAGIC)) throw new Qcow2Error('it does not begin like a qcow2 file');
  const version = header.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw new Qcow2Error(`it is of version ${version}; versions 2 and 3 are known`);
  if (header.readBigUInt64BE(8) !== 0n) throw new Qcow2Error('it has a backing file');
  if (header.readUInt32BE(32) !== 0) throw new Qcow2Error('it is encrypted');
  const clusterBits = header.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21) throw new Qcow2Error(`its clusters have 2^${clusterBits} bytes`);
  const features = version === 3 ? header.readBigUInt64BE(72) : 0n;
  const refused = REFUSED_FEATURES.find(([bit]) => (features & (1n << bit)) !== 0n);
  if (refused !== undefined) throw new Qcow2Error(refused[1]);
  if (features >> 5n !== 0n) throw new Qcow2Error(`it needs features that are not known (0x${features.toString(16)})`);

  const clusterBytes = 2 ** clusterBits;
  const virtualBytes = toNumber(header.readBigUInt64BE(24), 'its size');
  const tableEntries = header.readUInt32BE(36);
  const needed = Math.ceil(virtualBytes / (clusterBytes * (clusterBytes / 8)));
  if (tableEntries < needed || tableEntries > LONGEST_TABLE_ENTRIES) throw new Qcow2Error(`its first table has ${tableEntries} entries`);
  return { version, clusterBytes, virtualBytes, tableOffset: toNumber(header.readBigUInt64BE(40), 'its first table'), tableEntries: needed };
}

/** Yields the raw image. @throws Qcow2Error for a file that contradicts itself */
export async function* readQcow2Pieces(header: Qcow2Header, readAt: ReadAt): AsyncGenerator<Qcow2Piece> {
  const { clusterBytes, virtualBytes } = header;
  const bytesPerTable = clusterBytes * (clusterBytes / 8);
  const firstTable = await readAt(header.tableOffset, header.tableEntries * 8);
  for (let index = 0; index < header.tableEntries; index += 1) {
    const start = index * bytesPerTable;
    const length = Math.min(bytesPerTable, virtualBytes - start);
    const offset = toNumber(firstTable.readBigUInt64BE(index * 8) & OFFSET_MASK, 'a second table');
    if (offset === 0) yield { position: start, length, content: undefined };
    else yield* readTable(header, readAt, { start, length, table: await readAt(offset, clusterBytes) });
  }
}

async function* readTable(
  header: Qcow2Header, readAt: ReadAt, place: { readonly start: number; readonly length: number; readonly table: Buffer },
): AsyncGenerator<Qcow2Piece> {
  for (let done = 0; done < place.length; done += header.clusterBytes) {
    const length = Math.min(header.clusterBytes, place.length - done);
    const cluster = await readCluster(header, readAt, place.table.readBigUInt64BE((done / header.clusterBytes) * 8));
    yield { position: place.start + done, length, content: cluster?.subarray(0, length) };
  }
}

/** The content of one cluster; undefined: zeros. */
async function readCluster({ version, clusterBytes }: Qcow2Header, readAt: ReadAt, entry: bigint): Promise<Buffer | undefined> {
  if ((entry & COMPRESSED) !== 0n) return readCompressed(clusterBytes, readAt, entry);
  if (version === 3 && (entry & READS_AS_ZERO) !== 0n) return undefined;
  const offset = toNumber(entry & OFFSET_MASK, 'a cluster');
  if (offset % clusterBytes !== 0) throw new Qcow2Error(`a cluster begins at ${offset}, which is not a whole number of clusters`);
  return offset === 0 ? undefined : readAt(offset, clusterBytes);
}

async function readCompressed(clusterBytes: number, readAt: ReadAt, entry: bigint): Promise<Buffer> {
  const offsetBits = BigInt(62 - (Math.log2(clusterBytes) - 8));
  const offset = toNumber(entry & ((1n << offsetBits) - 1n), 'a compressed cluster');
  const moreSectors = Number((entry & (COMPRESSED - 1n)) >> offsetBits);
  const data = await readAt(offset, (moreSectors + 1) * SECTOR_BYTES - (offset % SECTOR_BYTES));
  let content: Buffer;
  try {
    content = inflateRawSync(data, { maxOutputLength: clusterBytes });
  } catch (error) {
    throw new Qcow2Error(`a compressed cluster at ${offset} cannot be unpacked`, { cause: error });
  }
  if (content.length !== clusterBytes) throw new Qcow2Error(`a compressed cluster at ${offset} has ${content.length} bytes instead of ${clusterBytes}`);
  return content;
}

function toNumber(value: bigint, what: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Qcow2Error(`${what} is at or of ${value} bytes`);
  return Number(value);
}
