import { expect, test } from 'vitest';
import { systemClock } from './clock.js';

test('tells wall time and a time that only grows', () => {
  const before = systemClock.monotonicMs();
  expect(Math.abs(systemClock.now().getTime() - Date.now())).toBeLessThan(1000);
  expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(before);
});

test('a timer calls back once, a disposed one never', async () => {
  const calls: string[] = [];
  const disposed = systemClock.after(1, () => calls.push('disposed'));
  disposed[Symbol.dispose]();
  await new Promise<void>((resolve) => {
    systemClock.after(5, () => {
      calls.push('fired');
      resolve();
    });
    // An unref'd timer alone does not keep this test's process; the one below does until the promise is resolved.
    setTimeout(resolve, 1000).unref();
  });
  expect(calls).toEqual(['fired']);
});

test('a timer does not keep the process alive', () => {
  const active = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = active();
  using _timer = systemClock.after(60_000, () => undefined);
  expect(active()).toBe(before);
});

test('a time longer than one timer of Node can hold does not fire at once', async () => {
  let fired = false;
  using _timer = systemClock.after(40 * 24 * 60 * 60 * 1000, () => (fired = true));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(fired).toBe(false);
});
