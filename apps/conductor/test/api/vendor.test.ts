import { describe, expect, test } from 'vitest';
import { createApiClient } from '../support/api-client.js';
import { sampleNode } from '../support/sample-node.js';

const node = sampleNode();
const below = `/v1/nodes/${node.uuid}/vendor_passthru`;

describe('vendor methods', () => {
  test('are listed; those of a driver have no lock', async () => {
    await using api = createApiClient([node]);
    const common = { http_methods: ['POST'], async: true, description: 'Blinks.', attach: false };
    expect((await api.request('GET', `${below}/methods`)).body).toEqual({ blink: { ...common, require_exclusive_lock: true } });
    expect((await api.request('GET', '/v1/drivers/fake-hardware/vendor_passthru/methods')).body).toEqual({ blink: common });
  });

  test.each([
    ['POST', `${below}/blink`, { times: 2 }, { times: 2 }],
    ['POST', `${below}?method=blink`, { times: 2 }, { times: 2 }],
    ['GET', `${below}/blink?times=2`, undefined, { times: '2' }],
    ['GET', `${below}?method=blink&times=2`, undefined, { times: '2' }],
    ['GET', `${below}/blink`, { times: 2 }, { times: 2 }],
    ['GET', `${below}/blink?id=a`, { times: 2 }, { times: 2, id: 'a' }],
    ['DELETE', `${below}/blink?id=a`, undefined, { id: 'a' }],
    ['DELETE', `${below}/blink`, { id: 'a' }, { id: 'a' }],
    ['PUT', `${below}/blink`, undefined, {}],
    ['PATCH', `${below}/blink`, {}, {}],
  ] as const)('%s %s', async (method, url, body, args) => {
    await using api = createApiClient([node]);
    expect((await api.request(method, url, body === undefined ? {} : { body })).status).toBe(200);
    expect(api.services.calls[0]?.slice(0, 4)).toEqual(['callVendorMethod', 'blink', method, args]);
  });

  test('of a driver are called alike', async () => {
    await using api = createApiClient();
    await api.request('GET', '/v1/drivers/fake-hardware/vendor_passthru/blink?x=1');
    expect(api.services.calls).toEqual([['callDriverMethod', 'fake-hardware', 'blink', 'GET', { x: '1' }]]);
  });

  test.each([
    ['accepted', { kind: 'accepted' }, 202, '', undefined],
    ['a value', { kind: 'value', value: true }, 200, 'true', 'application/json'],
    ['null', { kind: 'value', value: null }, 200, 'null', 'application/json'],
    ['a file', { kind: 'attachment', attachment: { contentType: 'text/plain; charset=utf-8', body: '#!ipxe\n' } }, 200, '#!ipxe\n', 'text/plain; charset=utf-8'],
    ['bytes', { kind: 'attachment', attachment: { contentType: 'application/octet-stream', body: Uint8Array.of(35, 33) } }, 200, '#!', 'application/octet-stream'],
  ] as const)('answer %s', async (_case, vendorAnswer, status, text, contentType) => {
    await using api = createApiClient([node]);
    api.services.vendorAnswer = vendorAnswer;
    const answer = await api.request('POST', `${below}/blink`, { body: {} });
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([status, text, contentType]);
  });

  test.each([
    ['POST', below, {}, 'Method not specified'],
    ['POST', `${below}/blink?times=2`, {}, 'Unexpected arguments: times'],
    ['GET', `${below}/blink`, [1], "Schema error for data: [...] is not of type 'object'"],
    ['POST', `${below}/blink`, [1], "Schema error for data: [...] is not of type 'object'"],
  ])('%s %s is refused', async (method, url, body, faultstring) => {
    await using api = createApiClient([node]);
    const answer = await api.request(method, url, { body });
    expect([answer.status, answer.error?.['faultstring']]).toEqual([400, faultstring]);
  });

  test('are the only ones that read the body of a GET', async () => {
    await using api = createApiClient([node]);
    const headers = { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.82' };
    const get = async (url: string): Promise<number> => (await api.app.inject({ method: 'GET', url, headers, payload: '{"times":' })).statusCode;
    expect([await get('/v1/nodes'), await get('/v1/nowhere'), await get(`${below}/blink`)]).toEqual([200, 404, 400]);
  });

  test('work at version 1.1, as boot loaders ask', async () => {
    await using api = createApiClient();
    api.services.vendorAnswer = { kind: 'attachment', attachment: { contentType: 'text/plain', body: '#!ipxe' } };
    expect((await api.request('GET', '/v1/drivers/fake-hardware/vendor_passthru/ipxe_config?port_address=52:54:00:aa:bb:01', { version: null })).text).toBe('#!ipxe');
  });

  test('are given up when the client leaves', async () => {
    await using api = createApiClient([node]);
    const reached = Promise.withResolvers<AbortSignal>();
    api.services.nodes.callVendorMethod = (_identifier, _method, _httpMethod, _args, { signal }) => {
      reached.resolve(signal ?? AbortSignal.abort());
      return new Promise(() => undefined);
    };
    const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
    const leaving = new AbortController();
    const answer = fetch(`${url}${below}/blink`, { method: 'POST', signal: leaving.signal });
    const signal = await reached.promise;
    expect(signal.aborted).toBe(false);
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
    leaving.abort();
    await expect(answer).rejects.toThrow('aborted');
    await aborted;
    expect(signal.reason).toMatchObject({ code: 'ABORTED' });
  });

  test('are not given up when the client got its answer and then leaves', async () => {
    await using api = createApiClient([node]);
    const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
    const closed = new Promise((resolve) => api.app.server.once('connection', (socket) => socket.once('close', resolve)));
    await (await fetch(`${url}${below}/blink`, { method: 'POST', headers: { connection: 'close' } })).text();
    await closed;
    expect((api.services.calls[0]?.[4] as AbortSignal | undefined)?.aborted).toBe(false);
  });
});
