import { readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** What the kernel tells in files. Whatever cannot be read is undefined or empty: hardware differs. Paths begin with `/`. */
export interface SystemFiles {
  /** Without white space around it; an empty one counts as missing. */
  text(path: string): Promise<string | undefined>;
  number(path: string): Promise<number | undefined>;
  bytes(path: string): Promise<Buffer | undefined>;
  list(folder: string): Promise<readonly string[]>;
  exists(path: string): Promise<boolean>;
  /** The last part of what a link points to. */
  linkName(path: string): Promise<string | undefined>;
  /** Where a path really leads. */
  real(path: string): Promise<string | undefined>;
}

/** @param root a folder that stands for `/` */
export function readSystemFiles(root: string): SystemFiles {
  const at = (path: string): string => join(root, path);
  const orNothing = async <T>(work: Promise<T>): Promise<T | undefined> => work.catch(() => undefined);
  const files: SystemFiles = {
    async text(path) {
      const text = (await orNothing(readFile(at(path), 'utf8')))?.replaceAll('\0', '').trim();
      return text === '' ? undefined : text;
    },
    async number(path) {
      const text = await files.text(path);
      const number = Number(text);
      return text === undefined || !Number.isFinite(number) ? undefined : number;
    },
    bytes: (path) => orNothing(readFile(at(path))),
    list: async (folder) => (await orNothing(readdir(at(folder))))?.toSorted() ?? [],
    exists: async (path) => (await orNothing(stat(at(path)))) !== undefined,
    async linkName(path) {
      const target = await orNothing(readlink(at(path)));
      return target === undefined ? undefined : basename(target);
    },
    real: (path) => orNothing(realpath(at(path))),
  };
  return files;
}
