import { lookupAnswer } from '@ferric/agent';
import { Secret, type JsonObject, type JsonValue, type Sealed } from '@ferric/core';
import type { ApiDependencies } from '../dependencies.js';
import { text, uuid } from '../http/argument-types.js';
import { isObject, requireObject, sealMembers } from '../http/body-readers.js';
import { defineEndpoint, ok, type AnyEndpoint, type BodyReader } from '../http/endpoint.js';
import { linkPair } from '../http/links.js';

/** First minor version that lets agents in. Older ones are told that the path is unknown. */
const SINCE = 22;

/** Largest report of an inspection: it carries the logs of the machine. Bytes. */
const INSPECTION_LIMIT_BYTES: number = 8 * 1024 * 1024;

/** `/v1/lookup`, `/v1/heartbeat` and `/v1/continue_inspection`: what the deploy agent asks. Agents have no account. */
export function ramdiskEndpoints({ agents }: ApiDependencies): readonly AnyEndpoint[] {
  if (agents === undefined) return [];
  return [
    defineEndpoint({
      method: 'GET',
      path: '/lookup',
      public: true,
      summary: 'Tells a deploy agent which node it runs on, and its token once per boot.',
      since: SINCE,
      query: {
        addresses: { type: text, description: 'MAC addresses of the machine, between commas. What is none is passed over.' },
        node_uuid: { type: text, description: 'UUID of the node, where the agent knows it. Wins over the addresses.' },
      },
      answer: { status: 200, description: 'The node and what the agent should know.', schema: LOOKUP_SCHEMA },
      async handle({ base, query, requester }) {
        const found = await agents.lookup(query, base, requester);
        return ok(lookupAnswer({ ...found, version: requester.version, links: linkPair(base, `nodes/${found.node.uuid}`) as readonly JsonValue[] }));
      },
    }),
    defineEndpoint({
      method: 'POST',
      path: '/heartbeat/:node',
      public: true,
      summary: 'Takes the report of a deploy agent that is alive; the node is a UUID or a name.',
      since: SINCE,
      body: HEARTBEAT_BODY,
      answer: { status: 202, description: 'Accepted; nothing is answered.' },
      async handle({ base, parameters, body, requester }) {
        await agents.heartbeat(parameters['node'] ?? '', body, base, requester);
        return { status: 202 };
      },
    }),
    ...INSPECTION_PATHS.map(({ path, status, summary }) =>
      defineEndpoint({
        method: 'POST',
        path,
        public: true,
        summary,
        query: { node_uuid: { type: uuid, description: 'UUID of the node, where the agent knows it.' } },
        body: INSPECTION_BODY,
        answer: { status, description: 'The UUID of the node.', schema: { type: 'object', properties: { uuid: { type: 'string', format: 'uuid' } } } },
        handle: async ({ query, body, requester }) => ({ status, body: { uuid: await agents.continueInspection(body, query.node_uuid, requester) } }),
      }),
    ),
  ];
}

/**
 * Agents send no version with their inspection post, so that every version is served.
 * Sources: Ironic, ironic/api/controllers/v1/ramdisk.py (ContinueInspectionController); ironic-inspector, main.py (`/v1/continue`).
 */
const INSPECTION_PATHS = [
  { path: '/continue_inspection', status: 202, summary: 'Takes what a deploy agent found on a machine that is inspected.' },
  { path: '/continue', status: 200, summary: 'The same under the address of ironic-inspector.' },
] as const;

const LOOKUP_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    node: {
      type: 'object',
      properties: {
        uuid: { type: 'string', format: 'uuid' },
        properties: { type: 'object' },
        instance_info: { type: 'object' },
        driver_internal_info: { type: 'object' },
        links: { type: 'array', items: { type: 'object' } },
      },
    },
    config: {
      type: 'object',
      properties: {
        heartbeat_timeout: { type: 'integer', description: 'Seconds.' },
        agent_token: { type: 'string', description: 'What every heartbeat must carry; ****** when it was given already.' },
      },
    },
  },
};

const HEARTBEAT_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    callback_url: { type: 'string', description: 'Where the API of the agent is.' },
    agent_version: { type: 'string', 'x-ironic-since': '1.36' },
    agent_token: { type: 'string', format: 'password', writeOnly: true, 'x-ironic-since': '1.62' },
    agent_verify_ca: { type: 'string', description: 'PEM of the certificate of the agent.', 'x-ironic-since': '1.68' },
    agent_status: { enum: ['start', 'end', 'error'], 'x-ironic-since': '1.72' },
    agent_status_message: { type: 'string', 'x-ironic-since': '1.72' },
  },
  required: ['callback_url'],
};

/** What it may hold is decided with the rest of what an agent may do: {@link checkHeartbeat}. */
const HEARTBEAT_BODY: BodyReader<Readonly<Record<string, Sealed>>> = {
  schema: HEARTBEAT_SCHEMA,
  seal: (body) => (isObject(body) ? sealMembers(body, (name) => name === 'agent_token') : new Secret(body)),
  read: (body) => requireObject('body', body ?? {}),
};

const INSPECTION_BODY: BodyReader<JsonObject> = {
  schema: {
    type: 'object',
    properties: {
      inventory: { type: 'object', properties: { interfaces: { type: 'array', minItems: 1, items: { type: 'object' } } }, required: ['interfaces'] },
    },
    required: ['inventory'],
  },
  limitBytes: INSPECTION_LIMIT_BYTES,
  read: (body) => requireObject('body', body ?? {}) as JsonObject,
};
