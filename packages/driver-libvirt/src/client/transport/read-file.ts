import { abortable, FerricError } from '@ferric/core';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { systemCode } from './connect-errors.js';
import type { TransportContext } from './transport.js';

/** Longer than any key, certificate or list of hosts that is meant. */
const FILE_LIMIT_BYTES = 16 * 1024 * 1024;

export type FileContent =
  | { readonly kind: 'content'; readonly bytes: Buffer }
  | { readonly kind: 'missing' }
  /** It is there, or may be, and cannot be read. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Opening a pipe would otherwise wait for somebody who writes to it. Windows does not know the flag. */
const READ = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);

const REASONS: Readonly<Record<string, string>> = { EACCES: 'this user may not read it', EPERM: 'this user may not read it', EISDIR: 'it is a folder' };

/** Reads a file without ever holding more than the limit. Rejects with the abort reason only. */
export async function readFileContent(path: string, signal: AbortSignal): Promise<FileContent> {
  return abortable(signal, read(path));
}

async function read(path: string): Promise<FileContent> {
  try {
    await using file = await open(path, READ);
    const status = await file.stat();
    if (!status.isFile()) return { kind: 'unreadable', reason: 'it is no file' };
    if (status.size > FILE_LIMIT_BYTES) return { kind: 'unreadable', reason: `it is longer than ${FILE_LIMIT_BYTES} bytes` };
    return { kind: 'content', bytes: await file.readFile() };
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
    return { kind: 'unreadable', reason: REASONS[code] ?? (error instanceof Error ? error.message : String(error)) };
  }
}

export function homeOf(context: Pick<TransportContext, 'homeDirectory'>): string {
  return context.homeDirectory ?? homedir();
}

/** `~/x` below the home, as a shell and OpenSSH read it. */
export function expandHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') ? `${home}${path.slice(1)}` : path;
}

export interface UnusableFile {
  /** Of the daemon that it is needed for. */
  readonly address: string;
  /** Option, or parameter of the URI, that leads to the file. */
  readonly field: string;
  /** What the option should lead to. */
  readonly expected: string;
  readonly path: string;
  /** Half a sentence: `it does not exist`. */
  readonly reason: string;
  readonly hint: string;
  readonly cause?: unknown;
}

/** INVALID_OPTIONS for a file that is needed and cannot be used. */
export function unusableFile({ address, field, expected, path, reason, hint, ...rest }: UnusableFile): FerricError {
  return new FerricError('INVALID_OPTIONS', `${path} cannot be used: ${reason}`, {
    ...rest,
    details: { address, path, issues: [{ field, problem: 'invalid', expected }] },
    hint,
  });
}
