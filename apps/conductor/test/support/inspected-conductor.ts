import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRecordingLogger, type RecordingLogger } from '@ferric/core/testing';
import { plugin } from '@ferric/driver-fake/plugin';
import type { FastifyInstance } from 'fastify';
import type { AnyEndpoint } from '../../src/api/http/endpoint.js';
import { startConductor } from '../../src/conductor.js';
import { configSchema } from '../../src/config.js';
import { readAnswer, type ApiAnswer } from './api-client.js';

export interface InspectedRequest {
  /** Sent as it is when it is text or bytes, as JSON otherwise. */
  readonly body?: unknown;
  /** Default: the newest; null sends none. */
  readonly version?: number | string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A real conductor with the fake driver, its store and its engine, asked without a socket, whose endpoints can be walked. */
export interface InspectedConductor extends AsyncDisposable {
  /** What is served below `/v1`, each once. */
  readonly endpoints: readonly AnyEndpoint[];
  readonly logger: RecordingLogger;
  request(method: string, url: string, options?: InspectedRequest): Promise<ApiAnswer>;
}

/** Fastify tells of each server that is made on this channel. Source: Fastify, documentation of its hooks, "Diagnostics Channel Hooks". */
const MADE = 'fastify.initialization';

/** Starts one with an empty store. */
export async function startInspectedConductor(): Promise<InspectedConductor> {
  await using started = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'ferric-inspected-'));
  started.defer(() => rm(dataDir, { recursive: true, force: true }));
  const logger = createRecordingLogger();
  const config = configSchema.parse({ port: 0, conductorName: 'test', powerSyncIntervalMs: 0, dataDir, scriptsPerMinute: 100_000 });
  const plugins = { loaded: [{ packageName: '@ferric/driver-fake', version: '0.0.0', plugin }], refused: [] };
  const made: FastifyInstance[] = [];
  const served = new Map<string, AnyEndpoint>();
  const watch = (message: unknown): void => {
    const { fastify } = message as { readonly fastify: FastifyInstance };
    made.push(fastify);
    fastify.addHook('onRoute', ({ config: route }) => {
      const endpoint = route?.endpoint;
      if (endpoint !== undefined && !endpoint.path.startsWith('/ferric/')) served.set(`${endpoint.method} ${endpoint.path}`, endpoint);
    });
  };
  subscribe(MADE, watch);
  try {
    started.use(await startConductor(config, { logger, plugins }));
  } finally {
    unsubscribe(MADE, watch);
  }
  const [app] = made;
  if (app === undefined || made.length !== 1) throw new Error(`${made.length} servers were made where one was expected`);
  const running = started.move();
  return {
    endpoints: [...served.values()],
    logger,
    async request(method, url, { body, version = 'latest', headers = {} } = {}) {
      const answer = await app.inject({
        method: method as 'GET',
        url,
        headers: {
          host: 'host:6385',
          ...(version === null ? {} : { 'x-openstack-ironic-api-version': typeof version === 'number' ? `1.${version}` : version }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: typeof body === 'string' || body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body) }),
      });
      return readAnswer(answer);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
