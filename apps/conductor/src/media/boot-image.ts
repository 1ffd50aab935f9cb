import { randomBytes } from 'node:crypto';
import { chmod, mkdir, stat, writeFile, copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FerricError, type BootMedium } from '@ferric/core';
import type { ImageFolders } from '../boot/image-folders.js';
import { findBootLoaders, type BootLoaders } from './boot-loaders.js';
import { fetchFile } from './fetch-file.js';
import { writeFatImage } from './fat-image.js';
import { KERNEL_NAME, loaderConfigs, RAMDISK_NAME } from './loader-configs.js';
import { findProgram, programFolders, runProgram } from './programs.js';

export interface BootImageOptions {
  /** An empty folder of ours, which goes away afterwards. */
  readonly workFolder: string;
  /** Where the image is written. */
  readonly image: string;
  readonly folders: ImageFolders;
  readonly signal: AbortSignal;
  /** Where the programs are looked for, as PATH has it. Default: the PATH of this process. */
  readonly searchPath?: string | undefined;
}

/** The label that a deploy agent knows its medium by. Source: Ironic, ironic/common/images.py (create_vfat_image, _create_iso); ironic-python-agent, utils.py (copy_config_from_vmedia). */
const VOLUME_LABEL = 'VMEDIA_BOOT_ISO';
/** Time for writing an image of some gigabytes. Milliseconds. */
const TIME_LIMIT_MS = 10 * 60_000;
const EFI_IMAGE = 'boot/efi.img';

/**
 * Makes an image of a CD that boots by BIOS and by UEFI, as far as there are boot loaders for it.
 * @throws UNSUPPORTED when a tool or boot loader is missing; INVALID_OPTIONS for a file that cannot be had; INTERNAL when a tool fails; the abort reason.
 */
export async function writeBootImage(medium: BootMedium, options: BootImageOptions): Promise<void> {
  const { workFolder, image, folders, signal, searchPath } = options;
  const { architecture = 'x86_64', bootMode, bootloader } = medium;
  const xorriso = await findProgram('xorriso', programFolders(searchPath));
  if (xorriso === undefined) {
    throw new FerricError('UNSUPPORTED', 'A medium cannot be made: xorriso is not installed on the conductor', {
      hint: 'Install the Debian package xorriso, or give the node a ready-made image (driver_info deploy_iso).',
    });
  }
  const loaders = await findBootLoaders({ architecture, bootMode, hasOwnLoader: bootloader !== undefined });
  const root = join(workFolder, 'files');
  await mkdir(root, { recursive: true });
  for (const { path, text } of loaderConfigs(medium.commandLine.reveal(), randomBytes(8).toString('hex'))) await put(join(root, path), text);
  await fetchFile({ reference: medium.kernel, path: join(root, KERNEL_NAME), folders, signal });
  await fetchFile({ reference: medium.ramdisk, path: join(root, RAMDISK_NAME), folders, signal });
  await layBootLoaders(loaders, bootloader, root, options);
  const hasEfi = bootloader !== undefined || loaders.grub !== undefined;
  await runProgram({ path: xorriso, args: isoArguments(loaders, hasEfi, image, root), what: 'make the medium', timeLimitMs: TIME_LIMIT_MS, signal });
  // The command line may hold a token.
  await chmod(image, 0o600);
}

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function layBootLoaders({ isolinux, grub }: BootLoaders, own: string | undefined, root: string, options: BootImageOptions): Promise<void> {
  if (isolinux !== undefined) {
    await copyFile(isolinux.program, join(root, 'isolinux/isolinux.bin'));
    await copyFile(isolinux.module, join(root, 'isolinux/ldlinux.c32'));
  }
  const image = join(root, EFI_IMAGE);
  if (own !== undefined) {
    await fetchFile({ reference: own, path: image, folders: options.folders, signal: options.signal });
  } else if (grub !== undefined) {
    const { size } = await stat(grub.program);
    await writeFatImage({
      image,
      sizeKib: Math.ceil(size / 1024) + EFI_SPARE_KIB,
      label: 'EFIBOOT',
      files: [{ path: `EFI/BOOT/${grub.name}`, source: grub.program }],
      signal: options.signal,
      searchPath: options.searchPath,
    });
  }
}

/** Room for the tables of the file system. KiB. */
const EFI_SPARE_KIB = 512;

/**
 * Source: xorriso, man page of xorrisofs, options of mkisofs, isohybrid for BIOS and UEFI; "El Torito" Bootable CD-ROM Format Specification 1.0.
 * A controller may show the image as a USB stick, for which the first sector and the partition table are.
 */
function isoArguments({ isolinux }: BootLoaders, hasEfi: boolean, image: string, root: string): readonly string[] {
  const bios = isolinux === undefined
    ? []
    : ['-b', 'isolinux/isolinux.bin', '-c', 'isolinux/boot.cat', '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table', '-isohybrid-mbr', isolinux.hybridSector];
  const efi = hasEfi ? [...(bios.length === 0 ? [] : ['-eltorito-alt-boot']), '-e', EFI_IMAGE, '-no-emul-boot', ...(bios.length === 0 ? [] : ['-isohybrid-gpt-basdat'])] : [];
  return ['-as', 'mkisofs', '-quiet', '-r', '-J', '-V', VOLUME_LABEL, '-o', image, ...bios, ...efi, root];
}
