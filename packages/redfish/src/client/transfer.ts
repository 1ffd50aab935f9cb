import { delay, type JsonObject, revealSealed, type Secret, throwIfAborted } from '@ferric/core';
import { readMessages } from '../errors/messages.js';
import { scrubber } from '../errors/scrub.js';
import { pathOf } from '../resource/paths.js';
import { parseObject } from '../resource/json-text.js';
import type { RedfishMethod, RedfishReply, RedfishRequest } from './client-types.js';
import { contentText } from './content.js';
import { type HttpLink, type HttpReply, wasReset } from './http-link.js';
import { maskBody, secretsOf } from './masking.js';
import { REDIRECT_LIMIT, redirectPath, tooManyRedirects } from './redirect.js';
import type { ClientSetup } from './settings.js';

/** How often a read is sent when the connection is reset, and the pause in between. */
const READ_TRIES = 3;
const READ_PAUSE_MS = 2000;
/** Methods that change nothing. */
export const READS: ReadonlySet<RedfishMethod> = new Set(['GET', 'HEAD']);

/** Headers of every request. iLO slows down when it packs its answers, and weakens their ETags. */
const HEADERS = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'ferric-redfish' } as const;

interface TextReply extends HttpReply {
  readonly text: string;
}

/** An answer of any status, with the header that holds the token of a new session, which no reply shows. */
export interface Transferred extends RedfishReply {
  readonly token: string | undefined;
}

export interface Transfer {
  /** One request, redirects followed, read again when the connection is reset. Does not look at the status. */
  run(request: RedfishRequest, authorization: Readonly<Record<string, Secret>>, signal: AbortSignal): Promise<Transferred>;
  readonly requests: number;
}

/** @param wantsOdata whether the service takes Redfish's own header: it makes iLO 4 leave out the properties of RIS */
export function createTransfer(link: HttpLink, { origin, address, clock, transcript, credentials }: ClientSetup, wantsOdata: (path: string) => boolean): Transfer {
  const own = credentials === undefined ? [] : [credentials.password];
  let requests = 0;

  const record = (direction: 'in' | 'out', label: string, payload: string): void => {
    transcript?.record({ at: clock.now(), direction, peer: `http ${address}`, protocol: 'redfish', label, payload });
  };

  const once = async (request: RedfishRequest, path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<TextReply> => {
    const { method, body } = request;
    throwIfAborted(signal);
    requests += 1;
    if (transcript !== undefined) record('out', `${method} ${path}`, body === undefined ? '' : maskBody(body));
    const reply = await link.exchange({ method, path, headers, body: body === undefined ? undefined : JSON.stringify(revealSealed(body)) }, signal);
    const text = await contentText(reply.bytes, reply.headers['content-encoding'], path);
    if (transcript !== undefined) record('in', `${reply.status} for ${method} ${path}`, shown(text, path, scrubber([...secretsOf(request), ...own])));
    return { ...reply, text };
  };

  const withRetries: typeof once = async (request, path, headers, signal) => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await once(request, path, headers, signal);
      } catch (error) {
        if (!READS.has(request.method) || tries >= READ_TRIES || !wasReset(error)) throw error;
        await delay(READ_PAUSE_MS, { signal, clock });
      }
    }
  };

  return {
    async run(request, authorization, signal) {
      const headers = headersOf(request, authorization, wantsOdata(request.path));
      let { path } = request;
      for (let redirects = 0; redirects <= REDIRECT_LIMIT; redirects += 1) {
        const reply = await withRetries(request, path, headers, signal);
        const next = redirectPath(reply, origin, path);
        if (next === undefined) return toReply(reply, path, request.method);
        path = next;
      }
      throw tooManyRedirects(request.path);
    },
    get requests() {
      return requests;
    },
  };
}

function headersOf(request: RedfishRequest, authorization: Readonly<Record<string, Secret>>, odata: boolean): Readonly<Record<string, string>> {
  const own = Object.entries({ ...request.headers, ...authorization }).map(([name, value]) => [name.toLowerCase(), typeof value === 'string' ? value : value.reveal()]);
  return {
    ...HEADERS,
    ...(odata ? { 'odata-version': '4.0' } : {}),
    ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(Object.fromEntries(own) as Record<string, string>),
  };
}

function toReply({ status, headers, text }: TextReply, path: string, method: RedfishMethod): Transferred {
  // What refuses may do so with a page for people.
  const body = method === 'HEAD' ? {} : status < 400 ? parseObject(text, path) : leniently(text, path);
  const { 'x-auth-token': token, ...others } = headers;
  const location = headers['location'];
  return { status, headers: others, body, path, messages: readMessages(body), location: location === undefined ? undefined : pathOf(location), token };
}

function leniently(text: string, path: string): JsonObject {
  try {
    return parseObject(text, path);
  } catch {
    return {};
  }
}

function shown(text: string, path: string, scrub: (text: string) => string): string {
  if (text === '') return '';
  const body = leniently(text, path);
  return scrub(Object.keys(body).length > 0 ? maskBody(body) : text);
}
