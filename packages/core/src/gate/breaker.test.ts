import { describe, expect, test, vi } from 'vitest';
import { ADDRESS, bench, rejection, succeed, turn } from '../../test/support/gate-bench.js';
import { FerricError, type FerricErrorCode } from '../errors/ferric-error.js';
import { createFakeClock } from '../testing/fake-clock.js';
import { createGate, type Gate } from './gate.js';

const fail = (code: FerricErrorCode) => (): Promise<never> => Promise.reject(new FerricError(code, `failed with ${code}`));

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
