import { expect, test } from 'vitest';
import { MessageCutter } from './message-cutter.ts';

// An auth_list call and an event behind it, as the protocol's notes print them.
const CALL = Buffer.from('0000001c200080860000000100000042000000000000000700000000', 'hex');
const EVENT = Buffer.concat([Buffer.from('0000002020008086000000010000013e000000020000000000000000', 'hex'), Buffer.from([1, 2, 3, 4])]);

test('finds the same messages wherever the bytes are cut', () => {
  const bytes = Buffer.concat([CALL, EVENT, CALL]);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const cutter = new MessageCutter();
    const messages = [...cutter.push(bytes.subarray(0, cut)), ...cutter.push(bytes.subarray(cut))];
    expect(messages.map(({ procedure, type, serial, bytes: whole }) => [procedure, type, serial, whole.length])).toEqual([[66, 0, 7, 28], [318, 2, 0, 32], [66, 0, 7, 28]]);
    expect(Buffer.concat(messages.map((message) => message.bytes)).equals(bytes)).toBe(true);
  }
});

test.each([0, 27, 0x7fff_ffff])('refuses a length of %d', (length) => {
  const bytes = Buffer.alloc(28);
  bytes.writeUInt32BE(length, 0);
  expect(() => new MessageCutter().push(bytes)).toThrow('cannot be');
});
