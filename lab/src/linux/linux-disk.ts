import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { MEBIBYTE } from '../guest/media.ts';
import { run } from '../system/programs.ts';
import { findFile, findTool } from '../system/tools.ts';
import { cpioArchive, withFolders } from './cpio.ts';
import { DISK_INIT, REPORT_PARAMETER } from './init-scripts.ts';
import { busyboxEntries, DEVICE_MODULES, initEntries, moduleEntries } from './initrd-parts.ts';
import { findKernel } from './kernel.ts';

export interface LinuxDiskOptions {
  /** Folder in which the images are written: let it be one that goes away. */
  readonly directory: string;
  /** What the system fetches when it is up: an http URL without spaces. 10.0.2.2 is 127.0.0.1 of this machine. Default: nothing. */
  readonly reportUrl?: string;
  /** Default bios. */
  readonly firmware?: 'bios' | 'uefi';
}

/** Paths of the same disk in two formats. */
export interface LinuxDisk {
  /** 24 MiB. */
  readonly raw: string;
  readonly qcow2: string;
}

const SECTOR_BYTES = 512;
const DISK_MIB = 24;
const PARTITION_START = MEBIBYTE / SECTOR_BYTES;
const PARTITION_SECTORS = ((DISK_MIB - 1) * MEBIBYTE) / SECTOR_BYTES;

/**
 * A disk with a boot loader for its firmware, one partition with FAT, and a small Linux, which reports when it is up and ends by the power button.
 * It needs 256 MiB of memory.
 */
export async function buildLinuxDisk({ directory, reportUrl, firmware = 'bios' }: LinuxDiskOptions): Promise<LinuxDisk> {
  const bootCode = findFile('syslinux-common', '/usr/lib/syslinux/mbr/mbr.bin');
  const draft = await mkdtemp(join(directory, 'linux-disk-'));
  try {
    const partition = await buildPartition(draft, firmware, reportUrl);
    const name = firmware === 'bios' ? 'linux-disk' : 'linux-disk-uefi';
    const disk = { raw: join(directory, `${name}.raw`), qcow2: join(directory, `${name}.qcow2`) };
    writeDisk(disk.raw, readFileSync(bootCode), readFileSync(partition));
    await run(findTool('qemu-img'), ['convert', '-f', 'raw', '-O', 'qcow2', disk.raw, disk.qcow2]);
    return disk;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function buildPartition(draft: string, firmware: 'bios' | 'uefi', reportUrl: string | undefined): Promise<string> {
  const kernel = await findKernel();
  const partition = join(draft, 'partition');
  const files = { linux: kernel.kernel, initrd: join(draft, 'initrd'), 'syslinux.cfg': join(draft, 'syslinux.cfg') };
  const entries = [...initEntries(DISK_INIT), ...(await busyboxEntries()), ...moduleEntries(kernel, [...DEVICE_MODULES, 'button', 'evdev'])];
  writeFileSync(files.initrd, gzipSync(cpioArchive(withFolders(entries))));
  writeFileSync(files['syslinux.cfg'], loaderConfig(reportUrl));
  writeFileSync(partition, '');
  truncateSync(partition, PARTITION_SECTORS * SECTOR_BYTES);
  await run(findTool('mkfs.vfat'), ['-n', 'FERRIC', '-h', String(PARTITION_START), partition]);
  for (const [name, path] of Object.entries(files)) await run(findTool('mcopy'), ['-i', partition, path, `::${name}`]);
  await (firmware === 'bios' ? run(findTool('syslinux'), ['--install', partition]) : addGrub(draft, partition, reportUrl));
  return partition;
}

/** GRUB as Debian builds it for CDs: it searches every file system for the one with `.disk/info`. */
async function addGrub(draft: string, partition: string, reportUrl: string | undefined): Promise<void> {
  const grub = findFile('grub-efi-amd64-bin', '/usr/lib/grub/x86_64-efi/monolithic/gcdx64.efi');
  const config = ['set timeout=0', 'menuentry linux {', `linux /linux quiet${reportParameter(reportUrl)}`, 'initrd /initrd', '}', ''].join('\n');
  const texts = { '.disk/info': 'Ferric\n', 'boot/grub/grub.cfg': config };
  for (const folder of ['.disk', 'boot', 'boot/grub', 'EFI', 'EFI/BOOT']) await run(findTool('mmd'), ['-i', partition, `::${folder}`]);
  for (const [name, text] of Object.entries(texts)) {
    const file = join(draft, 'text');
    writeFileSync(file, text);
    await run(findTool('mcopy'), ['-i', partition, file, `::${name}`]);
  }
  await run(findTool('mcopy'), ['-i', partition, grub, '::EFI/BOOT/BOOTX64.EFI']);
}

function reportParameter(reportUrl: string | undefined): string {
  return reportUrl === undefined ? '' : ` ${REPORT_PARAMETER}=${reportUrl}`;
}

/** Source: the SYSLINUX wiki, page Config. */
function loaderConfig(reportUrl: string | undefined): string {
  return ['SERIAL 0 115200', 'DEFAULT linux', 'LABEL linux', 'LINUX linux', 'INITRD initrd', `APPEND quiet${reportParameter(reportUrl)}`, ''].join('\n');
}

/** A master boot record with one partition, to boot, and the partition. Source: UEFI specification 2.10, section 5.2.1. */
function writeDisk(path: string, bootCode: Uint8Array, partition: Uint8Array): void {
  const record = Buffer.alloc(SECTOR_BYTES);
  record.set(bootCode);
  // Active; FAT with addresses in sectors; the old addresses in cylinders say: look at the others.
  record.set([0x80, 0xfe, 0xff, 0xff, 0x0c, 0xfe, 0xff, 0xff], 446);
  record.writeUInt32LE(PARTITION_START, 454);
  record.writeUInt32LE(PARTITION_SECTORS, 458);
  record.writeUInt16LE(0xaa55, 510);
  writeFileSync(path, Buffer.concat([record, new Uint8Array((PARTITION_START - 1) * SECTOR_BYTES), partition]));
}
