import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '@ferric/core';

/**
 * Copies a database into the folder `backups` beside it, under a name that tells its schema version and the time.
 * @returns the path of the copy, which is a complete database of its own and is on the disk.
 */
export function backUp(connection: DatabaseSync, folder: string, version: number, clock: Clock): string {
  const backups = join(folder, 'backups');
  mkdirSync(backups, { recursive: true, mode: 0o700 });
  const path = join(backups, `conductor-schema-${version}-${clock.now().toISOString().replaceAll(':', '')}.sqlite`);
  // Made first, since VACUUM INTO takes an empty file and would give it the permissions of any file; it holds secrets.
  const file = openSync(path, 'wx', 0o600);
  try {
    connection.prepare('vacuum into ?').run(path);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  syncFolder(backups);
  return path;
}

/** Makes the name of a new file survive a power cut (fsync(2): the folder has to be synced too). */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
