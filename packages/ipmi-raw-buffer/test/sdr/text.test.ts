import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBcdPlus, decodeLatin1, decodeSixBit, decodeUtf16 } from '../../src/sdr/index.js';
import { bytes } from '../record-fixtures.js';

describe('packed text', () => {
  test.each([
    ['29dca6', 'IPMI'],
    ['738a8b290dd0650b0311', 'SIXBIT TEMP 1'],
    ['220c98720d58', 'BP FRU 6'],
    ['', ''],
    ['00', ''],
  ])('6-bit %s', (hexadecimal, text) => {
    expect(decodeSixBit(bytes(hexadecimal))).toBe(text);
  });

  test('6-bit: packing is undone', () => {
    // An encoder of its own: the characters of one text as digits of one large number.
    const pack = (text: string): Uint8Array => {
      let value = 0n;
      for (const [index, character] of [...text].entries()) value |= BigInt(character.charCodeAt(0) - 0x20) << BigInt(6 * index);
      const packed = Buffer.alloc(Math.ceil((text.length * 6) / 8));
      for (let index = 0; index < packed.length; index += 1) packed[index] = Number((value >> BigInt(8 * index)) & 0xffn);
      return packed;
    };
    const character = fc.integer({ min: 0x20, max: 0x5f }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 84 }), (text) => {
        expect(decodeSixBit(pack(text))).toBe(text.trimEnd());
      }),
    );
  });

  test('BCD+, the high digit first', () => {
    expect(decodeBcdPlus(bytes('12b34c5d6e7f8a'))).toBe('12-34.5:6,7_8 ');
    expect(decodeBcdPlus(bytes('0123bc'))).toBe('0123-.');
  });

  test('Latin-1 and UTF-16', () => {
    expect(decodeLatin1(bytes('436166e920b0'))).toBe('Café °');
    expect(decodeUtf16(Buffer.concat([Buffer.from('日本', 'utf16le'), Buffer.of(0x41)]))).toBe('日本');
    expect(decodeUtf16(bytes('00d8'))).toBe('\ufffd');
  });
});
