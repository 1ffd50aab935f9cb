import { Secret } from '@ferric/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyMac, anySecureOn } from '../../test/arbitraries.js';
import { fromHex, GOLDEN_MAC, GOLDEN_PACKET, join } from '../../test/golden.js';
import { decodeMagicPacket, encodeMagicPacket } from '../client/magic-packet.js';
import { findMagicPattern, secureOnToHex } from './magic-pattern.js';

/** A packet made from the page that describes it, by neither the client nor the simulator. */
const written = (mac: string, secureOnHex = ''): Uint8Array => fromHex('ff'.repeat(6) + mac.replaceAll(':', '').repeat(16) + secureOnHex);

test('reads the golden packet', () => {
  expect(findMagicPattern(GOLDEN_PACKET)).toEqual({ mac: GOLDEN_MAC, secureOnHex: '' });
});

describe('client and simulator', () => {
  test('understand each other without sharing a line', () => {
    fc.assert(
      fc.property(anyMac, anySecureOn, (mac, secureOn) => {
        const packet = encodeMagicPacket(mac, secureOn === undefined ? undefined : new Secret(secureOn));
        expect(findMagicPattern(packet)).toEqual({ mac, secureOnHex: secureOn === undefined ? '' : secureOnToHex(secureOn) });
      }),
    );
  });

  test('read the same from a packet that neither made', () => {
    fc.assert(
      fc.property(anyMac, anySecureOn, (mac, secureOn) => {
        const packet = written(mac, secureOn === undefined ? '' : secureOnToHex(secureOn));
        expect(decodeMagicPacket(packet).secureOn?.reveal()).toBe(secureOn);
        expect([decodeMagicPacket(packet).mac, findMagicPattern(packet)?.mac]).toEqual([mac, mac]);
      }),
    );
  });

  test('agree on what is no magic packet', () => {
    const decodes = (bytes: Uint8Array): boolean => {
      try {
        decodeMagicPacket(bytes);
        return true;
      } catch {
        return false;
      }
    };
    const damaged = fc
      .tuple(anyMac, fc.uint8Array({ maxLength: 8 }), fc.uint8Array({ maxLength: 8 }), fc.option(fc.tuple(fc.nat(101), fc.integer({ min: 1, max: 255 }))))
      .map(([mac, before, after, damage]) => {
        const bytes = join(before, written(mac), after);
        if (damage !== null) bytes[before.length + damage[0]] = (bytes[before.length + damage[0]] ?? 0) ^ damage[1];
        return bytes;
      });
    fc.assert(fc.property(damaged, (bytes) => decodes(bytes) === (findMagicPattern(bytes) !== undefined)), { numRuns: 1000 });
  });
});

test.each([101, 103, 104, 105, 107, 109])('%i bytes are no magic packet', (length) => {
  const packet = join(GOLDEN_PACKET, new Uint8Array(20)).subarray(0, length);
  expect(findMagicPattern(packet)).toBeUndefined();
});

test.each(['01005e000001', '000000000000', 'ffffffffffff'])('%s is nobody to wake', (digits) => {
  expect(findMagicPattern(fromHex('ff'.repeat(6) + digits.repeat(16)))).toBeUndefined();
});

test('a datagram of the greatest size is judged at once', () => {
  const start = performance.now();
  for (const byte of [0xff, 0x00, 0x52]) expect(findMagicPattern(new Uint8Array(65_507).fill(byte))).toBeUndefined();
  expect(performance.now() - start).toBeLessThan(5000);
});
