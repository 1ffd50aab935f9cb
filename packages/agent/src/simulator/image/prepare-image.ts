import type { JsonObject, JsonValue } from '@ferric/core';
import { CommandFailure } from '../commands/command-failure.js';
import type { AgentWorkplace } from '../commands/command.js';
import type { Disk } from '../disk/disk.js';
import { diskIdentifier, moveBackupTable } from '../disk/partition-table.js';
import { chooseRootDisk, rootDeviceHints } from './choose-disk.js';
import { addConfigDrive, readConfigDrive } from './config-drive.js';
import { downloadImage } from './download.js';
import type { ImageInfo } from './image-info.js';
import { QCOW2_MAGIC } from './qcow2.js';
import { writeQcow2Image } from './write-qcow2.js';

export { checkImageInfo } from './image-info.js';

const WRITABLE_FORMATS: readonly string[] = ['raw', 'qcow2'];

/**
 * Writes an image, and a config drive behind it, to the root disk.
 * Source: ironic-python-agent, ironic_python_agent/extensions/standby.py (prepare_image).
 * @returns what the command tells: `image (ID) written to device /dev/sda root_uuid=0x1234abcd`
 * @throws CommandFailure
 */
export async function prepareImage(workplace: AgentWorkplace, image: ImageInfo, configDrive: JsonValue | undefined): Promise<string> {
  let hints = rootDeviceHints(workplace.node);
  if (Object.keys(hints).length === 0) {
    // The operator may have set a hint since: the real agent asks once more before it takes any disk.
    await workplace.lookUpAgain();
    hints = rootDeviceHints(workplace.node);
  }
  const disk = chooseRootDisk(workplace, hints);
  if (image.isPartitionImage) throw new CommandFailure('DeploymentError', `Image ${image.id} is a partition image; this agent writes images of whole disks`);
  if (image.diskFormat !== undefined && !WRITABLE_FORMATS.includes(image.diskFormat)) {
    throw new CommandFailure('InvalidImage', `Image ${image.id} has the format ${image.diskFormat}; this agent writes ${WRITABLE_FORMATS.join(' and ')}`);
  }
  // Decoded first: a bad one is found before the disk is touched.
  const drive = configDrive === undefined || configDrive === null ? undefined : await readConfigDrive(workplace, configDrive, image.nodeUuid);
  const isThere = workplace.written?.imageId === image.id;
  if (!isThere) await writeImage(workplace, disk, image);
  if (drive !== undefined) await addConfigDrive(disk, drive, image.nodeUuid);
  await disk.sync();
  const partitionUuids: JsonObject = { 'root uuid': await diskIdentifier(disk) };
  workplace.written = { imageId: image.id, partitionUuids };
  const message = `image (${image.id}) ${isThere ? 'already present on' : 'written to'} device ${disk.name} root_uuid=${String(partitionUuids['root uuid'])}`;
  workplace.log(message);
  return message;
}

async function writeImage(workplace: AgentWorkplace, disk: Disk, image: ImageInfo): Promise<void> {
  workplace.written = undefined;
  if (image.diskFormat === 'qcow2') await writeQcow2Image(workplace, disk, image);
  else await writeRawImage(workplace, disk, image);
  await moveBackupTable(disk);
}

/** Writes what comes straight to the disk. @throws CommandFailure */
async function writeRawImage(workplace: AgentWorkplace, disk: Disk, image: ImageInfo): Promise<void> {
  const isInspected = workplace.config['disable_deep_image_inspection'] !== true;
  const checkSize = (sizeBytes: number): void => {
    if (sizeBytes <= disk.sizeBytes) return;
    const why = `[Errno 28] No space left on device: the image needs ${sizeBytes} bytes, the disk has ${disk.sizeBytes}`;
    throw new CommandFailure('ImageDownloadError', `Download of image ${image.id} failed: Unable to write image to device ${disk.name}. Error: ${why}`);
  };
  await downloadImage(workplace, image, {
    location: disk.name,
    async begin(sizeBytes) {
      checkSize(sizeBytes ?? 0);
    },
    async write(position, chunk) {
      checkSize(position + chunk.length);
      if (position === 0 && isInspected && chunk.subarray(0, 4).equals(QCOW2_MAGIC)) {
        throw new CommandFailure('InvalidImage', `Image ${image.id} is said to be raw, but it is qcow2`);
      }
      await disk.write(position, chunk).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        throw new CommandFailure('ImageWriteError', `Writing image to device ${disk.name} failed: ${why}`, { cause: error });
      });
    },
  });
}
