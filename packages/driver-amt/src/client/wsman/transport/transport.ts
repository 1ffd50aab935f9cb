import type { Socket } from 'node:net';
import { FerricError, throwIfAborted, toFerricError } from '@ferric/core';
import { type buildConnector, Client, type Dispatcher, errors } from 'undici';
import { WSMAN_PATH } from '../envelope/request.js';
import type { OpenSocket } from './connect.js';
import { systemCode } from './connect.js';
import { decodeBody } from './decode-body.js';
import { LostAnswer } from './lost-answer.js';

/** Bytes that an answer may have: some hundred times the largest that AMT sends. */
const MOST_BODY_BYTES: number = 1024 * 1024;
const MOST_HEAD_BYTES = 16 * 1024;

/** An answer over HTTP. */
export interface HttpReply {
  readonly status: number;
  /** Values of WWW-Authenticate. */
  readonly challenges: readonly string[];
  /** Empty for 401, whose page nobody reads. */
  readonly text: string;
}

export interface HttpRequest {
  readonly body: string;
  /** Value of the header. */
  readonly authorization: string | undefined;
}

/** What an exchange waits for. */
export type TransportStep = 'connect' | 'answer';

export interface TransportSettings {
  readonly protocol: string;
  readonly host: string;
  readonly port: number;
  /** How long an unused connection is kept. Milliseconds; 0 not at all. */
  readonly idleMs: number;
  readonly open: OpenSocket;
}

/** One connection to one device, over which one request at a time is sent: the device has a small processor, and few connections. */
export interface Transport extends AsyncDisposable {
  /**
   * Sends a request and reads its answer. Only one at a time.
   * @param note is told what is waited for, at once and whenever it changes
   * @throws LostAnswer, PROTOCOL_FAULT for what is not HTTP, what {@link OpenSocket} throws, or the reason of the signal; the connection is gone then.
   */
  post(request: HttpRequest, signal: AbortSignal, note: (step: TransportStep) => void): Promise<HttpReply>;
  /** Ends the connection; the next request makes a new one. */
  drop(): void;
  /** Connections that were made. */
  readonly connections: number;
}

interface Connection {
  readonly socket: Socket;
  /** Requests that were answered over it. */
  answers: number;
}

interface Exchange {
  readonly signal: AbortSignal;
  readonly note: (step: TransportStep) => void;
}

export function createTransport(settings: TransportSettings): Transport {
  const { idleMs } = settings;
  let connections = 0;
  let connection: Connection | undefined;
  let exchange: Exchange | undefined;

  const connectFor = async (current: Exchange | undefined, done: buildConnector.Callback): Promise<void> => {
    if (current === undefined) return done(new FerricError('INTERNAL', 'A connection was asked for without a request'), null);
    current.note('connect');
    let socket: Socket;
    try {
      socket = await settings.open(current.signal);
    } catch (error) {
      // What the caller gave as reason need not be an error.
      return done(error instanceof Error ? error : new Error('The connection was given up', { cause: error }), null);
    }
    connections += 1;
    connection = { socket, answers: 0 };
    current.note('answer');
    done(null, socket);
  };

  // One Client is one connection. An Agent opens one for each request after an answer with `Connection: close`, which is what AMT says with every 401.
  const client = new Client(originOf(settings), {
    pipelining: 1,
    allowH2: false,
    // Deadlines are kept outside, by the clock of the caller.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: Math.max(1, idleMs),
    keepAliveMaxTimeout: Math.max(1, idleMs),
    maxHeaderSize: MOST_HEAD_BYTES,
    maxResponseSize: MOST_BODY_BYTES,
    connect: (_target, done) => void connectFor(exchange, done),
  });

  const ask = async ({ body, authorization }: HttpRequest, signal: AbortSignal): Promise<HttpReply> => {
    const { statusCode, headers, body: stream } = await client.request({
      method: 'POST',
      path: WSMAN_PATH,
      headers: { 'content-type': 'application/soap+xml; charset=utf-8', ...(authorization === undefined ? {} : { authorization }) },
      body: Buffer.from(body, 'utf8'),
      signal,
      reset: idleMs === 0,
    });
    const text = statusCode === 401 ? await skip(stream) : decodeBody(await stream.bytes(), first(headers['content-type']));
    return { status: statusCode, challenges: all(headers['www-authenticate']), text };
  };

  return {
    async post(request, signal, note) {
      throwIfAborted(signal);
      const before = connection?.socket.destroyed === false ? traffic(connection) : undefined;
      note(before === undefined ? 'connect' : 'answer');
      exchange = { signal, note };
      try {
        const reply = await ask(request, signal);
        if (connection !== undefined) connection.answers += 1;
        return reply;
      } catch (error) {
        throwIfAborted(signal);
        if (FerricError.is(error)) throw error;
        throw translate(error, lostFacts(connection, before));
      } finally {
        exchange = undefined;
      }
    },
    drop() {
      connection?.socket.destroy();
    },
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      await client.destroy();
    },
  };
}

