import type { Clock, JsonObject, JsonValue, Secret } from '@ferric/core';
import { failureText, type HttpAnswer, type HttpRequest, requestText, type Trust } from './wire/http.js';

/** A version of the conductor's API: `1.68` is [1, 68]. */
export type ApiVersion = readonly [major: number, minor: number];

/** What the agent believes when nobody tells. Source: ironic-python-agent, ironic_api_client.py (MIN_IRONIC_VERSION). */
const FALLBACK_VERSION: ApiVersion = [1, 31];
/** From which version on a heartbeat has which field, and the highest version that the agent asks for. Source: as above. */
const SINCE = { agentVersion: 36, agentToken: 62, verifyCa: 68 } as const;
const LOOKUP_VERSION: ApiVersion = [1, SINCE.agentToken];
const HEARTBEAT_VERSION: ApiVersion = [1, SINCE.verifyCa];

const JSON_HEADERS = { Accept: 'application/json', 'Content-Type': 'application/json', 'User-Agent': 'ferric-virtual-agent' } as const;

/** What the conductor knows of the node, as far as the agent uses it. */
export interface LookupAnswer {
  readonly uuid: string;
  readonly node: JsonObject;
  readonly config: JsonObject;
  /** Seconds. */
  readonly heartbeatTimeout: number;
}

export interface HeartbeatFields {
  readonly callbackUrl: string;
  readonly token: Secret | undefined;
  readonly agentVersion: string;
  /** PEM text. */
  readonly certificate: string | undefined;
}

export interface ConductorCallsOptions {
  /** Base URLs, tried in this order. */
  readonly urls: readonly string[];
  readonly trust: Trust;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** What an agent says to its conductor. Requests that get no answer reject. */
export interface ConductorCalls {
  /** Asks for the version once; what cannot be learnt counts as 1.31 until it can. */
  version(): Promise<ApiVersion>;
  supportsTls(): Promise<boolean>;
  /** One lookup. A text says why the answer is of no use. */
  lookup(query: { readonly addresses: readonly string[]; readonly nodeUuid: string | undefined }): Promise<LookupAnswer | string>;
  /** One heartbeat. @throws Error for any answer but 202 */
  heartbeat(nodeUuid: string, fields: HeartbeatFields): Promise<void>;
  /** Posts what was found to `url` as it is. */
  postInspection(url: string, body: JsonObject): Promise<HttpAnswer>;
}

export function createConductorCalls(options: ConductorCallsOptions): ConductorCalls {
  const { trust, clock, timeoutMs, signal, log } = options;
  let urls = options.urls.map((url) => url.replace(/\/+$/, ''));
  let known: ApiVersion | undefined;

  const send = (request: HttpRequest): Promise<HttpAnswer> => requestText({ ...request, trust, clock, timeoutMs, signal });

  /** Tries one URL after the other until somebody answers, who is asked first from then on. */
  const call = async (request: Omit<HttpRequest, 'url'> & { readonly path: string }): Promise<HttpAnswer> => {
    let failure: unknown = new Error('there is no ipa-api-url');
    for (const url of urls) {
      try {
        const answer = await send({ ...request, url: `${url}${request.path}` });
        urls = [url, ...urls.filter((each) => each !== url)];
        return answer;
      } catch (error) {
        signal.throwIfAborted();
        failure = error;
      }
    }
    throw failure;
  };

  const calls: ConductorCalls = {
    async version() {
      if (known !== undefined) return known;
      try {
        known = readVersion(await call({ method: 'GET', path: '/', headers: JSON_HEADERS }));
      } catch (error) {
        signal.throwIfAborted();
        log(`cannot learn the API version, using ${FALLBACK_VERSION.join('.')}: ${failureText(error)}`);
      }
      return known ?? FALLBACK_VERSION;
    },
    supportsTls: async () => isAtLeast(await calls.version(), HEARTBEAT_VERSION),
    async lookup({ addresses, nodeUuid }) {
      const version = lower(await calls.version(), LOOKUP_VERSION);
      const query = [`addresses=${encodeURIComponent(addresses.join(','))}`, ...(nodeUuid === undefined ? [] : [`node_uuid=${encodeURIComponent(nodeUuid)}`])];
      const answer = await call({ method: 'GET', path: `/v1/lookup?${query.join('&')}`, headers: versioned(version) });
      return answer.status === 200 ? readLookup(answer.text) : `status ${answer.status}`;
    },
    async heartbeat(nodeUuid, { callbackUrl, token, agentVersion, certificate }) {
      const version = lower(await calls.version(), HEARTBEAT_VERSION);
      const body = {
        callback_url: callbackUrl,
        ...(version[1] >= SINCE.agentToken ? { agent_token: token?.reveal() ?? null } : {}),
        ...(version[1] >= SINCE.agentVersion ? { agent_version: agentVersion } : {}),
        ...(version[1] >= SINCE.verifyCa && certificate !== undefined ? { agent_verify_ca: certificate } : {}),
      };
      const answer = await call({
        method: 'POST', path: `/v1/heartbeat/${encodeURIComponent(nodeUuid)}`, headers: versioned(version), body: JSON.stringify(body),
      });
      if (answer.status !== 202) throw new Error(`status ${answer.status}`);
    },
    postInspection: (url, body) => send({ method: 'POST', url, headers: JSON_HEADERS, body: JSON.stringify(body) }),
  };
  return calls;
}

function versioned(version: ApiVersion): Record<string, string> {
  return { ...JSON_HEADERS, 'X-OpenStack-Ironic-API-Version': version.join('.') };
}

function isAtLeast([major, minor]: ApiVersion, other: ApiVersion): boolean {
  return major > other[0] || (major === other[0] && minor >= other[1]);
}

function lower(version: ApiVersion, other: ApiVersion): ApiVersion {
  return isAtLeast(version, other) ? other : version;
}

function readVersion({ text }: HttpAnswer): ApiVersion {
  const { default_version: found } = asObject(JSON.parse(text));
  const match = /^(\d+)\.(\d+)$/.exec(String(asObject(found)['version']));
  if (match === null) throw new Error('the answer has no default_version.version');
  return [Number(match[1]), Number(match[2])];
}

function readLookup(text: string): LookupAnswer | string {
  let body: JsonObject;
  try {
    body = asObject(JSON.parse(text));
  } catch {
    return 'an answer that is no JSON';
  }
  const node = asObject(body['node']);
  const config = asObject(body['config']);
  const { uuid } = node;
  const { heartbeat_timeout: heartbeatTimeout } = config;
  if (typeof uuid !== 'string') return 'an answer without node.uuid';
  if (typeof heartbeatTimeout !== 'number' || !(heartbeatTimeout > 0)) return 'an answer without config.heartbeat_timeout';
  return { uuid, node, config, heartbeatTimeout };
}

/** The value when it is an object, an empty object otherwise. */
export function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { readonly [key: string]: JsonValue }) : {};
}
