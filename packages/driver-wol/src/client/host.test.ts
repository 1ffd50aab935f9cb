import { describe, expect, test } from 'vitest';
import { formatHost, needsScope, parseHost } from './host.js';

describe('parseHost', () => {
  test.each([
    ['255.255.255.255', { kind: 'address', address: '255.255.255.255', family: 4 }],
    ['192.0.2.255', { kind: 'address', address: '192.0.2.255', family: 4 }],
    ['::1', { kind: 'address', address: '::1', family: 6 }],
    ['2001:DB8::1', { kind: 'address', address: '2001:db8::1', family: 6 }],
    ['FF02::1%eth0', { kind: 'address', address: 'ff02::1', family: 6, scope: 'eth0' }],
    ['fe80::1%eth0.10', { kind: 'address', address: 'fe80::1', family: 6, scope: 'eth0.10' }],
    ['ff02::1%12', { kind: 'address', address: 'ff02::1', family: 6, scope: '12' }],
    ['machine', { kind: 'name', name: 'machine' }],
    ['Rack-7.lab_1.example.', { kind: 'name', name: 'Rack-7.lab_1.example.' }],
    ['7zip.example', { kind: 'name', name: '7zip.example' }],
  ])('reads %s', (text, host) => {
    expect(parseHost(text)).toEqual(host);
  });

  test.each(['', ' ', '256.1.1.1', '192.0.2', '10', '0x7f.1', 'a.0x10', '1.2.3.4.5', '0.0.0.0', '::', ':::1', 'ff02::1%', 'a b', '-a', 'a-', 'a..b', 'a/24', '192.0.2.0/24', `${'a'.repeat(64)}.example`, 'http://a'])(
    'refuses %j',
    (text) => {
      expect(parseHost(text)).toBeUndefined();
    },
  );

  test.each(['192.0.2.255', 'ff02::1%eth0', 'rack.example'])('formatHost gives back %s', (text) => {
    const host = parseHost(text);
    expect(host && formatHost(host)).toBe(text);
  });
});

test.each([
  ['ff02::1', true],
  ['ff01::1', true],
  ['ff12::1', true],
  ['ff05::1', false],
  ['ff0e::1', false],
  ['fe80::1', true],
  ['febf::1', true],
  ['fec0::1', false],
  ['ff2::1', false],
  ['::1', false],
  ['2001:db8::1', false],
])('needsScope of %s is %s', (address, needed) => {
  expect(needsScope({ address, family: 6 })).toBe(needed);
});
