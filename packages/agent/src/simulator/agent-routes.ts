import type { JsonObject, JsonValue, Secret } from '@ferric/core';
import { CommandFailure } from './commands/command-failure.js';
import type { CommandRecord, CommandRunner } from './commands/command-runner.js';
import type { AgentFaults } from './agent-faults.js';

/** What the API tells of, and whom it lets in. */
export interface ApiContext {
  readonly runner: CommandRunner;
  /** The token that requests for commands must bring; undefined: none. */
  readonly token: () => Secret | undefined;
  readonly faults: AgentFaults;
  readonly startedAt: Date;
  readonly version: string;
}

export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
}

export interface AgentAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Undefined: an empty body. */
  readonly body?: JsonValue;
}

const DOCUMENTATION = 'https://docs.openstack.org/ironic-python-agent/';
const MEDIA_TYPE = 'application/vnd.openstack.ironic-python-agent.v1+json';

type Handler = (context: ApiContext, request: ApiRequest, id: string) => AgentAnswer | Promise<AgentAnswer>;

interface Route {
  /** Matched against the path; its group is the id. The one that lacks a slash at its end is told where to go. */
  readonly path: RegExp;
  readonly slashless?: RegExp;
  readonly methods: Readonly<Record<string, Handler>>;
}

/** Source: ironic-python-agent, ironic_python_agent/api/app.py: every path exists with and without the version. */
const ROUTES: readonly Route[] = [
  { path: /^\/$/, methods: { GET: (_context, request) => ok(rootDocument(request.url.origin)) } },
  { path: /^\/v1\/$/, slashless: /^\/v1$/, methods: { GET: (_context, request) => ok(versionDocument(request.url.origin)) } },
  { path: /^(?:\/v1)?\/status$/, methods: { GET: ({ startedAt, version }) => ok({ started_at: startedAt.getTime() / 1000, version }) } },
  { path: /^(?:\/v1)?\/commands\/$/, slashless: /^(?:\/v1)?\/commands$/, methods: { GET: withToken(listCommands), POST: withToken(runCommand) } },
  { path: /^(?:\/v1)?\/commands\/([^/]+)$/, methods: { GET: withToken(tellCommand) } },
];

/** Answers one request. @throws CommandFailure */
export async function routeRequest(context: ApiContext, request: ApiRequest): Promise<AgentAnswer> {
  const { pathname, search, origin } = request.url;
  for (const { path, slashless, methods } of ROUTES) {
    if (slashless?.test(pathname) === true) return { status: 308, headers: { Location: `${origin}${pathname}/${search}` } };
    const match = path.exec(pathname);
    if (match === null) continue;
    const handler = methods[request.method === 'HEAD' ? 'GET' : request.method];
    return handler === undefined
      ? fault(405, '405 Method Not Allowed: The method is not allowed for the requested URL.')
      : handler(context, request, decodeURIComponent(match[1] ?? ''));
  }
  return fault(404, '404 Not Found: The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.');
}

/** The answer for an error: in the form of WSME, as the real agent's. */
export function answerOf(error: unknown): AgentAnswer {
  if (error instanceof CommandFailure) return fault(error.status, error.message);
  return fault(500, error instanceof Error ? error.message : String(error));
}

export function fault(status: number, text: string): AgentAnswer {
  return { status, body: { faultcode: status >= 500 ? 'Server' : 'Client', faultstring: text } };
}

function ok(body: JsonValue): AgentAnswer {
  return { status: 200, body };
}

function withToken(handler: Handler): Handler {
  return (context, request, id) => {
    const given = request.url.searchParams.get('agent_token') ?? undefined;
    if (given !== context.token()?.reveal()) return fault(401, '401 Unauthorized: Token invalid.');
    return handler(context, request, id);
  };
}

function listCommands({ runner, faults }: ApiContext): AgentAnswer {
  const poison = runner.poison ?? (faults.take('poisoned') === undefined ? undefined : 'TypeError');
  return poison === undefined ? ok({ commands: runner.records.map(describeCommand) }) : poisoned(poison);
}

async function tellCommand({ runner }: ApiContext, { url }: ApiRequest, id: string): Promise<AgentAnswer> {
  return ok(describeCommand(wantsToWait(url) ? await runner.ended(id) : runner.find(id)));
}

async function runCommand({ runner }: ApiContext, { url, body }: ApiRequest): Promise<AgentAnswer> {
  const { name, params } = readBody(body);
  if (name === undefined || params === undefined) return fault(400, '400 Bad Request: Missing or invalid name or params');
  const wasPoisoned = runner.poison;
  const record = await runner.execute(name, params);
  if (runner.poison !== undefined && wasPoisoned === undefined) return poisoned(runner.poison);
  return ok(describeCommand(wantsToWait(url) ? await runner.ended(record.id) : record));
}

/** An exception cannot be told as JSON; the agent fails over it each time. */
function poisoned(name: string): AgentAnswer {
  return fault(500, `Object of type ${name} is not JSON serializable`);
}

function wantsToWait(url: URL): boolean {
  return url.searchParams.get('wait')?.toLowerCase() === 'true';
}

function readBody(body: string): { readonly name?: string; readonly params?: JsonObject } {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return {};
  }
  const { name, params } = Object(value) as Readonly<Record<string, unknown>>;
  const isObject = typeof params === 'object' && params !== null && !Array.isArray(params);
  return { ...(typeof name === 'string' ? { name } : {}), ...(isObject ? { params: params as JsonObject } : {}) };
}

function describeCommand({ id, name, status, error, result }: CommandRecord): JsonObject {
  return { id, command_name: name, command_status: status, command_error: error, command_result: result };
}

function describeVersion(origin: string): JsonObject {
  return { id: 'v1', links: [{ href: `${origin}/v1`, rel: 'self' }, { href: DOCUMENTATION, rel: 'describedby', type: 'text/html' }] };
}

function rootDocument(origin: string): JsonObject {
  return {
    name: 'OpenStack Ironic Python Agent API',
    description: 'Ironic Python Agent is a provisioning agent for OpenStack Ironic',
    versions: [describeVersion(origin)],
    default_version: describeVersion(origin),
  };
}

function versionDocument(origin: string): JsonObject {
  const links = (resource: string): JsonValue => [
    { href: `${origin}/v1/${resource}`, rel: 'self' },
    { href: `${origin}/${resource}`, rel: 'bookmark' },
  ];
  return { commands: links('commands'), status: links('status'), media_types: [{ base: 'application/json', type: MEDIA_TYPE }], ...describeVersion(origin) };
}
