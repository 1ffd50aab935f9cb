import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Secret, type BootMedium, type BootModeName } from '@ferric/core';
import { findFile, findKernel, findTool, PROBE_LINES, probeInitrd, run, startPlainGuest } from '@ferric/lab';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createImageFolders } from '../src/boot/image-folders.js';
import { writeBootImage } from '../src/media/boot-image.js';
import { writeFatImage } from '../src/media/fat-image.js';
import { writeParametersImage } from '../src/media/parameters-image.js';

// What is made by xorriso, mkfs.vfat and mtools is looked at by others: blkid, file, a reader of ISO 9660, the kernel's own names for boot records, and firmware.
const { signal } = new AbortController();
let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'ferric-media-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Everything that a boot loader could take for something else, and a quoted value with blanks. */
const COMMAND_LINE = 'console=ttyS0 quiet a=$b;c|d&e {f} <g> (h) !i *j ?k [l] ~m ^n %o @p #q key="two words $x" boot_method=vmedia ipa-agent-token=planted-token-0123456789 last=one';
/** GRUB quotes the whole word anew, which Linux reads alike. */
const AS_GRUB_WRITES = COMMAND_LINE.replace('key="two words $x"', '"key=two words $x"');

async function makeCd(medium: Partial<BootMedium> = {}): Promise<string> {
  const { kernel } = await findKernel();
  await writeFile(join(folder, 'kernel'), await readFile(kernel));
  await writeFile(join(folder, 'ramdisk'), await probeInitrd());
  const image = join(folder, 'boot.iso');
  const file = (name: string): string => pathToFileURL(join(folder, name)).href;
  await writeBootImage(
    { kind: 'boot', kernel: file('kernel'), ramdisk: file('ramdisk'), commandLine: new Secret(COMMAND_LINE), ...medium },
    { workFolder: await mkdtemp(join(folder, 'work-')), image, folders: createImageFolders([folder]), signal },
  );
  return image;
}

describe('a floppy with parameters', () => {
  test('is the one that deploy agents know: size, file system, label, file, and nothing else', async () => {
    const image = join(folder, 'parameters.img');
    const parameters = { 'ipa-api-url': 'http://192.0.2.1:6385', boot_method: 'vmedia', 'ipa-agent-token': new Secret('planted-token') };
    await writeParametersImage({ kind: 'parameters', parameters }, { workFolder: folder, image, signal });
    expect((await stat(image)).size).toBe(100 * 1024);
    // How the agent finds it: by udev, which asks libblkid.
    const probed = await run('/sbin/blkid', ['-p', '-o', 'export', image]);
    expect(probed).toMatch(/^TYPE=vfat$/m);
    expect(probed).toMatch(/^VERSION=FAT12$/m);
    expect(probed).toMatch(/^LABEL=ir-vfd-dev$/m);
    expect(await run(findTool('mdir'), ['-b', '-i', image, '::'])).toBe('::/parameters.txt\n');
    expect(await run(findTool('mtype'), ['-i', image, '::parameters.txt'])).toBe('ipa-api-url=http://192.0.2.1:6385\nboot_method=vmedia\nipa-agent-token=planted-token');
    await run('/sbin/fsck.vfat', ['-n', image]);
  });

  test('with folders is made in their order', async () => {
    const image = join(folder, 'x.img');
    await writeFile(join(folder, 'content'), 'hello');
    await writeFatImage({ image, sizeKib: 200, label: 'X', files: [{ path: 'A/B/C.TXT', source: join(folder, 'content') }, { path: 'A/D.TXT', source: join(folder, 'content') }], signal });
    expect((await run(findTool('mdir'), ['-b', '-/', '-i', image, '::'])).trim().split('\n').toSorted()).toEqual(['::/A/', '::/A/B/', '::/A/B/C.TXT', '::/A/D.TXT']);
  });
});

describe('a CD with a kernel', () => {
  test('has a boot record for BIOS and one for UEFI, the label that agents know, and every file', async () => {
    const image = await makeCd();
    expect((await stat(image)).mode & 0o777).toBe(0o600);
    const probed = await run('/sbin/blkid', ['-p', '-o', 'export', image]);
    expect(probed).toMatch(/^LABEL=VMEDIA_BOOT_ISO$/m);
    const records = await run(findTool('xorriso'), ['-indev', image, '-report_el_torito', 'plain']);
    expect(records).toMatch(/El Torito boot img :\s+1\s+BIOS\s+y\s+none/);
    expect(records).toMatch(/El Torito boot img :\s+2\s+UEFI\s+y\s+none/);
    // As a USB stick it has a partition table with the one for UEFI.
    expect(await run(findTool('xorriso'), ['-indev', image, '-report_system_area', 'plain'])).toMatch(/isohybrid|GPT/);
    const listed = await run(findTool('xorriso'), ['-indev', image, '-find', '/', '-type', 'f', '-exec', 'echo']);
    for (const path of ['/vmlinuz', '/initrd', '/isolinux/isolinux.bin', '/isolinux/ldlinux.c32', '/isolinux/isolinux.cfg', '/boot/grub/grub.cfg', '/boot/efi.img']) expect(listed).toContain(`'${path}'`);
  });

  test.each<[BootModeName, string]>([['bios', COMMAND_LINE], ['uefi', AS_GRUB_WRITES]])('boots by %s, and its kernel is told every word as it was given', async (firmware, told) => {
    const image = await makeCd({ bootMode: firmware });
    await using guest = await startPlainGuest({ firmware, cdrom: image, bootOrder: ['cdrom'], memoryMib: 256, endsOnReboot: true, lifetimeMs: 180_000 });
    expect(await guest.ended).toBe('by itself');
    const [, commandLine = ''] = new RegExp(`${PROBE_LINES.commandLine('')}(.*?)\\r?\\n`).exec(guest.serialText()) ?? [];
    // Boot loaders add where they found the kernel.
    expect(commandLine.replace(/^BOOT_IMAGE=\S+ /, '').replace(/^initrd=\S+ /, '').replace(/ initrd=\S+/, '').trim()).toBe(told);
  }, 240_000);

  test.each<BootModeName>(['bios', 'uefi'])('boots by %s also where a controller shows it as a disk', async (firmware) => {
    const image = await makeCd({ bootMode: firmware });
    await using guest = await startPlainGuest({ firmware, disk: image, bootOrder: ['hd'], memoryMib: 256, endsOnReboot: true, lifetimeMs: 180_000 });
    expect(await guest.ended).toBe('by itself');
    expect(guest.serialText()).toContain('last=one');
  }, 240_000);

  test("boots by UEFI with an operator's own boot loader", async () => {
    const grub = findFile('grub-efi-amd64-bin', '/usr/lib/grub/x86_64-efi/monolithic/gcdx64.efi');
    await writeFatImage({ image: join(folder, 'esp.img'), sizeKib: 6144, label: 'MINE', files: [{ path: 'EFI/BOOT/BOOTX64.EFI', source: grub }], signal });
    const image = await makeCd({ bootMode: 'uefi', bootloader: pathToFileURL(join(folder, 'esp.img')).href });
    await using guest = await startPlainGuest({ firmware: 'uefi', cdrom: image, bootOrder: ['cdrom'], memoryMib: 256, endsOnReboot: true, lifetimeMs: 180_000 });
    expect(await guest.ended).toBe('by itself');
    expect(guest.serialText()).toContain('last=one');
  }, 240_000);
});
