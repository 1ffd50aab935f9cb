import fc from 'fast-check';
import { getEventListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { FerricError, type FerricErrorCode } from '../errors/ferric-error.js';
import { createFakeClock } from '../testing/fake-clock.js';
import { withDeadline } from '../time/deadline.js';
import { createGate, type Gate, type GateSettings } from './gate.js';
import { createGateRegistry } from './gate-registry.js';

const ADDRESS = '192.0.2.1:16992';
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const fail = (code: FerricErrorCode) => (): Promise<never> => Promise.reject(new FerricError(code, `failed with ${code}`));
const succeed = async (): Promise<string> => 'done';
const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail('it was fulfilled'),
    (reason: unknown) => reason,
  );

/** A gate on a fake clock, and exchanges that run until they are told to end. */
function bench(settings: GateSettings = {}): ReturnType<typeof makeBench> {
  return makeBench(settings);
}

function makeBench(settings: GateSettings) {
  const clock = createFakeClock();
  const gate = createGate(ADDRESS, settings, clock);
  const started: string[] = [];
  const hold = (name: string, signal?: AbortSignal) => {
    const end = Promise.withResolvers<string>();
    const result = gate.run(
      () => {
        started.push(name);
        return end.promise;
      },
      { signal },
    );
    result.catch(() => undefined);
    return { result, finish: () => end.resolve(name), fail: (error: unknown) => end.reject(error) };
  };
  return { clock, gate, started, hold };
}

describe('concurrency and queue', () => {
  test('runs one exchange at a time by default, first come first served', async () => {
    const { gate, started, hold } = bench();
    const held = ['a', 'b', 'c'].map((name) => hold(name));
    await turn();
    expect(started).toEqual(['a']);
    expect(gate.status()).toMatchObject({ address: ADDRESS, active: 1, queued: 2, openSessions: 0 });
    held[0]?.finish();
    await turn();
    expect(started).toEqual(['a', 'b']);
    held[1]?.fail(new FerricError('REFUSED', 'no'));
    await turn();
    expect(started).toEqual(['a', 'b', 'c']);
    held[2]?.finish();
    await turn();
    expect(gate.status()).toMatchObject({ active: 0, queued: 0 });
    expect(await Promise.allSettled(held.map(({ result }) => result))).toMatchObject([{ value: 'a' }, { reason: { code: 'REFUSED' } }, { value: 'c' }]);
  });

  test('runs as many at a time as it is told', async () => {
    const { started, hold } = bench({ concurrency: 2 });
    const first = hold('a');
    hold('b');
    hold('c');
    await turn();
    expect(started).toEqual(['a', 'b']);
    first.finish();
    await turn();
    expect(started).toEqual(['a', 'b', 'c']);
  });

  test('refuses as BUSY what does not fit into the queue', async () => {
    const { started, hold } = bench({ queueLimit: 1 });
    hold('a');
    hold('b');
    const error = await rejection(hold('c').result);
    expect(error).toMatchObject({ code: 'BUSY', retryable: true, details: { address: ADDRESS } });
    expect(started).toEqual(['a']);
  });

  test('a newcomer does not push a waiting exchange out of its turn', async () => {
    const { started, hold } = bench({ queueLimit: 1 });
    const first = hold('first');
    const waiting = hold('waiting');
    await turn();
    first.finish();
    await first.result;
    const newcomer = hold('newcomer');
    await turn();
    expect(started).toEqual(['first', 'waiting']);
    waiting.finish();
    expect(await waiting.result).toBe('waiting');
    newcomer.finish();
    expect(await newcomer.result).toBe('newcomer');
  });

  test.each<GateSettings>([{ concurrency: 0 }, { concurrency: 1.5 }, { queueLimit: -1 }, { spacingMs: -1 }, { sessionLimit: 0 }, { breakAfter: 0 }, { firstBreakMs: Number.NaN }])(
    'refuses the settings %o',
    (settings) => {
      expect(() => createGate(ADDRESS, settings)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }) as Error);
    },
  );

  test('never runs more at a time, loses nothing and leaves no slot taken, whatever happens', async () => {
    const plan = fc.array(fc.record({ outcome: fc.constantFrom('finish', 'fail', 'abort'), signalled: fc.boolean() }), { minLength: 1, maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(plan, fc.integer({ min: 1, max: 3 }), async (steps, concurrency) => {
        const { gate, hold } = bench({ concurrency, queueLimit: 20, breakAfter: 100 });
        const held = steps.map(({ outcome }, index) => {
          const caller = new AbortController();
          return { outcome, caller, ...hold(String(index), caller.signal) };
        });
        for (const each of held) {
          if (each.outcome === 'abort') each.caller.abort('left');
          await turn();
          expect(gate.status().active).toBeLessThanOrEqual(concurrency);
          if (each.outcome === 'fail') each.fail(new FerricError('REFUSED', 'no'));
          else each.finish();
          await turn();
        }
        const results = await Promise.allSettled(held.map(({ result }) => result));
        expect(results.length).toBe(steps.length);
        expect(gate.status()).toMatchObject({ active: 0, queued: 0 });
      }),
      { numRuns: 40 },
    );
  });
});

