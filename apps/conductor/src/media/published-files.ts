import { mkdir, mkdtemp, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isUuid } from '@ferric/core';
import type { ImageFile } from '../boot/image-folders.js';

/** What can be published for a node: a file name each, by what it is. */
export const MEDIUM_NAMES = { boot: 'boot.iso', parameters: 'parameters.img' } as const;
export type MediumName = (typeof MEDIUM_NAMES)[keyof typeof MEDIUM_NAMES];

/** Where one published file belongs. */
export interface MediumPlace {
  readonly nodeUuid: string;
  /** 32 hexadecimal digits. */
  readonly key: string;
  readonly name: MediumName;
}

/** Files that are served at addresses which nobody can guess: `FOLDER/<node>/<key>/<name>`. They outlive the process. */
export interface PublishedFiles {
  /**
   * Lets `make` write the file, beside its place, and moves it there whole; what was there goes. Its work folder goes in any case.
   * @param make gets an empty folder, and the path of the file
   */
  put(place: MediumPlace, make: (workFolder: string, file: string) => Promise<void>): Promise<void>;
  /** The file at a place that a request names; undefined when there is none, or the place is none. */
  find(place: { readonly nodeUuid: string; readonly key: string; readonly name: string }): Promise<ImageFile | undefined>;
  /** Removes everything of a node. */
  remove(nodeUuid: string): Promise<void>;
  /**
   * Removes every file whose key its node does not name, and what a process that was killed was making.
   * @param isNamed whether the node with this UUID is there and names the key
   * @returns the nodes of which nothing is left
   */
  sweep(isNamed: (nodeUuid: string, key: string) => Promise<boolean>): Promise<readonly string[]>;
}

const KEY = /^[0-9a-f]{32}$/;
/** Begins the names of folders in which something is made. */
const WORK_PREFIX = 'making-';
/** Nothing takes longer to make. Milliseconds. */
const LONGEST_WORK_MS = 3 * 60 * 60 * 1000;

/** @param folder made when it is needed, for its owner alone */
export function createPublishedFiles(folder: string): PublishedFiles {
  const folderOf = (nodeUuid: string): string => join(folder, nodeUuid.toLowerCase());

  return {
    async put({ nodeUuid, key, name }, make) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const workFolder = await mkdtemp(join(folder, WORK_PREFIX));
      try {
        const made = join(workFolder, name);
        await make(workFolder, made);
        const place = join(folderOf(nodeUuid), key);
        await mkdir(place, { recursive: true, mode: 0o700 });
        await rename(made, join(place, name));
      } finally {
        await rm(workFolder, { recursive: true, force: true });
      }
    },
    async find({ nodeUuid, key, name }) {
      if (!isUuid(nodeUuid) || !KEY.test(key) || !isMediumName(name)) return undefined;
      return inspect(join(folderOf(nodeUuid), key), name);
    },
    remove: (nodeUuid) => rm(folderOf(nodeUuid), { recursive: true, force: true }),
    async sweep(isNamed) {
      const removed: string[] = [];
      for (const entry of await namesIn(folder)) {
        if (entry.startsWith(WORK_PREFIX)) await removeOld(join(folder, entry));
      }
      for (const nodeUuid of (await namesIn(folder)).filter(isUuid)) {
        const keys = await namesIn(folderOf(nodeUuid));
        const named = await Promise.all(keys.map((key) => isNamed(nodeUuid, key)));
        for (const key of keys.filter((_key, index) => named[index] !== true)) await rm(join(folderOf(nodeUuid), key), { recursive: true, force: true });
        if (named.includes(true)) continue;
        await rm(join(folder, nodeUuid), { recursive: true, force: true });
        removed.push(nodeUuid);
      }
      return removed;
    },
  };
}

/** Another conductor of this machine may be at work in the same folder. */
async function removeOld(workFolder: string): Promise<void> {
  const status = await stat(workFolder).catch(() => undefined);
  if (status !== undefined && Date.now() - status.mtimeMs > LONGEST_WORK_MS) await rm(workFolder, { recursive: true, force: true });
}

function isMediumName(name: string): name is MediumName {
  return Object.values(MEDIUM_NAMES).some((known) => known === name);
}

async function inspect(folder: string, name: MediumName): Promise<ImageFile | undefined> {
  try {
    const root = await realpath(folder);
    const path = join(root, name);
    const status = await stat(path, { bigint: true });
    return status.isFile() ? { folder: 0, root, parts: [name], path, status } : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
