import { FerricError } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { element } from '../test/fake-amt.js';
import type { Wsman } from './client/wsman/wsman.js';
import { createRenewingWsman, HOLD_OFF, type RenewingWsman } from './renewing-wsman.js';

const MINUTE_MS = 60_000;
const REFUSED = new FerricError('AUTH_FAILED', 'wrong password', { details: { address: '192.0.2.10:16992', final: true }, hint: 'Make a new client.' });
const NO_DIGEST = new FerricError('AUTH_FAILED', 'it offers nothing', { details: { offered: 'nothing' } });

/** How an exchange ends. */
type End = 'answered' | FerricError | Promise<unknown>;

interface Made {
  /** How the next exchanges end; all others are answered. */
  readonly ends: End[];
  exchanges: number;
  closed: boolean;
}

interface Bench {
  readonly device: RenewingWsman;
  readonly clock: ReturnType<typeof createFakeClock>;
  readonly made: readonly Made[];
  /** One exchange: `answered`, or what it rejects with. */
  readonly ask: () => Promise<unknown>;
}

/** @param firstEnds how the exchanges of each client end, the first client first */
function bench(...firstEnds: readonly (readonly End[])[]): Bench {
  const clock = createFakeClock();
  const made: Made[] = [];
  const open = (): Wsman => {
    const entry: Made = { ends: [...(firstEnds[made.length] ?? [])], exchanges: 0, closed: false };
    made.push(entry);
    const exchange = async <T>(answer: T): Promise<T> => {
      entry.exchanges += 1;
      const end = entry.ends.shift() ?? 'answered';
      if (FerricError.is(end)) throw end;
      await end;
      return answer;
    };
    return {
      get: (resource) => exchange(element(resource, {})),
      enumerate: () => exchange([]),
      put: (resource) => exchange(element(resource, {})),
      create: (resource) => exchange({ resource, selectors: {} }),
      delete: () => exchange(undefined),
      invoke: (_resource, method) => exchange(element(method, {})),
      [Symbol.asyncDispose]: async () => void (entry.closed = true),
    };
  };
  const device = createRenewingWsman({ open, clock, close: async (wsman) => wsman[Symbol.asyncDispose]() });
  return { device, clock, made, ask: () => device.get('CIM_Card').then(() => 'answered', (error: unknown) => error) };
}

const closed = ({ made }: Bench): readonly boolean[] => made.map((entry) => entry.closed);

describe('refused credentials', () => {
  test('are tried again by a new client when the pause is over, each twice as long as the one before, up to half an hour', async () => {
    const b = bench(...Array.from({ length: 9 }, () => Array.from({ length: 1000 }, () => REFUSED)));
    for (const minutes of [1, 2, 4, 8, 16, 30, 30, 30]) {
      const before = b.made.length;
      await b.ask();
      await b.clock.advance(minutes * MINUTE_MS - 1);
      await b.ask();
      expect([minutes, b.made.length]).toEqual([minutes, before]);
      await b.clock.advance(1);
      await b.ask();
      expect([minutes, b.made.length]).toEqual([minutes, before + 1]);
    }
    expect(closed(b)).toEqual([...Array.from({ length: 8 }, () => true), false]);
    expect(b.device.refusals).toBe(9);
  });

  test('are told of with the time until they are tried again', async () => {
    const b = bench([REFUSED]);
    expect(await b.ask()).toMatchObject({
      code: 'AUTH_FAILED', message: REFUSED.message, cause: REFUSED, retryable: false, details: { ...REFUSED.details, retryInMs: HOLD_OFF.firstMs },
      hint: expect.stringContaining('the same ones in 1 min') as string,
    });
    await b.clock.advance(15_000);
    expect(await b.ask()).toMatchObject({ code: 'AUTH_FAILED', cause: REFUSED, details: { retryInMs: 45_000 } });
    // The device is left alone until then.
    expect(b.made.map(({ exchanges }) => exchanges)).toEqual([1]);
  });

  test('that are accepted later were right all the time: the pauses begin anew', async () => {
    const b = bench([REFUSED], [REFUSED], ['answered', REFUSED]);
    await b.ask();
    await b.clock.advance(MINUTE_MS);
    await b.ask();
    await b.clock.advance(2 * MINUTE_MS);
    expect(await b.ask()).toBe('answered');
    expect(b.device.refusals).toBe(0);
    expect(await b.ask()).toMatchObject({ details: { retryInMs: MINUTE_MS } });
  });
});

