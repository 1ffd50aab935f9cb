import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createApiClient } from '../support/api-client.js';
import { sampleNode } from '../support/sample-node.js';

/** Stands for every password in this file. */
const PLANTED = 'hunter2-planted';
const node = sampleNode();
const below = `/v1/nodes/${node.uuid}`;

describe('a planted secret is never seen again', () => {
  test.each([
    ['a node', 'POST', '/v1/nodes', { driver: 'fake-hardware', driver_info: { fake_pin: PLANTED, ipmi_password: PLANTED, list: [{ token: PLANTED }] }, instance_info: { configdrive: PLANTED } }],
    ['a node that is refused', 'POST', '/v1/nodes', { driver: 5, driver_info: { fake_pin: PLANTED } }],
    ['a node whose driver_info is a text', 'POST', '/v1/nodes', { driver: 'fake-hardware', driver_info: PLANTED }],
    ['a node whose driver_info is a list', 'POST', '/v1/nodes', { driver: 'fake-hardware', driver_info: [PLANTED] }],
    ['a patch', 'PATCH', below, [{ op: 'add', path: '/driver_info/fake_pin', value: PLANTED }]],
    ['a patch that cannot be applied', 'PATCH', below, [{ op: 'add', path: '/driver_info/a/fake_pin', value: PLANTED }]],
    ['a patch of an unknown field', 'PATCH', below, [{ op: 'add', path: '/driver_inf/fake_pin', value: { password: PLANTED } }]],
    ['a patch with a wrong operation', 'PATCH', below, [{ op: 'fly', path: '/driver_info/fake_pin', value: PLANTED }]],
    ['a patch with a wrong path', 'PATCH', below, [{ op: 'add', path: '/driver_info/a.b', value: PLANTED }]],
    ['a patch that makes driver_info a text', 'PATCH', below, [{ op: 'replace', path: '/driver_info', value: PLANTED }]],
    ['a patch that is no list', 'PATCH', below, { driver_info: { fake_pin: PLANTED } }],
    ['a rescue password', 'PUT', `${below}/states/provision`, { target: 'rescue', rescue_password: PLANTED }],
    ['a rescue password of a wrong type', 'PUT', `${below}/states/provision`, { target: 'rescue', rescue_password: [PLANTED] }],
    ['a rescue password for another target', 'PUT', `${below}/states/provision`, { target: 'manage', rescue_password: PLANTED }],
    ['a config drive', 'PUT', `${below}/states/provision`, { target: 'active', configdrive: { user_data: PLANTED } }],
    ['a config drive that is refused', 'PUT', `${below}/states/provision`, { target: 'active', configdrive: `${PLANTED} !` }],
    ['arguments of a vendor method', 'POST', `${below}/vendor_passthru/blink`, { password: PLANTED }],
    ['arguments of a vendor method that are no object', 'POST', `${below}/vendor_passthru/blink`, PLANTED],
    ['malformed JSON', 'POST', '/v1/nodes', `{"driver_info": {"ipmi_password": "${PLANTED}" x}}`],
  ])('%s', async (_case, method, url, body) => {
    await using api = createApiClient([node]);
    const answer = await api.request(method, url, { body });
    expect(answer.text).not.toContain(PLANTED);
    expect(api.services.logger.text()).not.toContain(PLANTED);
    expect(inspect(api.services.kept, { depth: 20 })).not.toContain(PLANTED);
  });

  test('when the conductor fails on it', async () => {
    await using api = createApiClient([node]);
    api.services.nodes.create = async (creation) => {
      throw Object.assign(new Error(`cannot create ${JSON.stringify(creation)}`), { creation });
    };
    const answer = await api.request('POST', '/v1/nodes', { body: { driver: 'fake-hardware', driver_info: { fake_pin: PLANTED } } });
    expect(answer.status).toBe(500);
    expect(answer.text + api.services.logger.text()).not.toContain(PLANTED);
  });

  test('in a query', async () => {
    await using api = createApiClient([node]);
    await api.request('GET', `${below}/vendor_passthru/blink?anything=${PLANTED}`);
    await api.request('GET', `/v1/nodes?password=${PLANTED}&limit=1`);
    expect(api.services.logger.at('debug').map(({ fields }) => fields['path'])).toEqual([`${below}/vendor_passthru/blink?anything=******`, '/v1/nodes?password=******&limit=1']);
  });
});

test('each request is one line: changes at info, reads at debug', async () => {
  await using api = createApiClient([node]);
  const read = await api.request('GET', '/v1/nodes?limit=1');
  await api.request('PUT', `${below}/maintenance`);
  const { lines } = api.services.logger;
  expect(lines.map(({ level, message, fields }) => [level, message, fields['method'], fields['path'], fields['status']])).toEqual([
    ['debug', 'Request answered', 'GET', '/v1/nodes?limit=1', 200],
    ['info', 'Request answered', 'PUT', `${below}/maintenance`, 202],
  ]);
  expect(lines[0]?.fields['requestId']).toBe(read.headers['openstack-request-id']);
  expect(lines[0]?.fields['durationMs']).toEqual(expect.any(Number));
});
