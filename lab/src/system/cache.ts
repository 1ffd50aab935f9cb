import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What nobody used for so long is removed. */
const KEPT_MS = 7 * 24 * 3_600_000;

/**
 * A folder with things that are costly to make and the same in every run, kept below the system's folder for temporary files.
 * @param name tells what is in it, down to the versions: another name is another thing
 * @param make fills an empty folder
 */
export async function keepInCache(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const root = cacheRoot();
  const folder = join(root, name);
  if (!existsSync(folder)) {
    const draft = mkdtempSync(join(root, '.draft-'));
    try {
      await make(draft);
      chmodSync(draft, 0o755);
      publish(draft, folder);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  const now = new Date();
  utimesSync(folder, now, now);
  sweep(root, now);
  return folder;
}

/** Names in the cache that begin so, the one that was used last first. */
export function listCache(prefix: string): readonly string[] {
  const root = cacheRoot();
  const usedAt = (name: string): number => statSync(join(root, name)).mtimeMs;
  return readdirSync(root).filter((name) => name.startsWith(prefix)).toSorted((one, other) => usedAt(other) - usedAt(one));
}

/** Ours alone: what lies in it is run by guests, and anybody may write below the folder above. */
function cacheRoot(): string {
  const owner = process.getuid?.() ?? 0;
  const root = join(tmpdir(), `ferric-lab-cache-${owner}`);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(root);
  if (uid !== owner || (mode & 0o170077) !== 0o040000) throw new Error(`${root} is not a folder of this user alone: remove it.`);
  return root;
}

/** Another process may have been quicker; its folder is as good as ours. */
function publish(draft: string, folder: string): void {
  try {
    renameSync(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

function sweep(root: string, now: Date): void {
  for (const name of readdirSync(root)) {
    const path = join(root, name);
    const usedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now.getTime();
    if (now.getTime() - usedAt > KEPT_MS) rmSync(path, { recursive: true, force: true });
  }
}
