import {
  array, assert, asyncProperty, constant, constantFrom, dictionary, double, integer, jsonValue, oneof, option, record, string, tuple, uniqueArray,
  type Arbitrary,
} from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NODE_TABLE } from '../../src/api/nodes/node-fields.js';
import { NODE_FILTERS } from '../../src/api/nodes/node-filters.js';
import { PORT_TABLE } from '../../src/api/ports/port-fields.js';
import type { ReplayTarget } from './replay/replay.js';
import { startReplayConductor } from './replay/replay-conductor.js';

const HEADERS = { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.82' };
const NODE = '8935bb8e-4228-4b3f-836a-5c88decd22b0';
const PORT = '738875c9-4986-49fd-aa6b-e05b3d3f9dc4';

const running = new AsyncDisposableStack();
let target: ReplayTarget;

beforeAll(async () => {
  target = running.use(await startReplayConductor());
  const post = async (at: string, sent: object) => {
    const answer = await target.fetch(`${target.base}${at}`, { method: 'POST', headers: HEADERS, body: JSON.stringify(sent) });
    if (answer.status !== 201) throw new Error(await answer.text());
  };
  await post('/v1/nodes', { driver: 'fake-hardware', name: 'target', uuid: NODE, extra: { list: [1], deep: { a: {} } } });
  await post('/v1/ports', { uuid: PORT, node_uuid: NODE, address: '52:54:00:aa:bb:01' });
});
afterAll(() => running.disposeAsync());

/** Texts that have broken servers before. */
const nasty: Arbitrary<string> = oneof(
  constantFrom(
    '', ' ', '\0', '\u0000x', '__proto__', 'constructor', 'toString', "'; drop table nodes; --", '%', '_', '\\', '\uD800', '\uFFFF', '🦀', '\r\nX-Injected: 1', '../../etc/passwd',
    '9'.repeat(400), '-1', '0', '1e400', 'NaN', 'null', 'true', 'None', '{}', '[]', 'x'.repeat(5000), NODE, 'target', '1.82', 'latest', '<script>', '${7*7}', '2026-11-21T00:00:00Z',
  ),
  string({ unit: 'binary', maxLength: 40 }),
);
const anyValue: Arbitrary<unknown> = oneof(nasty, jsonValue({ maxDepth: 4 }), integer(), double(), constantFrom(null, true, false, [], {}, [[]], 2 ** 53, -0), array(nasty, { maxLength: 3 }));

const fieldNames = [...NODE_TABLE.fields, ...PORT_TABLE.fields].map((field) => field.name);
const bodyMembers = [...fieldNames, 'target', 'timeout', 'configdrive', 'clean_steps', 'deploy_steps', 'rescue_password', 'disable_ramdisk', 'reason', 'boot_device', 'persistent', 'logical_disks', 'bar', 'traits', 'callback_url', 'agent_token', 'agent_version', 'agent_verify_ca', 'agent_status', 'inventory'];
const queryNames = [...Object.keys(NODE_FILTERS), 'limit', 'marker', 'sort_key', 'sort_dir', 'fields', 'detail', 'conductor', 'node', 'node_uuid', 'address', 'portgroup', 'method', 'after', 'type', 'reset_interfaces', 'addresses', 'port_address', 'driver', 'bogus'];

const path: Arbitrary<string> = oneof(
  constantFrom('/', '/v1', '/v1/nodes', '/v1/nodes/detail', '/v1/nodes/validate', '/v1/ports', '/v1/ports/detail', `/v1/ports/${PORT}`, '/v1/drivers', '/v1/drivers/fake-hardware', '/v1/drivers/fake-hardware/properties', '/v1/conductors', '/nodes', '/openapi.json', '/v1/lookup', `/v1/heartbeat/${NODE}`, '/v1/heartbeat/target', '/v1/continue_inspection', '/v1/continue', '/boot.ipxe', '/ferric/v1/boot/ipxe', '/v1/drivers/fake-hardware/vendor_passthru/ipxe_config', `/ferric/v1/boot/${NODE}/deploy_kernel`, '/images/0/x'),
  constantFrom(
    '', '/states', '/states/provision', '/states/power', '/states/raid', '/maintenance', '/management/boot_device', '/management/boot_device/supported', '/validate', '/ports', '/bios', '/bios/x', '/traits',
    '/history', '/history/x', '/inventory', '/vendor_passthru', '/vendor_passthru/methods', '/vendor_passthru/third_method_sync', '/vendor_passthru/nope',
  ).map((below) => `/v1/nodes/${NODE}${below}`),
  tuple(constantFrom('/v1/heartbeat/', '/images/', '/images/0/', '/ferric/v1/boot/', `/ferric/v1/boot/${NODE}/`, '/v1/nodes/', '/v1/ports/', '/v1/drivers/', '/v1/conductors/', '/ferric/v1/nodes/', '/v1/', '/'), nasty, constantFrom('', '/states', '/timeline', '/properties', '/vendor_passthru/x', '/vendor_passthru/ipxe_config', '/deploy_kernel', '/ports')).map(
    ([before, name, after]) => `${before}${escape(name)}${after}`,
  ),
  constantFrom('/v1/nodes/%', '/v1/nodes/%zz', '/v1/nodes/%00', '/v1//nodes', '/v1/nodes//', '//', '/v1/nodes?', '/v1/nodes?&&=&', '/v1/nodes?limit', '/v1/nodes?%zz=%zz'),
);

function escape(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

const query: Arbitrary<string> = uniqueArray(tuple(constantFrom(...queryNames), nasty), { maxLength: 3 }).map((pairs) =>
  pairs.length === 0 ? '' : `?${pairs.map(([name, value]) => `${name}=${escape(value)}`).join('&')}`,
);

const patchPath = oneof(
  tuple(constantFrom(...fieldNames, 'foo'), array(oneof(nasty, constantFrom('list', 'deep', 'a', '0', '-', 'push', 'length')), { maxLength: 3 })).map(([root, rest]) => `/${[root, ...rest].join('/')}`),
  nasty,
);
const operation = record({ op: oneof(constantFrom('add', 'replace', 'remove'), nasty), path: oneof(patchPath, anyValue), value: anyValue }, { requiredKeys: [] });
const body: Arbitrary<string> = oneof(
  dictionary(oneof(constantFrom(...bodyMembers), nasty), anyValue, { maxKeys: 4 }).map((value) => JSON.stringify(value)),
  dictionary(constantFrom(...bodyMembers), anyValue, { maxKeys: 4 }).map((value) => JSON.stringify({ driver: 'fake-hardware', ...value })),
  dictionary(constantFrom(...bodyMembers), anyValue, { maxKeys: 3 }).map((value) => JSON.stringify({ node_uuid: NODE, address: '52:54:00:aa:bb:02', ...value })),
  array(operation, { maxLength: 4 }).map((value) => JSON.stringify(value)),
  anyValue.map((value) => JSON.stringify(value) ?? ''),
  constantFrom('{', '{"a":', '[1,]', '\uFEFF{}', '{"__proto__":{"x":1}}', '{"constructor":{"prototype":{"x":1}}}', '['.repeat(5000), `{"driver":${'{"a":'.repeat(30)}1${'}'.repeat(31)}`, 'null', '"x"', '1e999', '{"a":1e999}'),
  nasty,
);

/** Requests that are nearly right, so that they get past the door. */
const aimed = oneof(
  ...(
    [
      ['POST', '/v1/nodes', tuple(constantFrom(...fieldNames), anyValue).map(([name, value]) => ({ driver: 'fake-hardware', [name]: value }))],
      ['POST', '/v1/ports', tuple(constantFrom(...fieldNames), anyValue).map(([name, value]) => ({ node_uuid: NODE, address: '52:54:00:aa:bb:03', [name]: value }))],
      ['PATCH', `/v1/nodes/${NODE}`, array(record({ op: constantFrom('add', 'replace', 'remove'), path: patchPath, value: anyValue }), { minLength: 1, maxLength: 3 })],
      ['PATCH', `/v1/ports/${PORT}`, array(record({ op: constantFrom('add', 'replace', 'remove'), path: patchPath, value: anyValue }), { minLength: 1, maxLength: 3 })],
      ['PUT', `/v1/nodes/${NODE}/states/power`, record({ target: oneof(constantFrom('power on', 'power off', 'rebooting', 'soft power off'), nasty), timeout: anyValue }, { requiredKeys: ['target'] })],
      ['PUT', `/v1/nodes/${NODE}/states/provision`, record({ target: oneof(constantFrom('manage', 'provide', 'active', 'deleted', 'clean', 'rescue', 'inspect', 'abort'), nasty), configdrive: anyValue, clean_steps: anyValue, rescue_password: anyValue }, { requiredKeys: ['target'] })],
      ['PUT', `/v1/nodes/${NODE}/states/raid`, record({ logical_disks: array(dictionary(constantFrom('raid_level', 'size_gb', 'controller', 'x'), anyValue), { maxLength: 2 }) })],
      ['PUT', `/v1/nodes/${NODE}/maintenance`, record({ reason: anyValue })],
      ['PUT', `/v1/nodes/${NODE}/management/boot_device`, record({ boot_device: oneof(constant('pxe'), anyValue), persistent: anyValue })],
      ['POST', `/v1/heartbeat/${NODE}`, record({ callback_url: oneof(constantFrom('https://192.0.2.10:9999', ''), anyValue), agent_token: anyValue, agent_version: anyValue, agent_verify_ca: anyValue }, { requiredKeys: ['callback_url'] })],
      ['POST', '/v1/continue_inspection', record({ inventory: record({ interfaces: array(record({ mac_address: oneof(constant('52:54:00:aa:bb:01'), anyValue) })), bmc_address: anyValue }), error: anyValue, boot_interface: anyValue }, { requiredKeys: ['inventory'] })],
      ['POST', `/v1/nodes/${NODE}/vendor_passthru/third_method_sync`, record({ bar: anyValue })],
      ['POST', `/v1/nodes/${NODE}/vendor_passthru/second_method`, record({ bar: anyValue })],
      ['DELETE', `/v1/nodes/${NODE}/maintenance`, constant(undefined)],
    ] as const
  ).map(([method, at, bodies]) => bodies.map((sent) => ({ method, path: at, query: '', version: '1.82', body: sent === undefined ? undefined : JSON.stringify(sent) }))),
);

const wild = record({
  method: oneof({ weight: 3, arbitrary: constantFrom('GET', 'POST', 'PUT', 'PATCH') }, { weight: 1, arbitrary: constantFrom('DELETE', 'OPTIONS', 'PROPFIND') }),
  path,
  query,
  version: oneof({ weight: 6, arbitrary: constant('1.82') }, { weight: 2, arbitrary: integer({ min: 1, max: 82 }).map((minor) => `1.${minor}`) }, { weight: 1, arbitrary: constantFrom('latest', 'abc', '1.999', '2.1', '', '1.') }),
  body: option(body, { nil: undefined }),
});

const request = oneof(wild, aimed);

/** Removing what the other requests are about would leave nothing to attack. */
function spares({ method, path: given }: { readonly method: string; readonly path: string }): boolean {
  return method !== 'DELETE' || ![`/v1/nodes/${NODE}`, `/v1/ports/${PORT}`, '/v1/nodes/target'].includes(given);
}

describe('hostile requests', () => {
  test('are never answered with 500, and always with an error that clients can read', { timeout: 120_000 }, async () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    const statuses = new Map<number, number>();
    await assert(
      asyncProperty(request.filter(spares), async ({ method, path: given, query: asked, version, body: sent }) => {
        const hasBody = sent !== undefined && method !== 'GET';
        const answer = await target.fetch(`${target.base}${given}${given.includes('?') ? '' : asked}`, {
          method,
          headers: { 'x-openstack-ironic-api-version': version, ...(hasBody ? { 'content-type': 'application/json' } : {}) },
          ...(hasBody ? { body: sent } : {}),
        });
        const text = await answer.text();
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        expect(answer.status).not.toBe(500);
        expect(answer.headers.get('openstack-request-id')).toMatch(/^req-/);
        if (answer.status < 400) return;
        expect(answer.headers.get('content-type')).toBe('application/json');
        const error = JSON.parse((JSON.parse(text) as { error_message: string }).error_message) as Record<string, unknown>;
        expect(typeof (error['faultstring'] ?? error['description'])).toBe('string');
        expect(text).not.toMatch(/\bat .*[/\\][\w.-]+\.[jt]s:\d+/);
      }),
      { numRuns: 3000 },
    );
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    // The requests reached what they were aimed at: not all of them were turned away at the door.
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 202, 204, 400, 404, 405, 406]));
    const still = await target.fetch(`${target.base}/v1/nodes/${NODE}`, { headers: HEADERS });
    expect(still.status).toBe(200);
  });
});
