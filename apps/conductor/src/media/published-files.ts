import { createHash } from 'node:crypto';
import { mkdir, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FerricError, isUuid, type Clock } from '@ferric/core';
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

/**
 * Files that are served at addresses which nobody can guess: `FOLDER/<node>/<key>/<name>`. They outlive the process.
 * What the file system refuses is an INTERNAL error without the path, for that has the key in it.
 */
export interface PublishedFiles {
  /**
   * Lets `make` write the file, beside its place, and moves it there whole; what was there goes. Its work folder goes in any case.
   * Whoever calls it holds the node's lock: what a try before left of its work goes first.
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

export interface PublishedFilesOptions {
  /** Made when it is needed, for its owner alone. */
  readonly folder: string;
  readonly clock: Clock;
  /** Name of this conductor: what a process of the same name left unfinished is its own. */
  readonly hostname: string;
}

const KEY = /^[0-9a-f]{32}$/;
/** Begins the names of folders in which something is made: `making-<node>-<mark of the conductor>`. */
const WORK_PREFIX = 'making-';
const MARK_LENGTH = 16;
/** Nothing takes longer to make. Milliseconds. */
const LONGEST_WORK_MS = 3 * 60 * 60 * 1000;

export function createPublishedFiles({ folder, clock, hostname }: PublishedFilesOptions): PublishedFiles {
  const folderOf = (nodeUuid: string): string => join(folder, nodeUuid.toLowerCase());
  const workPrefix = (nodeUuid: string): string => `${WORK_PREFIX}${nodeUuid.toLowerCase()}-`;
  const mark = createHash('sha256').update(hostname).digest('hex').slice(0, MARK_LENGTH);
  const atWork = new Set<string>();

  /** Another conductor of this machine may be at work in the same folder. */
  const isLeftOver = async (entry: string): Promise<boolean> => {
    if (entry.endsWith(`-${mark}`)) return !atWork.has(entry);
    const status = await stat(join(folder, entry)).catch(() => undefined);
    return status !== undefined && clock.now().getTime() - status.mtimeMs > LONGEST_WORK_MS;
  };

  const removeNamed = async (isMeant: (entry: string) => boolean | Promise<boolean>): Promise<void> => {
    for (const entry of await namesIn(folder)) if (await isMeant(entry)) await rm(join(folder, entry), { recursive: true, force: true });
  };

  return {
    async put({ nodeUuid, key, name }, make) {
      const entry = `${workPrefix(nodeUuid)}${mark}`;
      const workFolder = join(folder, entry);
      atWork.add(entry);
      try {
        await withoutPath('make a medium', async () => {
          await mkdir(folder, { recursive: true, mode: 0o700 });
          await removeNamed((each) => each.startsWith(workPrefix(nodeUuid)));
          await mkdir(workFolder, { mode: 0o700 });
        });
        const made = join(workFolder, name);
        await make(workFolder, made);
        await withoutPath('publish a medium', async () => {
          const place = join(folderOf(nodeUuid), key);
          await mkdir(place, { recursive: true, mode: 0o700 });
          await rename(made, join(place, name));
        });
      } finally {
        await rm(workFolder, { recursive: true, force: true }).finally(() => atWork.delete(entry));
      }
    },
    async find({ nodeUuid, key, name }) {
      if (!isUuid(nodeUuid) || !KEY.test(key) || !isMediumName(name)) return undefined;
      return withoutPath('read a medium', () => inspect(join(folderOf(nodeUuid), key), name));
    },
    remove: (nodeUuid) => withoutPath('remove media', () => rm(folderOf(nodeUuid), { recursive: true, force: true })),
    sweep: (isNamed) =>
      withoutPath('remove left-over media', async () => {
        await removeNamed((entry) => entry.startsWith(WORK_PREFIX) && isLeftOver(entry));
        const removed: string[] = [];
        for (const nodeUuid of (await namesIn(folder)).filter(isUuid)) {
          for (const key of await namesIn(folderOf(nodeUuid))) {
            if (!(await isNamed(nodeUuid, key))) await rm(join(folderOf(nodeUuid), key), { recursive: true, force: true });
          }
          // What was published meanwhile stays.
          if (await rmdir(folderOf(nodeUuid)).then(() => true, () => false)) removed.push(nodeUuid);
        }
        return removed;
      }),
  };
}

/** @throws INTERNAL for what the file system refuses, without its path. */
async function withoutPath<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || !('path' in error && 'code' in error && 'syscall' in error)) throw error;
    throw new FerricError('INTERNAL', `The conductor could not ${what}: ${String(error.code)} (${String(error.syscall)})`, {
      details: { step: what, reason: String(error.code) },
      hint: 'See what room and which rights the folder media in the data folder of the conductor (--data-dir) has.',
    });
  }
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
