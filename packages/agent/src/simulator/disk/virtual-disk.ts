import { checkPlace, type Disk } from './disk.js';

export interface VirtualDiskOptions {
  /** Default `/dev/sda`. */
  readonly name?: string;
  /** Default 10 GiB. */
  readonly sizeBytes?: number;
  /** 512 or 4096. Default 512. */
  readonly sectorBytes?: number;
  /**
   * What it remembers. `everything`: bytes that are not zero, up to `limitBytes`. `ends`: the first and last 2 MiB; the rest reads as zero, and
   * writing there costs nothing. Default `everything`.
   */
  readonly keeps?: 'everything' | 'ends';
  /** Memory that it may take. Default 256 MiB. More is refused as a write error. */
  readonly limitBytes?: number;
}

/** A disk in memory. */
export interface VirtualDisk extends Disk {
  /** Bytes of memory that its content takes. */
  readonly usedBytes: number;
  /** Bytes that were ever written to it. */
  readonly writtenBytes: number;
}

const MEBIBYTE = 1024 * 1024;
const BLOCK_BYTES = 64 * 1024;
const END_BYTES = 2 * MEBIBYTE;

/** Makes an empty disk: all zeros. */
export function createVirtualDisk(options: VirtualDiskOptions = {}): VirtualDisk {
  const { name = '/dev/sda', sizeBytes = 10 * 1024 * MEBIBYTE, sectorBytes = 512, keeps = 'everything', limitBytes = 256 * MEBIBYTE } = options;
  const blocks = new Map<number, Buffer>();
  let writtenBytes = 0;
  const isKept = (block: number): boolean =>
    keeps === 'everything' || block * BLOCK_BYTES < END_BYTES || (block + 1) * BLOCK_BYTES > sizeBytes - END_BYTES;

  const blockFor = (number: number): Buffer => {
    const known = blocks.get(number);
    if (known !== undefined) return known;
    if ((blocks.size + 1) * BLOCK_BYTES > limitBytes) throw new Error(`No space left: ${name} holds at most ${limitBytes} bytes that are not zero`);
    const made = Buffer.alloc(BLOCK_BYTES);
    blocks.set(number, made);
    return made;
  };

  const disk: VirtualDisk = {
    name,
    sizeBytes,
    sectorBytes,
    get usedBytes() {
      return blocks.size * BLOCK_BYTES;
    },
    get writtenBytes() {
      return writtenBytes;
    },
    async read(position, length) {
      checkPlace(disk, position, length);
      const bytes = Buffer.alloc(length);
      for (const part of partsOf(position, length)) blocks.get(part.block)?.copy(bytes, part.offset, part.start, part.start + part.length);
      return bytes;
    },
    async write(position, bytes) {
      checkPlace(disk, position, bytes.length);
      writtenBytes += bytes.length;
      for (const { block, start, offset, length } of partsOf(position, bytes.length)) {
        if (!isKept(block)) continue;
        const part = bytes.subarray(offset, offset + length);
        if (blocks.has(block) || part.some((byte) => byte !== 0)) blockFor(block).set(part, start);
      }
    },
    async erase(position, length) {
      checkPlace(disk, position, length);
      const first = Math.floor(position / BLOCK_BYTES);
      const last = Math.floor((position + length - 1) / BLOCK_BYTES);
      for (const block of blocks.keys()) {
        if (length === 0 || block < first || block > last) continue;
        const start = Math.max(0, position - block * BLOCK_BYTES);
        const end = Math.min(BLOCK_BYTES, position + length - block * BLOCK_BYTES);
        if (end - start === BLOCK_BYTES) blocks.delete(block);
        else blocks.get(block)?.fill(0, start, end);
      }
    },
    sync: async () => undefined,
    async [Symbol.asyncDispose]() {
      blocks.clear();
    },
  };
  return disk;
}

interface Part {
  readonly block: number;
  /** Where it begins in its block. */
  readonly start: number;
  /** Where it begins in the whole range. */
  readonly offset: number;
  readonly length: number;
}

/** The pieces of a range, block by block. */
function* partsOf(position: number, length: number): Generator<Part> {
  for (let offset = 0; offset < length; ) {
    const start = (position + offset) % BLOCK_BYTES;
    const part = Math.min(BLOCK_BYTES - start, length - offset);
    yield { block: Math.floor((position + offset) / BLOCK_BYTES), start, offset, length: part };
    offset += part;
  }
}
