import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { type Answer, startService } from '../../test/support/scripted-service.js';
import { extendedInfo, table } from '../../test/support/tables.js';
import type { RedfishClientSettings } from './client-types.js';
import { createRedfishClient } from './redfish-client.js';

const PATH = '/redfish/v1/Systems/1/';
const clientOf = (url: string, more: Partial<RedfishClientSettings> = {}) => createRedfishClient({ url, ...more });

describe('headers', () => {
  test('ask for plain JSON, and for Redfish without the properties of RIS', async () => {
    await using service = await startService(table({ [`GET ${PATH}`]: { body: {} }, 'GET /rest/v1/Systems/1': { body: {} } }));
    await using client = clientOf(service.url);
    await client.read(PATH);
    await client.read('/rest/v1/Systems/1');
    const [redfish, ris] = service.seen;
    expect(redfish?.headers).toMatchObject({ accept: 'application/json', 'accept-encoding': 'identity', 'odata-version': '4.0' });
    expect(redfish?.headers).not.toHaveProperty('content-type');
    expect(redfish?.headers).not.toHaveProperty('expect');
    expect(ris?.headers).not.toHaveProperty('odata-version');
  });
});

describe('redirects', () => {
  test.each([301, 302, 307, 308])('%s keeps method and body, between the forms of a path with and without a slash', async (status) => {
    await using service = await startService(
      table({ 'POST /redfish/v1/Systems/1': { status, headers: { location: PATH } }, [`POST ${PATH}`]: { body: { done: true } } }),
    );
    await using client = clientOf(service.url);
    const reply = await client.post('/redfish/v1/Systems/1', { Action: 'Reset' });
    expect([reply.path, reply.body]).toEqual([PATH, { done: true }]);
    expect(service.seen.map(({ method, body }) => [method, body])).toEqual([['POST', { Action: 'Reset' }], ['POST', { Action: 'Reset' }]]);
  });

  test('also with a whole URL, to other letters, and from RIS to Redfish', async () => {
    await using service = await startService((request): Answer =>
      request.path === '/redfish/v1/systems/1/?a=b' ? { body: { Id: '1' } } : { status: 308, headers: { location: `${service.url}/redfish/v1/systems/1/?a=b` } },
    );
    await using client = clientOf(service.url);
    expect(await client.read('/rest/v1/Systems/1')).toMatchObject({ path: '/redfish/v1/systems/1/?a=b', body: { Id: '1' } });
  });

  test.each(['http://192.0.2.1/redfish/v1/', 'https://127.0.0.1/redfish/v1/', '//evil.example/x', 'http://127.0.0.1:1/'])('to another origin are refused: %s', async (location) => {
    await using service = await startService(() => ({ status: 308, headers: { location } }));
    await using client = clientOf(service.url, { username: 'admin', password: 'p', authentication: 'basic' });
    expect(await failure(client.read(PATH))).toMatchObject({ code: 'PROTOCOL_FAULT', details: { path: PATH, location } });
    expect(service.steps).toHaveLength(1);
  });

  test('to nowhere, and in a circle, are refused', async () => {
    await using service = await startService((request) => (request.path === PATH ? { status: 308 } : { status: 308, headers: { location: `${request.path}a` } }));
    await using client = clientOf(service.url);
    expect(await failure(client.read(PATH))).toMatchObject({ code: 'PROTOCOL_FAULT' });
    expect(await failure(client.read('/x'))).toMatchObject({ code: 'PROTOCOL_FAULT', message: 'The controller redirects /x more than 5 times' });
    expect(service.steps).toHaveLength(7);
  });
});

