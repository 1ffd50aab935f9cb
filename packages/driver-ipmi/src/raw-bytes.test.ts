import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRawBytes, printRawBytes, RAW_BYTES_EXPECTED, rawBytesExpected } from './raw-bytes.js';

test.each([
  ['0x06 0x01', 0x06, 0x01, []],
  ['0x00 0x08 0x03 0x08', 0x00, 0x08, [3, 8]],
  [' 0x2E  57\t0X01 255\n', 0x2e, 0x39, [1, 255]],
  ['0 2 3', 0, 2, [3]],
  ['06 01 007', 6, 1, [7]],
])('%j is a request', (text, netFn, command, data) => {
  expect(parseRawBytes(text)).toEqual({ netFn, command, data: Uint8Array.from(data) });
});

test.each(['', '0x06', '0x07 0x01', '0x40 0x01', '0x06 0x100', '0x06 256', '0x06 -1', '0x06,0x01', '0x06 0x', 'chassis status', '06h 01h', '0x06 1e1', '0x06 010', '0x06 0x01 08'])(
  '%j is none',
  (text) => {
    expect(parseRawBytes(text)).toBeUndefined();
  },
);

test('a number with a leading 0 is named as ambiguous', () => {
  expect(rawBytesExpected('0x06 010')).toContain('without a leading 0: "010" is octal for ipmitool');
  expect(rawBytesExpected('0x07 0x01 0')).toBe(RAW_BYTES_EXPECTED);
});

test('so much and no more', () => {
  const words = (count: number): string => Array.from({ length: count }, () => '0x00').join(' ');
  expect(parseRawBytes(words(240))?.data).toHaveLength(238);
  expect(parseRawBytes(words(241))).toBeUndefined();
});

test('what is printed can be sent again', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (data) => {
      expect(parseRawBytes(`0x06 0x01 ${printRawBytes(data)}`)?.data).toEqual(data);
    }),
  );
});

test('whatever text comes, a request has bytes that can be sent', () => {
  const words = fc.oneof(fc.integer({ min: -1, max: 300 }).map(String), fc.integer({ min: 0, max: 300 }).map((byte) => `0x${byte.toString(16)}`), fc.string());
  fc.assert(
    fc.property(fc.array(words, { maxLength: 8 }), (parts) => {
      const request = parseRawBytes(parts.join(' '));
      if (request === undefined) return;
      expect([request.netFn % 2, request.netFn <= 0x3e, request.command >= 0 && request.command <= 0xff]).toEqual([0, true, true]);
    }),
  );
});
