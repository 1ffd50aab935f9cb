import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { rootCertificates } from 'node:tls';
import { abortReason, type Clock, FerricError, throwIfAborted, withDeadline } from '@ferric/core';

/** Whom https servers must be certified by. */
export interface Trust {
  /** PEM text besides the well-known authorities. */
  readonly certificates?: string | undefined;
  /** True: everybody is believed, as with `ipa-insecure=1`. */
  readonly insecure?: boolean;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly trust?: Trust;
  readonly signal?: AbortSignal | undefined;
  /** Longest time without a byte from the server. Milliseconds. */
  readonly idleMs?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Longest answer that is kept as a text. Bytes. */
const LONGEST_TEXT = 4 * 1024 * 1024;
const MOST_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Sends one request on a connection of its own; resolves with the beginning of the answer, whose body must be read or destroyed.
 * Rejects with the system's error, TIMEOUT, INVALID_OPTIONS for what is no http or https URL, or the signal's reason.
 */
function openRequest(options: HttpRequest): Promise<IncomingMessage> {
  const { method, headers = {}, body, trust, signal, idleMs } = options;
  throwIfAborted(signal);
  const url = URL.parse(options.url);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    return Promise.reject(new FerricError('INVALID_OPTIONS', `Not an http or https URL: ${options.url}`));
  }
  const opened = Promise.withResolvers<IncomingMessage>();
  const settings = { method, headers: body === undefined ? headers : { ...headers, 'Content-Length': String(Buffer.byteLength(body)) }, agent: false };
  const request: ClientRequest =
    url.protocol === 'http:'
      ? requestHttp(url, settings)
      : requestHttps(url, {
          ...settings,
          rejectUnauthorized: trust?.insecure !== true,
          ...(trust?.certificates === undefined ? {} : { ca: [...rootCertificates, trust.certificates] }),
        });
  const giveUp = (): void => void request.destroy(toError(signal === undefined ? undefined : abortReason(signal)));
  signal?.addEventListener('abort', giveUp, { once: true });
  request.on('close', () => signal?.removeEventListener('abort', giveUp));
  if (idleMs !== undefined) request.setTimeout(idleMs, () => request.destroy(new FerricError('TIMEOUT', `${url.origin} sent nothing for ${idleMs} ms`)));
  request.on('error', opened.reject);
  request.on('response', opened.resolve);
  request.end(body);
  return opened.promise;
}

/** The same, with redirects followed. Credentials do not follow to another origin. */
export async function openDownload(options: HttpRequest): Promise<IncomingMessage> {
  let request = options;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const answer = await openRequest(request);
    const location = answer.headers.location;
    if (!REDIRECTS.has(answer.statusCode ?? 0) || location === undefined) return answer;
    answer.destroy();
    const next = new URL(location, request.url);
    const { Authorization: _secret, ...open } = request.headers ?? {};
    request = { ...request, url: next.href, ...(next.origin === new URL(request.url).origin ? {} : { headers: open }) };
  }
  throw new FerricError('PROTOCOL_FAULT', `More than ${MOST_REDIRECTS} redirects from ${options.url}`);
}

/** Sends one request and reads the whole answer. @throws TIMEOUT and what {@link openRequest} throws */
export async function requestText(options: HttpRequest & { readonly timeoutMs: number; readonly clock: Clock; readonly follow?: boolean }): Promise<HttpAnswer> {
  const { timeoutMs, clock, signal } = options;
  return withDeadline({ signal, timeoutMs }, { what: `${options.method} ${options.url}`, defaultTimeoutMs: timeoutMs, clock }, async (deadline) => {
    const answer = await (options.follow === true ? openDownload : openRequest)({ ...options, signal: deadline.signal });
    return { status: answer.statusCode ?? 0, headers: answer.headers, text: await readText(answer) };
  });
}

/** The body as a text. Rejects when it ends before its time. @throws PROTOCOL_FAULT when it is too long */
export async function readText(answer: IncomingMessage): Promise<string> {
  return (await readBytes(answer, LONGEST_TEXT)).toString('utf8');
}

/** The body. Rejects when it ends before its time. @throws PROTOCOL_FAULT when it is longer than `limit` bytes */
export async function readBytes(answer: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) throw new FerricError('PROTOCOL_FAULT', `The answer has more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new FerricError('ABORTED', 'The request was given up', { cause: reason });
}

/** What a person should read of a request that failed. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Node names no address in the message when it tried several.
  const inner = error instanceof AggregateError && error.message === '' ? (error.errors as unknown[]).map(failureText).join(', ') : error.message;
  return inner === '' ? error.name : inner;
}
