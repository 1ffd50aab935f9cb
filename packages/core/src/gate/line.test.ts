import fc from 'fast-check';
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { ADDRESS, bench, rejection, succeed, turn } from '../../test/support/gate-bench.js';
import { FerricError } from '../errors/ferric-error.js';

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

describe('leaving the queue', () => {
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
