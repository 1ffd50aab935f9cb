/** As much of FAT12 as a floppy with some files in its root takes. Source: Microsoft FAT specification, sections 3.1 (boot sector), 4 (FAT) and 6 (directory). */

/** Where the parts of a volume lie. Bytes. */
interface Layout {
  readonly clusterBytes: number;
  readonly tables: readonly number[];
  readonly root: number;
  readonly rootEntries: number;
  readonly data: number;
}

const SECTOR_BYTES = 512;
const ENTRY_BYTES = 32;
const LABEL_ATTRIBUTE = 0x08;
const LONG_NAME_ATTRIBUTE = 0x0f;
const LAST_CLUSTER = 0xff8;

/** What is in a volume: its label, and its files by their names in lower case. Throws for what is not FAT12. */
export interface FatVolume {
  readonly label: string;
  readonly files: ReadonlyMap<string, Buffer>;
}

function layoutOf(image: Buffer): Layout {
  if (image.toString('latin1', 54, 59) !== 'FAT12' || image.readUInt16LE(510) !== 0xaa55) throw new Error('This is no FAT12 image');
  const sectorBytes = image.readUInt16LE(11);
  const tableBytes = image.readUInt16LE(22) * sectorBytes;
  const first = image.readUInt16LE(14) * sectorBytes;
  const tables = Array.from({ length: image.readUInt8(16) }, (_, index) => first + index * tableBytes);
  const root = first + tables.length * tableBytes;
  const rootEntries = image.readUInt16LE(17);
  return { clusterBytes: image.readUInt8(13) * sectorBytes, tables, root, rootEntries, data: root + rootEntries * ENTRY_BYTES };
}

/** Two entries of the table share three bytes. */
function nextCluster(image: Buffer, table: number, cluster: number): number {
  const pair = image.readUInt16LE(table + Math.floor(cluster * 1.5));
  return cluster % 2 === 0 ? pair & 0xfff : pair >> 4;
}

function chain(image: Buffer, { tables: [table = 0] }: Layout, first: number): readonly number[] {
  const clusters: number[] = [];
  for (let cluster = first; cluster >= 2 && cluster < LAST_CLUSTER && clusters.length < LAST_CLUSTER; cluster = nextCluster(image, table, cluster)) clusters.push(cluster);
  return clusters;
}

export function readFat12(image: Buffer): FatVolume {
  const layout = layoutOf(image);
  const files = new Map<string, Buffer>();
  let label = image.toString('latin1', 43, 54);
  let longName = '';
  for (let index = 0; index < layout.rootEntries; index += 1) {
    const entry = image.subarray(layout.root + index * ENTRY_BYTES, layout.root + (index + 1) * ENTRY_BYTES);
    const [first = 0] = entry;
    const attributes = entry.readUInt8(11);
    if (first === 0) break;
    if (first === 0xe5) continue;
    if (attributes === LONG_NAME_ATTRIBUTE) {
      longName = longNamePart(entry) + longName;
      continue;
    }
    if ((attributes & LABEL_ATTRIBUTE) !== 0) label = entry.toString('latin1', 0, 11);
    else files.set(longName === '' ? shortName(entry) : longName, contentOf(image, layout, entry));
    longName = '';
  }
  return { label: label.trimEnd(), files };
}

function contentOf(image: Buffer, layout: Layout, entry: Buffer): Buffer {
  const place = (cluster: number): number => layout.data + (cluster - 2) * layout.clusterBytes;
  const parts = chain(image, layout, entry.readUInt16LE(26)).map((cluster) => image.subarray(place(cluster), place(cluster + 1)));
  return Buffer.concat(parts).subarray(0, entry.readUInt32LE(28));
}

function shortName(entry: Buffer): string {
  return `${entry.toString('latin1', 0, 8).trimEnd()}.${entry.toString('latin1', 8, 11).trimEnd()}`.replace(/\.$/, '').toLowerCase();
}

