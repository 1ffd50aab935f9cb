import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type Clock, delay, type JsonValue } from '@ferric/core';
import type { SelfSignedCertificate } from '@ferric/core/testing';
import type { AgentFaults } from './agent-faults.js';
import { type AgentAnswer, answerOf, fault, type ApiContext, routeRequest } from './agent-routes.js';

export interface AgentApiOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Undefined: plain http. */
  readonly certificate: SelfSignedCertificate | undefined;
  readonly context: ApiContext;
  readonly faults: AgentFaults;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The agent's API while it listens. */
export interface AgentApi extends AsyncDisposable {
  readonly port: number;
}

/** A config drive of 64 MiB in base64, and what else a request may carry. Bytes. */
const LONGEST_BODY = 96 * 1024 * 1024;

/** Begins to listen. Rejects with the operating system's error when the port cannot be used. */
export async function startAgentApi(options: AgentApiOptions): Promise<AgentApi> {
  const { certificate, signal } = options;
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    serve(options, request, response).catch(() => response.destroy());
  };
  const server: Server =
    certificate === undefined ? createHttpServer(listener) : createHttpsServer({ cert: certificate.certificate, key: certificate.privateKey }, listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  // A client that does not trust the certificate is no error of the agent.
  server.on('tlsClientError', (_error, socket: Socket) => socket.destroy());
  signal.throwIfAborted();
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const api: AgentApi = {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  // The machine may have gone off in the meantime.
  if (signal.aborted) await api[Symbol.asyncDispose]();
  signal.throwIfAborted();
  return api;
}

async function serve(options: AgentApiOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { faults, clock, signal } = options;
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  if (faults.take('silence') !== undefined) {
    await readBody(request);
    return;
  }
  const slow = faults.take('slow');
  if (slow !== undefined) await delay(slow.delayMs ?? 1000, { clock, signal });
  if (faults.take('garbage') !== undefined) {
    response.socket?.end('\u0016\u0003\u0001{"command_status": \n');
    return;
  }
  const body = await readBody(request);
  const answer = faults.take('server error') === undefined ? await answerRequest(options, request, body) : fault(500, 'The agent was made to fail');
  const isCut = faults.take('half frame') !== undefined;
  send(response, answer, isCut);
}

async function answerRequest(options: AgentApiOptions, request: IncomingMessage, body: Buffer | undefined): Promise<AgentAnswer> {
  if (body === undefined) return fault(413, '413 Request Entity Too Large: The data value transmitted exceeds the capacity limit.');
  const origin = `${options.certificate === undefined ? 'http' : 'https'}://${request.headers.host ?? 'localhost'}`;
  const url = URL.parse(request.url ?? '/', origin);
  if (url === null) return fault(400, '400 Bad Request: The browser (or proxy) sent a request that this server could not understand.');
  try {
    return await routeRequest(options.context, { method: request.method ?? 'GET', url, body: body.toString('utf8') });
  } catch (error) {
    return answerOf(error);
  }
}

/** All of the body; undefined when it is too long. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= LONGEST_BODY) chunks.push(chunk);
  }
  return length > LONGEST_BODY ? undefined : Buffer.concat(chunks);
}

function send(response: ServerResponse, answer: AgentAnswer, isCut: boolean): void {
  const text: string = answer.body === undefined ? '' : JSON.stringify(answer.body satisfies JsonValue);
  const content = Buffer.from(text, 'utf8');
  response.writeHead(answer.status, { 'Content-Type': 'application/json', 'Content-Length': content.length, ...answer.headers });
  if (!isCut) {
    response.end(content);
    return;
  }
  response.write(content.subarray(0, Math.floor(content.length / 2)), () => response.socket?.end());
}
