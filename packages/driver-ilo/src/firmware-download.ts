import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FerricError, invalidOptions, throwIfAborted, withDeadline, type CallOptions } from '@ferric/core';
import { fetch } from 'undici';
import type { IloFirmwareImage, IloIdentity } from './client/index.js';
import { checkHttpUrl } from './client/media/http-url.js';
import { causeOfFetch } from './fetch-cause.js';

export type FirmwareFile = NonNullable<IloFirmwareImage['upload']>;

/** Larger than any image of firmware for a server. Bytes. */
const LONGEST_IMAGE_BYTES = 512 * 1024 * 1024;

/** When the caller names no time. Milliseconds. */
const LOAD_MS = 3_600_000;

/** What a checksum was made with, by its number of hexadecimal digits. Source: Ironic, ironic/drivers/modules/ilo/firmware_processor.py. */
const ALGORITHMS: ReadonlyMap<number, string> = new Map([[32, 'md5'], [64, 'sha256'], [128, 'sha512']]);

/** Whether the controller takes images only from whoever speaks to it: it has nothing but RIBCL. */
export function needsUpload({ backEnds }: IloIdentity): boolean {
  return !backEnds.some((backEnd) => backEnd === 'redfish' || backEnd === 'ris');
}

/** What a checksum was made with. @throws INVALID_OPTIONS for what is none */
export function checksumAlgorithm(checksum: string, field: string): string {
  const algorithm = /^[0-9A-Fa-f]+$/.test(checksum) ? ALGORITHMS.get(checksum.length) : undefined;
  if (algorithm !== undefined) return algorithm;
  throw invalidOptions('Firmware of an iLO', [{ field, problem: 'invalid', expected: 'MD5, SHA-256 or SHA-512 in hexadecimal digits: 32, 64 or 128 of them' }]);
}

export interface DownloadOptions extends CallOptions {
  readonly checksum?: string | undefined;
}

/**
 * Loads an image into a file that is there as long as `work` runs.
 * @param options `timeoutMs` is for the loading: one hour by default
 * @throws INVALID_OPTIONS for an address with a user in it; NOT_FOUND or UNREACHABLE when it cannot be had; REFUSED when it is not what the checksum says, or
 * larger than firmware can be; TIMEOUT; the abort reason
 */
export async function withDownload<T>(url: URL, { checksum, ...options }: DownloadOptions, work: (file: FirmwareFile) => Promise<T>): Promise<T> {
  checkHttpUrl('Firmware of an iLO', url);
  const algorithm = checksum === undefined ? 'sha256' : checksumAlgorithm(checksum, 'checksum');
  const folder = await mkdtemp(join(tmpdir(), 'ferric-firmware-'));
  try {
    const path = join(folder, 'image');
    const timing = { what: `Loading the firmware image at ${url.host}`, defaultTimeoutMs: LOAD_MS };
    const { length, digest } = await withDeadline(options, timing, ({ signal }) => load(url, path, algorithm, signal));
    if (checksum !== undefined && digest !== checksum.toLowerCase()) {
      throw new FerricError('REFUSED', `The firmware image at ${shown(url)} is not what its checksum says`, {
        details: { step: 'check firmware image', algorithm, expected: checksum.toLowerCase(), received: digest },
        hint: 'Compare address and checksum with those of the vendor; nothing was written.',
      });
    }
    return await work({ fileName: basename(url.pathname), length, open: () => createReadStream(path) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function load(url: URL, path: string, algorithm: string, signal: AbortSignal): Promise<{ readonly length: number; readonly digest: string }> {
  const hash = createHash(algorithm);
  let length = 0;
  const count = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      length += chunk.length;
      hash.update(chunk);
      done(length > LONGEST_IMAGE_BYTES ? tooLong(url) : null, chunk);
    },
  });
  try {
    const response = await fetch(url, { signal });
    if (!response.ok || response.body === null) throw notThere(url, response.status);
    await pipeline(Readable.fromWeb(response.body), count, createWriteStream(path), { signal });
  } catch (error) {
    throwIfAborted(signal);
    if (FerricError.is(error)) throw error;
    throw new FerricError('UNREACHABLE', `The firmware image at ${shown(url)} could not be loaded`, { cause: causeOfFetch(error), details: { step: 'load firmware image' } });
  }
  return { length, digest: hash.digest('hex') };
}

/** Without user, password and what stands behind the path. */
function shown({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}

function notThere(url: URL, status: number): FerricError {
  return new FerricError('NOT_FOUND', `There is no firmware image at ${shown(url)}: its server answers ${status}`, { details: { step: 'load firmware image', status } });
}

function tooLong(url: URL): FerricError {
  return new FerricError('REFUSED', `What is at ${shown(url)} is larger than ${LONGEST_IMAGE_BYTES} bytes, so it is no firmware image`, { details: { step: 'load firmware image' } });
}