describe('content', () => {
  const text = JSON.stringify({ Name: 'Gehäuse' });
  test.each([
    { what: 'gzip that says so', bytes: gzipSync(text), encoding: 'gzip' },
    { what: 'gzip that does not say so', bytes: gzipSync(text), encoding: undefined },
    { what: 'gzip that says something else', bytes: gzipSync(text), encoding: 'identity' },
    { what: 'deflate', bytes: deflateSync(text), encoding: 'deflate' },
    { what: 'deflate without the frame of zlib', bytes: deflateRawSync(text), encoding: 'deflate' },
    { what: 'plain text', bytes: Buffer.from(text), encoding: undefined },
  ])('is unpacked: $what', async ({ bytes, encoding }) => {
    await using service = await startService(() => ({ body: bytes, headers: encoding === undefined ? {} : { 'content-encoding': encoding } }));
    await using client = clientOf(service.url);
    expect((await client.read(PATH)).body).toEqual({ Name: 'Gehäuse' });
  });

  const big = Buffer.from(JSON.stringify({ x: ' '.repeat(4 * 1024 * 1024) }));
  test.each([
    { what: 'too long', bytes: big, says: 'is longer than 4194304 bytes' },
    { what: 'too long once it is unpacked', bytes: gzipSync(big), says: 'is longer than 4194304 bytes' },
    { what: 'packed, and broken', bytes: gzipSync(text).subarray(0, -9), says: 'cannot be unpacked' },
    { what: 'no JSON', bytes: Buffer.from('<html>'), says: 'is no JSON' },
    { what: 'half a JSON', bytes: Buffer.from(text.slice(0, -1)), says: 'is no JSON' },
    { what: 'no object', bytes: Buffer.from('[1]'), says: 'is no JSON object' },
    { what: 'nested too deeply', bytes: Buffer.from(`{"a":${'['.repeat(64)}${']'.repeat(64)}}`), says: 'is nested deeper than 64 levels' },
    { what: 'nested endlessly', bytes: Buffer.from('['.repeat(1_000_000)), says: 'is nested deeper than 64 levels' },
  ])('that cannot be used is PROTOCOL_FAULT: $what', async ({ bytes, says }) => {
    await using service = await startService(() => ({ body: bytes }));
    await using client = clientOf(service.url);
    const error = await failure(client.read(PATH));
    expect(error).toMatchObject({ code: 'PROTOCOL_FAULT', message: `The answer for ${PATH} ${says}` });
    expect(service.steps).toHaveLength(1);
  });

  test('brackets inside of texts are not depth', async () => {
    const body = { a: `${'['.repeat(100)}"\\${'{'.repeat(100)}` };
    await using service = await startService(() => ({ body }));
    await using client = clientOf(service.url);
    expect((await client.read(PATH)).body).toEqual(body);
  });

  test('may be missing after a change', async () => {
    await using service = await startService(() => ({ status: 204 }));
    await using client = clientOf(service.url);
    expect(await client.post(PATH, {})).toMatchObject({ status: 204, body: {}, messages: [] });
  });

  test('of a refusal may be a page for people', async () => {
    await using service = await startService(() => ({ status: 404, body: '<html>not here</html>', headers: { 'content-type': 'text/html' } }));
    await using client = clientOf(service.url);
    expect(await failure(client.read(PATH))).toMatchObject({ code: 'NOT_FOUND', message: `The controller at ${service.address} declined GET ${PATH}: there is nothing at this path` });
  });
});