interface Traffic {
  readonly socket: Socket;
  readonly written: number;
  readonly read: number;
}

function traffic({ socket }: Connection): Traffic {
  return { socket, written: socket.bytesWritten, read: socket.bytesRead };
}

/** What can be said of an exchange that failed, from what went over its connection since `before`. */
function lostFacts(connection: Connection | undefined, before: Traffic | undefined): ConstructorParameters<typeof LostAnswer>[0] {
  if (connection === undefined) return { written: false, received: false, reused: false };
  const { socket, answers } = connection;
  const since = before?.socket === socket ? before : undefined;
  return { written: socket.bytesWritten > (since?.written ?? 0), received: socket.bytesRead > (since?.read ?? 0), reused: answers > 0 };
}

/** What is wrong with an answer, by the code of undici's error. Source: undici, lib/core/errors.js. */
const MALFORMED: Readonly<Record<string, string>> = {
  UND_ERR_RES_EXCEEDED_MAX_SIZE: `it is larger than ${MOST_BODY_BYTES} bytes`,
  UND_ERR_HEADERS_OVERFLOW: `its head is larger than ${MOST_HEAD_BYTES} bytes`,
};

/** Cut off, not malformed. */
const CUT_OFF: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH']);

function translate(error: unknown, facts: ConstructorParameters<typeof LostAnswer>[0]): Error {
  const code = systemCode(error) ?? '';
  const malformed = MALFORMED[code] ?? parserComplaint(error);
  if (malformed !== undefined) {
    return new FerricError('PROTOCOL_FAULT', `The answer cannot be read: ${malformed}`, {
      hint: 'Check address and port: something else than Intel AMT may listen there. AMT 16.1 and later speak TLS only: protocol https, port 16993.',
    });
  }
  if (CUT_OFF.has(code) || /^E[A-Z]+$/.test(code) || isCutOff(error)) return new LostAnswer(facts, error);
  return toFerricError(error);
}

/** What the parser of undici found; it gives no code. Its error holds the bytes of the answer, so that it is not kept as a cause. */
function parserComplaint(error: unknown): string | undefined {
  if (!(error instanceof Error) || isCutOff(error)) return undefined;
  const misplaced = error instanceof errors.SocketError && error.message.startsWith('bad ');
  return error instanceof errors.HTTPParserError || misplaced ? `it is not HTTP (${error.message.slice(0, 120)})` : undefined;
}

/** A body in chunks that has no end, when the head said that the connection ends with it. */
function isCutOff(error: unknown): boolean {
  return error instanceof errors.HTTPParserError && error.message.includes('Invalid EOF state');
}

/** Reads a page that nobody wants, so that the connection can be used again; what happens to it does not matter. */
async function skip(stream: Dispatcher.ResponseData['body']): Promise<string> {
  await stream.bytes().catch(() => undefined);
  return '';
}

/** Zones of IPv6 addresses are of this machine alone and have no place in a URL. */
function originOf({ protocol, host, port }: TransportSettings): string {
  const plain = host.split('%')[0] ?? host;
  return `${protocol}://${plain.includes(':') ? `[${plain}]` : plain}:${port}`;
}

function all(header: string | string[] | undefined): readonly string[] {
  return header === undefined ? [] : [header].flat();
}

function first(header: string | string[] | undefined): string | undefined {
  return all(header)[0];
}
