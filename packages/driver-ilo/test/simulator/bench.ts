import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request as requestHttps } from 'node:https';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { createFakeClock, type FakeClock } from '@ferric/core/testing';
import { type IloOptions, startIlo, type VirtualIlo } from '../../src/simulator/index.js';

/** An answer, as far as tests look at it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON. */
  readonly json: () => Record<string, unknown>;
}

export interface Ask {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Leaves name and password out. */
  readonly anonymous?: boolean;
}

/** Asks once, on a connection of its own that is verified by the iLO's own certificate. */
export async function ask(ilo: VirtualIlo, path: string, { method = 'GET', body, headers = {}, anonymous = false }: Ask = {}): Promise<Answer> {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const options: RequestOptions = {
    host: ilo.host,
    port: ilo.port,
    path,
    method,
    ca: ilo.certificate,
    agent: false,
    headers: {
      ...(anonymous ? {} : { Authorization: `Basic ${Buffer.from(`${ilo.username}:${ilo.password}`).toString('base64')}` }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(text)) }),
      ...headers,
    },
  };
  const request = requestHttps(options);
  request.end(text);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const whole = Buffer.concat(chunks);
  const decoded = whole.toString('utf8');
  const json = (): Record<string, unknown> => JSON.parse(decoded) as Record<string, unknown>;
  return { status: response.statusCode ?? 0, headers: response.headers, bytes: whole, text: decoded, json };
}

/** Opens a TLS connection and resolves once it is verified. */
export async function openSocket(ilo: VirtualIlo, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: ilo.host, port: ilo.port, ca: ilo.certificate, ...options });
  await once(socket, 'secureConnect');
  return socket;
}

/** Sends bytes on a connection of its own and yields all that comes back until it is closed. */
export async function exchangeBytes(ilo: VirtualIlo, ...parts: readonly (string | Buffer)[]): Promise<string> {
  const socket = await openSocket(ilo);
  for (const part of parts) socket.write(part);
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

/** An iLO whose time a test moves. */
export async function startStill(options: Omit<IloOptions, 'clock'>): Promise<{ readonly ilo: VirtualIlo; readonly clock: FakeClock } & AsyncDisposable> {
  // A certificate is only good in the present.
  const clock = createFakeClock(new Date());
  const ilo = await startIlo({ name: 'still', ...options, clock });
  return { ilo, clock, [Symbol.asyncDispose]: () => ilo[Symbol.asyncDispose]() };
}
