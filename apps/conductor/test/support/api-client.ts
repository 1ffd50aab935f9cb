import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { createApi } from '../../src/api/create-api.js';
import type { StoredNode } from '../../src/nodes/stored-node.js';
import { createFakeServices, type FakeServices } from './fake-services.js';

/** One answer, its error taken apart. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** The body as JSON; undefined when there is none. */
  readonly body: unknown;
  /** The inner JSON of `error_message`. */
  readonly error: Readonly<Record<string, unknown>> | undefined;
}

export interface ApiClient extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly services: FakeServices;
  /** Sends one request; `version` null: without a version header. */
  request(method: string, url: string, options?: { readonly body?: unknown; readonly version?: string | null; readonly headers?: Readonly<Record<string, string>> }): Promise<ApiAnswer>;
}

/** Takes an answer apart. */
export function readAnswer(answer: LightMyRequestResponse): ApiAnswer {
  const isJson = (answer.headers['content-type'] ?? '').startsWith('application/json') && answer.body !== '';
  const json = isJson ? (JSON.parse(answer.body) as unknown) : undefined;
  const message = (json as { error_message?: string } | undefined)?.error_message;
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answer.body,
    body: json,
    error: message === undefined ? undefined : (JSON.parse(message) as Record<string, unknown>),
  };
}

/** An API on fake services, asked without a socket. */
export function createApiClient(nodes: readonly StoredNode[] = []): ApiClient {
  const services = createFakeServices(nodes);
  const app = createApi(services);
  return {
    app,
    services,
    async request(method, url, { body, version = '1.82', headers = {} } = {}) {
      const answer = await app.inject({
        method: method as 'GET',
        url,
        headers: {
          host: 'host:6385',
          ...(version === null ? {} : { 'x-openstack-ironic-api-version': version }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return readAnswer(answer);
    },
    [Symbol.asyncDispose]: () => app.close(),
  };
}
