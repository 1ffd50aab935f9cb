import { createGateRegistry, errorCode, FerricError, Secret, silentLogger, TranscriptRecorder, type GateSettings } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createFakeAmt, type FakeAmt } from '../test/fake-amt.js';
import { type DigestDevice, PASSWORD, startDigestDevice } from '../test/wsman/support/digest-device.js';
import { createClientPool, type AmtAccess, type ClientPool, type PoolContext } from './client-pool.js';
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

/** @param failure what every Get fails with */
function bench(failure?: () => FerricError): Bench {
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
      get: (...args) => counted(() => (failure === undefined ? wsman.get(...args) : Promise.reject(failure()))),
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
  const MINUTE_MS = 60_000;

  /** A device, and a node that is polled once a minute, opened anew each time. */
  async function polled(): Promise<{ readonly device: DigestDevice; readonly poll: (password: string, minutes: number) => Promise<readonly string[]> } & AsyncDisposable> {
    const device = await startDigestDevice();
    const clock = createFakeClock();
    const pool = createClientPool({ idleMs: 300_000 });
    const gates = createGateRegistry(clock);
    const context: PoolContext = { clock, logger: silentLogger, gate: (settings) => gates.gate('device', settings) };
    const poll = async (password: string, minutes: number): Promise<readonly string[]> => {
      const results: string[] = [];
      for (let minute = 0; minute < minutes; minute += 1) {
        using lease = pool.lease({ ...ACCESS, host: '127.0.0.1', port: device.port, password: new Secret(password), awakeIntervalMs: 0 }, context);
        results.push(await lease.client().wsman.get('CIM_Chassis').then(({ name }) => name, errorCode));
        lease[Symbol.dispose]();
        await clock.advance(MINUTE_MS);
      }
      return results;
    };
    return {
      device,
      poll,
      async [Symbol.asyncDispose]() {
        await pool[Symbol.asyncDispose]();
        await device[Symbol.asyncDispose]();
      },
    };
  }

  test('are tried again ever more seldom', async () => {
    await using run = await polled();
    expect(new Set(await run.poll('wrong', 181))).toEqual(new Set(['AUTH_FAILED']));
    // After 1, 2, 4, 8, 16 minutes, then every 30.
    expect(run.device.refusals).toBe([0, 1, 3, 7, 15, 31, 61, 91, 121, 151, 181].length - 1);
  });

  test('do not keep others from being tried at once', async () => {
    await using run = await polled();
    await run.poll('wrong', 20);
    expect(await run.poll(PASSWORD, 2)).toEqual(['CIM_Chassis', 'CIM_Chassis']);
  });

  test('are remembered also where polls are further apart than a client is kept otherwise', async () => {
    const b = bench(() => new FerricError('AUTH_FAILED', 'wrong', { details: { final: true } }));
    for (let count = 0; count < 4; count += 1) {
      using lease = b.pool.lease(ACCESS, b.context);
      await lease.client().wsman.get('AMT_BootSettingData').catch(() => undefined);
      lease[Symbol.dispose]();
      await b.clock.advance(6 * MINUTE_MS);
    }
    // At 0, 6, 12 and 18 minutes, for the pauses were 1, 2 and 4; the next is 8, and would be 1 had they been forgotten.
    expect([b.made.length, b.pool.size]).toEqual([4, 1]);
    using lease = b.pool.lease(ACCESS, b.context);
    await lease.client().wsman.get('AMT_BootSettingData').catch(() => undefined);
    expect(b.made).toHaveLength(4);
    lease[Symbol.dispose]();
    await b.clock.advance(60 * MINUTE_MS);
    expect([b.made.filter(({ closed }) => closed).length, b.pool.size, b.clock.pendingTimers]).toEqual([4, 0, 0]);
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
