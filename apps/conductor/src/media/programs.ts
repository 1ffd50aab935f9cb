import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { abortReason, FerricError } from '@ferric/core';

/** Programs of administrators, which the PATH of a service often lacks. */
const MORE_FOLDERS: readonly string[] = ['/usr/sbin', '/sbin'];
/** Most text of a program that is looked at. Bytes. */
const OUTPUT_LIMIT_BYTES = 64 * 1024;

/** Folders with programs: those of PATH and, unless another list is given, those of administrators. */
export function programFolders(searchPath?: string): readonly string[] {
  const folders = (searchPath ?? process.env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  return searchPath === undefined ? [...folders, ...MORE_FOLDERS] : folders;
}

/** Where a program is; undefined when it is nowhere. */
export async function findProgram(name: string, folders: readonly string[]): Promise<string | undefined> {
  return firstAccessible(folders.map((folder) => join(folder, name)), constants.X_OK);
}

/** The first of these files that can be read; undefined when none can. */
export async function findReadable(paths: readonly string[]): Promise<string | undefined> {
  return firstAccessible(paths, constants.R_OK);
}

async function firstAccessible(paths: readonly string[], mode: number): Promise<string | undefined> {
  for (const path of paths) {
    const found = await access(path, mode).then(() => true, () => false);
    if (found) return path;
  }
  return undefined;
}

export interface ProgramRun {
  readonly path: string;
  readonly args: readonly string[];
  /** What it does, for its error: `build the config drive`. */
  readonly what: string;
  /** Milliseconds. */
  readonly timeLimitMs: number;
  readonly signal: AbortSignal;
}

/**
 * Runs a program without a shell, with nothing of our environment but what a program needs to start. Its arguments can be seen by others: no secrets.
 * @throws INTERNAL with its last words when it fails or takes too long; the abort reason.
 */
export function runProgram({ path, args, what, timeLimitMs, signal }: ProgramRun): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { signal, timeout: timeLimitMs, killSignal: 'SIGKILL', maxBuffer: OUTPUT_LIMIT_BYTES, env: { LC_ALL: 'C', HOME: '/nonexistent' } } as const;
    execFile(path, [...args], options, (error, _stdout, stderr) => {
      if (error === null) return resolve();
      if (signal.aborted) return reject(abortReason(signal) as Error);
      const said = stderr.trim().split('\n').at(-1) ?? '';
      return reject(new FerricError('INTERNAL', `${path} could not ${what}${said === '' ? '' : `: ${said}`}`, { cause: new Error(error.message) }));
    });
  });
}
