import { optionIssues } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { ADDRESSES } from '../../test/fake-network.js';
import { parseHost, type AddressHost } from './host.js';
import { checkRoutes, findRoute, interfaceOf } from './route.js';
import { readWakeRequest, WAKE_FIELDS, type WakeSettings } from './wake-request.js';

const routeTo = (host: string, choice: { interface?: string; sourceAddress?: string } = {}): unknown =>
  findRoute(parseHost(host) as AddressHost, choice, ADDRESSES, WAKE_FIELDS);

const issuesOf = (settings: WakeSettings): unknown => {
  try {
    checkRoutes(readWakeRequest('52:54:00:cf:2d:31', settings), ADDRESSES, WAKE_FIELDS);
  } catch (error) {
    return optionIssues(error);
  }
  return 'none';
};

describe('findRoute', () => {
  test.each([
    ['255.255.255.255', {}, { family: 4, destination: '255.255.255.255' }],
    ['255.255.255.255', { sourceAddress: '192.0.2.2' }, { family: 4, destination: '255.255.255.255', source: '192.0.2.2' }],
    ['255.255.255.255', { interface: 'eth0' }, { family: 4, destination: '255.255.255.255', interface: 'eth0', source: '192.0.2.2' }],
    ['255.255.255.255', { interface: 'eth1' }, { family: 4, destination: '255.255.255.255', interface: 'eth1', source: '198.51.100.2' }],
    ['203.0.113.255', { interface: 'eth1' }, { family: 4, destination: '203.0.113.255', interface: 'eth1', source: '203.0.113.2' }],
    ['ff02::1%eth0', {}, { family: 6, destination: 'ff02::1%eth0', interface: 'eth0' }],
    ['ff02::1%2', {}, { family: 6, destination: 'ff02::1%eth0', interface: 'eth0' }],
    ['ff02::1', { interface: 'eth0' }, { family: 6, destination: 'ff02::1%eth0', interface: 'eth0', source: 'fe80::2%eth0' }],
    ['ff02::1%eth0', { interface: 'eth0' }, { family: 6, destination: 'ff02::1%eth0', interface: 'eth0', source: 'fe80::2%eth0' }],
    ['ff02::1', { sourceAddress: 'fe80::2%eth0' }, { family: 6, destination: 'ff02::1%eth0', interface: 'eth0', source: 'fe80::2%eth0' }],
    ['2001:db8::99', { interface: 'eth0' }, { family: 6, destination: '2001:db8::99', interface: 'eth0', source: '2001:db8::2' }],
    ['2001:db8:1::99', { interface: 'eth0' }, { family: 6, destination: '2001:db8:1::99', interface: 'eth0', source: '2001:db8::2' }],
  ])('to %s with %j', (host, choice, route) => {
    expect(routeTo(host, choice)).toEqual(route);
  });
});

describe('checkRoutes refuses', () => {
  test('an interface that does not exist, naming those that do', () => {
    expect(issuesOf({ interface: 'eth9' })).toEqual([
      { field: 'interface', problem: 'invalid', expected: 'an interface of this machine that is up and has an address (lo, eth0, eth1)', received: '"eth9"' },
    ]);
  });

  test('an interface that does not exist, also when the host is only a name', () => {
    expect(issuesOf({ host: 'rack.example', interface: 'eth9' })).toEqual([expect.objectContaining({ field: 'interface' })]);
  });

  test.each([
    ['a scope that does not exist', { host: 'ff02::1%eth9' }, 'host'],
    ['a link-local destination without interface', { host: 'ff02::1' }, 'host'],
    ['a scope that contradicts the interface', { host: 'ff02::1%eth0', interface: 'eth1' }, 'interface'],
    ['an interface without an address of the family', { host: '2001:db8::99', interface: 'eth1' }, 'interface'],
    ['a source whose scope does not exist', { host: 'ff02::1', sourceAddress: 'fe80::2%eth9' }, 'sourceAddress'],
    ['a source of another family', { host: '2001:db8::99', sourceAddress: '192.0.2.2' }, 'sourceAddress'],
  ])('%s', (_case, settings, field) => {
    expect(issuesOf(settings)).toEqual([expect.objectContaining({ field, problem: 'invalid' })]);
  });

  test('nothing that fits', () => {
    expect(issuesOf({ host: ['255.255.255.255', 'ff02::1', 'rack.example'], interface: 'eth0' })).toBe('none');
  });
});

test.each([
  ['192.0.2.2', 'eth0'],
  ['127.0.0.2', 'lo'],
  ['203.0.113.77', 'eth1'],
  ['10.0.0.1', undefined],
])('interfaceOf %s is %s', (address, name) => {
  expect(interfaceOf(address, ADDRESSES)).toBe(name);
});
