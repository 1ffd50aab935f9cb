import { describe, expect, test } from 'vitest';
import { createFakeClock } from '@ferric/core/testing';
import { failure } from '../../test/support/failure.js';
import { type Script, startService } from '../../test/support/scripted-service.js';
import { extendedInfo, ROOT, SESSIONS, table, withSessions } from '../../test/support/tables.js';
import type { RedfishClientSettings } from './client-types.js';
import { createRedfishClient } from './redfish-client.js';

const SYSTEM = '/redfish/v1/Systems/1/';
const inner: Script = table({ [`GET ${SYSTEM}`]: { body: { Id: '1' } } });
const user = { username: 'admin', password: 'correct horse' };
const clientOf = (url: string, more: Partial<RedfishClientSettings> = {}) => createRedfishClient({ url, ...user, ...more });

describe('a session', () => {
  test('is opened with the first request, used for all, and closed with the client', async () => {
    const sessions = withSessions(inner);
    await using service = await startService(sessions.script);
    const client = clientOf(service.url);
    expect(service.steps).toEqual([]);
    for (const round of [1, 2]) expect([round, (await client.read(SYSTEM)).body]).toEqual([round, { Id: '1' }]);
    expect([...sessions.open]).toEqual(['token-1']);
    await client[Symbol.asyncDispose]();
    expect(sessions.open.size).toBe(0);
    expect(service.steps).toEqual(['GET /redfish/v1/', `POST ${SESSIONS}`, `GET ${SYSTEM}`, `GET ${SYSTEM}`, `DELETE ${SESSIONS}1/`]);
    expect(service.seen.map(({ headers }) => headers['x-auth-token'])).toEqual([undefined, undefined, 'token-1', 'token-1', 'token-1']);
    expect(client.counters).toEqual({ requests: 5, logins: 1, logouts: 1, openSessions: 0, lostSessions: 0 });
    await client[Symbol.asyncDispose]();
    await service.allClosed();
    expect(service.steps).toHaveLength(5);
  });

  test('that the controller has forgotten is opened again, once, and the request sent again, also one that changes', async () => {
    const sessions = withSessions(table({ [`POST ${SYSTEM}`]: { body: {} } }));
    await using service = await startService(sessions.script);
    await using client = clientOf(service.url);
    await client.post(SYSTEM, {});
    sessions.open.clear();
    await client.post(SYSTEM, {});
    expect(service.steps.slice(2)).toEqual([`POST ${SYSTEM}`, `POST ${SYSTEM}`, `DELETE ${SESSIONS}1/`, `POST ${SESSIONS}`, `POST ${SYSTEM}`]);
    expect(sessions.logins).toBe(2);
  });

  test('a 401 after a fresh login is the end: AUTH_FAILED, not to be retried', async () => {
    const sessions = withSessions(() => ({ status: 401, body: extendedInfo('Base.1.4.NoValidSession') }));
    await using service = await startService(sessions.script);
    await using client = clientOf(service.url);
    expect(await failure(client.read(SYSTEM))).toMatchObject({ code: 'AUTH_FAILED', retryable: false, details: { status: 401, messageId: 'Base.1.4.NoValidSession' } });
    expect(sessions.logins).toBe(2);
  });

  test('is closed when nobody has needed it for a time, and opened again when somebody does', async () => {
    const sessions = withSessions(inner);
    await using service = await startService(sessions.script);
    const clock = createFakeClock();
    await using client = clientOf(service.url, { clock, idleMs: 1000 });
    await client.read(SYSTEM);
    await clock.advance(999);
    expect(sessions.open.size).toBe(1);
    const gone = service.nextRequest();
    await clock.advance(1);
    expect(await gone).toMatchObject({ method: 'DELETE', path: `${SESSIONS}1/` });
    expect(sessions.open.size).toBe(0);
    await client.read(SYSTEM);
    expect([...sessions.open]).toEqual(['token-2']);
  });

  test('without the header Location is closed by the path in the answer', async () => {
    await using service = await startService(
      table({
        'GET /redfish/v1/': { body: ROOT },
        [`POST ${SESSIONS}`]: { status: 201, headers: { 'x-auth-token': 't' }, body: { '@odata.id': `${SESSIONS}7` } },
        [`GET ${SYSTEM}`]: { body: {} },
        [`DELETE ${SESSIONS}7`]: { status: 204 },
      }),
    );
    const client = clientOf(service.url);
    await client.read(SYSTEM);
    await client[Symbol.asyncDispose]();
    expect(client.counters).toMatchObject({ logouts: 1, lostSessions: 0 });
  });

  test('that cannot be closed is counted, and disposing goes on', async () => {
    const sessions = withSessions(inner);
    await using service = await startService((request, socket) => (request.method === 'DELETE' ? { status: 500 } : sessions.script(request, socket)));
    const client = clientOf(service.url);
    await client.read(SYSTEM);
    await client[Symbol.asyncDispose]();
    expect(client.counters).toMatchObject({ logins: 1, logouts: 0, openSessions: 0, lostSessions: 1 });
  });

  test('that is given without a token is PROTOCOL_FAULT and counted as lost', async () => {
    await using service = await startService(table({ 'GET /redfish/v1/': { body: ROOT }, [`POST ${SESSIONS}`]: { status: 201, body: {} } }));
    await using client = clientOf(service.url);
    expect(await failure(client.read(SYSTEM))).toMatchObject({ code: 'PROTOCOL_FAULT' });
    expect(client.counters.lostSessions).toBe(1);
  });

  test('a caller who leaves during the login leaves no session behind', async () => {
    const sessions = withSessions(inner);
    const login = Promise.withResolvers<void>();
    await using service = await startService(async (request, socket) => {
      const reply = await sessions.script(request, socket);
      if (request.method === 'POST') await login.promise;
      return reply;
    });
    const client = clientOf(service.url);
    const caller = new AbortController();
    const call = failure(client.read(SYSTEM, { signal: caller.signal }));
    await service.nextRequest();
    await expect.poll(() => sessions.open.size).toBe(1);
    caller.abort('left');
    expect(await call).toBe('left');
    login.resolve();
    await client.read(SYSTEM);
    expect(sessions.logins).toBe(1);
    await client[Symbol.asyncDispose]();
    expect([sessions.open.size, client.counters.lostSessions]).toEqual([0, 0]);
  });

  test('a caller who leaves during the login gives its place to the next', async () => {
    const sessions = withSessions(inner);
    const login = Promise.withResolvers<void>();
    await using service = await startService(async (request, socket) => {
      if (request.method === 'POST') await login.promise;
      return sessions.script(request, socket);
    });
    await using client = clientOf(service.url, { queueLimit: 1 });
    const caller = new AbortController();
    const first = failure(client.read(SYSTEM, { signal: caller.signal }));
    await expect.poll(() => service.steps.at(-1)).toBe(`POST ${SESSIONS}`);
    caller.abort('left');
    expect(await first).toBe('left');
    const others = Promise.all([client.read(SYSTEM), client.read(SYSTEM)]);
    login.resolve();
    expect(await others).toHaveLength(2);
    expect(sessions.logins).toBe(1);
  });

  test('a login that got no answer, and whose caller has left, does not fail the next', async () => {
    const sessions = withSessions(inner);
    let logins = 0;
    await using service = await startService((request, socket) => (request.method === 'POST' && (logins += 1) === 1 ? { instead: 'silence' } : sessions.script(request, socket)));
    const clock = createFakeClock();
    await using client = clientOf(service.url, { clock });
    const caller = new AbortController();
    const first = failure(client.read(SYSTEM, { signal: caller.signal }));
    await expect.poll(() => service.steps.at(-1)).toBe(`POST ${SESSIONS}`);
    caller.abort('left');
    expect(await first).toBe('left');
    const next = client.read(SYSTEM);
    await clock.advance(3000);
    expect((await next).body).toEqual({ Id: '1' });
    expect([logins, client.counters]).toEqual([2, expect.objectContaining({ lostSessions: 1, openSessions: 1 })]);
  });

  test('disposing during the login closes the session that comes of it', async () => {
    const sessions = withSessions(inner);
    const login = Promise.withResolvers<void>();
    await using service = await startService(async (request, socket) => {
      const reply = await sessions.script(request, socket);
      if (request.method === 'POST') await login.promise;
      return reply;
    });
    const client = clientOf(service.url);
    const call = failure(client.read(SYSTEM));
    await service.nextRequest();
    await expect.poll(() => sessions.open.size).toBe(1);
    const disposed = client[Symbol.asyncDispose]();
    expect(await call).toMatchObject({ code: 'ABORTED' });
    login.resolve();
    await disposed;
    expect([sessions.open.size, client.counters]).toEqual([0, expect.objectContaining({ logouts: 1, lostSessions: 0 })]);
  });
});

