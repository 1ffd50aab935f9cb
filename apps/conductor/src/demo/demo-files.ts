import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { JsonObject } from '@ferric/core';

/** What the machines of the demo load, all in one folder that its conductor serves. */
export interface DemoFiles {
  readonly folder: string;
  /** `file:///` addresses. */
  readonly kernel: string;
  readonly ramdisk: string;
  readonly image: DemoImage;
}

/** What the machines get on their disks. */
export interface DemoImage {
  readonly bytes: Buffer;
  /** The `instance_info` of a node that gets it. */
  readonly instanceInfo: JsonObject;
}

const IMAGE_BYTES = 1024 * 1024;
/** Where a master boot record has its partition table, and the signature that makes it bootable. */
const PARTITION_TABLE = { start: 446, end: 510 } as const;
const BOOT_SIGNATURE = 0xaa_55;

/** Writes a kernel, a ramdisk and an image into a new folder. Simulated machines load the first two and run an agent in their place. */
export async function createDemoFiles(folder: string): Promise<DemoFiles> {
  await mkdir(folder);
  const write = async (name: string, content: string | Buffer): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content);
    return pathToFileURL(path).href;
  };
  const bytes = randomImage();
  return {
    folder,
    kernel: await write('kernel', 'A simulated machine needs no kernel.\n'),
    ramdisk: await write('ramdisk', 'A simulated machine needs no ramdisk.\n'),
    image: {
      bytes,
      instanceInfo: {
        image_source: await write('image.raw', bytes),
        image_disk_format: 'raw',
        image_os_hash_algo: 'sha256',
        image_os_hash_value: createHash('sha256').update(bytes).digest('hex'),
      },
    },
  };
}

/** Random bytes that look like a whole disk without partitions. */
function randomImage(): Buffer {
  const image = randomBytes(IMAGE_BYTES);
  image.fill(0, PARTITION_TABLE.start, PARTITION_TABLE.end);
  image.writeUInt16LE(BOOT_SIGNATURE, PARTITION_TABLE.end);
  return image;
}
