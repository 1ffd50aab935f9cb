import type { BigIntStats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FerricError, invalidOptions, printValue } from '@ferric/core';

/** A file that machines may load. */
export interface ImageFile {
  /** Which of the configured folders it is in, counted from 0. */
  readonly folder: number;
  /** The folder with every link resolved. */
  readonly root: string;
  /** The file's path below the root with every link resolved, its parts in order. */
  readonly parts: readonly string[];
  /** Where it is. */
  readonly path: string;
  readonly status: BigIntStats;
}

/** Where this conductor serves a file, below its own address. */
export function imagePath({ folder, parts }: ImageFile): string {
  return `/images/${folder}/${parts.map(encodeURIComponent).join('/')}`;
}

/** The folders whose files are served. Nothing outside of them ever is, by whatever link or dots. */
export interface ImageFolders {
  /** The file that a `file:///...` address names. @throws INVALID_OPTIONS when it is no file in one of the folders. */
  locate(reference: string): Promise<ImageFile>;
  /** The file at a path below a folder, as an address of this conductor names it; undefined when there is none. */
  find(folder: number, path: string): Promise<ImageFile | undefined>;
}

/** @param folders relative ones are taken from the working folder; one that does not exist yet may be made later */
export function createImageFolders(folders: readonly string[]): ImageFolders {
  const roots = folders.map((folder) => resolve(folder));

  const find: ImageFolders['find'] = async (folder, path) => {
    const root = roots[folder];
    if (root === undefined || path.includes('\0') || hasHiddenPart(path.split('/'))) return undefined;
    return inspect(folder, root, join(root, path));
  };

  return {
    find,
    async locate(reference) {
      const path = pathOf(reference);
      for (const [folder, root] of roots.entries()) {
        const below = relative(root, path);
        const file = isBelow(below) ? await find(folder, below) : undefined;
        if (file !== undefined) return file;
      }
      throw notServed(reference, roots);
    },
  };
}

async function inspect(folder: number, givenRoot: string, givenPath: string): Promise<ImageFile | undefined> {
  try {
    const [root, path] = await Promise.all([realpath(givenRoot), realpath(givenPath)]);
    const below = relative(root, path);
    const parts = below.split(sep);
    if (!isBelow(below) || hasHiddenPart(parts)) return undefined;
    const status = await stat(path, { bigint: true });
    return status.isFile() ? { folder, root, parts, path, status } : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** True for a path inside the folder that it is relative to, and not the folder itself. */
function isBelow(path: string): boolean {
  return path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}

/** Names that begin with a dot: hidden files, and `..`. */
function hasHiddenPart(parts: readonly string[]): boolean {
  return parts.some((part) => part.startsWith('.'));
}

/** Not there, or not to be read: for a machine that asks it is the same. */
const MISSING: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'EPERM', 'ENAMETOOLONG']);

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && MISSING.has(error.code);
}

function pathOf(reference: string): string {
  const url = URL.parse(reference);
  // Only on this machine: a host in a file address would be another one.
  if (url === null || url.protocol !== 'file:' || url.host !== '') throw notAFile(reference);
  try {
    return fileURLToPath(url);
  } catch {
    throw notAFile(reference);
  }
}

function notAFile(reference: string): FerricError {
  return refuse(reference, 'the address of a file on the conductor, such as file:///srv/images/debian.qcow2');
}

function notServed(reference: string, roots: readonly string[]): FerricError {
  return refuse(reference, roots.length === 0 ? 'an http or https address, since the conductor serves no folder' : `a file in a folder that the conductor serves (${roots.join(', ')})`);
}

function refuse(reference: string, expected: string): FerricError {
  const { message, details } = invalidOptions('Image', [{ field: 'image', problem: 'invalid', expected, received: printValue(reference) }]);
  return new FerricError('INVALID_OPTIONS', message, {
    details,
    hint: 'Put the file into one of the folders that --image-dirs names; names that begin with a dot and links that lead out of the folder are not served.',
  });
}