/** Where the letters of a long name stand in an entry: thirteen of two bytes. */
const LONG_NAME_PLACES: readonly number[] = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

function longNamePart(entry: Buffer): string {
  const letters = LONG_NAME_PLACES.map((place) => entry.readUInt16LE(place));
  return String.fromCharCode(...letters.slice(0, letters.indexOf(0) === -1 ? letters.length : letters.indexOf(0)));
}

/** An empty volume: sectors of 512 bytes, as many as clusters; two tables of two sectors, 512 entries in the root. */
export function formatFat12(label: string, sizeKib: number): Buffer {
  const image = Buffer.alloc(sizeKib * 1024);
  image.write('\xeb\x3c\x90mkfs.fat', 0, 'latin1');
  image.writeUInt16LE(SECTOR_BYTES, 11);
  image.writeUInt8(1, 13);
  image.writeUInt16LE(1, 14);
  image.writeUInt8(2, 16);
  image.writeUInt16LE(512, 17);
  image.writeUInt16LE(image.length / SECTOR_BYTES, 19);
  image.writeUInt8(0xf8, 21);
  image.writeUInt16LE(2, 22);
  image.writeUInt16LE(32, 24);
  image.writeUInt16LE(2, 26);
  image.writeUInt8(0x29, 38);
  image.write(`${label.padEnd(11)}FAT12   `, 43, 'latin1');
  image.writeUInt16LE(0xaa55, 510);
  const { tables, root } = layoutOf(image);
  for (const table of tables) image.set([0xf8, 0xff, 0xff], table);
  image.write(label.padEnd(11), root, 'latin1');
  image.writeUInt8(LABEL_ATTRIBUTE, root + 11);
  return image;
}

/** Puts a file into the root of a volume that {@link formatFat12} made and that has no other. */
export function putOnlyFile(image: Buffer, name: string, content: Buffer): void {
  const { tables, root, data, clusterBytes } = layoutOf(image);
  const [base = '', extension = ''] = name.toUpperCase().split('.');
  const short = Buffer.from(`${base.slice(0, 6)}~1`.padEnd(8) + extension.padEnd(3), 'latin1');
  const longName = longNameEntries(name, short);
  // The first entry of the root is the label.
  image.set(longName, root + ENTRY_BYTES);
  const entry = root + ENTRY_BYTES + longName.length;
  image.set(short, entry);
  image.writeUInt16LE(2, entry + 26);
  image.writeUInt32LE(content.length, entry + 28);
  image.set(content, data);
  const last = 2 + Math.ceil(content.length / clusterBytes) - 1;
  for (const table of tables) for (let cluster = 2; cluster <= last; cluster += 1) link(image, table, cluster, cluster === last ? 0xfff : cluster + 1);
}

function link(image: Buffer, table: number, cluster: number, next: number): void {
  const at = table + Math.floor(cluster * 1.5);
  const pair = image.readUInt16LE(at);
  image.writeUInt16LE(cluster % 2 === 0 ? (pair & 0xf000) | next : (pair & 0x000f) | (next << 4), at);
}

/** The last part comes first. */
function longNameEntries(name: string, short: Buffer): Buffer {
  const count = Math.ceil(name.length / LONG_NAME_PLACES.length);
  const checksum = short.reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0);
  const letterAt = (at: number): number => (at < name.length ? name.charCodeAt(at) : at === name.length ? 0 : 0xffff);
  const entries = Array.from({ length: count }, (_, part) => {
    const entry = Buffer.alloc(ENTRY_BYTES);
    entry.writeUInt8(part + 1 === count ? part + 0x41 : part + 1, 0);
    entry.writeUInt8(LONG_NAME_ATTRIBUTE, 11);
    entry.writeUInt8(checksum, 13);
    for (const [index, place] of LONG_NAME_PLACES.entries()) entry.writeUInt16LE(letterAt(part * LONG_NAME_PLACES.length + index), place);
    return entry;
  });
  return Buffer.concat(entries.toReversed());
}
