import { inspect } from 'node:util';
import { describeProperties, errorCode, optionIssues, Secret, type OptionIssue } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { bmcAccess, bridgeOf, IPMI_DRIVER_NAME, ipmiDriverInfo } from './ipmi-options.js';

const ADDRESS = { ipmi_address: '192.0.2.10' };

function refused(info: object): readonly OptionIssue[] {
  try {
    ipmiDriverInfo.parse({ ...ADDRESS, ...info });
  } catch (error) {
    expect(errorCode(error)).toBe('INVALID_OPTIONS');
    return optionIssues(error);
  }
  return expect.unreachable('it was accepted');
}
const accessOf = (info: object): ReturnType<typeof bmcAccess> => bmcAccess(ipmiDriverInfo.parse({ ...ADDRESS, ...info }));

test('an address is enough, and the defaults are those of Ironic', () => {
  expect(ipmiDriverInfo.parse({ ...ADDRESS, deploy_kernel: 'x' })).toEqual({
    ipmi_address: '192.0.2.10', ipmi_port: 623, ipmi_priv_level: 'ADMINISTRATOR', ipmi_protocol_version: '2.0', ipmi_bridging: 'no',
    ipmi_force_boot_device: false, ipmi_disable_boot_timeout: true,
  });
  expect(accessOf({})).toEqual({
    host: '192.0.2.10', port: 623, username: '', privilegeLevel: 'administrator', cipherSuite: 'best', protocol: '2.0',
  });
  expect(IPMI_DRIVER_NAME).toBe('ipmitool');
  expect(ipmiDriverInfo.secretFields).toEqual(['ipmi_password', 'ipmi_hex_kg_key']);
});

test("every field of Ironic's driver is described", () => {
  const described = describeProperties(ipmiDriverInfo);
  expect(Object.keys(described).toSorted()).toEqual([
    'ipmi_address', 'ipmi_bridging', 'ipmi_cipher_suite', 'ipmi_disable_boot_timeout', 'ipmi_force_boot_device', 'ipmi_hex_kg_key',
    'ipmi_local_address', 'ipmi_password', 'ipmi_port', 'ipmi_priv_level', 'ipmi_protocol_version', 'ipmi_target_address', 'ipmi_target_channel',
    'ipmi_terminal_port', 'ipmi_transit_address', 'ipmi_transit_channel', 'ipmi_username',
  ]);
  expect(described['ipmi_address']).toMatch(/Required\.$/);
  expect(described['ipmi_priv_level']).toContain('One of "ADMINISTRATOR", "OPERATOR", "USER", "CALLBACK".');
  expect(described['ipmi_cipher_suite']).toContain('One of 0, 1, 2, 3, 17.');
});

test('without an address nothing can be done', () => {
  expect(() => ipmiDriverInfo.parse({})).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  expect(refused({ ipmi_address: undefined })).toMatchObject([{ field: 'ipmi_address', problem: 'missing' }]);
  expect(refused({ ipmi_address: ' ' })).toMatchObject([{ field: 'ipmi_address', problem: 'invalid' }]);
  expect(refused({ ipmi_address: 'http://bmc' })).toMatchObject([{ field: 'ipmi_address' }]);
});

describe('the way of the command line, which makes numbers of what looks like one', () => {
  test('a user name and a password of digits', () => {
    const { username, password } = accessOf({ ipmi_username: 1234, ipmi_password: 5678 });
    expect([username, password?.reveal()]).toEqual(['1234', '5678']);
  });

  test.each([[2, '2.0'], ['2.0', '2.0'], [1.5, '1.5'], ['1.5', '1.5']])('protocol version %j', (given, protocol) => {
    expect(accessOf({ ipmi_protocol_version: given }).protocol).toBe(protocol);
  });

  test.each([[17, 17], ['17', 17], ['3', 3], [0, 0]])('cipher suite %j', (given, cipherSuite) => {
    expect(accessOf({ ipmi_cipher_suite: given }).cipherSuite).toBe(cipherSuite);
  });

  test.each(['6623', 6623])('port %j', (port) => {
    expect(accessOf({ ipmi_port: port }).port).toBe(6623);
  });
});

test('a host has one spelling', () => {
  expect(['BMC1', '2001:DB8:0::1'].map((host) => accessOf({ ipmi_address: host }).host)).toEqual(['bmc1', '2001:db8::1']);
});

test.each(['operator', 'OPERATOR', 'Operator'])('privilege level %s', (level) => {
  expect(accessOf({ ipmi_priv_level: level }).privilegeLevel).toBe('operator');
});

