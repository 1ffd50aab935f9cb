import { FerricError, type HttpMethod, type JsonObject, type JsonValue } from '@ferric/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { faults } from '../../fault.js';
import { readArguments, type ArgumentTable } from './arguments.js';
import type { AnyEndpoint, Answer, Call } from './endpoint.js';
import { methodNotAllowed } from './http-fault.js';
import { checkText } from './request-body.js';

const METHODS: readonly HttpMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const NO_ARGUMENTS: ArgumentTable = {};

/** What endpoints need of the server around them. */
export interface EndpointHost {
  /** Base of all links for this request. */
  baseOf(request: FastifyRequest): string;
}

/** Adds endpoints under `/v1`. HEAD is answered wherever GET is. */
export function registerEndpoints(app: FastifyInstance, endpoints: readonly AnyEndpoint[], host: EndpointHost): void {
  const byPath = Map.groupBy(endpoints, (endpoint) => endpoint.path);
  for (const [path, offered] of byPath) {
    const allowed = offered.map((endpoint) => endpoint.method);
    for (const endpoint of offered) registerEndpoint(app, `/v1${path}`, endpoint, host);
    refuseOthers(app, `/v1${path}`, allowed);
  }
}

/** Answers 405 to the methods that a path does not have; for paths that are registered by hand too. */
export function refuseOthers(app: FastifyInstance, url: string, allowed: readonly HttpMethod[]): void {
  const refused = METHODS.filter((method) => !allowed.includes(method));
  if (refused.length === 0) return;
  // Refused in onRequest, so that a body is not even read.
  const onRequest = async (request: FastifyRequest): Promise<never> => {
    throw methodNotAllowed(request.method, allowed);
  };
  app.route({ method: refused, url, onRequest, exposeHeadRoute: false, handler: onRequest });
}

/** Adds one endpoint under one address. */
export function registerEndpoint(app: FastifyInstance, url: string, endpoint: AnyEndpoint, host: EndpointHost, options: { readonly unversioned?: true } = {}): void {
  app.route({
    method: endpoint.method,
    url,
    config: { endpoint, ...options, ...(endpoint.public === true ? { public: true } : {}) },
    ...(endpoint.body?.limitBytes === undefined ? {} : { bodyLimit: endpoint.body.limitBytes }),
    handler: async (request, reply) => sendAnswer(reply, await endpoint.handle(callOf(endpoint, request, reply, host))),
  });
}

function callOf(endpoint: AnyEndpoint, request: FastifyRequest, reply: FastifyReply, host: EndpointHost): Call<Readonly<Record<string, unknown>>, unknown> {
  const version = request.minorVersion;
  return {
    version,
    requester: { requestId: request.id, user: request.user, version, address: request.ip, ...(endpoint.callsDevice === true ? { signal: clientLeft(reply) } : {}) },
    base: host.baseOf(request),
    parameters: request.params as Readonly<Record<string, string>>,
    query: readQuery(endpoint, request, version),
    body: endpoint.body?.read(request.body as JsonObject | undefined, version),
  };
}

function readQuery(endpoint: AnyEndpoint, request: FastifyRequest, version: number): Readonly<Record<string, unknown>> {
  const given = request.query as Readonly<Record<string, string | string[]>>;
  for (const [name, value] of Object.entries(given)) {
    checkText(name);
    if (typeof value !== 'string') throw faults.invalid('Each query argument may be given only once.');
    checkText(value);
  }
  return endpoint.openQuery === true ? given : readArguments(endpoint.query ?? NO_ARGUMENTS, given, version);
}

/** Aborts when the client goes away before it has its answer. */
function clientLeft(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) controller.abort(new FerricError('ABORTED', 'The client left before it was answered'));
  });
  return controller.signal;
}

/** Sends JSON as Ironic does: bytes, because the framework adds a charset to texts. */
export function sendJson(reply: FastifyReply, body: JsonValue): FastifyReply {
  return reply.header('content-type', 'application/json').send(Buffer.from(JSON.stringify(body)));
}

function sendAnswer(reply: FastifyReply, answer: Answer): FastifyReply {
  reply.code(answer.status);
  if (answer.headers !== undefined) reply.headers(answer.headers);
  if (answer.attachment !== undefined) {
    const { contentType, body } = answer.attachment;
    return reply.header('content-type', contentType).send(typeof body === 'string' ? body : Buffer.from(body));
  }
  if (answer.body === undefined) return reply.send();
  return sendJson(reply, answer.body);
}
