import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Clock, FerricError } from '@ferric/core';
import { isBusy, translateSqliteError } from './sqlite-errors.js';

const LOCK_FILE = 'conductor.lock';
const HOLDER_FILE = 'conductor.lock.json';

/** Who holds a data folder. */
export interface DataFolderHolder {
  readonly pid: number;
  readonly hostname: string;
  /** ISO 8601. */
  readonly since: string;
}

/**
 * Claims a data folder for this process. The claim is SQLite's lock on a file of its own, which the operating system
 * drops when the process ends in whatever way, kill -9 included.
 *
 * The lock file must never be opened with anything but SQLite: closing any descriptor of a file drops all POSIX locks of
 * the process on it (fcntl(2), "Record locks"). So who holds the folder is told by a second file, which only informs.
 * @returns gives the folder back when disposed.
 * @throws CONFLICT naming the folder and its holder when another conductor has it.
 */
export function lockDataFolder(folder: string, hostname: string, clock: Clock): Disposable {
  const lock = new DatabaseSync(join(folder, LOCK_FILE), { timeout: 0 });
  try {
    lock.exec('pragma locking_mode = exclusive; begin exclusive');
  } catch (error) {
    lock.close();
    if (isBusy(error)) throw folderTaken(folder, readHolder(folder));
    throw translateSqliteError(error);
  }
  const holder: DataFolderHolder = { pid: process.pid, hostname, since: clock.now().toISOString() };
  writeFileSync(join(folder, HOLDER_FILE), `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  return {
    [Symbol.dispose]() {
      if (!lock.isOpen) return;
      rmSync(join(folder, HOLDER_FILE), { force: true });
      lock.close();
    },
  };
}

function folderTaken(folder: string, holder: DataFolderHolder | undefined): FerricError {
  const who = holder === undefined ? 'another conductor' : `the conductor with pid ${holder.pid} on ${holder.hostname}, since ${holder.since}`;
  return new FerricError('CONFLICT', `The data folder ${folder} is in use by ${who}`, {
    details: { folder, ...(holder === undefined ? {} : { holder: { ...holder } }) },
    hint: 'Stop that conductor, choose another folder with --data-dir, or let several conductors share a PostgreSQL database with --database-url.',
  });
}

function readHolder(folder: string): DataFolderHolder | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, HOLDER_FILE), 'utf8')) as DataFolderHolder;
  } catch {
    // The holder may be between taking the lock and writing its name.
    return undefined;
  }
}
