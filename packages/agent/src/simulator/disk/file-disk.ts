import { open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { checkPlace, type Disk } from './disk.js';

const ZEROS = Buffer.alloc(4 * 1024 * 1024);

export interface FileDiskOptions {
  /** Name that the agent tells. Default: the path. */
  readonly name?: string;
  /** Default: for a block device what the kernel says, for a file 512. */
  readonly sectorBytes?: number;
}

/** Opens a block device, or a file that stands for one. Rejects with the operating system's error. */
export async function openFileDisk(path: string, options: FileDiskOptions = {}): Promise<Disk> {
  const file = await open(path, 'r+');
  try {
    const stats = await file.stat();
    const sizeBytes = stats.isBlockDevice() ? await readBlockAttribute(path, 'size', 0) * 512 : stats.size;
    const sectorBytes = options.sectorBytes ?? (stats.isBlockDevice() ? await readBlockAttribute(path, 'queue/logical_block_size', 512) : 512);
    const name = options.name ?? path;
    let isOpen = true;

    const transfer = async (length: number, once: (done: number) => Promise<number>): Promise<void> => {
      for (let done = 0; done < length; ) {
        const count = await once(done);
        if (count === 0) throw new Error(`${name} gave no more bytes before its end`);
        done += count;
      }
    };
    const write = (position: number, bytes: Uint8Array): Promise<void> =>
      transfer(bytes.length, async (done) => (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten);

    const disk: Disk = {
      name,
      sizeBytes,
      sectorBytes,
      async read(position, length) {
        checkPlace(disk, position, length);
        const bytes = Buffer.alloc(length);
        await transfer(length, async (done) => (await file.read(bytes, done, length - done, position + done)).bytesRead);
        return bytes;
      },
      async write(position, bytes) {
        checkPlace(disk, position, bytes.length);
        await write(position, bytes);
      },
      async erase(position, length) {
        checkPlace(disk, position, length);
        if (stats.isFile() && position === 0 && length === sizeBytes) {
          await file.truncate(0);
          return file.truncate(sizeBytes);
        }
        for (let done = 0; done < length; done += ZEROS.length) {
          const zeros = ZEROS.subarray(0, Math.min(ZEROS.length, length - done));
          // Reading is quicker than writing where the disk was never written to, and keeps it thin.
          if (!(await disk.read(position + done, zeros.length)).equals(zeros)) await write(position + done, zeros);
        }
      },
      sync: () => file.sync(),
      async [Symbol.asyncDispose]() {
        if (isOpen) await file.close();
        isOpen = false;
      },
    };
    return disk;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A number that the kernel tells of a block device. Sizes are counted in 512 bytes. Source: Linux, Documentation/ABI/stable/sysfs-block. */
async function readBlockAttribute(path: string, attribute: string, fallback: number): Promise<number> {
  const text = await readFile(`/sys/class/block/${basename(path)}/${attribute}`, 'utf8');
  const number = Number(text.trim());
  return Number.isSafeInteger(number) && number > 0 ? number : fallback;
}
