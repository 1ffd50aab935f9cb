import { fastifyRateLimit } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { BootRequester, BootService } from '../../boot/boot-service.js';
import { faults } from '../../fault.js';
import type { ApiDependencies } from '../dependencies.js';
import { defineEndpoint, type AnyEndpoint } from '../http/endpoint.js';
import { pathNotFound } from '../http/http-fault.js';
import { refuseOthers, type EndpointHost } from '../http/register-endpoints.js';
import { macAddress, uuid } from '../http/argument-types.js';
import { BOOT_METHOD_PATH } from './boot-method.js';
import { sendFile } from './send-file.js';

const DEFAULT_SCRIPTS_PER_MINUTE = 60;
const MINUTE_MS = 60_000;
/** Addresses whose requests are counted; beyond that the ones heard of longest ago are forgotten. */
const MOST_ADDRESSES = 10_000;

const SCRIPT_URLS = [`/v1${BOOT_METHOD_PATH}`, '/ferric/v1/boot/ipxe'] as const;
const ENTRY_URL = '/boot.ipxe';
const BOOT_FILE_URL = '/ferric/v1/boot/:node/:role';
const IMAGE_URL = '/images/:folder/*';

/**
 * What machines load to boot: scripts, boot files, images. They come without an account and without a version.
 *
 * iPXE runs whatever script it gets with 200 and gives up on everything else, some of it with a machine that hangs. So iPXE always gets 200
 * and a script; what goes wrong is told by the error script.
 */
export function registerBoot(app: FastifyInstance, api: ApiDependencies, host: EndpointHost): void {
  const { boot, scriptsPerMinute = DEFAULT_SCRIPTS_PER_MINUTE } = api;
  if (boot === undefined) return;
  app.register(async (scope) => {
    // By hand, not as a hook: its own answer would be no script, and its headers would have iPXE wait.
    await scope.register(fastifyRateLimit, { global: false, max: scriptsPerMinute, timeWindow: MINUTE_MS, cache: MOST_ADDRESSES });
    const count = scope.createRateLimit();
    const isTooOften = async (request: FastifyRequest): Promise<boolean> => {
      const verdict = await count(request);
      return !verdict.isAllowed && verdict.isExceeded;
    };

    const serveScript = (url: string, make: (request: FastifyRequest) => string | Promise<string>, problemOf: (request: FastifyRequest) => string | undefined): void => {
      serve(scope, url, {
        async handler(request, reply) {
          if (await isTooOften(request)) return sendScript(reply, boot.refuse(`this address asked for more than ${scriptsPerMinute} scripts in a minute`, requesterOf(request)));
          const problem = problemOf(request);
          if (problem !== undefined) throw faults.invalid(problem);
          return sendScript(reply, await make(request));
        },
        errorHandler(error, request, reply) {
          if (!isBootLoader(request)) throw error;
          void sendScript(reply, boot.refuse(error.message, requesterOf(request)));
        },
      });
    };

    for (const url of SCRIPT_URLS) {
      const make = (request: FastifyRequest): Promise<string> =>
        boot.script({ query: queryOf(request), driver: parametersOf(request)['driver'], base: host.baseOf(request), requester: requesterOf(request) });
      serveScript(url, make, (request) => boot.problemOf(queryOf(request)));
    }
    serveScript(
      ENTRY_URL,
      (request) => boot.entry({ driver: driverOf(request), base: host.baseOf(request), requester: requesterOf(request) }),
      (request) => (Object.keys(queryOf(request)).some((name) => name !== 'driver') ? 'Unexpected arguments: only driver is accepted.' : undefined),
    );
    serve(scope, BOOT_FILE_URL, { handler: (request, reply) => sendBootFile(boot, request, reply) });
    serve(scope, IMAGE_URL, { handler: (request, reply) => sendImage(boot, request, reply) });
  });
  for (const url of ['/ferric/v1/boot/ipxe', ENTRY_URL, BOOT_FILE_URL, IMAGE_URL]) refuseOthers(app, url, ['GET']);
}