describe('a client that works', () => {
  test.each([
    ['no digest was offered once', NO_DIGEST],
    ['it was away', new FerricError('UNREACHABLE', 'away')],
  ])('stays although %s', async (_name, failure) => {
    const b = bench([failure]);
    expect(await b.ask()).toBe(failure);
    await b.clock.advance(100 * MINUTE_MS);
    expect(await b.ask()).toBe('answered');
    expect([b.made.length, b.device.refusals]).toEqual([1, 0]);
  });

  test('stays when an exchange that was under way is answered after a refusal', async () => {
    const slow = Promise.withResolvers<void>();
    const b = bench([slow.promise, REFUSED]);
    const first = b.ask();
    await b.ask();
    slow.resolve();
    expect(await first).toBe('answered');
    await b.clock.advance(100 * MINUTE_MS);
    expect(await b.ask()).toBe('answered');
    expect(b.made).toHaveLength(1);
  });
});

test('what was replaced is closed when its exchanges have ended, and not before', async () => {
  const slow = Promise.withResolvers<void>();
  const b = bench([slow.promise, REFUSED]);
  const first = b.ask();
  await b.ask();
  await b.clock.advance(MINUTE_MS);
  expect(await b.ask()).toBe('answered');
  expect(closed(b)).toEqual([false, false]);
  slow.resolve();
  expect(await first).toBe('answered');
  expect(closed(b)).toEqual([true, false]);
});

test('a refusal that comes late, of a client that was replaced, does not make another pause', async () => {
  const late = Promise.withResolvers<void>();
  const b = bench([late.promise, REFUSED]);
  const first = b.ask();
  await b.ask();
  await b.clock.advance(MINUTE_MS);
  await b.ask();
  late.reject(REFUSED);
  expect(await first).toMatchObject({ code: 'AUTH_FAILED' });
  expect(await b.ask()).toBe('answered');
  expect([b.made.length, b.device.refusals]).toEqual([2, 0]);
});

test('every kind of exchange goes through the client of the moment', async () => {
  const b = bench([REFUSED]);
  await b.ask();
  await b.clock.advance(MINUTE_MS);
  await b.device.enumerate('CIM_Card');
  expect((await b.device.put('CIM_Card', { fields: [] })).name).toBe('CIM_Card');
  expect((await b.device.create('CIM_Card', { fields: [] })).resource).toBe('CIM_Card');
  await b.device.delete('CIM_Card', { selectors: {} });
  expect((await b.device.invoke('CIM_Card', 'Turn')).name).toBe('Turn');
  expect(b.made.map(({ exchanges }) => exchanges)).toEqual([1, 5]);
});

test('disposing closes all that is open, used or not, and nothing is opened afterwards', async () => {
  const slow = Promise.withResolvers<void>();
  const b = bench([slow.promise, REFUSED], [REFUSED]);
  const first = b.ask();
  await b.ask();
  await b.clock.advance(MINUTE_MS);
  await b.ask();
  await b.device[Symbol.asyncDispose]();
  await b.device[Symbol.asyncDispose]();
  expect(closed(b)).toEqual([true, true]);
  await b.clock.advance(100 * MINUTE_MS);
  await b.ask();
  expect(b.made).toHaveLength(2);
  slow.reject(new FerricError('ABORTED', 'closed'));
  expect(await first).toMatchObject({ code: 'ABORTED' });
});
