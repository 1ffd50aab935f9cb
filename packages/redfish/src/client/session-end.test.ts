import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { type Script, startService } from '../../test/support/scripted-service.js';
import { extendedInfo, ROOT, SESSIONS, table, withSessions } from '../../test/support/tables.js';
import type { RedfishClientSettings } from './client-types.js';
import { createRedfishClient } from './redfish-client.js';

const SYSTEM = '/redfish/v1/Systems/1/';
const inner: Script = table({ [`GET ${SYSTEM}`]: { body: { Id: '1' } } });
const clientOf = (url: string, more: Partial<RedfishClientSettings> = {}) => createRedfishClient({ url, username: 'admin', password: 'correct horse', ...more });

describe('a session', () => {
  test('that a resource always answers with 401 is closed before the next is opened', async () => {
    const sessions = withSessions((request, socket) => (request.path === '/closed' ? { status: 401 } : inner(request, socket)));
    let most = 0;
    await using service = await startService(async (request, socket) => {
      const reply = await sessions.script(request, socket);
      most = Math.max(most, sessions.open.size);
      return reply;
    });
    const client = clientOf(service.url);
    for (const round of [1, 2, 3]) expect([round, await failure(client.read('/closed'))]).toMatchObject([round, { code: 'AUTH_FAILED' }]);
    expect([most, sessions.logins, client.counters]).toEqual([1, 4, expect.objectContaining({ logins: 4, logouts: 3, openSessions: 1, lostSessions: 0 })]);
    await client[Symbol.asyncDispose]();
    expect([sessions.open.size, client.counters.lostSessions]).toEqual([0, 0]);
  });

  test.each(['Base.1.4.InsufficientPrivilege', 'Base.1.8.InsufficientPrivilegeForOperation', 'Base.1.4.AccessDenied'])('is kept when a 401 says %s: a new one would not help', async (id) => {
    const sessions = withSessions((request, socket) => (request.path === '/closed' ? { status: 401, body: extendedInfo(id) } : inner(request, socket)));
    await using service = await startService(sessions.script);
    await using client = clientOf(service.url);
    const [closed, open] = await Promise.all([failure(client.read('/closed')), client.read(SYSTEM)]);
    expect(closed).toMatchObject({ code: 'AUTH_FAILED', retryable: false, details: { messageId: id } });
    // Others are not sent away for it.
    expect([open.body, sessions.logins, [...sessions.open]]).toEqual([{ Id: '1' }, 1, ['token-1']]);
  });

  test('that is not known any more and cannot be closed in time is counted as lost', async () => {
    const sessions = withSessions(inner);
    await using service = await startService((request, socket) => (request.method === 'DELETE' && request.path === `${SESSIONS}1/` ? { instead: 'silence' } : sessions.script(request, socket)));
    const clock = createFakeClock();
    await using client = clientOf(service.url, { clock });
    await client.read(SYSTEM);
    sessions.open.clear();
    const call = client.read(SYSTEM);
    await expect.poll(() => service.steps.at(-1)).toBe(`DELETE ${SESSIONS}1/`);
    await clock.advance(5000);
    expect((await call).body).toEqual({ Id: '1' });
    expect(client.counters).toMatchObject({ logins: 2, logouts: 0, openSessions: 1, lostSessions: 1 });
  });

  test('disposing while an old one is being closed waits for that, and counts it', async () => {
    const sessions = withSessions((request, socket) => (request.path === '/closed' ? { status: 401 } : inner(request, socket)));
    const logout = Promise.withResolvers<void>();
    await using service = await startService(async (request, socket) => {
      if (request.method === 'DELETE') await logout.promise;
      return sessions.script(request, socket);
    });
    const client = clientOf(service.url);
    const call = failure(client.read('/closed'));
    await expect.poll(() => service.steps.at(-1)).toBe(`DELETE ${SESSIONS}1/`);
    const disposed = client[Symbol.asyncDispose]();
    expect(await call).toMatchObject({ code: 'ABORTED' });
    logout.resolve();
    await disposed;
    expect([sessions.open.size, client.counters]).toEqual([0, expect.objectContaining({ logins: 1, logouts: 1, lostSessions: 0 })]);
  });

  test.each([[500, 'REFUSED'], [502, 'BUSY'], [504, 'BUSY']] as const)('that may have been opened behind a %s is counted, and the caller may try again', async (status, code) => {
    await using service = await startService(table({ 'GET /redfish/v1/': { body: ROOT }, [`POST ${SESSIONS}`]: { status } }));
    await using client = clientOf(service.url);
    expect(await failure(client.post(SYSTEM, {}))).toMatchObject({ code, retryable: true });
    expect(client.counters).toMatchObject({ logins: 1, lostSessions: 1 });
  });

  test('that could not be closed when it was idle, since the controller was away, is gone on with', async () => {
    const sessions = withSessions(inner);
    await using service = await startService((request, socket) => (request.method === 'DELETE' ? { instead: 'reset' } : sessions.script(request, socket)));
    const clock = createFakeClock();
    await using client = clientOf(service.url, { clock, idleMs: 1000 });
    await client.read(SYSTEM);
    await clock.advance(1000);
    await expect.poll(() => service.steps.at(-1)).toBe(`DELETE ${SESSIONS}1/`);
    expect((await client.read(SYSTEM)).body).toEqual({ Id: '1' });
    expect([sessions.logins, client.counters]).toEqual([1, expect.objectContaining({ logins: 1, logouts: 0, openSessions: 1, lostSessions: 0 })]);
  });

  test('that the controller declined to close when it was idle is lost, and another opened', async () => {
    const sessions = withSessions(inner);
    await using service = await startService((request, socket) => (request.method === 'DELETE' ? { status: 400 } : sessions.script(request, socket)));
    const clock = createFakeClock();
    await using client = clientOf(service.url, { clock, idleMs: 1000 });
    await client.read(SYSTEM);
    await clock.advance(1000);
    await expect.poll(() => client.counters.lostSessions).toBe(1);
    await client.read(SYSTEM);
    expect([sessions.logins, client.counters]).toEqual([2, expect.objectContaining({ openSessions: 1 })]);
  });
});
