import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { JsonValue, Logger, Sealed } from '@ferric/core';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { faults } from '../../fault.js';
import type { Authenticator } from '../auth/authenticator.js';
import { requireAuthentication } from '../auth/require-authentication.js';
import { tlsOptions, type Certificate } from '../tls/certificate.js';
import type { AnyEndpoint } from './endpoint.js';
import { faultAnswer } from './fault-answer.js';
import { pathNotFound } from './http-fault.js';
import { BODY_LIMIT_BYTES, parseBody } from './request-body.js';
import { MINIMUM_VERSION, negotiateVersion, RANGE_HEADERS, VERSION_HEADER } from './versions.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route serves; absent for those beside `/v1`. */
    endpoint?: AnyEndpoint;
    /** The route knows no microversions. */
    unversioned?: true;
  }
  interface FastifyRequest {
    /** Minor version N of the request's microversion 1.N. */
    minorVersion: number;
  }
}

/** Longest part of a path that is looked at; names have up to 255 characters, each up to 12 when escaped. */
const LONGEST_PARAMETER = 3072;
/** Time in which a request must have arrived. Milliseconds. */
const REQUEST_TIMEOUT_MS = 120_000;

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:\s*;|$)/i;

export interface ServerSettings {
  readonly logger: Logger;
  /** Default: everybody may do everything. */
  readonly authenticator?: Authenticator | undefined;
  /** Default: plain HTTP. */
  readonly certificate?: Certificate | undefined;
  /** The path that is looked up for the one that is asked. Default: the same. */
  readonly readPath?: (url: string) => string;
}

/** The HTTP server with everything that is the same for all requests: ids, users, versions, bodies, errors. */
export function createServer({ logger, authenticator, certificate, readPath }: ServerSettings): FastifyInstance {
  const app = fastify({
    ...(certificate === undefined ? {} : { https: tlsOptions(certificate) }),
    ...(readPath === undefined ? {} : { rewriteUrl: ({ url = '/' }: IncomingMessage) => readPath(url) }),
    logger: false,
    genReqId: () => `req-${randomUUID()}`,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Requests on open connections are answered to the end while the server closes.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: LONGEST_PARAMETER },
    frameworkErrors: (_error, request, reply) => void sendFault(faults.invalid('The path is malformed.'), request, reply, logger),
    clientErrorHandler: refuseGarbage,
  }) as unknown as FastifyInstance;

  // The vendor methods of Ironic take their arguments from the body of a GET too.
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true });
  closeAfterLastAnswer(app);
  // First of all hooks: whoever may not ask learns nothing of versions and paths.
  requireAuthentication(app, authenticator);
  app.decorateRequest('minorVersion', MINIMUM_VERSION);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('openstack-request-id', request.id);
    // The client of Ironic names a type for the body that its DELETE does not have.
    if (!hasBody(request)) delete request.headers['content-type'];
    const { endpoint, unversioned } = request.routeOptions.config ?? {};
    if (unversioned === true) return;
    request.minorVersion = negotiateVersion(request.headers[VERSION_HEADER]);
    reply.headers({ ...RANGE_HEADERS, [VERSION_HEADER]: `1.${request.minorVersion}` });
    if (endpoint?.since === undefined || request.minorVersion >= endpoint.since) return;
    throw endpoint.older === 'not acceptable' ? faults.notAcceptable() : pathNotFound();
  });
  app.removeAllContentTypeParsers();
  // Only this type: a page in a browser can send others to this machine without asking first.
  app.addContentTypeParser<Buffer>(JSON_TYPE, { parseAs: 'buffer' }, async (request: FastifyRequest, bytes: Buffer) =>
    ignoresBody(request) ? undefined : sealBody(request, parseBody(bytes)),
  );
  app.setNotFoundHandler(async () => {
    throw pathNotFound();
  });
  app.setErrorHandler((error, request, reply) => sendFault(error, request, reply, logger));
  return app;
}

/** While the server closes, an answer ends its connection: one kept alive by the client would hold the server open. */
function closeAfterLastAnswer(app: FastifyInstance): void {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** Whether nobody wants the body: of a GET it is read only where it has a meaning. */
function ignoresBody({ method, routeOptions }: FastifyRequest): boolean {
  return method === 'GET' && routeOptions.config.endpoint?.body === undefined;
}

/** Hides the secrets of a body before anything else sees it. */
function sealBody(request: FastifyRequest, body: JsonValue | undefined): Sealed | undefined {
  if (body === undefined) return undefined;
  return request.routeOptions.config.endpoint?.body?.seal?.(body) ?? body;
}

function sendFault(error: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): FastifyReply {
  const { status, headers, body, unexpected } = faultAnswer(error, request.id);
  if (unexpected) logger.error({ requestId: request.id, error }, 'Request failed unexpectedly');
  return reply.code(status).headers({ 'openstack-request-id': request.id, ...headers }).header('content-type', 'application/json').send(Buffer.from(body));
}

/** Answers what is not even HTTP, or has headers without end. */
function refuseGarbage(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, reason] = error.code === 'HPE_HEADER_OVERFLOW' ? [431, 'Request Header Fields Too Large'] : [400, 'Bad Request'];
  const inner = JSON.stringify({ faultcode: 'Client', faultstring: `${reason}.`, debuginfo: null });
  const body = JSON.stringify({ error_message: inner });
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}
