import { watchTimers } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createAmtBench } from './amt-bench.js';
import { createPowerBench } from './power-bench.js';

describe('a call keeps the process alive until it has settled', () => {
  test.each(['change', 'request', 'interrupt'] as const)('power.%s', async (name) => {
    using timers = watchTimers();
    const { amt, clock, power } = createPowerBench(2);
    await power.request('reset');
    const call = timers.run((): Promise<unknown> => ({ change: () => power.change('power off'), request: () => power.request('reset'), interrupt: () => power.interrupt() })[name]());
    // Ten seconds have to pass before the next request.
    await clock.advance(5000);
    expect(amt.changes).toHaveLength(1);
    expect(timers.held()).toBeGreaterThan(0);
    await clock.advance(60_000);
    await call;
    await expect.poll(timers.held).toBe(0);
  });

  test('of a device, also when it is given up', async () => {
    using timers = watchTimers();
    await using bench = createAmtBench();
    bench.amt.before = () => new Promise<never>(() => undefined);
    const caller = new AbortController();
    const call = timers.run(() => bench.device.power.read({ signal: caller.signal }));
    expect(timers.held()).toBe(1);
    caller.abort('left');
    await expect(call).rejects.toBe('left');
    await expect.poll(timers.held).toBe(0);
  });
});
