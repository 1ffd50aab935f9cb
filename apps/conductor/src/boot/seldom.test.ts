import { createFakeClock } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { createSeldom } from './seldom.js';

test('a key is told once in an interval, each by itself', async () => {
  const clock = createFakeClock();
  const seldom = createSeldom({ clock });
  expect([seldom.first('a'), seldom.first('a'), seldom.first('b')]).toEqual([true, false, true]);
  await clock.advance(59_999);
  expect(seldom.first('a')).toBe(false);
  await clock.advance(1);
  expect([seldom.first('a'), seldom.first('a')]).toEqual([true, false]);
  seldom.forget('a');
  expect(seldom.first('a')).toBe(true);
});

test('no more keys are remembered than allowed; those told longest ago are forgotten', () => {
  const seldom = createSeldom({ clock: createFakeClock(), mostKeys: 3 });
  for (const key of ['a', 'b', 'c', 'd']) seldom.first(key);
  expect(['b', 'c', 'd'].map((key) => seldom.first(key))).toEqual([false, false, false]);
  expect(seldom.first('a')).toBe(true);
});
