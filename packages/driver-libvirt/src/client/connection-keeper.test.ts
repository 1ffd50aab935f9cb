import { FerricError, silentLogger } from '@ferric/core';
import { createFakeClock, type FakeClock } from '@ferric/core/testing';
import { beforeEach, expect, it } from 'vitest';
import { failure, settle } from '../../test/scripted-daemon.js';
import { type ConnectionKeeper, createConnectionKeeper } from './connection-keeper.js';
import type { OwnedRpcConnection } from './rpc/connection.js';
import type { Session } from './session.js';

let clock: FakeClock;
let attempts: { signal: AbortSignal; opened: PromiseWithResolvers<Session> }[];
let hopeless: FerricError[];

beforeEach(() => {
  clock = createFakeClock();
  attempts = [];
  hopeless = [];
});

/** Opens what the test decides, when the test decides, whether it was given up or not. */
function create(): ConnectionKeeper {
  return createConnectionKeeper({
    address: 'test:1',
    clock,
    logger: silentLogger,
    connectTimeoutMs: 5_000,
    firstMs: 100,
    longestMs: 1_000,
    random: () => 1,
    open: (signal) => {
      const opened = Promise.withResolvers<Session>();
      attempts.push({ signal, opened });
      return opened.promise;
    },
    opened: () => undefined,
    hopeless: (error) => hopeless.push(error),
  });
}

function session(): Session & { closed: number } {
  const connection = { failure: undefined, ended: new Promise<Error>(() => undefined) } as unknown as OwnedRpcConnection;
  const made = {
    connection,
    closed: 0,
    async close() {
      made.closed += 1;
    },
  };
  return made;
}

const forever = (): AbortSignal => new AbortController().signal;

it('closes a session that comes after its attempt timed out, and makes no other before', async () => {
  const keeper = create();
  const first = failure(keeper.acquire(forever()));
  await clock.advance(5_000);
  expect(await first).toMatchObject({ code: 'TIMEOUT', details: { address: 'test:1', step: 'opening the transport' } });
  const second = keeper.acquire(forever());
  await clock.advance(500);
  expect(attempts).toHaveLength(1);
  const late = session();
  attempts[0]?.opened.resolve(late);
  await settle();
  expect([late.closed, attempts.length]).toEqual([1, 2]);
  const good = session();
  attempts[1]?.opened.resolve(good);
  expect(await second).toBe(good.connection);
  await keeper.close();
  expect([good.closed, clock.pendingTimers]).toEqual([1, 0]);
});

it('waits in closing for the attempt to be gone, but not for ever', async () => {
  const keeper = create();
  const call = failure(keeper.acquire(forever()));
  let closed = false;
  const closing = keeper.close().then(() => (closed = true));
  expect((await call).code).toBe('ABORTED');
  await clock.advance(999);
  expect([attempts[0]?.signal.aborted, closed]).toEqual([true, false]);
  await clock.advance(1);
  await closing;
  const late = session();
  attempts[0]?.opened.resolve(late);
  await settle();
  expect([late.closed, clock.pendingTimers]).toEqual([1, 0]);
});

it('tells holders of what cannot be mended, and tries it once', async () => {
  const keeper = create();
  const held = [keeper.hold(), keeper.hold()];
  attempts[0]?.opened.reject(new FerricError('UNREACHABLE', 'not yet'));
  await clock.advance(100);
  attempts[1]?.opened.reject(new FerricError('TLS_UNTRUSTED', 'another certificate'));
  await settle();
  await clock.advance(60_000);
  for (const holder of held) holder[Symbol.dispose]();
  expect([hopeless.map((error) => error.code), attempts.length, keeper.state]).toEqual([['TLS_UNTRUSTED'], 2, 'idle']);
});

it('makes another attempt after one that everybody had left, for one who came meanwhile', async () => {
  const keeper = create();
  const controller = new AbortController();
  const first = keeper.acquire(controller.signal);
  controller.abort(new Error('enough'));
  await expect(first).rejects.toThrow('enough');
  const second = keeper.acquire(forever());
  await settle();
  expect(attempts).toHaveLength(1);
  attempts[0]?.opened.reject(attempts[0].signal.reason);
  await settle();
  const good = session();
  attempts[1]?.opened.resolve(good);
  expect(await second).toBe(good.connection);
  expect(keeper.lastFailure).toBeUndefined();
  await keeper.close();
});
