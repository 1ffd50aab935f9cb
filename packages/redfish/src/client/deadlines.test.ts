import { FerricError } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { type Script, startService } from '../../test/support/scripted-service.js';
import { SESSIONS, table, withSessions } from '../../test/support/tables.js';
import { createRedfishClient } from './redfish-client.js';

const PATH = '/redfish/v1/Systems/1/';
const inner = table({ [`GET ${PATH}`]: { body: { Id: '1' } } });
const user = { username: 'admin', password: 'correct horse' };

/** Where the service falls silent. */
const POINTS: Readonly<Record<string, (request: { method: string; path: string }) => boolean>> = {
  'at the service root': ({ path }) => path === '/redfish/v1/',
  'at the login': ({ path, method }) => path === SESSIONS && method === 'POST',
  'at the request': ({ path }) => path === PATH,
};

describe.each(Object.entries(POINTS))('a service that falls silent %s', (_point, here) => {
  const silent = (instead: 'silence' | 'half body, silence'): Script => {
    const sessions = withSessions(inner);
    return (request, socket) => {
      const reply = sessions.script(request, socket);
      return here(request) ? { ...(reply as object), instead } : reply;
    };
  };

  test.each(['silence', 'half body, silence'] as const)('the deadline ends the call: %s', async (instead) => {
    await using service = await startService(silent(instead));
    const clock = createFakeClock();
    await using client = createRedfishClient({ url: service.url, ...user, clock });
    const call = failure(client.read(PATH, { timeoutMs: 5000 }));
    await expect.poll(() => service.seen.some(here)).toBe(true);
    await clock.advance(5000);
    expect(await call).toMatchObject({ code: 'TIMEOUT', retryable: true, message: `GET ${PATH} at ${service.address} did not finish within 5000 ms` });
    await giveUpLogin(clock);
  });

  test.each(['silence', 'half body, silence'] as const)('the caller who leaves gets the own reason: %s', async (instead) => {
    await using service = await startService(silent(instead));
    const clock = createFakeClock();
    await using client = createRedfishClient({ url: service.url, ...user, clock });
    const caller = new AbortController();
    const reason = { mine: true };
    const call = failure(client.read(PATH, { signal: caller.signal }));
    await expect.poll(() => service.seen.some(here)).toBe(true);
    caller.abort(reason);
    expect(await call).toBe(reason);
    await giveUpLogin(clock);
  });

  test('disposing ends the call, and itself in time', async () => {
    await using service = await startService(silent('silence'));
    const clock = createFakeClock();
    const client = createRedfishClient({ url: service.url, ...user, clock });
    const call = failure(client.read(PATH));
    await expect.poll(() => service.seen.some(here)).toBe(true);
    const disposed = client[Symbol.asyncDispose]();
    expect(await call).toMatchObject({ code: 'ABORTED', message: `The Redfish client of ${service.address} was closed` });
    await giveUpLogin(clock);
    await disposed;
    await service.allClosed();
    expect(await failure(client.read(PATH))).toMatchObject({ code: 'ABORTED' });
  });
});

/** A login goes on by itself for its own time, so that its session is not lost. */
async function giveUpLogin(clock: ReturnType<typeof createFakeClock>): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => void setImmediate(resolve));
    await clock.advance(60_000);
  }
}

test('the default deadline is a minute', async () => {
  await using service = await startService(() => ({ instead: 'silence' }));
  const clock = createFakeClock();
  await using client = createRedfishClient({ url: service.url, clock });
  const call = failure(client.read(PATH));
  await service.nextRequest();
  await clock.advance(59_999);
  await clock.advance(1);
  expect(await call).toMatchObject({ code: 'TIMEOUT', details: { address: service.address, timeoutMs: 60_000 } });
});

test.each(['POST', 'PATCH', 'PUT', 'DELETE'] as const)('a %s whose time is over after it was sent may have been carried out: it is not retryable', async (method) => {
  await using service = await startService(() => ({ instead: 'silence' }));
  const clock = createFakeClock();
  await using client = createRedfishClient({ url: service.url, clock });
  const call = failure(client.send({ method, path: PATH }));
  await service.nextRequest();
  const waiting = failure(client.send({ method, path: PATH }, { timeoutMs: 30_000 }));
  await clock.advance(60_000);
  expect(await call).toMatchObject({ code: 'TIMEOUT', retryable: false, details: { address: service.address, sent: true, timeoutMs: 60_000 } });
  // Who only waited for a turn has sent nothing.
  expect(await waiting).toMatchObject({ code: 'TIMEOUT', retryable: true });
});

test('the reason of the caller stays what it is, also when it is a TIMEOUT', async () => {
  await using service = await startService(() => ({ instead: 'silence' }));
  await using client = createRedfishClient({ url: service.url });
  const caller = new AbortController();
  const call = failure(client.post(PATH, {}, { signal: caller.signal }));
  await service.nextRequest();
  const reason = new FerricError('TIMEOUT', 'mine');
  caller.abort(reason);
  expect(await call).toBe(reason);
});

test('a caller who has left already sends nothing', async () => {
  await using service = await startService(inner);
  await using client = createRedfishClient({ url: service.url });
  expect(await failure(client.read(PATH, { signal: AbortSignal.abort('gone') }))).toBe('gone');
  expect(service.connections).toBe(0);
});

test('a caller who leaves in the pause before another try ends it', async () => {
  await using service = await startService(() => ({ instead: 'reset' }));
  const clock = createFakeClock();
  await using client = createRedfishClient({ url: service.url, clock });
  const caller = new AbortController();
  const call = failure(client.read(PATH, { signal: caller.signal }));
  await expect.poll(() => clock.pendingTimers).toBe(3);
  caller.abort('left');
  expect(await call).toBe('left');
  expect(service.steps).toHaveLength(1);
});

test('a login that gets no answer may have opened a session: it is counted', async () => {
  const sessions = withSessions(inner);
  await using service = await startService((request, socket) => {
    const reply = sessions.script(request, socket);
    return request.method === 'POST' ? { instead: 'reset' } : reply;
  });
  await using client = createRedfishClient({ url: service.url, ...user });
  expect(await failure(client.read(PATH))).toMatchObject({ code: 'UNREACHABLE' });
  expect(client.counters).toMatchObject({ logins: 1, lostSessions: 1 });
});
