import { X509Certificate } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FerricError } from '../errors/ferric-error.js';
import { abortable } from '../time/deadline.js';
import { systemCode } from './tls-errors.js';

/** Far more than all public authorities together. */
const FILE_LIMIT_BYTES = 4 * 1024 * 1024;
const FILES_LIMIT = 4096;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates at a path, in PEM form; kept until the path has changed. */
export interface Authorities {
  /** @throws INVALID_OPTIONS naming the path; the abort reason. */
  read(signal: AbortSignal): Promise<readonly string[]>;
}

/** @param path of a file, or of a folder whose files are all read except those that hold no certificate */
export function createAuthorities(path: string): Authorities {
  let kept: { readonly stamp: string; readonly certificates: readonly string[] } | undefined;
  const read = async (): Promise<readonly string[]> => {
    try {
      const status = await stat(path);
      const stamp = `${status.ino} ${status.size} ${status.mtimeMs}`;
      if (kept?.stamp === stamp) return kept.certificates;
      const certificates = status.isDirectory() ? await readFolder(path) : await readCertificates(path);
      if (certificates.length === 0) throw unusable(path, 'it holds no certificate in PEM form');
      kept = { stamp, certificates };
      return certificates;
    } catch (error) {
      throw FerricError.is(error) ? error : unusable(path, REASONS[systemCode(error) ?? ''] ?? String(error), error);
    }
  };
  return { read: (signal) => abortable(signal, read()) };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it does not exist',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
};

async function readFolder(path: string): Promise<readonly string[]> {
  const entries = (await readdir(path, { withFileTypes: true })).filter(mayBeFile);
  if (entries.length > FILES_LIMIT) throw unusable(path, `it holds more than ${FILES_LIMIT} files`);
  const certificates = new Set<string>();
  // One after the other: a folder of the system holds each certificate under several names.
  for (const { name } of entries) {
    for (const certificate of await readCertificates(join(path, name))) certificates.add(certificate);
  }
  return [...certificates];
}

/** Links are followed: the folders of OpenSSL consist of them. */
function mayBeFile(entry: Dirent): boolean {
  return (entry.isFile() || entry.isSymbolicLink()) && !entry.name.startsWith('.');
}

async function readCertificates(path: string): Promise<readonly string[]> {
  // A pipe would wait for somebody who writes to it.
  if (!(await stat(path)).isFile()) return [];
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  if (size > FILE_LIMIT_BYTES) throw unusable(path, `it is longer than ${FILE_LIMIT_BYTES} bytes`);
  return ((await file.readFile('latin1')).match(CERTIFICATE) ?? []).map((certificate) => checked(certificate, path));
}

/** OpenSSL would refuse a broken one in the middle of a connection, and without a name. */
function checked(certificate: string, path: string): string {
  try {
    return new X509Certificate(certificate).toString();
  } catch (error) {
    throw unusable(path, 'a certificate in it is broken', error);
  }
}

function unusable(path: string, reason: string, cause?: unknown): FerricError {
  return new FerricError('INVALID_OPTIONS', `The certificates to trust cannot be read: ${path}: ${reason}`, {
    ...(cause === undefined ? {} : { cause }),
    details: { path, issues: [{ field: 'authorities', problem: 'invalid', expected: 'a file or folder with certificates in PEM form' }] },
    hint: 'Correct the path or its permissions, or set a fingerprint instead.',
  });
}
