import { optionIssues, Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { readWakeRequest, type WakeSettings } from './wake-request.js';

const MAC = '52:54:00:cf:2d:31';
const MAC_B = '52:54:00:cf:2d:32';

const issuesOf = (mac: unknown, settings: unknown = {}): readonly { field: string; received?: string }[] => {
  try {
    readWakeRequest(mac as string, settings as WakeSettings);
  } catch (error) {
    return optionIssues(error);
  }
  return [];
};

test('fills in what the staging driver does by default', () => {
  expect(readWakeRequest(MAC, {})).toEqual({
    macs: [MAC],
    hosts: [{ kind: 'address', address: '255.255.255.255', family: 4 }],
    ports: [9],
    repeat: 1,
    spacingMs: 500,
  });
});

test('makes lists canonical and leaves duplicates out', () => {
  const request = readWakeRequest([MAC, '52-54-00-CF-2D-31', MAC_B], { ports: [7, 9, 7], host: ['192.0.2.255', '192.0.2.255', 'rack.example'] });
  expect(request.macs).toEqual([MAC, MAC_B]);
  expect(request.ports).toEqual([7, 9]);
  expect(request.hosts).toHaveLength(2);
});

test('keeps a SecureOn password secret from the start', () => {
  const request = readWakeRequest(MAC, { secureOn: '192.168.1.1' });
  expect(request.secureOn?.reveal()).toBe('192.168.1.1');
  expect(JSON.stringify(request)).not.toContain('192.168.1.1');
  expect(readWakeRequest(MAC, { secureOn: new Secret('00:11:22:33:44:55') }).secureOn?.reveal()).toBe('00:11:22:33:44:55');
});

describe('names the field that is wrong', () => {
  test.each([
    ['mac', '52:54:00:cf:2d', {}, '"52:54:00:cf:2d"'],
    ['mac', '01:00:5e:00:00:01', {}, '"01:00:5e:00:00:01"'],
    ['mac', '00:00:00:00:00:00', {}, '"00:00:00:00:00:00"'],
    ['mac', 42, {}, '42'],
    ['mac', [], {}, undefined],
    ['mac.1', [MAC, 'nonsense'], {}, '"nonsense"'],
    ['mac', Array.from({ length: 257 }, () => MAC), {}, '257'],
    ['host', MAC, { host: '256.0.0.1' }, '"256.0.0.1"'],
    ['host', MAC, { host: '' }, '""'],
    ['host', MAC, { host: [] }, '0'],
    ['host', MAC, { host: 9 }, '9'],
    ['ports', MAC, { ports: 0 }, '0'],
    ['ports', MAC, { ports: 65_536 }, '65536'],
    ['ports', MAC, { ports: 9.5 }, '9.5'],
    ['ports', MAC, { ports: 'abc' }, '"abc"'],
    ['ports', MAC, { ports: '9' }, '"9"'],
    ['ports', MAC, { ports: [9, -1] }, '-1'],
    ['ports', MAC, { ports: [] }, '0'],
    ['ports', MAC, { ports: Array.from({ length: 17 }, (_, index) => index + 1) }, '17'],
    ['repeat', MAC, { repeat: 0 }, '0'],
    ['repeat', MAC, { repeat: 21 }, '21'],
    ['spacingMs', MAC, { spacingMs: -1 }, '-1'],
    ['spacingMs', MAC, { spacingMs: 60_001 }, '60001'],
    ['secureOn', MAC, { secureOn: '1.2.3' }, undefined],
    ['secureOn', MAC, { secureOn: 12 }, undefined],
    ['secureOn', MAC, { secureOn: '' }, undefined],
    ['interface', MAC, { interface: '' }, '""'],
    ['sourceAddress', MAC, { sourceAddress: 'eth0' }, '"eth0"'],
    ['sourceAddress', MAC, { sourceAddress: '192.0.2.2', interface: 'eth0' }, '"192.0.2.2"'],
  ])('%s of %j with %j', (field, mac, settings, received) => {
    expect(issuesOf(mac, settings).map((issue) => [issue.field, issue.received])).toEqual([[field, received]]);
  });

  test('and all of them at once', () => {
    expect(issuesOf('x', { host: '?', ports: 0, repeat: 0, spacingMs: -1, secureOn: 'x', interface: '' }).map((issue) => issue.field)).toEqual([
      'mac', 'host', 'ports', 'repeat', 'spacingMs', 'secureOn', 'interface',
    ]);
  });
});

test('refuses a flood', () => {
  const macs = Array.from({ length: 100 }, (_, index) => `52:54:00:00:00:${index.toString(16).padStart(2, '0')}`);
  expect(issuesOf(macs, { repeat: 10 })).toEqual([]);
  expect(issuesOf(macs, { repeat: 11 })).toEqual([expect.objectContaining({ field: 'repeat', received: '11, which makes 1100' })]);
});