interface Serving {
  handler(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
  errorHandler?(error: Error, request: FastifyRequest, reply: FastifyReply): void;
}

/** Firmware that boots by HTTP asks with HEAD first. It has no account. */
function serve(scope: FastifyInstance, url: string, { handler, errorHandler }: Serving): void {
  scope.route({ method: ['GET', 'HEAD'], url, exposeHeadRoute: false, config: { unversioned: true, public: true }, handler, ...(errorHandler === undefined ? {} : { errorHandler }) });
}

async function sendBootFile(boot: BootService, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { node = '', role = '' } = parametersOf(request);
  const found = await boot.file(node, role, requesterOf(request), { noted: request.method === 'GET' });
  if (found === undefined) throw pathNotFound();
  return found.kind === 'elsewhere' ? reply.redirect(found.url, 302) : sendFile(request, reply, found.file);
}

async function sendImage(boot: BootService, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { folder = '', '*': path = '' } = parametersOf(request);
  const file = await boot.image(folder, path);
  if (file === undefined) throw pathNotFound();
  return sendFile(request, reply, file);
}

/** Each answer is for one machine at one time: nothing on the way may keep it. */
function sendScript(reply: FastifyReply, script: string): FastifyReply {
  return reply.code(200).headers({ 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }).send(script);
}

/** Source: iPXE, net/tcp/httpcore.c (User-Agent). */
function isBootLoader({ headers }: FastifyRequest): boolean {
  return /^iPXE(\/|$)/.test(headers['user-agent'] ?? '');
}

function requesterOf({ id, ip }: FastifyRequest): BootRequester {
  return { requestId: id, address: ip };
}

function queryOf(request: FastifyRequest): Readonly<Record<string, unknown>> {
  return request.query as Readonly<Record<string, unknown>>;
}

function parametersOf(request: FastifyRequest): Readonly<Record<string, string | undefined>> {
  return request.params as Readonly<Record<string, string | undefined>>;
}

/** Given twice, it is none that any hardware type has. */
function driverOf(request: FastifyRequest): string | undefined {
  const { driver } = queryOf(request);
  return driver === undefined || driver === '' ? undefined : String(driver);
}

const SCRIPT_ANSWER = { status: 200, description: 'An iPXE script, also where there is nothing to boot.', schema: { type: 'string' }, mediaType: 'text/plain' } as const;
const SCRIPT_QUERY = {
  node_uuid: { type: uuid, description: 'UUID of the node; exactly one of the two is needed.' },
  port_address: { type: macAddress, description: 'MAC address of one of its ports.' },
} as const;

/** The endpoints as the description of the API shows them. They are served by {@link registerBoot}. */
export function bootEndpoints({ boot }: ApiDependencies): readonly AnyEndpoint[] {
  if (boot === undefined) return [];
  const served = async (): Promise<never> => {
    throw pathNotFound();
  };
  return [
    defineEndpoint({ method: 'GET', path: BOOT_METHOD_PATH, public: true, summary: 'Answers with the iPXE script of a node of this hardware type.', query: SCRIPT_QUERY, answer: SCRIPT_ANSWER, handle: served }),
    defineEndpoint({ method: 'GET', path: '/ferric/v1/boot/ipxe', public: true, summary: 'Answers with the iPXE script of a node.', query: SCRIPT_QUERY, answer: SCRIPT_ANSWER, handle: served }),
    defineEndpoint({
      method: 'GET',
      path: BOOT_FILE_URL,
      public: true,
      summary: 'Sends a file that the present script of a node names, or tells where it is.',
      answer: { status: 200, description: 'The file, or the part of it that the header Range asks for; 302 where it is elsewhere.', schema: { type: 'string', format: 'binary' }, mediaType: 'application/octet-stream' },
      handle: served,
    }),
  ];
}