describe('giving up', () => {
  test('a caller who left before gets his reason and runs nothing', async () => {
    const { gate, started, hold } = bench();
    expect(await rejection(hold('a', AbortSignal.abort('left')).result)).toBe('left');
    expect(started).toEqual([]);
    expect(gate.status()).toMatchObject({ active: 0, queued: 0 });
  });

  test('a caller who leaves the queue is out of it at once, and his place is free', async () => {
    const { gate, started, hold } = bench({ queueLimit: 1 });
    const first = hold('first');
    const caller = new AbortController();
    const leaving = hold('leaving', caller.signal);
    await turn();
    caller.abort('left');
    expect(await rejection(leaving.result)).toBe('left');
    expect(gate.status().queued).toBe(0);
    const next = hold('next');
    first.finish();
    next.finish();
    expect(await next.result).toBe('next');
    expect(started).toEqual(['first', 'next']);
    expect(getEventListeners(caller.signal, 'abort').length).toBe(0);
  });

  test('an exchange that waited and ended holds no listener', async () => {
    const { hold } = bench();
    const caller = new AbortController();
    const first = hold('first', caller.signal);
    const waiting = hold('waiting', caller.signal);
    await turn();
    first.finish();
    waiting.finish();
    await Promise.all([first.result, waiting.result]);
    await turn();
    expect(getEventListeners(caller.signal, 'abort').length).toBe(0);
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

  test.each([0, 1, 2, 3, 4, 5])('whoever leaves %s ticks after a place became free runs nothing or is told by the signal', async (ticks) => {
    const { gate, hold } = bench();
    const first = hold('first');
    const caller = new AbortController();
    const seen: boolean[] = [];
    const leaving = rejection(gate.run(async (signal) => void seen.push(signal.aborted), { signal: caller.signal }).then(() => Promise.reject(new Error('ran'))));
    await turn();
    first.finish();
    for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
    caller.abort('left');
    await leaving;
    await turn();
    expect(seen).not.toContain(true);
    expect(gate.status().active).toBe(0);
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

describe('sessions', () => {
  test('no more sessions than the budget; the next waits for one to close', async () => {
    const { gate } = bench();
    const first = await gate.session();
    let second: Disposable | undefined;
    const waiting = gate.session().then((session) => (second = session));
    await turn();
    expect([second, gate.status().openSessions]).toEqual([undefined, 1]);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    await waiting;
    expect(gate.status().openSessions).toBe(1);
    second?.[Symbol.dispose]();
    expect(gate.status().openSessions).toBe(0);
  });

  test('a budget of two, and BUSY when the queue is full', async () => {
    const { gate } = bench({ sessionLimit: 2, queueLimit: 0 });
    using _first = await gate.session();
    using _second = await gate.session();
    expect(gate.status().openSessions).toBe(2);
    expect(await rejection(gate.session())).toMatchObject({ code: 'BUSY', details: { address: ADDRESS } });
  });

  test('who stops waiting takes no session, and an open session holds no listener', async () => {
    const { clock, gate } = bench();
    const caller = new AbortController();
    const open = await gate.session({ signal: caller.signal });
    expect(getEventListeners(caller.signal, 'abort').length).toBe(0);
    const waiting = rejection(gate.session({ signal: caller.signal }));
    const late = rejection(gate.session({ timeoutMs: 100 }));
    await turn();
    caller.abort('left');
    await clock.advance(100);
    expect([await waiting, await late]).toMatchObject(['left', { code: 'TIMEOUT' }]);
    open[Symbol.dispose]();
    await turn();
    expect(gate.status().openSessions).toBe(0);
    using _again = await gate.session();
    expect(gate.status().openSessions).toBe(1);
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7])('whoever leaves %s ticks after a session became free either has it or has not taken it', async (ticks) => {
    const { gate } = bench();
    const caller = new AbortController();
    const open = await gate.session();
    const waiting = gate.session({ signal: caller.signal, timeoutMs: 1000 });
    await turn();
    open[Symbol.dispose]();
    for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
    caller.abort('left');
    const [result] = await Promise.allSettled([waiting]);
    await turn();
    expect(gate.status().openSessions).toBe(result.status === 'fulfilled' ? 1 : 0);
  });

  test('exchanges run while a session is open', async () => {
    const { gate } = bench();
    using _session = await gate.session();
    expect(await gate.run(succeed)).toBe('done');
  });
});

describe('breaker', () => {
  const breakIt = async (gate: Gate, times = 5): Promise<void> => {
    for (let count = 0; count < times; count += 1) await rejection(gate.run(fail('UNREACHABLE')));
  };

  test.each<FerricErrorCode>(['UNREACHABLE', 'TIMEOUT'])('opens after five failures in a row with %s and then refuses at once', async (code) => {
    const { gate } = bench();
    for (let count = 0; count < 4; count += 1) await rejection(gate.run(fail(code)));
    expect(gate.status()).toMatchObject({ breaker: 'closed', lastFailure: `failed with ${code}` });
    await rejection(gate.run(fail(code)));
    expect(gate.status().breaker).toBe('open');
    let sent = false;
    const error = await rejection(gate.run(async () => (sent = true)));
    expect(error).toMatchObject({ code: 'UNREACHABLE', retryable: true, details: { address: ADDRESS } });
    expect((error as Error).cause).toMatchObject({ message: `failed with ${code}` });
    expect(sent).toBe(false);
  });

  test.each<FerricErrorCode>(['AUTH_FAILED', 'PROTOCOL_FAULT', 'REFUSED', 'BUSY', 'UNSUPPORTED', 'INTERNAL', 'INVALID_OPTIONS', 'TLS_UNTRUSTED'])(
    'stays closed on %s: the controller is there',
    async (code) => {
      const { gate } = bench({ breakAfter: 1 });
      for (let count = 0; count < 10; count += 1) await rejection(gate.run(fail(code)));
      expect(gate.status().breaker).toBe('closed');
    },
  );

  test('stays closed when callers leave', async () => {
    const { gate } = bench({ breakAfter: 1 });
    await rejection(gate.run(succeed, { signal: AbortSignal.abort() }));
    const caller = new AbortController();
    const leaving = rejection(gate.run((signal) => new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))), { signal: caller.signal }));
    caller.abort(new Error('left'));
    await leaving;
    expect(gate.status().breaker).toBe('closed');
  });

  test('an answer in between starts the count anew', async () => {
    const { gate } = bench();
    await breakIt(gate, 4);
    await gate.run(succeed);
    expect(gate.status().lastFailure).toBeNull();
    await breakIt(gate, 4);
    await rejection(gate.run(fail('REFUSED')));
    await breakIt(gate, 4);
    expect(gate.status().breaker).toBe('closed');
  });

  test('a defect in between does not start the count anew', async () => {
    const { gate } = bench();
    await breakIt(gate, 4);
    await rejection(gate.run(() => Promise.reject(new TypeError('x'))));
    await breakIt(gate, 1);
    expect(gate.status().breaker).toBe('open');
  });

  test('after its pause one probe goes out, and its success closes the breaker', async () => {
    const { clock, gate, hold } = bench({ firstBreakMs: 1000, concurrency: 2 });
    await breakIt(gate);
    await clock.advance(499);
    expect(await rejection(gate.run(succeed))).toMatchObject({ code: 'UNREACHABLE' });
    await clock.advance(501);
    const probe = hold('probe');
    await turn();
    expect(gate.status().breaker).toBe('half open');
    expect(await rejection(gate.run(succeed))).toMatchObject({ code: 'UNREACHABLE' });
    probe.finish();
    await probe.result;
    expect(gate.status()).toMatchObject({ breaker: 'closed', lastFailure: null });
    expect(await gate.run(succeed)).toBe('done');
  });

  test('each failed probe doubles the pause, up to the longest; the pause is never less than half', async () => {
    const { clock, gate } = bench({ firstBreakMs: 1000, longestBreakMs: 4000 });
    await breakIt(gate);
    for (const pause of [1000, 2000, 4000, 4000]) {
      await clock.advance(pause / 2 - 1);
      let sent = false;
      await rejection(gate.run(async () => (sent = true)));
      expect([pause, sent]).toEqual([pause, false]);
      await clock.advance(pause / 2 + 1);
      await rejection(gate.run(fail('TIMEOUT')));
      expect(gate.status()).toMatchObject({ breaker: 'open', lastFailure: 'failed with TIMEOUT' });
    }
    await clock.advance(4000);
    await gate.run(succeed);
    await breakIt(gate);
    await clock.advance(1000);
    expect(await gate.run(succeed)).toBe('done');
  });

  test('a probe that its caller gives up tells nothing: the next call probes again', async () => {
    const { clock, gate, hold } = bench();
    await breakIt(gate);
    await clock.advance(1000);
    const caller = new AbortController();
    const probe = gate.run((signal) => new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))), { signal: caller.signal });
    await turn();
    caller.abort('left');
    expect(await rejection(probe)).toBe('left');
    await turn();
    expect(gate.status().breaker).toBe('open');
    const second = hold('second');
    await turn();
    expect(gate.status().breaker).toBe('half open');
    second.finish();
    await second.result;
    expect(gate.status().breaker).toBe('closed');
  });

  test('a jump of the wall clock does not keep it open', async () => {
    const clock = createFakeClock();
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      vi.setSystemTime(new Date('2030-01-01'));
      const gate = createGate(ADDRESS, {}, clock);
      await breakIt(gate);
      vi.setSystemTime(new Date('2026-01-01'));
      await clock.advance(1000);
      expect(await gate.run(succeed)).toBe('done');
    } finally {
      vi.useRealTimers();
    }
  });

  test('reset() lets the next exchange go out at once, also for those who wait', async () => {
    const { gate } = bench();
    await breakIt(gate);
    gate.reset();
    expect(gate.status()).toMatchObject({ breaker: 'closed', lastFailure: null });
    expect(await gate.run(succeed)).toBe('done');
  });

  test('an exchange from before a reset does not count against it', async () => {
    const { gate, hold } = bench({ breakAfter: 1 });
    const old = hold('old');
    await turn();
    gate.reset();
    old.fail(new FerricError('TIMEOUT', 'old'));
    await rejection(old.result);
    expect(gate.status()).toMatchObject({ breaker: 'closed', lastFailure: null });
  });

  test('those who wait are refused as soon as it opens', async () => {
    const { started, hold } = bench({ breakAfter: 1 });
    const first = hold('first');
    const waiting = hold('waiting');
    await turn();
    first.fail(new FerricError('TIMEOUT', 'dead'));
    expect(await rejection(waiting.result)).toMatchObject({ code: 'UNREACHABLE' });
    expect(started).toEqual(['first']);
  });
});

describe('registry', () => {
  test('one gate per address; settings count for the first call', async () => {
    const registry = createGateRegistry(createFakeClock());
    const gate = registry.gate('a', { concurrency: 2 });
    expect(registry.gate('a', { concurrency: 5 })).toBe(gate);
    expect(registry.gate('b')).not.toBe(gate);
    expect(registry.status().map((status) => status.address)).toEqual(['a', 'b']);
    registry.forget('a');
    expect(registry.status().map((status) => status.address)).toEqual(['b']);
    expect(registry.gate('a')).not.toBe(gate);
  });

  test('a dead controller does not slow another', async () => {
    const clock = createFakeClock();
    const registry = createGateRegistry(clock);
    const dead = registry.gate('dead');
    const waiting = Array.from({ length: 10 }, () => rejection(dead.run(() => new Promise<never>(() => undefined), { timeoutMs: 1000 })));
    await turn();
    const before = clock.monotonicMs();
    expect(await registry.gate('alive').run(succeed)).toBe('done');
    expect(clock.monotonicMs()).toBe(before);
    await clock.advance(1000);
    expect((await Promise.all(waiting)).every((error) => FerricError.is(error) && error.code === 'TIMEOUT')).toBe(true);
  });
});
