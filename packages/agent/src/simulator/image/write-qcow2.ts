import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailure } from '../commands/command-failure.js';
import type { AgentWorkplace } from '../commands/command.js';
import type { Disk } from '../disk/disk.js';
import { downloadImage } from './download.js';
import type { ImageInfo } from './image-info.js';
import { Qcow2Error, readQcow2Header, readQcow2Pieces } from './qcow2.js';

/** Downloads a qcow2 image into a temporary file and writes what it stands for to the disk. Its tables may be anywhere in it, so it cannot be streamed. */
export async function writeQcow2Image(workplace: AgentWorkplace, disk: Disk, image: ImageInfo): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ferric-agent-'));
  try {
    const location = join(folder, 'image');
    await using file = await open(location, 'w+');
    const sizeBytes = await downloadImage(workplace, image, {
      location,
      begin: () => file.truncate(0),
      async write(position, chunk) {
        await file.write(chunk, 0, chunk.length, position).catch((error: unknown) => {
          const why = error instanceof Error ? error.message : String(error);
          throw new CommandFailure('ImageDownloadError', `Download of image ${image.id} failed: Unable to write image to ${location}. Error: ${why}`, { cause: error });
        });
      },
    });
    await convert(disk, image, (position, length) => readPadded(file, sizeBytes, position, length));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function convert(disk: Disk, image: ImageInfo, readAt: (position: number, length: number) => Promise<Buffer>): Promise<void> {
  try {
    const header = await readQcow2Header(readAt);
    if (header.virtualBytes > disk.sizeBytes) {
      throw new CommandFailure('ImageWriteError', `Writing image to device ${disk.name} failed: the image needs ${header.virtualBytes} bytes, the disk has ${disk.sizeBytes}`);
    }
    let zeros = { position: 0, length: 0 };
    for await (const { position, length, content } of readQcow2Pieces(header, readAt)) {
      if (content === undefined) {
        zeros = { position: zeros.length === 0 ? position : zeros.position, length: zeros.length + length };
        continue;
      }
      // What is not in the image must read as zero, whatever the disk held before.
      await disk.erase(zeros.position, zeros.length);
      zeros = { position: 0, length: 0 };
      await disk.write(position, content);
    }
    await disk.erase(zeros.position, zeros.length);
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    if (error instanceof Qcow2Error) throw new CommandFailure('InvalidImage', `Image ${image.id} cannot be converted: ${error.message}`, { cause: error });
    throw new CommandFailure('ImageWriteError', `Writing image to device ${disk.name} failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Reads; what is behind the end of the file is zero. */
async function readPadded(file: FileHandle, sizeBytes: number, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const there = Math.max(0, Math.min(length, sizeBytes - position));
  for (let done = 0; done < there; ) {
    const { bytesRead } = await file.read(bytes, done, there - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes;
}
