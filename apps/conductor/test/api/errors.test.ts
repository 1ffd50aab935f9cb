import { FerricError } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createApiClient } from '../support/api-client.js';
import { sampleNode } from '../support/sample-node.js';

const node = sampleNode();

describe('errors', () => {
  test('are JSON inside JSON, as clients of Ironic parse them', async () => {
    await using api = createApiClient();
    const answer = await api.request('GET', '/v1/nodes/nope');
    expect(answer.status).toBe(404);
    expect(answer.text).toBe('{"error_message":"{\\"faultcode\\":\\"Client\\",\\"faultstring\\":\\"Node nope could not be found.\\",\\"debuginfo\\":null}"}');
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.82' });
  });

  test.each([
    ['an unknown path', 'GET', '/v1/nope', 404, { code: 404, title: 'Not Found', description: 'The resource could not be found.' }],
    ['an unknown path without version', 'GET', '/nope', 404, { code: 404 }],
    ['a path of a later version', 'GET', `/v1/nodes/${node.uuid}/inventory`, 404, { code: 404 }, '1.80'],
    ['a method the path does not have', 'DELETE', '/v1/nodes', 405, { code: 405, title: 'Method Not Allowed', description: 'The method DELETE is not allowed for this resource.' }],
    ['an endpoint that older versions refuse', 'PUT', `/v1/nodes/${node.uuid}/states/raid`, 406, { faultcode: 'Client', faultstring: 'Request not acceptable.' }, '1.11'],
    ['a malformed path', 'GET', '/v1/nodes/%zz', 400, { faultcode: 'Client', faultstring: 'The path is malformed.' }],
    ['a query argument given twice', 'GET', '/v1/nodes?limit=1&limit=2', 400, { faultstring: 'Each query argument may be given only once.' }],
    ['a NUL in a query', 'GET', '/v1/nodes?owner=%00', 400, { faultstring: 'Texts must not contain NUL characters.' }],
  ])('%s', async (_case, method, url, status, error, version = '1.82') => {
    await using api = createApiClient([node]);
    const answer = await api.request(method, url, { version });
    expect(answer.status).toBe(status);
    expect(answer.error).toMatchObject(error);
    expect(answer.headers['openstack-request-id']).toMatch(/^req-[0-9a-f-]{36}$/);
  });

  test('a 405 says what is allowed', async () => {
    await using api = createApiClient();
    expect((await api.request('DELETE', '/v1/nodes')).headers['allow']).toBe('GET, POST');
  });

  test.each([
    ['malformed JSON', '{bad', {}, 400, 'The body is not valid JSON: line 1 column 2.'],
    ['a body of another type', 'driver=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'A body must be sent with Content-Type application/json.'],
    ['a body of a type that browsers send anywhere', '{"driver":"fake-hardware"}', { 'content-type': 'text/plain' }, 415, 'A body must be sent with Content-Type application/json.'],
    ['a body that is too large', JSON.stringify({ driver: 'x'.repeat(1024 * 1024) }), {}, 413, 'The body is too large.'],
    ['a body that is nested too deeply', `{"driver":${'['.repeat(30)}${']'.repeat(30)}}`, {}, 400, 'The body is nested deeper than 25 levels.'],
  ])('%s', async (_case, body, headers, status, faultstring) => {
    await using api = createApiClient();
    const answer = await api.request('POST', '/v1/nodes', { body, headers });
    expect([answer.status, answer.error?.['faultcode'], answer.error?.['faultstring']]).toEqual([status, 'Client', faultstring]);
    expect(api.services.kept.nodes).toEqual([]);
  });

  test('a config drive may be larger than any other body', async () => {
    await using api = createApiClient([node]);
    const configdrive = 'A'.repeat(2 * 1024 * 1024);
    expect((await api.request('PUT', `/v1/nodes/${node.uuid}/states/provision`, { body: { target: 'active', configdrive } })).status).toBe(202);
    expect((await api.request('PUT', `/v1/nodes/${node.uuid}/maintenance`, { body: { reason: configdrive } })).status).toBe(413);
  });

  test('the version is refused before the body is read', async () => {
    await using api = createApiClient();
    expect((await api.request('POST', '/v1/nodes', { body: '{bad', version: '1.999' })).status).toBe(406);
  });

  test('an unexpected failure names the request, is logged once with its stack, and shows nothing else', async () => {
    await using api = createApiClient([node]);
    api.services.failure = new Error('select * from secrets failed');
    const answer = await api.request('GET', `/v1/nodes/${node.uuid}`);
    const requestId = String(answer.headers['openstack-request-id']);
    expect([answer.status, answer.error?.['faultcode']]).toEqual([500, 'Server']);
    expect(answer.error?.['faultstring']).toBe(`The conductor failed to process this request; its log tells more under ${requestId}.`);
    expect(answer.text).not.toContain('secrets');
    expect(api.services.logger.at('error')).toEqual([{ level: 'error', message: 'Request failed unexpectedly', fields: { requestId, error: api.services.failure } }]);
  });

  test.each([
    ['UNREACHABLE', 502],
    ['TIMEOUT', 504],
    ['BUSY', 503],
    ['AUTH_FAILED', 502],
    ['INVALID_OPTIONS', 400],
  ] as const)('%s of a driver is %d, with what to try next', async (code, status) => {
    await using api = createApiClient([node]);
    api.services.failure = new FerricError(code, 'The controller 192.0.2.1 said no', { hint: 'Try again.', cause: new Error('inner') });
    const answer = await api.request('GET', `/v1/nodes/${node.uuid}/management/boot_device`);
    expect(answer.status).toBe(status);
    expect(answer.error).toMatchObject({ faultcode: status < 500 ? 'Client' : 'Server', faultstring: 'The controller 192.0.2.1 said no', ferric: { code, hint: 'Try again.' } });
    expect(answer.text).not.toContain('inner');
    expect(api.services.logger.at('error')).toEqual([]);
  });
});

describe('versions', () => {
  test.each([
    [null, '1.1'],
    ['latest', '1.82'],
    ['1.46', '1.46'],
  ])('asked for %s, %s is spoken', async (version, spoken) => {
    await using api = createApiClient();
    expect((await api.request('GET', '/v1', { version })).headers).toMatchObject({
      'x-openstack-ironic-api-version': spoken, 'x-openstack-ironic-api-minimum-version': '1.1', 'x-openstack-ironic-api-maximum-version': '1.82',
    });
  });

  test('a version out of range is told the range, one that cannot be read is not', async () => {
    await using api = createApiClient();
    const tooNew = await api.request('GET', '/v1/nodes', { version: '1.999' });
    expect(tooNew.status).toBe(406);
    expect(tooNew.headers).toMatchObject({ 'x-openstack-ironic-api-minimum-version': '1.1', 'x-openstack-ironic-api-maximum-version': '1.82' });
    expect(tooNew.headers).not.toHaveProperty('x-openstack-ironic-api-version');
    const bad = await api.request('GET', '/v1/nodes', { version: 'abc' });
    expect(bad.status).toBe(406);
    expect(Object.keys(bad.headers).filter((name) => name.startsWith('x-openstack'))).toEqual([]);
  });

  test('paths without /v1, and with a slash at their end, are the same', async () => {
    await using api = createApiClient([node]);
    const bodies = await Promise.all(['/v1/nodes', '/nodes', '/v1/nodes/', '/nodes/'].map((url) => api.request('GET', url)));
    for (const { body } of bodies) expect(body).toEqual(bodies[0]?.body);
  });

  test('HEAD is answered wherever GET is', async () => {
    await using api = createApiClient([node]);
    for (const url of ['/', '/v1', '/v1/nodes', `/v1/nodes/${node.uuid}`, '/v1/drivers', '/healthz', '/readyz', '/metrics', '/openapi.json', '/ferric/v1/events']) {
      const answer = await api.request('HEAD', url);
      expect([url, answer.status, answer.text]).toEqual([url, 200, '']);
    }
  });

  test('the root lists only resources that exist, by version', async () => {
    await using api = createApiClient();
    const resources = async (version: string) => Object.keys((await api.request('GET', '/v1', { version })).body as object).filter((name) => !['id', 'links', 'media_types', 'version'].includes(name));
    const old = ['chassis', 'nodes', 'ports', 'drivers'];
    expect(await resources('1.21')).toEqual(old);
    expect(await resources('1.23')).toEqual([...old, 'portgroups', 'lookup', 'heartbeat']);
    expect(await resources('1.48')).toEqual([...old, 'portgroups', 'volume', 'lookup', 'heartbeat']);
    expect(await resources('1.82')).toEqual([
      ...old, 'portgroups', 'volume', 'lookup', 'heartbeat', 'conductors', 'allocations', 'events', 'deploy_templates', 'shards',
    ]);
  });
});
