import { createWriteStream } from 'node:fs';
import { copyFile, link } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { FerricError, invalidOptions, throwIfAborted, withDeadline } from '@ferric/core';
import type { ImageFolders } from '../boot/image-folders.js';

/** Largest kernel, ramdisk or boot loader that goes onto a medium: beyond it, the file system of a CD needs more than one piece. Bytes. */
const LARGEST_FILE_BYTES = 4 * 1024 ** 3 - 2048;
/** Time for one file to arrive. Milliseconds. */
const TIME_LIMIT_MS = 30 * 60_000;
const MOST_REDIRECTS = 5;

export interface FileFetch {
  /** `http://...`, `https://...`, or `file:///...` below one of the folders. It may hold a password. */
  readonly reference: string;
  /** Where it is put. */
  readonly path: string;
  readonly folders: ImageFolders;
  readonly signal: AbortSignal;
}

/**
 * Brings a file into a folder of ours.
 * @throws INVALID_OPTIONS for what cannot be had or is too large, UNREACHABLE and TIMEOUT for a server; the abort reason.
 */
export async function fetchFile({ reference, path, folders, signal }: FileFetch): Promise<void> {
  throwIfAborted(signal);
  const url = new URL(reference);
  if (url.protocol === 'file:') {
    const file = await folders.locate(reference);
    if (file.status.size > BigInt(LARGEST_FILE_BYTES)) throw tooLarge(file.path);
    // In the same file system it is there already.
    await link(file.path, path).catch(() => copyFile(file.path, path));
    return;
  }
  const shown = `${url.origin}${url.pathname}`;
  await withDeadline({ signal }, { what: `Fetching ${shown}`, defaultTimeoutMs: TIME_LIMIT_MS, details: { image: shown } }, (deadline) => download(url, path, deadline.signal));
}

async function download(url: URL, path: string, signal: AbortSignal): Promise<void> {
  const response = await request(url, signal);
  const shown = `${url.origin}${url.pathname}`;
  let bytes = 0;
  try {
    const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
    await pipeline(
      body,
      async function* count(chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          bytes += chunk.length;
          if (bytes > LARGEST_FILE_BYTES) throw tooLarge(shown);
          yield chunk;
        }
      },
      createWriteStream(path, { mode: 0o600, flags: 'wx' }),
      { signal },
    );
  } catch (error) {
    throwIfAborted(signal);
    throw FerricError.is(error) ? error : unreachable(shown, 'broke off', error);
  }
  const announced = Number(response.headers.get('content-length') ?? bytes);
  if (response.headers.get('content-encoding') === null && announced !== bytes) throw unreachable(shown, `ended after ${bytes} of ${announced} bytes`);
}

/** A redirect leads to other web servers only, never from https to http, and without the password of the first one. */
async function request(first: URL, signal: AbortSignal): Promise<Response> {
  for (let at = first, hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
    const response = await ask(at, at.origin === first.origin ? first : undefined, signal);
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return checked(at, response);
    await response.body?.cancel();
    const next = URL.parse(location, at.href);
    if (next === null || !['http:', 'https:'].includes(next.protocol) || (at.protocol === 'https:' && next.protocol === 'http:')) {
      throw refused(first, `is answered with a redirect that is not followed`);
    }
    at = next;
  }
  throw refused(first, `is redirected more than ${MOST_REDIRECTS} times`);
}

async function ask(url: URL, credentials: URL | undefined, signal: AbortSignal): Promise<Response> {
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  const headers = new Headers({ accept: '*/*', 'accept-encoding': 'identity' });
  if (credentials !== undefined && credentials.username !== '') {
    const pair = `${decodeURIComponent(credentials.username)}:${decodeURIComponent(credentials.password)}`;
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
  }
  try {
    return await fetch(plain, { redirect: 'manual', headers, signal });
  } catch (error) {
    throwIfAborted(signal);
    throw unreachable(`${plain.origin}${plain.pathname}`, 'could not be fetched', error);
  }
}

async function checked(url: URL, response: Response): Promise<Response> {
  if (response.ok && response.body !== null) return response;
  await response.body?.cancel();
  if (response.status >= 500) throw unreachable(`${url.origin}${url.pathname}`, `is answered with status ${response.status}`);
  throw refused(url, `is answered with status ${response.status}`);
}

function refused(url: URL, what: string): FerricError {
  const expected = `the address of a file that the conductor can load: ${url.origin}${url.pathname} ${what}`;
  return invalidOptions('Virtual media', [{ field: 'image', problem: 'invalid', expected }]);
}

function tooLarge(shown: string): FerricError {
  return invalidOptions('Virtual media', [{ field: 'image', problem: 'invalid', expected: `a file of less than ${LARGEST_FILE_BYTES} bytes: ${shown} is larger` }]);
}

function unreachable(shown: string, what: string, error?: unknown): FerricError {
  const cause = error instanceof Error ? (error.cause instanceof Error ? error.cause : error) : undefined;
  return new FerricError('UNREACHABLE', `The file ${shown} ${what}${cause === undefined ? '' : `: ${cause.message}`}`, {
    details: { image: shown },
    hint: 'The conductor loads kernel and ramdisk to make a medium of them: see that it reaches their server.',
    ...(cause === undefined ? {} : { cause: new Error(cause.message) }),
  });
}
