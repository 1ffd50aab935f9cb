import { errorCode } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import {
  boolean, characters, double, int32, int64, list, nothing, optional, string, STRING_LIMIT, struct, uint32, uint64, type XdrCodec, XdrReader, XdrWriter,
} from './xdr.js';

function encode<T>(codec: XdrCodec<T>, value: T): Buffer {
  const writer = new XdrWriter();
  codec.write(writer, value);
  return writer.finish();
}

function decode<T>(codec: XdrCodec<T>, bytes: Buffer): T {
  const reader = new XdrReader(bytes);
  const value = codec.read(reader);
  reader.finish();
  return value;
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return errorCode(error);
  }
  return 'nothing thrown';
};

/** Whole characters: half of a surrogate pair has no UTF-8. NUL is refused on its own. */
const texts = fc.string({ unit: 'grapheme', maxLength: 100 }).filter((text) => !text.includes('\0'));

const ANYTHING = [
  ['int32', int32, fc.integer()],
  ['uint32', uint32, fc.integer({ min: 0, max: 0xffff_ffff })],
  ['int64', int64, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  ['uint64', uint64, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
  ['double', double, fc.double()],
  ['boolean', boolean, fc.boolean()],
  ['string', string, texts],
  ['optional', optional(string), fc.option(texts)],
  ['list', list(string, 50), fc.array(texts, { maxLength: 50 })],
  ['characters', characters(200), fc.uint8Array({ maxLength: 200 })],
  [
    'struct', struct({ name: string, numbers: list(int64, 9, 8), inner: struct({ flag: boolean, text: optional(string) }) }),
    fc.record({
      name: texts,
      numbers: fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 9 }),
      inner: fc.record({ flag: fc.boolean(), text: fc.option(texts) }),
    }),
  ],
] as readonly (readonly [string, XdrCodec<unknown>, fc.Arbitrary<unknown>])[];

describe.each(ANYTHING)('%s', (_name, codec, values) => {
  test('comes back as it was, in whole words', () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = encode(codec, value);
        expect(bytes.length % 4).toBe(0);
        expect(decode(codec, bytes)).toEqual(value);
      }),
    );
  });

  test('that is cut off anywhere is a fault of the other side', () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = encode(codec, value);
        for (let length = 0; length < bytes.length; length += 1) expect(codeOf(() => decode(codec, bytes.subarray(0, length)))).toBe('PROTOCOL_FAULT');
        expect(codeOf(() => decode(codec, Buffer.concat([bytes, Buffer.alloc(4)])))).toBe('PROTOCOL_FAULT');
      }),
      { numRuns: 30 },
    );
  });
});

// RFC 4506 §4 describes each form.
test.each([
  ['int32', int32, -2, 'fffffffe'],
  ['uint32', uint32, 0xffff_fffe, 'fffffffe'],
  ['int64', int64, -2n, 'ffffffff fffffffe'],
  ['uint64', uint64, 2n ** 64n - 2n, 'ffffffff fffffffe'],
  ['double', double, 1.5, '3ff80000 00000000'],
  ['boolean', boolean, true, '00000001'],
  ['string', string, 'sillyprog', '00000009 73696c6c 7970726f 67000000'],
  ['string of whole words', string, 'lisp', '00000004 6c697370'],
  ['empty string', string, '', '00000000'],
  ['string that is not ASCII', string, 'é€', '00000005 c3a9e282 ac000000'],
  ['no value', optional(int32), null, '00000000'],
  ['a value', optional(int32), 7, '00000001 00000007'],
  ['list', list(int32, 3), [1, 2], '00000002 00000001 00000002'],
  ['characters', characters(4), Uint8Array.of(0x41, 0x80, 0xff), '00000003 00000041 ffffff80 ffffffff'],
  ['nothing', nothing, undefined, ''],
] as readonly (readonly [string, XdrCodec<unknown>, unknown, string])[])('%s on the wire', (_name, codec, value, bytes) => {
  expect(encode(codec, value)).toEqual(hex(bytes));
  expect(decode(codec, hex(bytes))).toEqual(value);
});

test('characters of a server whose char has no sign', () => {
  expect(decode(characters(4), hex('00000002 00000080 000000ff'))).toEqual(Uint8Array.of(0x80, 0xff));
});

test('padding of a former value does not show through', () => {
  const writer = new XdrWriter();
  writer.fixed(Buffer.from('abcde'));
  writer.string('x');
  expect(writer.finish()).toEqual(hex('61626364 65000000 00000001 78000000'));
});

describe('what no honest daemon sends costs nothing', () => {
  test.each([
    ['a list that is longer than allowed', list(int32, 2), '00000003 00000000 00000000 00000000'],
    ['a list of four milliards', list(int32, 0xffff_ffff), 'ffffffff 00000000'],
    ['a list whose elements cannot be there', list(struct({ one: int64, other: int64 }), 1000, 16), '00000002 00000000 00000000 00000000 00000000 00000000'],
    ['a text that is longer than allowed', string, `${(STRING_LIMIT + 1).toString(16).padStart(8, '0')} 61616161`],
    ['a text of four gigabytes', string, 'ffffffff 61616161'],
    ['a text of two gigabytes', string, '80000000 61616161'],
    ['characters that are not there', characters(65_536), '00010000 00000041'],
    ['more characters than allowed', characters(1), '00000002 00000041 00000041'],
    ['a value that is there twice', optional(int32), '00000002 00000000'],
  ] as readonly (readonly [string, XdrCodec<unknown>, string])[])('%s', (_what, codec, bytes) => {
    using buffers = vi.spyOn(Buffer, 'allocUnsafe');
    using arrays = vi.spyOn(globalThis, 'Uint8Array');
    expect(codeOf(() => decode(codec, hex(bytes)))).toBe('PROTOCOL_FAULT');
    expect(buffers).not.toHaveBeenCalled();
    expect(arrays).not.toHaveBeenCalled();
  });
});

describe('what cannot be sent is refused', () => {
  test.each([
    ['a text with a NUL, at which the daemon would stop reading', string, 'a\0b', 'INVALID_OPTIONS'],
    ['a text that is too long', string, 'x'.repeat(STRING_LIMIT + 1), 'INVALID_OPTIONS'],
    ['a list that is too long', list(int32, 2), [1, 2, 3], 'INVALID_OPTIONS'],
    ['too many characters', characters(2), Uint8Array.of(1, 2, 3), 'INVALID_OPTIONS'],
  ] as readonly (readonly [string, XdrCodec<unknown>, unknown, string])[])('%s', (_what, codec, value, code) => {
    expect(codeOf(() => encode(codec, value))).toBe(code);
  });

  test.each([
    ['a number that needs more than 32 bits', int32, 2 ** 31],
    ['a negative number as flags', uint32, -1],
    ['a negative size', uint64, -1n],
  ] as readonly (readonly [string, XdrCodec<unknown>, unknown])[])('%s', (_what, codec, value) => {
    expect(() => encode(codec, value)).toThrow(RangeError);
  });

  test('the longest text goes through', () => {
    const text = 'x'.repeat(STRING_LIMIT);
    expect(decode(string, encode(string, text))).toBe(text);
  });
});
