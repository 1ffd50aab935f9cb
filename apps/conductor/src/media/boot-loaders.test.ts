import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findBootLoaders, type WantedLoaders } from './boot-loaders.js';

let root: string;
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'ferric-loaders-'))));
afterEach(() => rm(root, { recursive: true }));

const ISOLINUX = ['/usr/lib/ISOLINUX/isolinux.bin', '/usr/lib/syslinux/modules/bios/ldlinux.c32', '/usr/lib/ISOLINUX/isohdpfx.bin'];
const GRUB = '/usr/lib/grub/x86_64-efi/monolithic/gcdx64.efi';
async function install(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), path);
  }
}
const find = (wanted: Partial<WantedLoaders> = {}) => findBootLoaders({ architecture: 'x86_64', bootMode: undefined, hasOwnLoader: false, ...wanted }, root);

test('finds what is installed, for BIOS and for UEFI', async () => {
  await install(...ISOLINUX, GRUB);
  expect(await find()).toEqual({
    isolinux: { program: `${root}${ISOLINUX[0]}`, module: `${root}${ISOLINUX[1]}`, hybridSector: `${root}${ISOLINUX[2]}` },
    grub: { program: `${root}${GRUB}`, name: 'BOOTX64.EFI' },
  });
  expect(await find({ hasOwnLoader: true })).not.toHaveProperty('grub');
});

test('half of ISOLINUX is none', async () => {
  await install(...ISOLINUX.slice(0, 2), GRUB);
  expect(Object.keys(await find())).toEqual(['grub']);
});

test('finds the one for ARM, which has no BIOS', async () => {
  await install('/usr/lib/grub/arm64-efi/monolithic/gcdaa64.efi', ...ISOLINUX);
  expect(await find({ architecture: 'aarch64' })).toEqual({ grub: { program: `${root}/usr/lib/grub/arm64-efi/monolithic/gcdaa64.efi`, name: 'BOOTAA64.EFI' } });
  await expect(find({ architecture: 'aarch64', bootMode: 'bios' })).rejects.toMatchObject({ hint: expect.stringContaining('boot by UEFI') as string });
});

test.each<[string, readonly string[], Partial<WantedLoaders>, RegExp]>([
  ['BIOS', [GRUB], { bootMode: 'bios' }, /isolinux and syslinux-common/],
  ['UEFI', ISOLINUX, { bootMode: 'uefi' }, /grub-efi-amd64-bin.*driver_info bootloader/],
  ['anything', [], {}, /isolinux.*grub-efi-amd64-bin/],
  ['BIOS, also where the operator has one for UEFI', [], { bootMode: 'bios', hasOwnLoader: true }, /isolinux/],
  ['an unknown architecture', [...ISOLINUX, GRUB], { architecture: 'ppc64le' }, /deploy_iso/],
])('without a boot loader for %s names what to install', async (_case, installed, wanted, hint) => {
  await install(...installed);
  await expect(find(wanted)).rejects.toMatchObject({ code: 'UNSUPPORTED', hint: expect.stringMatching(hint) as string });
});

test.each<[string, readonly string[], Partial<WantedLoaders>]>([
  ['one of the two does for a machine of which nobody knows', ISOLINUX, {}], ['the operator brings his own', [], { hasOwnLoader: true, bootMode: 'uefi' }],
])('%s', async (_case, installed, wanted) => {
  await install(...installed);
  await expect(find(wanted)).resolves.toBeDefined();
});
