import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { optionIssues } from '../errors/invalid-options.js';
import { isMulticastMacAddress, macAddressBytes, normalizeMacAddress } from './mac-address.js';

const CANONICAL = '52:54:00:cf:2d:31';

describe('normalizeMacAddress', () => {
  test.each(['52:54:00:cf:2d:31', '52-54-00-CF-2D-31', '5254.00cf.2d31', '525400CF2D31', '52:54:00:CF:2d:31'])('takes %s', (text) => {
    expect(normalizeMacAddress(text)).toBe(CANONICAL);
  });

  test.each([
    '', '52:54:00:cf:2d', '52:54:00:cf:2d:31:00', '52:54-00:cf:2d:31', '5:54:00:cf:2d:31', '52:54:00:cf:2d:3g', ' 52:54:00:cf:2d:31', '52:54:00:cf:2d:31\n',
    '525400cf2d3', '5254.00cf2d31', '5254:00cf:2d31', '52 54 00 cf 2d 31', '0x525400cf2d31',
  ])('refuses %j', (text) => {
    expect(normalizeMacAddress(text)).toBeUndefined();
  });

  test('every notation of the same six bytes gives the same address, and that one stays as it is', () => {
    const bytes = fc.uint8Array({ minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(bytes, fc.boolean(), (address, upper) => {
        const digits = Buffer.from(address).toString('hex');
        const pairs = digits.match(/../g) ?? [];
        const written = [digits, pairs.join(':'), pairs.join('-'), (digits.match(/.{4}/g) ?? []).join('.')].map((text) => (upper ? text.toUpperCase() : text));
        expect(new Set(written.map(normalizeMacAddress))).toEqual(new Set([pairs.join(':')]));
      }),
    );
  });
});

test.each([
  ['52:54:00:cf:2d:31', false], ['53:54:00:cf:2d:31', true], ['ff:ff:ff:ff:ff:ff', true], ['01:00:5e:00:00:01', true], ['02:00:00:00:00:00', false],
])('isMulticastMacAddress(%s)', (address, multicast) => {
  expect(isMulticastMacAddress(address)).toBe(multicast);
});

describe('macAddressBytes', () => {
  test('yields the six bytes', () => {
    expect([...macAddressBytes('52-54-00-CF-2D-31')]).toEqual([0x52, 0x54, 0x00, 0xcf, 0x2d, 0x31]);
  });

  test.each(['nonsense', 'ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01', '00:00:00:00:00:00'])('refuses %s, naming the field', (text) => {
    const parse = (): Uint8Array => macAddressBytes(text, 'wol_mac');
    expect(parse).toThrow(`wol_mac must be the MAC address of one machine, such as 52:54:00:cf:2d:31, got "${text}"`);
    try {
      parse();
    } catch (error) {
      expect(optionIssues(error)).toMatchObject([{ field: 'wol_mac', problem: 'invalid', received: `"${text}"` }]);
    }
  });
});
