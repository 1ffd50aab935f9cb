import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import { fileURLToPath } from 'node:url';
import type { TlsPeer } from '../../src/tls/index.js';

/** Path of a file of the test PKI. */
export const pkiPath = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));
export const pem = (name: string): string => readFileSync(pkiPath(name), 'utf8');

/** A server on a free port of 127.0.0.1 that knows its connections. */
export interface TestServer extends AsyncDisposable {
  readonly peer: TlsPeer;
  readonly address: string;
  /** TCP connections so far. */
  readonly accepted: number;
  /** What came inside TLS, of all connections. */
  readonly received: string;
  /** Resolves with the next connection. */
  nextConnection(): Promise<Socket>;
  /** Resolves when no connection is open any more. */
  allClosed(): Promise<void>;
}

/** A controller: greets, and echoes nothing. @param certificate a name of the test PKI */
export async function tlsServer(certificate: string, options: TlsOptions = {}): Promise<TestServer> {
  let received = '';
  // Level 0 lets the server itself use the small keys that it has.
  const server = createServer({ cert: pem(certificate), key: pem(`${certificate}-key`), ciphers: 'DEFAULT@SECLEVEL=0', ...options }, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => (received += bytes.toString()));
    socket.write('hello');
  });
  server.on('tlsClientError', () => undefined);
  return watch(server, () => received);
}

/** Something that speaks no TLS of this library: does what it is told with each connection. */
export async function rawServer(welcome: (socket: Socket) => void): Promise<TestServer> {
  const server = createTcpServer((socket) => {
    welcome(socket);
    // Who does not read does not see the end.
    socket.resume();
  });
  return watch(server, () => '');
}

async function watch(server: Server, received: () => string): Promise<TestServer> {
  const open = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    peer: { host: '127.0.0.1', port },
    address: `127.0.0.1:${port}`,
    get accepted() {
      return accepted;
    },
    get received() {
      return received();
    },
    async nextConnection() {
      return ((await once(server, 'connection')) as [Socket])[0];
    },
    async allClosed() {
      await Promise.all([...open].map((socket) => new Promise((resolve) => void socket.once('close', resolve))));
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  };
}

/** What a promise that must fail rejects with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('it was fulfilled');
    },
    (reason: unknown) => reason,
  );
}
