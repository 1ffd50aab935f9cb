import { fileURLToPath } from 'node:url';
import { abortReason, type Clock, type DeadlineSettings, FerricError, type FerricErrorCode, invalidOptions, printValue, withDeadline } from '@ferric/core';

/** The part of the platform's `fetch` that is used here. */
export type FetchImage = (url: URL, init: RequestInit) => Promise<Response>;

/** An image that is being fetched. Disposing it ends that. */
export interface ImageDownload extends Disposable {
  /** Undefined when the server does not tell. */
  readonly lengthBytes: number | undefined;
  /** Its bytes. Can be iterated once. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface ImageSourceContext {
  readonly fetch: FetchImage;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Redirects that are followed. Mirrors of distributions use one or two. */
const MOST_REDIRECTS = 5;

/** How long a server may be silent before the download is given up. Milliseconds. */
const SILENCE_MS = 60_000;

const WEB_PROTOCOLS: ReadonlySet<string> = new Set(['http:', 'https:']);

/** A URL as it may be shown and kept: without user, password, query and fragment. */
export function shownUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** Where an image is: on the web, to be fetched, or as a file on the hypervisor. */
export type ImagePlace = { readonly kind: 'web'; readonly url: URL } | { readonly kind: 'file'; readonly path: string };

/** @throws INVALID_OPTIONS for a URL that is neither. */
export function imagePlace(url: URL): ImagePlace {
  if (WEB_PROTOCOLS.has(url.protocol)) return { kind: 'web', url };
  const path = filePath(url);
  if (path !== undefined) return { kind: 'file', path };
  const expected = 'an http, https or file URL (file:///path of a file on the hypervisor)';
  throw invalidOptions('Virtual media', [{ field: 'url', problem: 'invalid', expected, received: printValue(shownUrl(url)) }]);
}

/** The path in a file URL; the hypervisor has paths of Unix, whatever this machine has. */
function filePath(url: URL): string | undefined {
  try {
    return url.protocol === 'file:' && url.host === '' ? fileURLToPath(url, { windows: false }) : undefined;
  } catch {
    // A slash that is written as %2F.
    return undefined;
  }
}

/**
 * Starts to fetch an image. The URL comes from whoever runs the node; a redirect may come from the server, and leads only to other web
 * servers, never from https to http, and without the password of the first one.
 * @throws UNREACHABLE, TLS_UNTRUSTED, NOT_FOUND, REFUSED, TIMEOUT; the abort reason.
 */
export async function fetchImage(url: URL, context: ImageSourceContext): Promise<ImageDownload> {
  let at = url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const response = await request(at, at.origin === url.origin ? url : undefined, context);
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return openBody(at, response, context);
    await response.body?.cancel();
    at = redirected(at, location);
  }
  throw failed('REFUSED', url, `was redirected more than ${MOST_REDIRECTS} times`);
}

async function request(url: URL, credentials: URL | undefined, { fetch, clock, signal }: ImageSourceContext): Promise<Response> {
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  // What the server packs for the way would have another length than it says.
  const headers = new Headers({ accept: '*/*', 'accept-encoding': 'identity' });
  if (credentials !== undefined && credentials.username !== '') headers.set('authorization', basic(credentials));
  return withDeadline({ signal, timeoutMs: SILENCE_MS }, limit(url, clock), async (deadline) => {
    try {
      return await fetch(plain, { redirect: 'manual', headers, signal: deadline.signal });
    } catch (error) {
      throw translated(url, error, deadline.signal);
    }
  });
}

async function openBody(url: URL, response: Response, context: ImageSourceContext): Promise<ImageDownload> {
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    const { code, retryable } = meaningOf(response.status);
    throw failed(code, url, `was answered with status ${response.status}`, { retryable });
  }
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  const isPlain = (response.headers.get('content-encoding') ?? 'identity') === 'identity';
  const reader = response.body.getReader();
  return {
    lengthBytes: isPlain && Number.isSafeInteger(length) ? length : undefined,
    bytes: readBody(url, reader, context),
    // Not waited for: a server that hangs would hold up whoever leaves.
    [Symbol.dispose]: () => void reader.cancel().catch(() => undefined),
  };
}

async function* readBody(
  url: URL,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { clock, signal }: ImageSourceContext,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const result = await withDeadline({ signal, timeoutMs: SILENCE_MS }, limit(url, clock), async (deadline) => {
      try {
        return await reader.read();
      } catch (error) {
        throw translated(url, error, deadline.signal);
      }
    });
    if (result.done) return;
    yield result.value;
  }
}

function redirected(from: URL, location: string): URL {
  const to = URL.parse(location, from.href);
  if (to === null || !WEB_PROTOCOLS.has(to.protocol)) throw failed('REFUSED', from, 'was redirected to something that is no web address');
  if (from.protocol === 'https:' && to.protocol === 'http:') throw failed('REFUSED', from, `was redirected to ${shownUrl(to)}, which is not encrypted`);
  return to;
}

function basic(url: URL): string {
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
}

function limit(url: URL, clock: Clock): DeadlineSettings {
  return { what: `The next bytes of ${shownUrl(url)}`, defaultTimeoutMs: SILENCE_MS, details: { image: shownUrl(url) }, clock };
}

function meaningOf(status: number): { readonly code: FerricErrorCode; readonly retryable: boolean } {
  if (status === 404 || status === 410) return { code: 'NOT_FOUND', retryable: false };
  return { code: 'REFUSED', retryable: status >= 500 || status === 429 };
}

/** Codes of OpenSSL and Node for a certificate that cannot be verified. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;

/** What `fetch` throws says little; its cause says what happened. */
function translated(url: URL, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return abortReason(signal);
  const cause: unknown = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
  const isUntrusted = typeof code === 'string' && UNTRUSTED.test(code);
  const text = typeof message === 'string' && message !== '' ? message : printValue(code);
  return failed(isUntrusted ? 'TLS_UNTRUSTED' : 'UNREACHABLE', url, `could not be fetched: ${text}`, { cause });
}

const HINTS: Readonly<Partial<Record<FerricErrorCode, string>>> = {
  UNREACHABLE: 'This machine fetches the image and passes it on: see that it reaches the server.',
  TLS_UNTRUSTED: 'Let this machine trust the certificate of the server (NODE_EXTRA_CA_CERTS), or serve the image by http.',
  NOT_FOUND: 'Correct the URL of the image.',
  REFUSED: 'Open the URL from this machine; give user and password in it where the server asks for them.',
};

function failed(code: FerricErrorCode, url: URL, what: string, more: { readonly cause?: unknown; readonly retryable?: boolean } = {}): FerricError {
  const hint = HINTS[code];
  return new FerricError(code, `The image ${shownUrl(url)} ${what}`, {
    ...more,
    details: { image: shownUrl(url), address: url.host },
    ...(hint === undefined ? {} : { hint }),
  });
}
