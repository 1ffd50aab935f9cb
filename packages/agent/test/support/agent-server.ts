import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** One request as it came. */
export interface ReceivedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An answer, or what is done to the connection in its place. */
export type ServerAnswer =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly json: unknown }
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly text: string }
  | { readonly connection: (socket: Socket) => void };

export interface AgentServer extends AsyncDisposable {
  readonly url: string;
  /** `127.0.0.1:40123` */
  readonly address: string;
  readonly requests: readonly ReceivedRequest[];
  /** Connections that were ever opened, and those that are open now. */
  readonly opened: number;
  readonly open: number;
}

export type CertificateName = 'agent' | 'other-boot' | 'other-host' | 'expired';

/** The PEM text of one of the certificates of test/fixtures/tls. */
export function certificate(name: CertificateName): string {
  return readFileSync(new URL(`../fixtures/tls/${name}.cert.pem`, import.meta.url), 'utf8');
}

export interface AgentServerOptions {
  /** Default: http. */
  readonly certificate?: CertificateName;
  /** Called once for each request; `index` counts from 0. */
  readonly answer: (request: ReceivedRequest, index: number) => ServerAnswer | Promise<ServerAnswer>;
}

/** A server on a free port of 127.0.0.1 that answers what a test tells it. */
export async function startAgentServer(options: AgentServerOptions): Promise<AgentServer> {
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  let opened = 0;
  const listener: RequestListener = (incoming, response) => {
    void text(incoming).then(async (body) => {
      const request = { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers, body };
      requests.push(request);
      const answer = await options.answer(request, requests.length - 1);
      if ('connection' in answer) return answer.connection(incoming.socket);
      const content = 'json' in answer ? JSON.stringify(answer.json) : answer.text;
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers }).end(content);
    }, () => undefined);
  };
  const server = createServer(listener, options.certificate);
  server.on('connection', (socket: Socket) => {
    opened += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${options.certificate === undefined ? 'http' : 'https'}://${address}`,
    address,
    requests,
    get opened() {
      return opened;
    },
    get open() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function createServer(listener: RequestListener, name: CertificateName | undefined): Server {
  if (name === undefined) return createHttpServer(listener);
  const key = readFileSync(new URL(`../fixtures/tls/${name}.key.pem`, import.meta.url));
  return createHttpsServer({ cert: certificate(name), key }, listener);
}
