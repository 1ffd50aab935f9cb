import { describe, expect, test } from 'vitest';
import { delay } from '../time/deadline.js';
import { createFakeClock } from './fake-clock.js';

describe('fake clock', () => {
  test('stands still until it is moved, and both of its readings move alike', async () => {
    const clock = createFakeClock(new Date('2026-05-01T00:00:00Z'));
    expect(clock.now().toISOString()).toBe('2026-05-01T00:00:00.000Z');
    await clock.advance(1500);
    expect(clock.now().toISOString()).toBe('2026-05-01T00:00:01.500Z');
    expect(clock.monotonicMs()).toBe(1500);
  });

  test('fires timers in the order of their moments, each at its own moment', async () => {
    const clock = createFakeClock();
    const seen: string[] = [];
    const note = (name: string) => () => seen.push(`${name} at ${clock.monotonicMs()}`);
    clock.after(30, note('late'));
    clock.after(10, note('early'));
    clock.after(30, note('late too'));
    clock.after(31, note('never'));
    await clock.advance(30);
    expect(seen).toEqual(['early at 10', 'late at 30', 'late too at 30']);
    expect(clock.pendingTimers).toBe(1);
  });

  test('a disposed timer does not fire', async () => {
    const clock = createFakeClock();
    let fired = false;
    clock.after(5, () => (fired = true))[Symbol.dispose]();
    await clock.advance(10);
    expect(fired).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  test('lets waiting code go on and start timers of its own within one advance', async () => {
    const clock = createFakeClock();
    const moments: number[] = [];
    const loop = (async () => {
      for (let round = 0; round < 3; round += 1) {
        await delay(100, { clock });
        moments.push(clock.monotonicMs());
      }
    })();
    await clock.advance(300);
    await loop;
    expect(moments).toEqual([100, 200, 300]);
  });

  test('gives up on a loop that waits 0 ms for ever', async () => {
    const clock = createFakeClock();
    const again = (): void => void clock.after(0, again);
    again();
    await expect(clock.advance(1)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses to advance by %s', async (ms) => {
    await expect(createFakeClock().advance(ms)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});
