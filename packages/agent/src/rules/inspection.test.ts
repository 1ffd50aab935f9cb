import { FerricError, type JsonObject } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRecording } from '../../test/support/recordings.js';
import { normalizeBootInterface, readInspection } from './inspection.js';

const inventory = { interfaces: [{ name: 'eth0', mac_address: '52:54:00:12:34:56' }] };

describe('the data of an inspection', () => {
  test('of the real agent is kept whole', () => {
    const body = readRecording('continue_inspection-request') as JsonObject;
    const report = readInspection(body);
    expect({ inventory: report.inventory, ...report.pluginData }).toEqual(body);
    expect(report).toMatchObject({ macs: ['52:54:00:12:34:56'], bmcAddresses: [], error: null, bootInterface: '52:54:00:12:34:56' });
    expect(Object.keys(report.pluginData)).toEqual(['root_disk', 'boot_interface', 'configuration', 'logs', 'error']);
  });

  test('of the real daemon is read', () => {
    const recorded = readRecording('collect-introspection-data-post') as JsonObject;
    const body = 'body' in recorded ? recorded['body'] : recorded;
    expect(readInspection(body).macs).toEqual(['52:54:00:12:34:56']);
  });

  test('may hold anything besides, and interfaces without a MAC address', () => {
    const body = {
      inventory: { interfaces: [{ mac_address: '52-54-00-12-34-57' }, { name: 'ib0', mac_address: '80:00:02:08' }, { mac_address: null }, 'x'], own: 1 }, new_collector: [1],
    };
    expect(readInspection(body)).toMatchObject({ macs: ['52:54:00:12:34:57'], pluginData: { new_collector: [1] }, inventory: { own: 1 } });
  });

  test.each<[unknown, unknown, readonly string[]]>([
    ['192.0.2.20', 'fd00::20/64', ['192.0.2.20', 'fd00::20']],
    ['0.0.0.0', '::/0', []],
    [null, undefined, []],
    ['nonsense', 7, []],
    [' 192.0.2.20 ', 'FD00::20', ['192.0.2.20', 'fd00::20']],
  ])('BMC addresses %j and %j', (bmc_address, bmc_v6address, expected) => {
    expect(readInspection({ inventory: { ...inventory, bmc_address, bmc_v6address } }).bmcAddresses).toEqual(expected);
  });

  test.each([[null, null], ['', null], ['The following errors were encountered:\n* x', 'The following errors were encountered:\n* x'], [{ x: 1 }, '{"x":1}']])(
    'error %j', (error, expected) => {
      expect(readInspection({ inventory, error }).error).toBe(expected);
    },
  );

  test('the inventory tells the boot interface when nothing else does', () => {
    expect(readInspection({ inventory: { ...inventory, boot: { pxe_interface: '52:54:00:AA:BB:CC' } }, boot_interface: null }).bootInterface).toBe('52:54:00:aa:bb:cc');
    expect(readInspection({ inventory }).bootInterface).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ['body', null], ['body', []], ['body', 'x'], ['inventory', {}], ['inventory', { inventory: [] }], ['inventory.interfaces', { inventory: {} }],
    ['inventory.interfaces', { inventory: { interfaces: {} } }], ['inventory.interfaces', { inventory: { interfaces: [] } }],
    ['inventory.interfaces', { inventory: { interfaces: [{ name: 'eth0' }, { mac_address: 7 }] } }],
    ['body', { inventory, deep: JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`) as unknown }],
    ['body', { inventory, wide: Array.from({ length: 600_000 }, () => 0) }],
  ])('names what is wrong: %s', (field, body) => {
    expect(() => readInspection(body)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS', details: { field } }) as Error);
  });

  test('is read or refused in our words, whatever comes', () => {
    const interfaces = fc.array(fc.record({ mac_address: fc.oneof(fc.string(), fc.jsonValue()) }, { requiredKeys: [] }));
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.record({ inventory: fc.record({ interfaces, bmc_address: fc.jsonValue() }), error: fc.jsonValue() })), (body) => {
        try {
          return readInspection(body).macs.every((mac) => /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac));
        } catch (error) {
          return FerricError.is(error) && error.code === 'INVALID_OPTIONS';
        }
      }),
    );
  });
});

test.each([
  ['01-52-54-00-12-34-56', '52:54:00:12:34:56'], ['52:54:00:12:34:56', '52:54:00:12:34:56'], ['01:52:54:00:12:34:56', '52:54:00:12:34:56'],
  ['20-52-54-00-AB-CD-EF', '52:54:00:ab:cd:ef'], [' 52-54-00-12-34-56 ', '52:54:00:12:34:56'], ['eth0', undefined], ['', undefined], [null, undefined],
  ['01-52-54-00-12', undefined], ['01-01-52-54-00-12-34-56', undefined],
])('BOOTIF %j', (text, expected) => {
  expect(normalizeBootInterface(text)).toBe(expected);
});
