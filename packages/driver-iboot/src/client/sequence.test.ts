import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstSequence, nextSequence } from './sequence.js';

test('each side counts one: 1234 greets, 1235 asks, 1237 asks next', () => {
  expect(firstSequence(1234)).toBe(1235);
  expect(nextSequence(1235)).toBe(1237);
});

test.each([
  [65_535, 0, 2],
  [65_534, 65_535, 1],
  [65_533, 65_534, 0],
])('after a hello of %d come %d and %d', (greeted, first, next) => {
  expect([firstSequence(greeted), nextSequence(firstSequence(greeted))]).toEqual([first, next]);
});

test('numbers always fit into 16 bits', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 65_535 }), (sequence) => {
      for (const next of [firstSequence(sequence), nextSequence(sequence)]) expect(next === Math.trunc(next) && next >= 0 && next <= 65_535).toBe(true);
    }),
  );
});
