import { expect, test } from 'vitest';
import { canonicalHost, printAddress } from './bmc-address.js';

test.each([
  ['BMC1.Example', 'bmc1.example'],
  ['192.0.2.10', '192.0.2.10'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:db8::0001', '2001:db8::1'],
  ['::ffff:192.0.2.10', '192.0.2.10'],
  ['::FFFF:c000:20a', '192.0.2.10'],
  ['FE80::0001%Eth0', 'fe80::1%Eth0'],
])('%s is %s', (written, canonical) => {
  expect([canonicalHost(written), canonicalHost(canonical)]).toEqual([canonical, canonical]);
});

test.each([
  ['192.0.2.10', '192.0.2.10:623'],
  ['bmc.example', 'bmc.example:623'],
  ['2001:db8::1', '[2001:db8::1]:623'],
  ['fe80::1%eth0', '[fe80::1%eth0]:623'],
])('%s is printed with its port', (host, printed) => {
  expect(printAddress({ host, port: 623 })).toBe(printed);
});
