import { abortReason, FerricError } from '@ferric/core';
import { toConnectFunction, type TlsConnector } from '@ferric/core/tls';
import { Client, type Dispatcher } from 'undici';
import { CONTENT_LIMIT_BYTES, contentTooLong } from './content.js';

export interface HttpRequest {
  readonly method: Dispatcher.HttpMethod;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface HttpReply {
  readonly status: number;
  /** Names in lower case; of a repeated one the first. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/** One connection to one controller, made when it is needed. */
export interface HttpLink extends AsyncDisposable {
  /** One request and its whole answer. @throws UNREACHABLE, PROTOCOL_FAULT, the errors of the TLS connector, the abort reason */
  exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpReply>;
}

export interface HttpLinkSettings {
  readonly origin: string;
  readonly address: string;
  /** Undefined for plain HTTP. */
  readonly connector: TlsConnector | undefined;
}

/** Controllers close idle connections early; one that is closed while a change is sent leaves the change in doubt. */
const KEEP_ALIVE_MS = 4000;
const CONNECT_TIMEOUT_MS = 20_000;

export function createHttpLink({ origin, address, connector }: HttpLinkSettings): HttpLink {
  const owner = new AbortController();
  const client = new Client(origin, {
    connect: connector === undefined ? { timeout: CONNECT_TIMEOUT_MS } : toConnectFunction(connector, { signal: owner.signal, timeoutMs: CONNECT_TIMEOUT_MS }),
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    // The deadline of the caller counts.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    async exchange({ method, path, headers, body }, signal) {
      try {
        const answer = await client.request({ method, path, headers, body: body ?? null, signal });
        return { status: answer.statusCode, headers: firstOfEach(answer.headers), bytes: await readBytes(answer.body, path) };
      } catch (error) {
        if (signal.aborted) throw abortReason(signal);
        throw FerricError.is(error) ? error : exchangeFailure(error, address, `${method} ${path}`);
      }
    },
    async [Symbol.asyncDispose]() {
      owner.abort(new FerricError('ABORTED', 'The Redfish client was closed'));
      await client.destroy();
    },
  };
}

async function readBytes(body: AsyncIterable<Uint8Array>, path: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > CONTENT_LIMIT_BYTES) throw contentTooLong(path);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function firstOfEach(headers: Readonly<Record<string, string | string[] | undefined>>): Readonly<Record<string, string>> {
  const pairs = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value[0] : value] as const);
  return Object.fromEntries(pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined));
}

/** The connection was there and ended before the whole answer was. Codes of Node.js and undici. */
const RESET: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UND_ERR_ABORTED']);

/** System calls that end before a connection is there. */
const CONNECTING: ReadonlySet<unknown> = new Set(['connect', 'getaddrinfo']);

/** Why no connection came about, in words. */
const NOT_CONNECTED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'no name server answered',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ETIMEDOUT: 'it did not answer',
  UND_ERR_CONNECT_TIMEOUT: 'it did not answer',
};

/** True for a connection that was reset, also while it was being made: reads are tried again then. */
export function wasReset(error: unknown): boolean {
  if (!FerricError.is(error) || error.code !== 'UNREACHABLE') return false;
  const code = error.details['systemCode'];
  return typeof code === 'string' && RESET.has(code);
}

function exchangeFailure(error: unknown, address: string, step: string): FerricError {
  const systemCode = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const says = error instanceof Error ? error.message : String(error);
  if (neverConnected(error)) {
    return new FerricError('UNREACHABLE', `No connection to the controller at ${address}: ${NOT_CONNECTED[systemCode] ?? says}`, {
      cause: error,
      details: { address, step, systemCode, sent: false },
      hint: 'Check address and port, and that the network of the controllers can be reached from here.',
    });
  }
  if (RESET.has(systemCode) || syscallOf(error) !== undefined) {
    return new FerricError('UNREACHABLE', `The connection to the controller at ${address} ended before the answer to ${step} was there`, {
      cause: error,
      details: { address, step, systemCode, sent: true },
      hint: 'The controller may be restarting, and may have done what was asked: read the state before trying again.',
    });
  }
  return new FerricError('PROTOCOL_FAULT', `The controller at ${address} answered ${step} with something that is no HTTP: ${says}`, {
    cause: error,
    details: { address, step, systemCode },
    hint: 'Check that a Redfish service answers at this address and port.',
  });
}

/** The code alone does not tell: a connection that stands ends with ETIMEDOUT or EHOSTUNREACH too. Several addresses that were tried come as one error. */
function neverConnected(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(neverConnected);
  return CONNECTING.has(syscallOf(error)) || (error instanceof Error && 'code' in error && error.code === 'UND_ERR_CONNECT_TIMEOUT');
}

function syscallOf(error: unknown): string | undefined {
  return error instanceof Error && 'syscall' in error && typeof error.syscall === 'string' ? error.syscall : undefined;
}
