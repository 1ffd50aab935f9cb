import { describeProperties, optionIssues, Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { toWakeSettings, wolDriverInfo } from './wol-options.js';

const issuesOf = (info: unknown): readonly { field: string; received?: string }[] => {
  try {
    wolDriverInfo.parse(info);
  } catch (error) {
    return optionIssues(error);
  }
  return [];
};

test('an empty driver_info does what the staging driver does', () => {
  expect(wolDriverInfo.parse({})).toEqual({ wol_host: ['255.255.255.255'], wol_port: 9, wol_repeat: 1, wol_spacing_ms: 500 });
  expect(toWakeSettings(wolDriverInfo.parse({}))).toEqual({ host: ['255.255.255.255'], ports: 9, repeat: 1, spacingMs: 500 });
});

test('fields of other interfaces are left out', () => {
  expect(wolDriverInfo.parse({ deploy_kernel: 'x', ipmi_address: 'y' })).toEqual(wolDriverInfo.parse({}));
});

describe('takes', () => {
  test.each([
    ['a port as text', { wol_port: '7' }, { wol_port: 7 }],
    ['the lowest and highest port', { wol_ports: [1, 65_535] }, { wol_ports: [1, 65_535] }],
    ['ports in a list of texts', { wol_ports: ['7', '9'] }, { wol_ports: [7, 9] }],
    ['ports in one text', { wol_ports: '7, 9,7' }, { wol_ports: [7, 9] }],
    ['one port', { wol_ports: 7 }, { wol_ports: [7] }],
    ['hosts in one text', { wol_host: '192.0.2.255, rack.example' }, { wol_host: ['192.0.2.255', 'rack.example'] }],
    ['an IPv6 host in canonical form', { wol_host: 'FF02::1%eth0' }, { wol_host: ['ff02::1%eth0'] }],
    ['numbers as text', { wol_repeat: '3', wol_spacing_ms: '0' }, { wol_repeat: 3, wol_spacing_ms: 0 }],
    ['an interface', { wol_interface: 'eth0' }, { wol_interface: 'eth0' }],
    ['a source address with scope', { wol_source_address: 'fe80::1%eth0' }, { wol_source_address: 'fe80::1%eth0' }],
  ])('%s', (_case, info, parsed) => {
    expect(wolDriverInfo.parse(info)).toEqual({ ...wolDriverInfo.parse({}), ...parsed });
  });

  test.each(['192.168.1.1', '00:11:22:33:44:55', '00-11-22-33-44-55'])('the SecureOn password %s as a secret', (password) => {
    for (const value of [password, new Secret(password)]) {
      const { wol_secureon: secureOn } = wolDriverInfo.parse({ wol_secureon: value });
      expect([Secret.is(secureOn), secureOn?.reveal()]).toEqual([true, password]);
    }
  });
});

describe('refuses, naming the field', () => {
  test.each([
    [{ wol_port: 0 }, 'wol_port', '0'],
    [{ wol_port: '0' }, 'wol_port', '"0"'],
    [{ wol_port: 65_536 }, 'wol_port', '65536'],
    [{ wol_port: 'abc' }, 'wol_port', '"abc"'],
    [{ wol_port: '9.0' }, 'wol_port', '"9.0"'],
    [{ wol_port: null }, 'wol_port', 'null'],
    [{ wol_port: 'abc', wol_ports: '7' }, 'wol_port', '"abc"'],
    [{ wol_ports: '' }, 'wol_ports', '""'],
    [{ wol_ports: [] }, 'wol_ports', '[]'],
    [{ wol_ports: '7,,9' }, 'wol_ports', '"7,,9"'],
    [{ wol_ports: [7, 0] }, 'wol_ports', '[7,0]'],
    [{ wol_ports: '7,65536' }, 'wol_ports', '"7,65536"'],
    [{ wol_ports: { 0: 7 } }, 'wol_ports', '{"0":7}'],
    [{ wol_ports: [[7]] }, 'wol_ports', '[[7]]'],
    [{ wol_ports: Array.from({ length: 17 }, (_, index) => index + 1).join(',') }, 'wol_ports', expect.stringContaining('16,17')],
    [{ wol_host: '' }, 'wol_host', '""'],
    [{ wol_host: '256.1.1.1' }, 'wol_host', '"256.1.1.1"'],
    [{ wol_host: 'a b' }, 'wol_host', '"a b"'],
    [{ wol_host: 5 }, 'wol_host', '5'],
    [{ wol_host: true }, 'wol_host', 'true'],
    [{ wol_host: ['192.0.2.255'] }, 'wol_host', '["192.0.2.255"]'],
    [{ wol_host: null }, 'wol_host', 'null'],
    [{ wol_ports: false }, 'wol_ports', 'false'],
    [{ wol_interface: '' }, 'wol_interface', '""'],
    [{ wol_source_address: 'eth0' }, 'wol_source_address', '"eth0"'],
    [{ wol_source_address: '192.0.2.2', wol_interface: 'eth0' }, 'wol_source_address', '"192.0.2.2"'],
    [{ wol_repeat: 0 }, 'wol_repeat', '0'],
    [{ wol_repeat: 21 }, 'wol_repeat', '21'],
    [{ wol_spacing_ms: -1 }, 'wol_spacing_ms', '-1'],
    [{ wol_spacing_ms: 60_001 }, 'wol_spacing_ms', '60001'],
    [{ wol_secureon: '1.2.3' }, 'wol_secureon', undefined],
    [{ wol_secureon: '00:11:22:33:44' }, 'wol_secureon', undefined],
    [{ wol_secureon: 123 }, 'wol_secureon', undefined],
  ])('%j', (info, field, received) => {
    expect(issuesOf(info).map((issue) => [issue.field, issue.received])).toEqual([[field, received]]);
  });

  test('and never shows a password that is not accepted', () => {
    try {
      wolDriverInfo.parse({ wol_secureon: 'hunter2' });
      expect.unreachable();
    } catch (error) {
      expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
    }
  });
});

test('wol_ports takes the place of wol_port', () => {
  expect(toWakeSettings(wolDriverInfo.parse({ wol_port: 40_000, wol_ports: '7,9' })).ports).toEqual([7, 9]);
});

test('describes every field to users', () => {
  const properties = describeProperties(wolDriverInfo);
  expect(Object.keys(properties)).toEqual([
    'wol_host', 'wol_port', 'wol_ports', 'wol_secureon', 'wol_interface', 'wol_source_address', 'wol_repeat', 'wol_spacing_ms',
  ]);
  expect(properties['wol_host']).toMatch(/default is "255\.255\.255\.255"\. Optional\.$/);
  expect(properties['wol_port']).toMatch(/default is 9\. Optional\.$/);
  expect(wolDriverInfo.secretFields).toEqual(['wol_secureon']);
  expect(wolDriverInfo.jsonSchema).toMatchObject({
    properties: {
      wol_host: { type: 'string', default: '255.255.255.255' },
      wol_port: { type: 'integer', minimum: 1, maximum: 65_535, default: 9 },
      wol_ports: { type: 'string' },
      wol_secureon: { type: 'string', secret: true },
    },
  });
  expect(wolDriverInfo.jsonSchema).not.toHaveProperty('required');
});
