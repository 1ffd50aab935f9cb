/**
 * A tool of somebody who generated types from `/openapi.json`. It is a text, since its types exist only while the test runs.
 * It prints what it found as one line of JSON.
 */
export const TYPED_CLIENT = `
import createClient from 'openapi-fetch';
import type { paths } from './ironic-api.js';

const [base = ''] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: base, headers: { 'X-OpenStack-Ironic-API-Version': '1.82' } });

const created = await client.POST('/v1/nodes', { body: { driver: 'fake-hardware', name: 'typed', resource_class: 'small' } });
if (created.data?.uuid == null) throw new Error(created.error?.error_message);
const node = created.data.uuid;

const path = { node };
await client.PATCH('/v1/nodes/{node}', { params: { path }, body: [{ op: 'add', path: '/extra/rack', value: 'r1' }] });
await client.PUT('/v1/nodes/{node}/states/provision', { params: { path }, body: { target: 'manage' } });
const port = await client.POST('/v1/ports', { body: { address: '52:54:00:00:00:01', node_uuid: node } });
const chassis = await client.POST('/v1/chassis', { body: { description: 'rack' } });
const group = await client.POST('/v1/portgroups', { body: { node_uuid: node, name: 'bond0' } });
const listed = await client.GET('/v1/nodes', { params: { query: { fields: 'uuid,name,resource_class', resource_class: 'small', limit: 10 } } });
const missing = await client.GET('/v1/nodes/{node}', { params: { path: { node: 'nobody' } } });
const shown = await client.GET('/v1/nodes/{node}', { params: { path } });

const extra: unknown = shown.data?.extra;
console.log(JSON.stringify({
  created: created.response.status,
  names: listed.data?.nodes.map((each) => each.name),
  extra,
  port: port.data?.address,
  chassis: chassis.data?.description,
  group: group.data?.mode,
  refusal: missing.error?.error_message.includes('could not be found'),
}));
`;

/** Lines with one mistake each; the compiler must find every one. */
export const MISTAKES: readonly string[] = [
  "await client.GET('/v1/knots');",
  "await client.POST('/v1/nodes', { body: { name: 'without a driver' } });",
  "await client.POST('/v1/nodes', { body: { driver: 'fake-hardware', name: 5 } });",
  "await client.GET('/v1/nodes', { params: { query: { limit: 'ten' } } });",
  "await client.PATCH('/v1/nodes/{node}', { params: { path: { node: 'n' } }, body: [{ op: 'move', path: '/name' }] });",
  "const { data } = await client.GET('/v1/ports'); data?.ports.map((port) => port.colour);",
];

/** What the mistakes need before them. */
export const MISTAKEN_CLIENT: readonly string[] = [
  "import createClient from 'openapi-fetch';",
  "import type { paths } from './ironic-api.js';",
  "const client = createClient<paths>({ baseUrl: 'http://127.0.0.1' });",
];