describe('a connection that ends', () => {
  test.each(['reset', 'half body'] as const)('%s: a read is sent three times, with a pause', async (instead) => {
    const clock = createFakeClock();
    await using service = await startService(table({ [`GET ${PATH}`]: [{ instead, body: { Id: '1' } }, { instead, body: { Id: '1' } }, { body: { Id: '1' } }] }));
    await using client = clientOf(service.url, { clock });
    const call = client.read(PATH);
    for (const requests of [1, 2]) {
      // The deadline, the idle watch and the pause.
      await expect.poll(() => clock.pendingTimers).toBe(3);
      expect(service.steps).toHaveLength(requests);
      await clock.advance(1999);
      expect(service.steps).toHaveLength(requests);
      await clock.advance(1);
    }
    expect((await call).body).toEqual({ Id: '1' });
    expect(service.steps).toHaveLength(3);
  });

  test('three times is enough', async () => {
    const clock = createFakeClock();
    await using service = await startService(() => ({ instead: 'reset' }));
    await using client = clientOf(service.url, { clock });
    const call = failure(client.read(PATH));
    for (let pause = 0; pause < 2; pause += 1) {
      await expect.poll(() => clock.pendingTimers).toBe(3);
      await clock.advance(2000);
    }
    expect(await call).toMatchObject({ code: 'UNREACHABLE', details: { address: service.address, step: `GET ${PATH}`, sent: true } });
    expect(service.steps).toHaveLength(3);
  });

  test.each(['POST', 'PATCH', 'PUT', 'DELETE'] as const)('a %s is sent once, whatever becomes of it', async (method) => {
    await using service = await startService(() => ({ instead: 'reset' }));
    await using client = clientOf(service.url);
    expect(await failure(client.send({ method, path: PATH, ...(method === 'DELETE' ? {} : { body: {} }) }))).toMatchObject({
      code: 'UNREACHABLE',
      retryable: false,
      details: { step: `${method} ${PATH}`, sent: true },
      hint: expect.stringContaining('may have done what was asked') as string,
    });
    expect(service.steps).toHaveLength(1);
  });

  test('nobody listens: nothing was sent', async () => {
    const service = await startService(() => ({}));
    await service[Symbol.asyncDispose]();
    await using client = clientOf(service.url);
    expect(await failure(client.post(PATH, {}))).toMatchObject({ code: 'UNREACHABLE', retryable: true, details: { systemCode: 'ECONNREFUSED', sent: false } });
  });

  test('what is no HTTP is PROTOCOL_FAULT', async () => {
    await using service = await startService(() => ({ instead: 'garbage' }));
    await using client = clientOf(service.url);
    expect(await failure(client.read(PATH))).toMatchObject({ code: 'PROTOCOL_FAULT', message: expect.stringContaining('something that is no HTTP') as string });
  });
});

describe('one request at a time', () => {
  test('in the order in which they came', async () => {
    let running = 0;
    let most = 0;
    await using service = await startService(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => void setImmediate(resolve));
      running -= 1;
      return { body: {} };
    });
    await using client = clientOf(service.url);
    await Promise.all(['/1', '/2', '/3', '/4'].map(async (path) => client.read(path)));
    expect([most, service.steps, service.connections]).toEqual([1, ['GET /1', 'GET /2', 'GET /3', 'GET /4'], 1]);
  });

  test('a queue that is full is BUSY; who leaves it makes room', async () => {
    await using service = await startService(() => ({ instead: 'silence' }));
    await using client = clientOf(service.url, { queueLimit: 1 });
    const caller = new AbortController();
    const first = failure(client.read('/1', { signal: caller.signal }));
    const second = new AbortController();
    const waiting = failure(client.read('/2', { signal: second.signal }));
    expect(await failure(client.read('/3'))).toMatchObject({ code: 'BUSY', retryable: true, details: { waiting: 1 } });
    second.abort('left');
    expect(await waiting).toBe('left');
    const third = failure(client.read('/4', { signal: caller.signal }));
    await new Promise((resolve) => void setImmediate(resolve));
    caller.abort('all');
    expect([await first, await third]).toEqual(['all', 'all']);
    expect(service.steps.every((step) => step === 'GET /1')).toBe(true);
  });
});

test('a refusal tells status, message, arguments and when to come back', async () => {
  await using service = await startService(() => ({
    status: 503,
    headers: { 'retry-after': '7' },
    body: extendedInfo('iLO.2.14.ResetInProgress', ['x'], { RelatedProperties: ['#/Boot'] }),
  }));
  await using client = clientOf(service.url);
  expect(await failure(client.send({ method: 'PATCH', path: PATH, body: {} }))).toMatchObject({
    code: 'BUSY',
    retryable: true,
    message: `The controller at ${service.address} declined PATCH ${PATH}: it is resetting`,
    details: { address: service.address, step: `PATCH ${PATH}`, status: 503, messageId: 'iLO.2.14.ResetInProgress', messageArgs: ['x'], properties: ['#/Boot'], retryAfterSeconds: 7 },
  });
});
