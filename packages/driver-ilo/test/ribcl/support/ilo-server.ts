import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { Secret } from '@ferric/core';
import type { RibclClientSettings } from '../../../src/client/ribcl/index.js';

const FOLDER = join(import.meta.dirname, '../../fixtures/ribcl-tls');
const CERTIFICATE = join(FOLDER, 'certificate.pem');

/** A request as it arrived. */
export interface ReceivedRequest {
  /** `POST /ribcl HTTP/1.1` */
  readonly line: string;
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** How the bytes came: the length of each TLS record. */
  readonly pieces: readonly string[];
}

/** Answers one request: the bytes to send before the connection is closed, or nothing when the answerer does something else with the socket. */
export type Answerer = (request: ReceivedRequest, socket: TLSSocket, reset: () => void) => string | Uint8Array | void;

/** A TLS server that takes one request for each connection, as an iLO does. */
export interface IloServer extends AsyncDisposable {
  readonly port: number;
  readonly requests: readonly ReceivedRequest[];
  /** Connections that are open now, and the most that were open at the same time. */
  readonly connections: { open: number; most: number; total: number };
  /** Takes effect with the next request. */
  answerer: Answerer;
  settings(more?: Partial<RibclClientSettings>): RibclClientSettings;
}

export const PASSWORD = 'TestPassword';

export async function startIlo(answerer: Answerer): Promise<IloServer> {
  const requests: ReceivedRequest[] = [];
  const connections = { open: 0, most: 0, total: 0 };
  const sockets = new Set<TLSSocket>();
  // What is under TLS, by the port of the client: only this can be reset.
  const under = new Map<number | undefined, Socket>();
  const server = createServer({ key: readFileSync(join(FOLDER, 'key.pem')), cert: readFileSync(CERTIFICATE) }, (socket) => {
    sockets.add(socket);
    connections.total += 1;
    connections.open += 1;
    connections.most = Math.max(connections.most, connections.open);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      connections.open -= 1;
    });
    const pieces: string[] = [];
    socket.on('data', (bytes: Buffer) => {
      pieces.push(bytes.toString('latin1'));
      const received = parse(pieces);
      if (received === undefined) return;
      requests.push(received);
      const bytesToSend = ilo.answerer(received, socket, () => void under.get(socket.remotePort)?.resetAndDestroy());
      if (typeof bytesToSend === 'string' || bytesToSend instanceof Uint8Array) socket.end(bytesToSend);
    });
  });
  server.on('connection', (socket: Socket) => {
    const port = socket.remotePort;
    under.set(port, socket);
    socket.on('close', () => under.delete(port));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ilo: IloServer = {
    port,
    requests,
    connections,
    answerer,
    settings: (more) => ({
      host: '127.0.0.1', port, username: 'Administrator', password: new Secret(PASSWORD), tls: { authorities: CERTIFICATE }, ...more,
    }),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return ilo;
}

/** An HTTP answer with these documents in one piece. */
export function http(body: string, status = '200 OK', headers: readonly string[] = []): string {
  return [`HTTP/1.1 ${status}`, 'Content-Type: text/xml', `Content-Length: ${Buffer.byteLength(body, 'latin1')}`, 'Connection: close', ...headers, '', body].join('\r\n');
}

/** One document that says nothing. */
export const SILENT = document('<RESPONSE STATUS="0x0000" MESSAGE=\'No error\' />');

export function document(content: string): string {
  return `<?xml version="1.0"?>\r\n<RIBCL VERSION="2.23">\r\n${content}\r\n</RIBCL>\r\n`;
}

/** An answer whose documents hold these elements, one each. */
export function answer(...payloads: readonly string[]): string {
  return http([SILENT, ...payloads.map((payload) => document(`<RESPONSE STATUS="0x0000" MESSAGE='No error' />${payload}`)), SILENT].join(''));
}

/** An answer that fails. */
export function failure(status: string, message: string): string {
  return http(SILENT + document(`<RESPONSE STATUS="${status}" MESSAGE="${message}" />`));
}

function parse(pieces: readonly string[]): ReceivedRequest | undefined {
  const text = pieces.join('');
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [line = '', ...fields] = text.slice(0, end).split('\r\n');
  const headers = new Map(fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 1).trim()]));
  const body = text.slice(end + 4);
  return body.length < Number(headers.get('content-length') ?? 0) ? undefined : { line, headers, body, pieces: [...pieces] };
}
