import { errorCode, optionIssues, Secret } from '@ferric/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyMac, anySecureOn } from '../../test/arbitraries.js';
import { fromHex, GOLDEN_MAC, GOLDEN_PACKET, join, toHex } from '../../test/golden.js';
import { decodeMagicPacket, encodeMagicPacket, hideSecureOn } from './magic-packet.js';

const reveal = (bytes: Uint8Array): { mac: string; secureOn: string | undefined } => {
  const { mac, secureOn } = decodeMagicPacket(bytes);
  return { mac, secureOn: secureOn?.reveal() };
};
const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return errorCode(error);
  }
  return 'nothing thrown';
};

describe('encodeMagicPacket', () => {
  test('yields the 102 bytes that the staging driver sends', () => {
    expect(toHex(encodeMagicPacket(GOLDEN_MAC))).toBe(toHex(GOLDEN_PACKET));
    expect(GOLDEN_PACKET).toHaveLength(102);
  });

  test.each(['52-54-00-CF-2D-31', '5254.00cf.2d31', '525400cf2d31', '52:54:00:CF:2D:31'])('takes the address as %s', (mac) => {
    expect(encodeMagicPacket(mac)).toEqual(GOLDEN_PACKET);
  });

  test.each([
    ['192.168.1.1', 'c0a80101', 106],
    ['0.0.0.0', '00000000', 106],
    ['00:22:44:66:88:aa', '0022446688aa', 108],
    ['00-22-44-66-88-AA', '0022446688aa', 108],
  ])('appends the SecureOn password %s', (password, digits, length) => {
    const packet = encodeMagicPacket(GOLDEN_MAC, new Secret(password));
    expect(packet).toHaveLength(length);
    expect(toHex(packet)).toBe(toHex(GOLDEN_PACKET) + digits);
  });

  test.each(['', '52:54:00:cf:2d', '52:54:00:cf:2d:31:00', '52:54:00:cf:2d:3g', '01:00:5e:00:00:01', 'ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00'])(
    'refuses the address %j',
    (mac) => {
      expect(codeOf(() => encodeMagicPacket(mac))).toBe('INVALID_OPTIONS');
    },
  );

  test.each(['', '1.2.3', '1.2.3.256', '1.2.3.4.5', '01.2.3.4', '00:11:22:33', 'secret'])('refuses the SecureOn password %j without showing it', (password) => {
    try {
      encodeMagicPacket(GOLDEN_MAC, new Secret(password));
      expect.unreachable();
    } catch (error) {
      expect(optionIssues(error)).toEqual([expect.objectContaining({ field: 'secureOn', problem: 'invalid' })]);
      expect(optionIssues(error)[0]).not.toHaveProperty('received');
    }
  });
});

describe('decodeMagicPacket', () => {
  test('reads back what was encoded', () => {
    fc.assert(
      fc.property(anyMac, anySecureOn, (mac, secureOn) => {
        expect(reveal(encodeMagicPacket(mac, secureOn === undefined ? undefined : new Secret(secureOn)))).toEqual({ mac, secureOn });
      }),
    );
  });

  test('finds the pattern behind anything, as network cards do', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), anyMac, (before, mac) => {
        expect(reveal(join(before, encodeMagicPacket(mac)))).toEqual({ mac, secureOn: undefined });
      }),
    );
  });

  test('reads a whole Ethernet frame of EtherType 0842h', () => {
    expect(reveal(join(fromHex('525400cf2d3102fc000000010842'), GOLDEN_PACKET))).toEqual({ mac: GOLDEN_MAC, secureOn: undefined });
  });

  test.each([1, 2, 6, 102, 300])('is not misled by %i more bytes FFh', (count) => {
    expect(reveal(join(new Uint8Array(count).fill(0xff), GOLDEN_PACKET))).toEqual({ mac: GOLDEN_MAC, secureOn: undefined });
  });

  test('takes a SecureOn password that looks like one more repetition for what it is', () => {
    expect(reveal(encodeMagicPacket(GOLDEN_MAC, new Secret(GOLDEN_MAC)))).toEqual({ mac: GOLDEN_MAC, secureOn: GOLDEN_MAC });
  });

  test('reads the last of two packets in a row', () => {
    expect(reveal(join(encodeMagicPacket('52:54:00:00:00:01'), GOLDEN_PACKET))).toEqual({ mac: GOLDEN_MAC, secureOn: undefined });
  });

  test('refuses a packet that is cut at any byte', () => {
    const packet = encodeMagicPacket(GOLDEN_MAC, new Secret('00:11:22:33:44:55'));
    // 102 and 106 bytes are whole packets themselves: without SecureOn, and with a short one.
    const whole = new Set([102, 106]);
    for (let length = 0; length < packet.length; length += 1) {
      const cut = packet.subarray(0, length);
      expect([length, codeOf(() => decodeMagicPacket(cut))]).toEqual([length, whole.has(length) ? 'nothing thrown' : 'PROTOCOL_FAULT']);
    }
  });

  test('refuses a packet with any bit of the pattern turned over', () => {
    for (let bit = 0; bit < GOLDEN_PACKET.length * 8; bit += 1) {
      const damaged = GOLDEN_PACKET.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect([bit, codeOf(() => decodeMagicPacket(damaged))]).toEqual([bit, 'PROTOCOL_FAULT']);
    }
  });

  test.each([1, 2, 3, 5, 7, 100])('refuses %i bytes behind the pattern', (count) => {
    expect(codeOf(() => decodeMagicPacket(join(GOLDEN_PACKET, new Uint8Array(count))))).toBe('PROTOCOL_FAULT');
  });

  test.each(['01005e000001', '000000000000', 'ffffffffffff'])('refuses the address %s, which no machine owns', (digits) => {
    expect(codeOf(() => decodeMagicPacket(fromHex('ff'.repeat(6) + digits.repeat(16))))).toBe('PROTOCOL_FAULT');
  });

  test('never throws anything but PROTOCOL_FAULT', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => ['PROTOCOL_FAULT', 'nothing thrown'].includes(codeOf(() => decodeMagicPacket(bytes)))));
  });
});

test('hideSecureOn zeroes the password and nothing else, in a copy', () => {
  const packet = encodeMagicPacket(GOLDEN_MAC, new Secret('00:11:22:33:44:55'));
  expect(toHex(hideSecureOn(packet))).toBe(`${toHex(GOLDEN_PACKET)}000000000000`);
  expect(toHex(packet)).toBe(`${toHex(GOLDEN_PACKET)}001122334455`);
});
