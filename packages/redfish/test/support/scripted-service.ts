import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

/** A request as it came. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface Answer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Objects are sent as JSON. */
  readonly body?: unknown;
  /** In place of an answer: nothing at all, the connection reset, the header and half of the body, bytes that are no HTTP. */
  readonly instead?: 'silence' | 'reset' | 'half body' | 'half body, silence' | 'garbage';
}

export type Script = (request: Seen, socket: Socket) => Answer | Promise<Answer>;

/** An HTTP server that does what a test says, on a free port of 127.0.0.1. */
export interface ScriptedService extends AsyncDisposable {
  readonly url: string;
  readonly address: string;
  /** All requests so far. */
  readonly seen: readonly Seen[];
  /** `GET /redfish/v1/` of each request. */
  readonly steps: readonly string[];
  /** TCP connections so far. */
  readonly connections: number;
  /** Resolves with the next request. */
  nextRequest(): Promise<Seen>;
  /** Resolves when no connection is open any more. */
  allClosed(): Promise<void>;
}

const pem = (name: string): Buffer => readFileSync(fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url)));

export async function startService(script: Script, options: { readonly tls?: boolean } = {}): Promise<ScriptedService> {
  const server = options.tls === true ? createSecureServer({ cert: pem('controller'), key: pem('controller-key') }) : createServer();
  const seen: Seen[] = [];
  const waiting: ((request: Seen) => void)[] = [];
  server.on('request', (request: IncomingMessage, response: ServerResponse) => void answer(request, response));
  const sockets = watch(server);

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await textOf(incoming);
    const request: Seen = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers as Record<string, string>,
      body: text === '' ? undefined : JSON.parse(text),
    };
    seen.push(request);
    const reply = await script(request, incoming.socket);
    send(reply, incoming.method === 'HEAD', response);
    for (const tell of waiting.splice(0)) tell(request);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === true ? 'https' : 'http'}://127.0.0.1:${port}`,
    address: `127.0.0.1:${port}`,
    seen,
    get steps() {
      return seen.map(({ method, path }) => `${method} ${path}`);
    },
    get connections() {
      return sockets.accepted();
    },
    nextRequest: async () => new Promise((resolve) => void waiting.push(resolve)),
    allClosed: sockets.allClosed,
    async [Symbol.asyncDispose]() {
      sockets.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function send({ status = 200, headers = {}, body, instead }: Answer, head: boolean, response: ServerResponse): void {
  if (instead === 'silence') return;
  if (instead === 'reset') return void response.socket?.resetAndDestroy();
  if (instead === 'garbage') return void response.socket?.end('this is no HTTP\r\n\r\n');
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  response.writeHead(status, { ...(body === undefined ? {} : { 'content-type': 'application/json' }), 'content-length': bytes.length, ...headers });
  if (instead === undefined) return void response.end(head ? undefined : bytes);
  response.write(bytes.subarray(0, bytes.length / 2), () => {
    if (instead === 'half body') response.socket?.destroy();
  });
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function watch(server: Server): { accepted(): number; destroy(): void; allClosed(): Promise<void> } {
  const open = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => open.delete(socket));
  });
  return {
    accepted: () => accepted,
    destroy: () => [...open].forEach((socket) => socket.destroy()),
    allClosed: async () => void (await Promise.all([...open].map((socket) => new Promise((resolve) => void socket.once('close', resolve))))),
  };
}
