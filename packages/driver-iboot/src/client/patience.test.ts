import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { helloPatience, listPatience, QUIET_MS, resultPatience, SHORT_LIST_QUIET_MS, TEXT_QUIET_MS } from './patience.js';

const bytes = (count: number): Uint8Array => new Uint8Array(count);

test('hello ends with its second byte, unless that could be a text', () => {
  expect([0, 1, 2, 3].map((count) => helloPatience(bytes(count)))).toEqual([undefined, undefined, 0, 0]);
  expect(helloPatience(Uint8Array.of(0x4f, 0x4b))).toBe(TEXT_QUIET_MS);
  expect(helloPatience(Uint8Array.of(0x4f, 0x4b, 0x0d))).toBe(0);
});

test('a result ends with its first byte', () => {
  expect([0, 1, 2].map((count) => resultPatience(bytes(count)))).toEqual([undefined, 0, 0]);
});

describe('a list', () => {
  test('of a unit that was not asked before ends by silence, sooner when it is long enough', () => {
    expect([0, 1, 2, 3, 8].map((count) => listPatience(3, undefined)(bytes(count)))).toEqual([
      undefined, SHORT_LIST_QUIET_MS, SHORT_LIST_QUIET_MS, QUIET_MS, QUIET_MS,
    ]);
  });

  test('of a unit that is known ends at its length; a shorter one never does, a longer one by silence', () => {
    expect([0, 4, 7, 8, 9].map((count) => listPatience(1, 8)(bytes(count)))).toEqual([undefined, undefined, undefined, 0, QUIET_MS]);
  });

  test('that is too long to be one has ended', () => {
    expect([listPatience(1, undefined)(bytes(33)), listPatience(1, 8)(bytes(33))]).toEqual([0, 0]);
  });

  test('of any length is never waited for without end once it is long enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 32 }), fc.integer({ min: 1, max: 64 }), (atLeast, length) => {
        expect(listPatience(atLeast, undefined)(bytes(length))).toBeTypeOf('number');
      }),
    );
  });
});
