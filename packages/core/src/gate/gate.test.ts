import { describe, expect, test } from 'vitest';
import { ADDRESS, bench, rejection, succeed, turn } from '../../test/support/gate-bench.js';
import { FerricError } from '../errors/ferric-error.js';
import { withDeadline } from '../time/deadline.js';
import { createGate, type GateSettings } from './gate.js';

describe('settings', () => {
  test.each<GateSettings>([{ concurrency: 0 }, { concurrency: 1.5 }, { queueLimit: -1 }, { spacingMs: -1 }, { sessionLimit: 0 }, { breakAfter: 0 }, { firstBreakMs: Number.NaN }])(
    'refuses the settings %o',
    (settings) => {
      expect(() => createGate(ADDRESS, settings)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }) as Error);
    },
  );
});

describe('giving up', () => {
  test('a caller who left before gets his reason and runs nothing', async () => {
    const { gate, started, hold } = bench();
    expect(await rejection(hold('a', AbortSignal.abort('left')).result)).toBe('left');
    expect(started).toEqual([]);
    expect(gate.status()).toMatchObject({ active: 0, queued: 0 });
  });

  test('a caller who leaves a running exchange is answered at once; the exchange keeps its place until it ends', async () => {
    const { gate, started, hold } = bench();
    const caller = new AbortController();
    const stubborn = hold('stubborn', caller.signal);
    const next = hold('next');
    await turn();
    caller.abort('left');
    expect(await rejection(stubborn.result)).toBe('left');
    await turn();
    expect([started, gate.status().active]).toEqual([['stubborn'], 1]);
    stubborn.finish();
    next.finish();
    expect(await next.result).toBe('next');
  });

  test('the exchange is told by its signal', async () => {
    const { gate } = bench();
    const caller = new AbortController();
    const exchange = gate.run((signal) => new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))), { signal: caller.signal });
    await turn();
    caller.abort('left');
    expect(await rejection(exchange)).toBe('left');
    await turn();
    expect(gate.status().active).toBe(0);
  });

  test('settles by timeoutMs, in the queue and while it runs', async () => {
    const { clock, gate, hold } = bench();
    const first = hold('first');
    const waiting = rejection(gate.run(succeed, { timeoutMs: 100 }));
    await clock.advance(100);
    expect(await waiting).toMatchObject({ code: 'TIMEOUT', details: { address: ADDRESS } });
    first.finish();
    await first.result;
    const running = rejection(gate.run(() => new Promise<never>(() => undefined), { timeoutMs: 100 }));
    await clock.advance(100);
    expect(await running).toMatchObject({ code: 'TIMEOUT' });
  });

  test('refuses a bad timeoutMs', async () => {
    expect(await rejection(bench().gate.run(succeed, { timeoutMs: -1 }))).toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});

describe('spacing', () => {
  test('keeps a pause after the end of each exchange, and none before the first', async () => {
    const { clock, gate } = bench({ spacingMs: 100 });
    const moments: number[] = [];
    const note = async (): Promise<void> => void moments.push(clock.monotonicMs());
    const all = Promise.all([gate.run(note), gate.run(note), gate.run(note)]);
    await clock.advance(250);
    await all;
    expect(moments).toEqual([0, 100, 200]);
    await clock.advance(500);
    await gate.run(note);
    expect(moments.at(-1)).toBe(750);
  });

  test('a caller who leaves during the pause leaves at once and sends nothing', async () => {
    const { clock, gate, started, hold } = bench({ spacingMs: 1000 });
    await gate.run(succeed);
    const caller = new AbortController();
    const leaving = hold('leaving', caller.signal);
    await clock.advance(10);
    caller.abort('left');
    expect(await rejection(leaving.result)).toBe('left');
    await clock.advance(1000);
    expect(started).toEqual([]);
    expect([gate.status().active, clock.pendingTimers]).toEqual([0, 0]);
  });

  test('a deadline that passes during the pause says nothing about the controller', async () => {
    const { clock, gate } = bench({ spacingMs: 1000, breakAfter: 1 });
    await gate.run(succeed);
    const late = rejection(withDeadline({ timeoutMs: 10 }, { what: 'x', defaultTimeoutMs: 10, clock }, ({ signal }) => gate.run(succeed, { signal })));
    await clock.advance(10);
    expect(await late).toMatchObject({ code: 'TIMEOUT' });
    expect(gate.status()).toMatchObject({ breaker: 'closed', lastFailure: null });
  });
});

test('while a controller is left alone, its last failure is told with it', async () => {
  const { gate } = bench({ breakAfter: 1 });
  const failure = new FerricError('UNREACHABLE', 'Nobody listens there', { details: { step: 'connect', systemCode: 'ECONNREFUSED' }, hint: 'Plug it in.' });
  await rejection(gate.run(async () => Promise.reject(failure)));
  const error = await rejection(gate.run(succeed));
  expect(error).toMatchObject({ code: 'UNREACHABLE', cause: failure, details: { step: 'connect', systemCode: 'ECONNREFUSED', address: gate.address } });
  expect(String(error)).toContain('is left alone for a moment: Nobody listens there');
  expect((error as FerricError).hint).toMatch(/^Plug it in\. It is tried again by itself/);
});

test('what is refused meanwhile was not sent, whatever became of the request that failed last', async () => {
  const { gate } = bench({ breakAfter: 1 });
  const details = { address: 'somebody else', operation: 'switch off', outlet: 7, timeoutMs: 30_000, received: true, sent: true, step: 'answer' };
  await rejection(gate.run(async () => Promise.reject(new FerricError('TIMEOUT', 'Silence', { details, hint: 'It may have been done.' }))));
  const error = (await rejection(gate.run(succeed))) as FerricError;
  expect(error.details).toEqual({ step: 'answer', address: gate.address, sent: false });
  expect(error.hint).toMatch(/^It is tried again by itself/);
  expect(error.cause).toMatchObject({ details });
});
