import { readFileSync, realpathSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from '../system/programs.ts';
import { findFile } from '../system/tools.ts';
import { type ArchiveEntry, FILE_MODE, FOLDER_MODE, LINK_MODE, PROGRAM_MODE } from './cpio.ts';
import { DHCP_SCRIPT } from './init-scripts.ts';
import type { Kernel } from './kernel.ts';

/** What every guest has: a network card and a disk that need few modules. */
export const DEVICE_MODULES: readonly string[] = ['virtio_pci', 'virtio_blk', 'virtio_net'];

/** Folders to mount on, the first program, and the script for DHCP. */
export function initEntries(init: string): readonly ArchiveEntry[] {
  return [
    ...['proc', 'sys', 'dev', 'tmp', 'root', 'etc'].map((path) => ({ path, mode: FOLDER_MODE })),
    { path: 'init', mode: PROGRAM_MODE, content: Buffer.from(init) },
    { path: 'bin/dhcp-script', mode: PROGRAM_MODE, content: Buffer.from(DHCP_SCRIPT) },
  ];
}

/** All small programs, in one that needs no library. */
export async function busyboxEntries(): Promise<readonly ArchiveEntry[]> {
  const busybox = findFile('busybox-static', '/bin/busybox');
  const names = (await run(busybox, ['--list'])).split('\n').filter((name) => name !== '' && name !== 'busybox');
  return [
    { path: 'bin/busybox', mode: PROGRAM_MODE, content: readFileSync(busybox) },
    ...names.map((name) => ({ path: `bin/${name}`, mode: LINK_MODE, content: Buffer.from('busybox') })),
  ];
}

/** These modules and what they need, and a list of them in the order in which they can be loaded. */
export function moduleEntries(kernel: Kernel, names: readonly string[]): readonly ArchiveEntry[] {
  const files = kernel.modules(...names);
  return [
    { path: 'modules/order', mode: FILE_MODE, content: Buffer.from(files.map((file) => `${basename(file)}\n`).join('')) },
    ...files.map((file) => ({ path: `modules/${basename(file)}`, mode: FILE_MODE, content: readFileSync(file) })),
  ];
}

/** Node with the libraries of this machine. */
export async function nodeEntries(node: string): Promise<readonly ArchiveEntry[]> {
  const libraries = [...(await run('ldd', [node])).matchAll(/^\s*(?:\S+ => )?\/(\S+) \(0x/gm)].map(([, path = '']) => path);
  return [
    { path: 'bin/node', mode: PROGRAM_MODE, content: readFileSync(node) },
    ...libraries.map((path) => ({ path, mode: PROGRAM_MODE, content: readFileSync(realpathSync(`/${path}`)) })),
  ];
}

/** A program in one file, read by Node as it is where it lies. */
export function programEntries(program: string): readonly ArchiveEntry[] {
  const manifest = findPackageJSON(pathToFileURL(program));
  const { type = 'commonjs' } = manifest === undefined ? {} : (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly type?: string });
  return [
    { path: 'agent/package.json', mode: FILE_MODE, content: Buffer.from(JSON.stringify({ type })) },
    { path: 'agent/program.js', mode: FILE_MODE, content: readFileSync(program) },
  ];
}
