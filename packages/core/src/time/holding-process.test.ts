import { expect, test } from 'vitest';
import { watchTimers } from '../testing/watch-timers.js';
import { holdingProcess } from './holding-process.js';

test.each(['fulfilled', 'rejected'] as const)('the process is held until the call is %s, and no longer', async (end) => {
  using timers = watchTimers();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const call = timers.run(() => holdingProcess(() => promise));
  expect(timers.held()).toBe(1);
  if (end === 'fulfilled') resolve('it');
  else reject(new Error('it'));
  const [outcome] = await Promise.allSettled([call]);
  expect(outcome.status).toBe(end);
  await expect.poll(timers.held).toBe(0);
});

test('a call that throws at once leaves nothing behind', async () => {
  using timers = watchTimers();
  await expect(timers.run(() => holdingProcess(() => { throw new Error('at once'); }))).rejects.toThrow('at once');
  await expect.poll(timers.held).toBe(0);
});
