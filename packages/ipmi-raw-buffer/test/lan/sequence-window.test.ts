import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextSequence, SequenceWindow } from '../../src/lan/sequence-window.js';

/** What a window says to one number after the other. */
function verdicts(...sequences: readonly number[]): string {
  const window = new SequenceWindow();
  return sequences.map((sequence) => (window.accept(sequence) ? '+' : '-')).join('');
}

test('takes any start, and each number once', () => {
  expect(verdicts(7, 8, 8, 7, 9)).toBe('++--+');
  expect(verdicts(0xdeadbeef, 0xdeadbeef)).toBe('+-');
});

test('takes what comes late or out of order, once, as far as the window reaches', () => {
  expect(verdicts(100, 104, 102, 101, 102, 103)).toBe('++++-+');
  // 31 back is inside, 32 back is too old.
  expect(verdicts(100, 69, 69, 68)).toBe('++--');
});

test('takes a jump ahead as far as the window reaches', () => {
  expect(verdicts(100, 132, 131, 101, 100)).toBe('++++-');
  expect(verdicts(100, 133, 101)).toBe('+-+');
  expect(verdicts(99, 100, 132, 131, 101, 100)).toBe('+++++-');
});

test('goes on behind the wrap, where 0 is left out', () => {
  expect([nextSequence(1), nextSequence(0xffffffff)]).toEqual([2, 1]);
  expect(verdicts(0xfffffffe, 0xffffffff, 1, 2, 0xffffffff, 1)).toBe('++++--');
});

test('no number is ever taken twice, whatever the order', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 200 }).map((offset) => (0xffffffa0 + offset) >>> 0), { maxLength: 300 }), (sequences) => {
    const window = new SequenceWindow();
    const taken = sequences.filter((sequence) => window.accept(sequence));
    expect(new Set(taken).size).toBe(taken.length);
  }));
});

test('numbers in order are all taken', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 0xffffffff }), fc.integer({ min: 1, max: 200 }), (start, count) => {
    const window = new SequenceWindow();
    let sequence = start;
    for (let index = 0; index < count; index += 1) {
      expect(window.accept(sequence)).toBe(true);
      sequence = nextSequence(sequence);
    }
  }));
});
