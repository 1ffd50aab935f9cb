import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LONGEST_STRING_BYTES, XdrFault, XdrReader, XdrWriter } from './xdr.js';

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');

// Worked examples by hand, from RFC 4506, and the frames of a real session with libvirtd 9.0.0.
type Example = readonly [what: string, bytes: string, write: (writer: XdrWriter) => void, read: (reader: XdrReader) => unknown, value: unknown];

const EXAMPLES: readonly Example[] = [
  ['a negative number', 'ffffffff', (writer) => writer.int(-1), (reader) => reader.int(), -1],
  ['an unsigned number', 'ffffffff', (writer) => writer.unsigned(0xffffffff), (reader) => reader.unsigned(), 0xffffffff],
  ['a bit mask with the highest bit', '80000000', (writer) => writer.unsigned(1 << 31), (reader) => reader.unsigned(), 0x80000000],
  ['a hyper', 'fffffffffffffffe', (writer) => writer.hyper(-2n), (reader) => reader.hyper(), -2n],
  ['an unsigned hyper', '00000000006ad7a6', (writer) => writer.unsignedHyper(7_002_022n), (reader) => reader.unsignedHyper(), 7_002_022n],
  ['true', '00000001', (writer) => writer.boolean(true), (reader) => reader.boolean(), true],
  ['an empty text', '00000000', (writer) => writer.string(''), (reader) => reader.string(), ''],
  ['a text of four bytes', '00000004 51454d55', (writer) => writer.string('QEMU'), (reader) => reader.string(), 'QEMU'],
  ['a text that is filled up', '00000002 766d0000', (writer) => writer.string('vm'), (reader) => reader.string(), 'vm'],
  ['a text beyond ASCII', '00000003 e282ac00', (writer) => writer.string('€'), (reader) => reader.string(), '€'],
  ['no text', '00000000', (writer) => writer.optionalString(null), (reader) => reader.optionalString(), null],
  [
    'an optional text', '00000001 0000000e 71656d753a2f2f2f73797374656d 0000',
    (writer) => writer.optionalString('qemu:///system'), (reader) => reader.optionalString(), 'qemu:///system',
  ],
  [
    'a list', '00000002 00000001 00000002',
    (writer) => writer.list([1, 2], (each, value) => each.int(value)), (reader) => reader.list(2, () => reader.int()), [1, 2],
  ],
  ['characters', '00000002 0000006e 0000002c', (writer) => writer.characters(Buffer.from('n,')), (reader) => reader.characters(9), Buffer.from('n,')],
];

describe.each(EXAMPLES)('%s', (_what, bytes, write, read, value) => {
  test('is written', () => {
    const writer = new XdrWriter();
    write(writer);
    expect(writer.bytes().toString('hex')).toBe(bytes.replaceAll(' ', ''));
  });

  test('is read', () => {
    expect(read(new XdrReader(hex(bytes)))).toEqual(value);
  });

  test('is refused when it is cut off, wherever that is', () => {
    const whole = hex(bytes);
    for (let length = 0; length < whole.length; length += 1) expect(() => read(new XdrReader(whole.subarray(0, length)))).toThrow(XdrFault);
  });
});

test('characters may be sign-extended', () => {
  expect(new XdrReader(hex('00000001 ffffff80')).characters(1)).toEqual(Buffer.from([0x80]));
});

test('lengths beyond their limits are refused before anything is made', () => {
  expect(() => new XdrReader(hex('ffffffff')).string()).toThrow(/4194304 are allowed/);
  expect(() => new XdrReader(hex('7fffffff')).characters(65_536)).toThrow(/65536 are allowed/);
  expect(() => new XdrReader(hex('00000003 00000001')).list(2, () => 1)).toThrow(/2 are allowed/);
  expect(() => new XdrWriter().string('x'.repeat(LONGEST_STRING_BYTES + 1))).toThrow(XdrFault);
});

test('what was written is read again', () => {
  const anyInt = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const anyBig = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), anyInt, fc.uint8Array(), anyBig, (text, int, bytes, big) => {
      const writer = new XdrWriter().string(text).int(int).characters(bytes).unsignedHyper(big).optionalString(text);
      const reader = new XdrReader(writer.bytes());
      const read = [reader.string(), reader.int(), Uint8Array.from(reader.characters(bytes.length)), reader.unsignedHyper(), reader.optionalString()];
      // A lone surrogate has no UTF-8 form.
      expect(read).toEqual([text.toWellFormed(), int, bytes, big, text.toWellFormed()]);
    }),
  );
});
