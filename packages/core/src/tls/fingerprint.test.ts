import { expect, test } from 'vitest';
import { parseFingerprint, parseFingerprints } from './fingerprint.js';

const PLAIN = '00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef';
const PAIRS = '00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF';

test.each([PLAIN, PLAIN.toUpperCase(), PAIRS, PAIRS.toLowerCase(), ` ${PAIRS}\n`])('%j is read as Node.js writes it', (text) => {
  expect(parseFingerprint(text)).toBe(PAIRS);
});

test.each(['', PLAIN.slice(1), `${PLAIN}0`, PLAIN.replace('0', 'g'), PAIRS.replace(':', ''), PAIRS.replaceAll(':', '-'), `${PAIRS}:`, 7, undefined, null])('%j is none', (text) => {
  expect(parseFingerprint(text)).toBeUndefined();
});

test('one or several', () => {
  expect(parseFingerprints(PLAIN)).toEqual([PAIRS]);
  expect(parseFingerprints([PLAIN, PAIRS])).toEqual([PAIRS, PAIRS]);
});

test.each([[[]], [[PLAIN, 'ab']], [Array.from({ length: 9 }, () => PLAIN)], [undefined], [`${PLAIN},${PLAIN}`]])('no list: %j', (value) => {
  expect(parseFingerprints(value)).toBeUndefined();
});
