import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that arrived. */
export interface SeenRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

export interface StubAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export type StubHandler = (request: SeenRequest, count: number) => StubAnswer | 'reset';

/** An HTTP server that plays a conductor, an image server, or whatever a test needs: each path has a function that answers. */
export interface StubConductor extends AsyncDisposable {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  /** `GET /v1/lookup`, without the query. Replaces what there was. */
  on(route: string, handler: StubHandler): void;
  /** Requests of this route so far. */
  requests(route: string): readonly SeenRequest[];
  /** Resolves when there were so many requests of this route. */
  waitFor(route: string, count?: number): Promise<readonly SeenRequest[]>;
}

export const NODE_UUID = '1be26c0b-03f2-4d2e-ae87-c02d7f33c123';
export const TOKEN = 'AAAAAAAAAAAAAAAA0123456789abcdefXYZ_-bbbbbbb';

export interface StubOptions {
  /** Version of its API. Default 1.104. */
  readonly version?: string;
  /** Seconds. Default 20. */
  readonly heartbeatTimeout?: number;
  readonly node?: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Starts one that knows the node: version, lookup with a token for the first who asks, heartbeats, inspection. */
export async function startStubConductor(options: StubOptions = {}): Promise<StubConductor> {
  const { version = '1.104', heartbeatTimeout = 20 } = options;
  const seen: SeenRequest[] = [];
  const waiting = new Set<() => void>();
  const handlers = new Map<string, StubHandler>([
    ['GET /', () => ({ status: 200, body: { name: 'OpenStack Ironic API', default_version: { id: 'v1', version, min_version: '1.1' } } })],
    ['GET /v1/lookup', (_request, count) => ({
      status: 200,
      body: {
        node: { uuid: NODE_UUID, properties: {}, instance_info: {}, driver_internal_info: {}, links: [], ...options.node },
        config: { heartbeat_timeout: heartbeatTimeout, agent_token: count === 1 ? TOKEN : '******', agent_token_required: true, ...options.config },
      },
    })],
    [`POST /v1/heartbeat/${NODE_UUID}`, () => ({ status: 202 })],
    ['POST /v1/continue_inspection', () => ({ status: 202, body: { uuid: NODE_UUID } })],
  ]);
  const routeOf = ({ method, path }: SeenRequest): string => `${method} ${path.split('?')[0] ?? ''}`;
  const requests = (route: string): readonly SeenRequest[] => seen.filter((each) => routeOf(each) === route);

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    void answer(request, response);
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const body: unknown = text === '' ? null : JSON.parse(text);
    const one: SeenRequest = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
    seen.push(one);
    const route = routeOf(one);
    const given = handlers.get(route)?.(one, requests(route).length) ?? { status: 404, body: 'nothing here' };
    for (const wake of waiting) wake();
    if (given === 'reset') return void request.socket.resetAndDestroy();
    const isRaw = given.body === undefined || typeof given.body === 'string' || Buffer.isBuffer(given.body);
    response.writeHead(given.status, { ...(isRaw ? {} : { 'Content-Type': 'application/json' }), ...given.headers });
    response.end(isRaw ? given.body : JSON.stringify(given.body));
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    on: (route, handler) => void handlers.set(route, handler),
    requests,
    async waitFor(route, count = 1) {
      while (requests(route).length < count) {
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
        });
      }
      return requests(route);
    },
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
