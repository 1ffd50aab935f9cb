import type { JsonObject, JsonValue } from '@ferric/core';
import { ALLOCATION_TABLE } from '../allocations/allocation-fields.js';
import { CHASSIS_TABLE } from '../chassis/chassis.js';
import { CONDUCTOR_TABLE } from '../conductors/conductors.js';
import { DEPLOY_TEMPLATE_TABLE } from '../deploy-templates/deploy-templates.js';
import { DRIVER_TABLE } from '../drivers/driver-fields.js';
import { EVENT_STREAM_ARGUMENTS, EVENT_STREAM_PATH } from '../ferric/event-stream.js';
import type { ArgumentTable } from '../http/arguments.js';
import type { AnyEndpoint } from '../http/endpoint.js';
import { MAXIMUM_VERSION, MINIMUM_VERSION } from '../http/versions.js';
import { BIOS_TABLE } from '../nodes/node-bios.js';
import { NODE_TABLE } from '../nodes/node-fields.js';
import { HISTORY_TABLE } from '../nodes/node-history.js';
import { PORTGROUP_TABLE } from '../portgroups/portgroup-fields.js';
import { PORT_TABLE } from '../ports/port-fields.js';
import { VOLUME_CONNECTOR_TABLE, VOLUME_TARGET_TABLE } from '../volumes/volume-fields.js';
import { schemaName, tableSchema } from './schemas.js';

/** Resources whose records have a schema of their own. */
const TABLES = [
  NODE_TABLE, PORT_TABLE, PORTGROUP_TABLE, CHASSIS_TABLE, ALLOCATION_TABLE, DEPLOY_TEMPLATE_TABLE, VOLUME_CONNECTOR_TABLE, VOLUME_TARGET_TABLE, DRIVER_TABLE, CONDUCTOR_TABLE,
  BIOS_TABLE, HISTORY_TABLE,
] as const;

/** What is described. */
export interface Described {
  readonly endpoints: readonly AnyEndpoint[];
  readonly softwareVersion: string;
  /** Whether users say who they are. */
  readonly authenticated: boolean;
}

/**
 * The API as OpenAPI 3.1, made from the same tables that serve it. `x-ironic-since` names the first microversion of a
 * field, an argument or an operation.
 */
export function openApiDocument({ endpoints, softwareVersion, authenticated }: Described): (base: string) => JsonObject {
  const byPath = Map.groupBy(endpoints, documentedPath);
  const paths = Object.fromEntries([...byPath].map(([path, offered]) => [path, pathItem(path, offered)]));
  const document: JsonObject = {
    openapi: '3.1.0',
    info: {
      title: 'Ferric conductor',
      version: softwareVersion,
      description: `The REST API of OpenStack Ironic, microversions 1.${MINIMUM_VERSION} to 1.${MAXIMUM_VERSION}, and what Ferric adds below /ferric.`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: { ...paths, [EVENT_STREAM_PATH]: EVENT_STREAM_ITEM },
    ...(authenticated ? { security: [{ basic: [] }] } : {}),
    components: {
      ...(authenticated ? { securitySchemes: { basic: { type: 'http', scheme: 'basic' } } } : {}),
      schemas: { ...Object.fromEntries(TABLES.map((table) => [schemaName(table), tableSchema(table as never)])), Error: ERROR_SCHEMA },
      parameters: { Version: VERSION_PARAMETER },
      responses: { Error: { description: 'Refused or failed.', content: json({ $ref: '#/components/schemas/Error' }) } },
    },
  };
  return (base) => ({ ...document, servers: [{ url: base }] });
}

/** Ironic's endpoints stand below `/v1`, ours name their whole path. */
function documentedPath({ path }: AnyEndpoint): string {
  const whole = path.startsWith('/ferric/') ? path : `/v1${path}`;
  return whole.replaceAll(/:(\w+)/g, '{$1}');
}

function pathItem(path: string, endpoints: readonly AnyEndpoint[]): JsonObject {
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name: name ?? '', in: 'path', required: true, schema: { type: 'string' } }));
  const versioned = path.startsWith('/v1') ? [{ $ref: '#/components/parameters/Version' }] : [];
  return {
    ...Object.fromEntries(endpoints.map((endpoint) => [endpoint.method.toLowerCase(), operation(path, endpoint)])),
    ...(named.length + versioned.length > 0 ? { parameters: [...named, ...versioned] } : {}),
  };
}

function operation(path: string, endpoint: AnyEndpoint): JsonObject {
  const { answer, body, method, query, since, summary } = endpoint;
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[^A-Za-z0-9]+(\w?)/g, (_match, letter: string) => letter.toUpperCase())}`,
    summary,
    tags: [path.split('/')[path.startsWith('/ferric') ? 1 : 2] ?? 'root'],
    ...(since === undefined ? {} : { 'x-ironic-since': `1.${since}` }),
    ...(endpoint.public === true ? { security: [] } : {}),
    ...(query === undefined ? {} : { parameters: queryParameters(query) }),
    ...(body === undefined || method === 'GET' ? {} : { requestBody: { content: json(body.schema) } }),
    responses: {
      [String(answer.status)]: { description: answer.description, ...(answer.schema === undefined ? {} : { content: { [answer.mediaType ?? 'application/json']: { schema: answer.schema } } }) },
      default: { $ref: '#/components/responses/Error' },
    },
  };
}

function queryParameters(query: ArgumentTable): readonly JsonObject[] {
  return Object.entries(query).map(([name, { type, description, since, required }]) => ({
    name,
    in: 'query',
    description,
    schema: type.schema,
    ...(required === true ? { required } : {}),
    ...(since === undefined ? {} : { 'x-ironic-since': `1.${since}` }),
  }));
}

function json(schema: JsonValue): JsonObject {
  return { 'application/json': { schema } };
}

const VERSION_PARAMETER: JsonObject = {
  name: 'X-OpenStack-Ironic-API-Version',
  in: 'header',
  description: `1.N or latest; 1.${MINIMUM_VERSION} without it.`,
  schema: { type: 'string', pattern: '^(1\\.\\d+|latest)$', default: `1.${MINIMUM_VERSION}` },
};

const ERROR_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    error_message: {
      type: 'string',
      description: 'JSON: faultcode (Client or Server), faultstring and debuginfo; or code, title and description.',
      contentMediaType: 'application/json',
    },
  },
  required: ['error_message'],
};

const EVENT_STREAM_ITEM: JsonObject = {
  get: {
    operationId: 'getFerricV1Events',
    summary: 'Streams everything that happens as server-sent events; resumes after Last-Event-ID.',
    tags: ['ferric'],
    parameters: [...queryParameters(EVENT_STREAM_ARGUMENTS), { name: 'Last-Event-ID', in: 'header', schema: { type: 'integer' } }],
    responses: {
      '200': { description: 'Events without end.', content: { 'text/event-stream': { schema: { type: 'string' } } } },
      default: { $ref: '#/components/responses/Error' },
    },
  },
};