test.each([
  [{ ipmi_port: 0 }, 'ipmi_port'],
  [{ ipmi_port: '0x26f' }, 'ipmi_port'],
  [{ ipmi_cipher_suite: 4 }, 'ipmi_cipher_suite'],
  [{ ipmi_cipher_suite: 'best' }, 'ipmi_cipher_suite'],
  [{ ipmi_priv_level: 'ROOT' }, 'ipmi_priv_level'],
  [{ ipmi_protocol_version: '3.0' }, 'ipmi_protocol_version'],
  [{ ipmi_bridging: 'triple' }, 'ipmi_bridging'],
  [{ ipmi_target_channel: 16 }, 'ipmi_target_channel'],
  [{ ipmi_target_address: '0x100' }, 'ipmi_target_address'],
  [{ ipmi_target_address: '2c' }, 'ipmi_target_address'],
  [{ ipmi_target_address: '0x73' }, 'ipmi_target_address'],
  [{ ipmi_transit_address: 0x81 }, 'ipmi_transit_address'],
  [{ ipmi_username: 'seventeen-bytes-x' }, 'ipmi_username'],
  [{ ipmi_username: 'ünter-neunundneu' }, 'ipmi_username'],
  [{ ipmi_force_boot_device: 'perhaps' }, 'ipmi_force_boot_device'],
  [{ ipmi_terminal_port: 70_000 }, 'ipmi_terminal_port'],
])('%j is refused with its field', (info, field) => {
  expect(refused(info)).toMatchObject([{ field, problem: 'invalid' }]);
});

describe('secrets', () => {
  test('are wrapped, and an empty password is one', () => {
    const { password, kgKey } = accessOf({ ipmi_password: '', ipmi_hex_kg_key: 'c0ffee' });
    expect([Secret.is(password), password?.reveal(), kgKey?.reveal()]).toEqual([true, '', 'c0ffee']);
  });

  test.each([
    [{ ipmi_password: 'twenty-one-bytes-long' }, 'ipmi_password'],
    [{ ipmi_hex_kg_key: 'c0ffe' }, 'ipmi_hex_kg_key'],
    [{ ipmi_hex_kg_key: 'no-hex' }, 'ipmi_hex_kg_key'],
    [{ ipmi_hex_kg_key: 'ab'.repeat(21) }, 'ipmi_hex_kg_key'],
    [{ ipmi_password: 'seventeen-bytes-x', ipmi_protocol_version: '1.5' }, 'ipmi_password'],
  ])('%j is refused without showing what came', (info, field) => {
    const [issue] = refused(info);
    expect(issue).toMatchObject({ field, problem: 'invalid' });
    expect(issue).not.toHaveProperty('received');
  });

  test('an empty key of the BMC is none, with IPMI 1.5 too', () => {
    for (const info of [{}, { ipmi_protocol_version: '1.5' }]) expect(accessOf({ ...info, ipmi_hex_kg_key: '' })).not.toHaveProperty('kgKey');
  });

  test('20 bytes with 2.0, 16 bytes with 1.5', () => {
    expect(accessOf({ ipmi_password: 'x'.repeat(20) }).password?.reveal()).toHaveLength(20);
    expect(accessOf({ ipmi_password: 'x'.repeat(16), ipmi_protocol_version: '1.5' }).protocol).toBe('1.5');
  });

  test('are nowhere in what is printed', () => {
    const info = ipmiDriverInfo.parse({ ...ADDRESS, ipmi_password: 'very-secret-1', ipmi_hex_kg_key: 'deadbeef' });
    expect(`${inspect(info)}${JSON.stringify(info)}${inspect(bmcAccess(info), { showHidden: true })}`).not.toMatch(/very-secret-1|deadbeef/);
  });
});

describe('bridging', () => {
  const TARGET = { ipmi_target_channel: '7', ipmi_target_address: '0x72' };
  const TRANSIT = { ipmi_transit_channel: 0, ipmi_transit_address: '0x82' };
  const hops = (info: object): ReturnType<typeof bridgeOf> => bridgeOf(ipmiDriverInfo.parse({ ...ADDRESS, ...info }));

  test('none, one or two controllers to pass, the transit first', () => {
    expect(hops({ ...TARGET, ...TRANSIT })).toEqual([]);
    expect(hops({ ipmi_bridging: 'single', ...TARGET, ...TRANSIT })).toEqual([{ channel: 7, address: 0x72 }]);
    expect(hops({ ipmi_bridging: 'dual', ...TARGET, ...TRANSIT })).toEqual([{ channel: 0, address: 0x82 }, { channel: 7, address: 0x72 }]);
  });

  test('what is missing is named, all at once', () => {
    expect(refused({ ipmi_bridging: 'single' }).map(({ field, problem }) => [field, problem])).toEqual([
      ['ipmi_target_channel', 'missing'], ['ipmi_target_address', 'missing'],
    ]);
    expect(refused({ ipmi_bridging: 'dual', ...TARGET }).map(({ field }) => field)).toEqual(['ipmi_transit_channel', 'ipmi_transit_address']);
  });

  test('bridged requests come from the BMC itself', () => {
    expect(hops({ ipmi_bridging: 'single', ...TARGET, ipmi_local_address: '0x20' })).toHaveLength(1);
    expect(hops({ ipmi_local_address: '0x82' })).toEqual([]);
    expect(refused({ ipmi_bridging: 'single', ...TARGET, ipmi_local_address: '0x82' })).toMatchObject([{ field: 'ipmi_local_address' }]);
  });
});

test('what IPMI 1.5 does not have is refused with it', () => {
  const fields = refused({ ipmi_protocol_version: '1.5', ipmi_cipher_suite: 3, ipmi_hex_kg_key: 'ab' }).map(({ field }) => field);
  expect(fields).toEqual(['ipmi_cipher_suite', 'ipmi_hex_kg_key']);
});
