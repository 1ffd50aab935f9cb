import type { JsonObject, JsonValue } from '@ferric/core';
import { type PollOptions, waitFor } from '@ferric/lab';

/** One answer, whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; null when it is empty. Throws when it is something else. */
  json(): JsonValue;
  /** Ironic's text of a refusal, which is JSON inside JSON. */
  fault(): string;
}

export interface RequestOptions {
  readonly body?: JsonValue;
  /** Sent as it is instead of `body`, said to be JSON. */
  readonly rawBody?: string;
  /** Microversion; null sends none. Default 1.82. */
  readonly version?: string | null;
}

/** A node or another resource as the API shows it. */
export type Resource = JsonObject & { readonly uuid: string };

/** The REST API, as the smallest client would use it: nothing of the conductor's own code. */
export interface IronicClient {
  readonly url: string;
  /** Any request to any path; yields every answer, refusals too. */
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** A request that must succeed. */
  call(method: string, path: string, body?: JsonValue): Promise<JsonObject>;
  node(identifier: string): Promise<Resource>;
  /** Polls a node until it is as wanted; the last state seen is part of the failure. */
  waitForNode(identifier: string, wanted: (node: Resource) => boolean, options?: PollOptions): Promise<Resource>;
  /** Asks for a provision state and waits until the node is there and free again. */
  provision(identifier: string, target: string, state: string, more?: JsonObject): Promise<Resource>;
  /** What happened to a node, oldest first. */
  timeline(identifier: string): Promise<readonly TimelineEntry[]>;
}

/** One entry of a node's timeline. */
export interface TimelineEntry {
  readonly id: number;
  readonly type: string;
  readonly severity: string;
  readonly message: string;
  readonly details: JsonObject;
  readonly at: string;
}

export interface ClientOptions {
  /** Sees every answer. */
  readonly witness?: (request: string, answer: Answer) => void;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

const REQUEST_TIMEOUT_MS = 30_000;

export function createIronicClient(url: string, options: ClientOptions = {}): IronicClient {
  const request: IronicClient['request'] = async (method, path, { body, rawBody, version = '1.82' } = {}) => {
    const sent = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...options.headers,
        ...(version === null ? {} : { 'X-OpenStack-Ironic-API-Version': version }),
        ...(sent === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(sent === undefined ? {} : { body: sent }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const answer = toAnswer(response, await response.text());
    options.witness?.(`${method} ${path}`, answer);
    return answer;
  };
  const call: IronicClient['call'] = async (method, path, body) => {
    const answer = await request(method, path, body === undefined ? {} : { body });
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
    return (answer.text === '' ? {} : answer.json()) as JsonObject;
  };
  const node: IronicClient['node'] = async (identifier) => (await call('GET', `/v1/nodes/${identifier}`)) as Resource;
  const waitForNode: IronicClient['waitForNode'] = (identifier, wanted, poll) =>
    waitFor(`node ${identifier}, as asked for by the test`, async () => {
      const seen = await node(identifier);
      if (wanted(seen)) return seen;
      throw new Error(`The node was last seen as ${JSON.stringify(seen, undefined, 1)}`);
    }, poll);

  return {
    url,
    request,
    call,
    node,
    waitForNode,
    async provision(identifier, target, state, more = {}) {
      await call('PUT', `/v1/nodes/${identifier}/states/provision`, { target, ...more });
      return waitForNode(identifier, (seen) => seen['provision_state'] === state && isIdle(seen));
    },
    async timeline(identifier) {
      const { events } = await call('GET', `/ferric/v1/nodes/${identifier}/timeline?after=0&limit=1000`);
      return events as unknown as readonly TimelineEntry[];
    },
  };
}

/** Whether nobody works on a node. */
export function isIdle(node: JsonObject): boolean {
  return node['reservation'] === null && node['target_provision_state'] === null && node['target_power_state'] === null;
}

function toAnswer(response: Response, text: string): Answer {
  const json = (): JsonValue => (text === '' ? null : (JSON.parse(text) as JsonValue));
  return {
    status: response.status,
    headers: response.headers,
    text,
    json,
    fault() {
      const { error_message: message } = json() as { readonly error_message: string };
      const inner = JSON.parse(message) as { readonly faultstring?: string; readonly description?: string };
      return inner.faultstring ?? inner.description ?? '';
    },
  };
}