describe('wrong credentials', () => {
  test('are tried once for all who wait, and shown nowhere', async () => {
    const sessions = withSessions(inner);
    await using service = await startService(sessions.script);
    await using client = clientOf(service.url, { password: 'wrong secret' });
    const errors = await Promise.all([1, 2, 3].map(async () => failure(client.read(SYSTEM))));
    for (const error of errors) expect(error).toMatchObject({ code: 'AUTH_FAILED', retryable: false, details: { messageId: 'iLO.2.14.UnauthorizedLoginAttempt' } });
    expect([sessions.logins, client.counters.lostSessions]).toEqual([1, 0]);
    expect(JSON.stringify(errors)).not.toContain('wrong secret');
  });

  test.each([400, 403])('are told by status %s of a login too', async (status) => {
    await using service = await startService(table({ 'GET /redfish/v1/': { body: ROOT }, [`POST ${SESSIONS}`]: { status, body: extendedInfo('Base.1.0.PropertyValueNotInList') } }));
    await using client = clientOf(service.url);
    expect(await failure(client.read(SYSTEM))).toMatchObject({ code: 'AUTH_FAILED' });
    expect(service.steps).toHaveLength(2);
  });

  test('a full session table is BUSY, which passes', async () => {
    await using service = await startService(
      table({ 'GET /redfish/v1/': { body: ROOT }, [`POST ${SESSIONS}`]: { status: 400, body: extendedInfo('Base.1.4.CreateLimitReachedForResource') } }),
    );
    await using client = clientOf(service.url);
    expect(await failure(client.read(SYSTEM))).toMatchObject({ code: 'BUSY', retryable: true });
  });

  test('none at all are told when they are needed', async () => {
    await using service = await startService(withSessions(inner).script);
    await using client = createRedfishClient({ url: service.url });
    expect((await client.root()).style).toBe('redfish');
    expect(await failure(client.read(SYSTEM))).toMatchObject({ code: 'AUTH_FAILED' });
  });
});

