import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FerricError } from '@ferric/core';
import { findProgram, programFolders, runProgram } from './programs.js';

/** A file for an image. */
export interface FatFile {
  /** Below the root of the volume, at most two folders deep: `EFI/BOOT/BOOTX64.EFI`. */
  readonly path: string;
  /** Path of its content on this machine. */
  readonly source: string;
}

export interface FatImageOptions {
  /** Where it is written; what is there is replaced. */
  readonly image: string;
  readonly sizeKib: number;
  /** At most 11 characters. */
  readonly label: string;
  readonly files: readonly FatFile[];
  readonly signal: AbortSignal;
  /** Where the programs are looked for, as PATH has it. Default: the PATH of this process. */
  readonly searchPath?: string | undefined;
}

const TOOLS = { 'mkfs.vfat': 'dosfstools', mmd: 'mtools', mcopy: 'mtools' } as const;
type Tool = keyof typeof TOOLS;
/** Milliseconds. */
const TIME_LIMIT_MS = 60_000;

/**
 * Makes an image with a FAT file system, as small as it is: FAT12 up to some megabytes.
 * @throws UNSUPPORTED when a tool is missing; INTERNAL when it fails; the abort reason.
 */
export async function writeFatImage({ image, sizeKib, label, files, signal, searchPath }: FatImageOptions): Promise<void> {
  const folders = programFolders(searchPath);
  const run = async (tool: Tool, ...args: readonly string[]): Promise<void> => {
    const path = await findProgram(tool, folders);
    if (path === undefined) throw missing(tool);
    await runProgram({ path, args, what: 'make the medium', timeLimitMs: TIME_LIMIT_MS, signal });
  };
  await mkdir(dirname(image), { recursive: true });
  await rm(image, { force: true });
  await run('mkfs.vfat', '-n', label, '-C', image, String(sizeKib));
  for (const folder of foldersOf(files)) await run('mmd', '-i', image, `::${folder}`);
  for (const { path, source } of files) await run('mcopy', '-i', image, source, `::${path}`);
}

/** Each folder once, and after the one that it is in. */
function foldersOf(files: readonly FatFile[]): readonly string[] {
  const all = files.flatMap(({ path }) => {
    const parts = path.split('/').slice(0, -1);
    return parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
  });
  return [...new Set(all)].toSorted((a, b) => a.length - b.length);
}

function missing(tool: Tool): FerricError {
  return new FerricError('UNSUPPORTED', `A medium cannot be made: ${tool} is not installed on the conductor`, { hint: `Install the Debian package ${TOOLS[tool]}.` });
}
