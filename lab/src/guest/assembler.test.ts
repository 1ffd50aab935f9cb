import { expect, test } from 'vitest';
import { assemble, word } from './assembler.ts';

test('words are little-endian', () => {
  expect(word(0x7c01)).toEqual([0x01, 0x7c]);
  expect(word(-3)).toEqual([0xfd, 0xff]);
});

test('addresses count from the origin, distances from behind their own bytes', () => {
  const code = assemble([[0xbe], { address: 'text' }, { label: 'again' }, [0xe8], { far: 'text' }, [0xeb], { near: 'again' }, { label: 'text' }, { text: 'hi\0' }], 0x7c00);
  expect([...code]).toEqual([0xbe, 0x08, 0x7c, 0xe8, 0x02, 0x00, 0xeb, 0xfb, 0x68, 0x69, 0x00]);
});

test.each([
  ['a label that is missing', [{ near: 'nowhere' }], 'no label nowhere'],
  ['a near jump that is too long', [{ near: 'far' }, Array.from({ length: 128 }, () => 0x90), { label: 'far' }], '128 bytes away'],
])('%s is an error', (_case, items, message) => {
  expect(() => assemble(items, 0)).toThrow(message);
});
