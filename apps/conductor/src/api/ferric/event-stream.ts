import type { ServerResponse } from 'node:http';
import { isUuid, type Clock, type Logger, type Timer } from '@ferric/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { faults, RequestFault } from '../../fault.js';
import type { Store } from '../../store/store.js';
import type { ApiDependencies } from '../dependencies.js';
import { integer, uuidOrName } from '../http/argument-types.js';
import { readArguments, type ArgumentTable } from '../http/arguments.js';
import { refuseOthers } from '../http/register-endpoints.js';
import { MAXIMUM_VERSION } from '../http/versions.js';
import { nodeIdentifier } from '../nodes/node-names.js';
import { eventDocument } from './event-document.js';

export const EVENT_STREAM_PATH = '/ferric/v1/events';

/** Streams at the same time; one more is refused. */
const MOST_STREAMS = 256;
/** How often the store is asked for events of other conductors. Milliseconds. */
const POLL_MS = 1000;
/** Silence after which a comment is sent, so that nobody takes the connection for dead. Milliseconds. */
const HEARTBEAT_MS = 15_000;
/** Time that a client has to take what was sent. Milliseconds. */
const STALL_MS = 30_000;
/** Events read at once: the most that is in memory for one client. */
const BATCH = 200;

/** Arguments of the stream. */
export const EVENT_STREAM_ARGUMENTS = {
  after: { type: integer, description: 'Id of the last event that was seen; default: only what happens from now on. Last-Event-ID wins.' },
  node: { type: uuidOrName, description: 'Only events of this node, by UUID or name.' },
} as const satisfies ArgumentTable;

/** `/ferric/v1/events`: everything that happens, as server-sent events. */
export function registerEventStream(app: FastifyInstance, api: ApiDependencies): void {
  const streams = new Set<EventStream>();
  using cleanup = new DisposableStack();
  cleanup.use(api.store.onCommitted(() => streams.forEach((stream) => stream.wake())));
  const release = cleanup.move();

  app.get(EVENT_STREAM_PATH, { config: { unversioned: true }, exposeHeadRoute: false }, async (request, reply) => {
    if (streams.size >= MOST_STREAMS) throw new RequestFault(503, `There are ${MOST_STREAMS} event streams already; try again later.`);
    const { after, nodeUuid } = await readStart(api, request);
    const stream = new EventStream(startAnswer(reply, request.id), api, after, nodeUuid);
    streams.add(stream);
    stream.closed.finally(() => streams.delete(stream)).catch(() => undefined);
    stream.wake();
  });
  app.head(EVENT_STREAM_PATH, { config: { unversioned: true } }, async (_request, reply) => reply.header('content-type', 'text/event-stream').send());
  refuseOthers(app, EVENT_STREAM_PATH, ['GET']);
  app.addHook('preClose', async () => {
    release.dispose();
    for (const stream of streams) stream.end();
  });
}

async function readStart(api: ApiDependencies, request: FastifyRequest): Promise<{ readonly after: number; readonly nodeUuid?: string }> {
  const query = readArguments(EVENT_STREAM_ARGUMENTS, request.query as Readonly<Record<string, string>>, MAXIMUM_VERSION);
  const seen = request.headers['last-event-id'];
  const after = seen === undefined || seen === '' ? query.after : integer.parse('Last-Event-ID', String(seen));
  if (after !== undefined && after < 0) throw faults.invalid('The id of an event is never negative.');
  const start = { after: after ?? (await api.store.events.lastId()) };
  if (query.node === undefined) return start;
  const identifier = nodeIdentifier(query.node, MAXIMUM_VERSION);
  // A node that was deleted keeps its events for a while.
  return { ...start, nodeUuid: isUuid(identifier) ? identifier : (await api.nodes.find(identifier)).uuid };
}

function startAnswer(reply: FastifyReply, requestId: string): ServerResponse {
  reply.hijack();
  reply.raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'openstack-request-id': requestId,
  });
  reply.raw.write(': connected\n\n');
  return reply.raw;
}

interface StreamSource {
  readonly store: { readonly events: Pick<Store['events'], 'after'> };
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One client that listens. It reads from the store by itself, so that a slow client holds up nobody and little memory. */
class EventStream {
  /** Settles when the client is gone. */
  readonly closed: Promise<void>;
  readonly #response: ServerResponse;
  readonly #source: StreamSource;
  readonly #nodeUuid: string | undefined;
  #after: number;
  #pumping = false;
  #again = false;
  #quietSince: number;
  #timer: Timer | undefined;

  constructor(response: ServerResponse, source: StreamSource, after: number, nodeUuid: string | undefined) {
    this.#response = response;
    this.#source = source;
    this.#after = after;
    this.#nodeUuid = nodeUuid;
    this.#quietSince = source.clock.monotonicMs();
    this.closed = new Promise((resolve) => response.once('close', resolve));
    response.on('error', () => response.destroy());
    this.#tick();
  }

  /** Something may have happened. */
  wake(): void {
    this.#again = true;
    if (this.#pumping || this.#gone) return;
    this.#pumping = true;
    this.#pump()
      .catch((error: unknown) => {
        this.#source.logger.warn({ error }, 'Event stream failed');
        this.#response.destroy();
      })
      .finally(() => (this.#pumping = false));
  }

  /** Ends the stream in good order; the client comes back with the id it saw last. */
  end(): void {
    this.#timer?.[Symbol.dispose]();
    this.#response.end();
  }

  get #gone(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }

  #tick(): void {
    this.#timer = this.#source.clock.after(POLL_MS, () => {
      if (this.#gone) return;
      this.wake();
      this.#beat();
      this.#tick();
    });
  }

  #beat(): void {
    const now = this.#source.clock.monotonicMs();
    if (now - this.#quietSince < HEARTBEAT_MS || this.#response.writableNeedDrain) return;
    this.#quietSince = now;
    this.#response.write(': still here\n\n');
  }

  async #pump(): Promise<void> {
    while (this.#again && !this.#gone) {
      this.#again = false;
      const events = await this.#source.store.events.after(this.#after, { limit: BATCH, ...(this.#nodeUuid === undefined ? {} : { nodeUuid: this.#nodeUuid }) });
      if (this.#gone) return;
      const last = events.at(-1);
      if (last === undefined) continue;
      this.#after = last.id;
      this.#again ||= events.length === BATCH;
      this.#quietSince = this.#source.clock.monotonicMs();
      const lines = events.map((event) => `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(eventDocument(event))}\n\n`);
      if (!this.#response.write(lines.join(''))) await this.#drained();
    }
  }

  /** Waits until the client took what was sent; one that does not in time is cut off and comes back with the id it saw last. */
  async #drained(): Promise<void> {
    const taken = Promise.withResolvers<void>();
    using _stalled = this.#source.clock.after(STALL_MS, () => this.#response.destroy());
    this.#response.once('drain', taken.resolve);
    this.#response.once('close', taken.resolve);
    await taken.promise;
    this.#response.off('drain', taken.resolve);
    this.#response.off('close', taken.resolve);
  }
}