describe('basic authentication', () => {
  const basic = `Basic ${Buffer.from('admin:correct horse').toString('base64')}`;

  test('goes with every request when it is chosen', async () => {
    await using service = await startService(inner);
    await using client = clientOf(service.url, { authentication: 'basic' });
    await client.read(SYSTEM);
    expect(service.seen.map(({ headers }) => headers.authorization)).toEqual([basic]);
  });

  test.each([
    ['RIS', table({ 'GET /rest/v1': { body: { Type: 'ServiceRoot.0.9.5', links: { Sessions: { href: '/rest/v1/Sessions' }, self: { href: '/rest/v1' } } } }, [`GET ${SYSTEM}`]: { body: {} } })],
    ['a service without sessions', table({ 'GET /redfish/v1/': { body: { '@odata.id': '/redfish/v1/' } }, [`GET ${SYSTEM}`]: { body: {} } })],
    ['a service that does not let sessions be opened', table({ 'GET /redfish/v1/': { body: ROOT }, [`POST ${SESSIONS}`]: { status: 405 }, [`GET ${SYSTEM}`]: { body: {} } })],
  ])('is what auto takes for %s', async (_what, script) => {
    await using service = await startService(script);
    await using client = clientOf(service.url);
    await client.read(SYSTEM);
    await client.read(SYSTEM);
    expect(service.seen.filter(({ path }) => path === SYSTEM).map(({ headers }) => headers.authorization)).toEqual([basic, basic]);
    expect(client.counters.lostSessions).toBe(0);
  });

  test('a 401 is the end at once', async () => {
    await using service = await startService(() => ({ status: 401 }));
    await using client = clientOf(service.url, { authentication: 'basic' });
    const errors = await Promise.all([1, 2].map(async () => failure(client.read(SYSTEM))));
    expect(errors).toEqual([expect.objectContaining({ code: 'AUTH_FAILED' }), expect.objectContaining({ code: 'AUTH_FAILED' })]);
    expect(service.steps).toHaveLength(1);
  });
});
