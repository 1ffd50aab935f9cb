import { createFakeClock, watchTimers } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { passTime, startBench } from './client/bench.js';
import { createIloBench } from './ilo-bench.js';

describe('a call keeps the process alive until it has settled', () => {
  test.each(['gen8', 'gen10'] as const)('of a client, %s, also between two exchanges', async (generation) => {
    using timers = watchTimers();
    const clock = createFakeClock();
    const { ilo, client } = await startBench({ generation, powerDurations: { powerOnMs: 300 } }, { clock, pauses: { powerMs: 60_000, postMs: 60_000 } });
    const call = timers.run(() => client.power.set('power on', { timeoutMs: 600_000 }));
    // It has looked before, and waits for its next look by a clock that stands still.
    await expect.poll(() => ilo.machine.power.isOn, { timeout: 5000 }).toBe(true);
    expect(timers.held()).toBeGreaterThan(0);
    expect(await passTime(clock, call, 5000)).toMatchObject({ status: 'done' });
    await expect.poll(timers.held).toBe(0);
  });

  test('of a device, also when it is given up', async () => {
    using timers = watchTimers();
    await using bench = createIloBench();
    bench.ilo.instead.set('power.read', () => new Promise<never>(() => undefined));
    const caller = new AbortController();
    const call = timers.run(() => bench.device.power.read({ signal: caller.signal }));
    expect(timers.held()).toBe(1);
    caller.abort('left');
    await expect(call).rejects.toBe('left');
    await expect.poll(timers.held).toBe(0);
  });
});
