import { createGateRegistry, FerricError, Secret, silentLogger, TranscriptRecorder, type GateSettings } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createFakeAmt, type FakeAmt } from '../test/fake-amt.js';
import { createClientPool, HOLD_OFF_MS, type AmtAccess, type ClientPool, type PoolContext } from './client-pool.js';
import type { Wsman } from './client/wsman/wsman.js';
import { createPoolKeys } from './pool-keys.js';

const ACCESS: AmtAccess = {
  host: '192.0.2.10', port: 16_992, protocol: 'http', username: 'admin', password: new Secret('one'), tls: undefined, awakeIntervalMs: 60_000,
};

interface Made {
  readonly amt: FakeAmt;
  closed: boolean;
  /** Exchanges that were under way at the same time. */
  most: number;
}

interface Bench {
  readonly pool: ClientPool;
  readonly clock: ReturnType<typeof createFakeClock>;
  readonly context: PoolContext;
  readonly made: Made[];
  readonly gateSettings: GateSettings[];
}

function bench(): Bench {
  const clock = createFakeClock();
  const made: Made[] = [];
  const gates = createGateRegistry(clock);
  const gateSettings: GateSettings[] = [];
  const createWsman = (): Wsman => {
    const entry: Made = { amt: createFakeAmt(), closed: false, most: 0 };
    made.push(entry);
    let active = 0;
    const counted = async <T>(exchange: () => Promise<T>): Promise<T> => {
      active += 1;
      entry.most = Math.max(entry.most, active);
      await Promise.resolve();
      active -= 1;
      return exchange();
    };
    const { wsman } = entry.amt;
    return {
      ...wsman,
      get: (...args) => counted(() => wsman.get(...args)),
      enumerate: (...args) => counted(() => wsman.enumerate(...args)),
      [Symbol.asyncDispose]: async () => void (entry.closed = true),
    };
  };
  const gate = (settings: GateSettings) => {
    gateSettings.push(settings);
    return gates.gate('192.0.2.10:16992', settings);
  };
  return { pool: createClientPool({ createWsman, idleMs: 60_000 }), clock, context: { clock, logger: silentLogger, gate }, made, gateSettings };
}

test('devices with the same access share a client, which outlives them for a while', async () => {
  const b = bench();
  const [first, second] = [b.pool.lease(ACCESS, b.context), b.pool.lease({ ...ACCESS, password: new Secret('one'), host: '192.0.2.10' }, b.context)];
  expect([first.client() === second.client(), b.made.length, b.pool.size]).toEqual([true, 1, 1]);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  await b.clock.advance(120_000);
  expect(b.made[0]?.closed).toBe(false);
  second[Symbol.dispose]();
  await b.clock.advance(30_000);
  const third = b.pool.lease(ACCESS, b.context);
  await b.clock.advance(120_000);
  expect([b.made.length, b.made[0]?.closed]).toEqual([1, false]);
  third[Symbol.dispose]();
  await b.clock.advance(60_000);
  expect([b.made[0]?.closed, b.pool.size, b.clock.pendingTimers]).toEqual([true, 0, 0]);
});

test('whatever differs in the access makes another client', () => {
  const b = bench();
  const recorder = new TranscriptRecorder();
  const others: readonly Partial<AmtAccess>[] = [
    {}, { host: '192.0.2.11' }, { port: 1 }, { protocol: 'https' }, { username: 'other' }, { password: new Secret('two') }, { awakeIntervalMs: 0 },
    { tls: { profile: 'legacy' } }, { tls: { verify: false } }, { tls: { fingerprint: 'ab' } }, { tls: { authorities: '/ca.pem' } },
  ];
  for (const other of others) b.pool.lease({ ...ACCESS, ...other }, b.context);
  b.pool.lease(ACCESS, { ...b.context, transcript: recorder });
  expect([b.made.length, b.pool.size]).toEqual([others.length + 1, others.length + 1]);
});

test('the name of an access tells nothing of the password', () => {
  const key = createPoolKeys()(ACCESS, undefined);
  expect(key).toMatch(/^0 [\w+/]{43}=$/);
  expect(createPoolKeys()(ACCESS, undefined)).not.toBe(key);
});

test('every exchange passes the gate of its address, one at a time', async () => {
  const b = bench();
  const client = b.pool.lease(ACCESS, b.context).client();
  await Promise.all([...Array.from({ length: 5 }, () => client.power.read()), client.boot.capabilities(), client.boot.sources()]);
  expect([b.made[0]?.amt.calls.length, b.made[0]?.most]).toEqual([7, 1]);
  expect(b.gateSettings.length).toBe(7);
  for (const settings of b.gateSettings) expect(settings).toMatchObject({ concurrency: 1 });
});

describe('credentials that were refused', () => {
  const refused = new FerricError('AUTH_FAILED', 'wrong password');

  test('are tried again by a new client, not before a minute has passed', async () => {
    const b = bench();
    const lease = b.pool.lease(ACCESS, b.context);
    const first = lease.client();
    lease.failed(refused);
    await b.clock.advance(HOLD_OFF_MS - 1);
    lease.failed(refused);
    expect([lease.client() === first, b.made.length]).toEqual([true, 1]);
    await b.clock.advance(1);
    expect([lease.client() === first, b.made.length, b.made[0]?.closed]).toEqual([false, 2, true]);
    expect(b.pool.lease(ACCESS, b.context).client()).toBe(lease.client());
  });

  test('are one thing, other failures another', async () => {
    const b = bench();
    const lease = b.pool.lease(ACCESS, b.context);
    lease.failed(new FerricError('UNREACHABLE', 'away'));
    await b.clock.advance(10 * HOLD_OFF_MS);
    lease.client();
    expect(b.made).toHaveLength(1);
  });
});

test('disposing closes all clients at once, used or not, and leaves no timer', async () => {
  const b = bench();
  b.pool.lease(ACCESS, b.context);
  const late = b.pool.lease({ ...ACCESS, username: 'late' }, b.context);
  late[Symbol.dispose]();
  await b.pool[Symbol.asyncDispose]();
  expect([b.made.map(({ closed }) => closed), b.pool.size, b.clock.pendingTimers]).toEqual([[true, true], 0, 0]);
  late[Symbol.dispose]();
  await b.pool[Symbol.asyncDispose]();
  expect(b.clock.pendingTimers).toBe(0);
});
