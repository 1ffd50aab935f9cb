import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Rc4 } from './rc4.js';

/** RFC 6229 §2: 16 bytes of the key stream, by key and offset. */
const VECTORS = [
  ['0102030405', 0, 'b2396305f03dc027ccc3524a0a1118a8'],
  ['0102030405', 16, '6982944f18fc82d589c403a47a0d0919'],
  ['0102030405', 240, '28cb1132c96ce286421dcaadb8b69eae'],
  ['0102030405', 256, '1cfcf62b03eddb641d77dfcf7f8d8c93'],
  ['0102030405', 1008, '45129048e6a0ed0b56b490338f078da5'],
  ['0102030405', 4096, 'ff25b58995996707e51fbdf08b34d875'],
  ['01020304050607', 0, '293f02d47f37c9b633f2af5285feb46b'],
  ['01020304050607', 256, 'd0fdb583073ce85ab83917740ec011d5'],
  ['01020304050607', 4096, 'e74b0b9731227fd37c0ec08a47ddd8b8'],
  ['0102030405060708090a0b0c0d0e0f10', 0, '9ac7cc9a609d1ef7b2932899cde41b97'],
  ['0102030405060708090a0b0c0d0e0f10', 256, 'd39d566bc6bce3010768151549f3873f'],
  ['0102030405060708090a0b0c0d0e0f10', 4096, 'a36a4c301ae8ac13610ccbc12256cacc'],
  ['ebb46227c6cc8b37641910833222772a', 0, '720c94b63edf44e131d950ca211a5a30'],
  ['ebb46227c6cc8b37641910833222772a', 4096, '5bbeb4787d59e5373fdbea6c6f75c29b'],
] as const;

test.each(VECTORS)('the key stream of %s at %d is that of RFC 6229', (key, offset, expected) => {
  const stream = Buffer.alloc(offset + 16);
  new Rc4(Buffer.from(key, 'hex')).apply(stream);
  expect(stream.subarray(offset).toString('hex')).toBe(expected);
});

test('goes on where the last call ended, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 16 }), fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 6 }), (key, pieces) => {
      const whole = Buffer.concat(pieces);
      new Rc4(key).apply(whole);
      const cipher = new Rc4(key);
      const cut = pieces.map((piece) => Buffer.from(piece));
      for (const piece of cut) cipher.apply(piece);
      expect(Buffer.concat(cut)).toEqual(whole);
    }),
  );
});
