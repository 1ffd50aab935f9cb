import { FerricError, Secret } from '@ferric/core';
import { createFakeClock, createRecordingLogger } from '@ferric/core/testing';
import type { IpmiClientSettings } from '@ferric/ipmi-raw-buffer';
import { describe, expect, test } from 'vitest';
import { createFakeBmc } from '../test/fake-bmc.js';
import { createClientPool, type ClientPool, type PoolContext } from './client-pool.js';
import type { BmcAccess } from './ipmi-options.js';

const IDLE_MS = 20_000;
const SESSION_IDLE_MS = 5000;
const ACCESS: BmcAccess = {
  host: '192.0.2.10', port: 623, username: 'admin', password: new Secret('very-secret-1'), privilegeLevel: 'administrator', cipherSuite: 'best', protocol: '2.0',
};

interface Bench {
  readonly pool: ClientPool;
  readonly context: PoolContext;
  readonly clock: ReturnType<typeof createFakeClock>;
  readonly made: IpmiClientSettings[];
  readonly logger: ReturnType<typeof createRecordingLogger>;
  closed: number;
  /** How a client closes. */
  closing: () => Promise<void>;
}

function bench(): Bench {
  const clock = createFakeClock();
  const logger = createRecordingLogger();
  const made: IpmiClientSettings[] = [];
  const pool = createClientPool({
    idleMs: IDLE_MS,
    sessionIdleMs: SESSION_IDLE_MS,
    createClient(settings) {
      made.push(settings);
      const dispose = async (): Promise<void> => {
        await result.closing();
        result.closed += 1;
      };
      return { ...createFakeBmc().client, [Symbol.asyncDispose]: dispose };
    },
  });
  const result: Bench = { pool, clock, made, logger, context: { clock, logger }, closed: 0, closing: async () => undefined };
  return result;
}

describe('devices share a client', () => {
  test('of the same BMC and user, and no others', () => {
    const { pool, context, made } = bench();
    const first = pool.lease(ACCESS, context);
    expect(pool.lease({ ...ACCESS, password: new Secret('very-secret-1') }, context).client).toBe(first.client);
    const others: Partial<BmcAccess>[] = [
      { host: '192.0.2.11' }, { port: 6230 }, { username: 'root' }, { password: new Secret('very-secret-2') }, { kgKey: new Secret('ab') },
      { privilegeLevel: 'operator' }, { cipherSuite: 3 }, { protocol: '1.5' },
    ];
    for (const other of others) expect(pool.lease({ ...ACCESS, ...other }, context).client).not.toBe(first.client);
    expect(pool.lease(ACCESS, { ...context, transcript: { record: () => undefined } }).client).not.toBe(first.client);
    expect([made.length, pool.size]).toEqual([10, 10]);
  });

  test('but not the socket for a second user of one BMC, which closes with its client', async () => {
    await using stack = new AsyncDisposableStack();
    const { pool, context, clock, made } = bench();
    stack.use(pool);
    const listener = { receive: () => undefined, failed: () => undefined };
    const access = { ...ACCESS, host: '127.0.0.1' };
    pool.lease(access, context);
    const lease = pool.lease({ ...access, username: 'root' }, context);
    const [first, second] = await Promise.all(made.map(async ({ transport }) => transport?.connect(access.host, access.port, listener)));
    expect([first?.address, second?.address]).toEqual(['127.0.0.1:623', '127.0.0.1:623']);
    lease[Symbol.dispose]();
    await clock.advance(IDLE_MS);
    await expect(made[1]?.transport?.connect(access.host, access.port, listener)).rejects.toMatchObject({ code: 'ABORTED' });
  });

  test('no name shows a password', () => {
    const { pool, context } = bench();
    const { key } = pool.lease({ ...ACCESS, kgKey: new Secret('deadbeef') }, context);
    expect(key).not.toMatch(/very-secret-1|deadbeef|dmVyeS1zZWNyZXQtM/);
  });
});

describe('a client that nobody uses', () => {
  test('is kept for a while, and used again', async () => {
    const run = bench();
    const { pool, clock, context } = run;
    const lease = pool.lease(ACCESS, context);
    lease[Symbol.dispose]();
    await clock.advance(IDLE_MS - 1);
    const again = pool.lease(ACCESS, context);
    expect(again.client).toBe(lease.client);
    await clock.advance(10 * IDLE_MS);
    expect([run.closed, pool.size]).toEqual([0, 1]);
  });

  test('is closed then, once', async () => {
    const run = bench();
    const { pool, clock, context } = run;
    const lease = pool.lease(ACCESS, context);
    const other = pool.lease(ACCESS, context);
    lease[Symbol.dispose]();
    lease[Symbol.dispose]();
    await clock.advance(IDLE_MS);
    expect(run.closed).toBe(0);
    other[Symbol.dispose]();
    await clock.advance(IDLE_MS);
    expect([run.closed, pool.size, clock.pendingTimers]).toEqual([1, 0, 0]);
  });

  test('that does not close in good order is only noted', async () => {
    const run = bench();
    run.closing = async () => {
      throw new FerricError('TIMEOUT', 'no answer');
    };
    run.pool.lease(ACCESS, run.context)[Symbol.dispose]();
    await run.clock.advance(IDLE_MS);
    expect(run.logger.lines.map(({ level }) => level)).toEqual(['debug']);
  });
});

test('disposing the pool closes all, also those that are used', async () => {
  const run = bench();
  for (const host of ['192.0.2.10', '192.0.2.11']) run.pool.lease({ ...ACCESS, host }, run.context);
  await run.pool[Symbol.asyncDispose]();
  await run.pool[Symbol.asyncDispose]();
  expect([run.closed, run.pool.size, run.clock.pendingTimers]).toEqual([2, 0, 0]);
});

test('a session is closed long before its client is given up', () => {
  const { pool, made, context } = bench();
  using _lease = pool.lease(ACCESS, context);
  expect(made).toMatchObject([{ idleMs: SESSION_IDLE_MS }]);
});
