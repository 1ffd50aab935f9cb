import { describe, expect, test } from 'vitest';
import { createBench, hex } from './hand-console.js';

test('the device id', () => {
  const deviceId = { deviceId: 5, revision: 3, firmwareMajor: 9, firmwareMinor: 8, manufacturerId: 0x1291, productId: 0x0f02, auxiliaryFirmware: null };
  expect(createBench({ deviceId }).session().say(0x06, 0x01)).toBe('00 0503090802df911200020f');
  expect(createBench({ deviceId: { firmwareMinor: 42 } }).session().say(0x06, 0x01)).toBe('00 2001024202df000000011001020304');
});

test('the GUID: as configured, made from the name, or none', () => {
  const guid = hex('a123456789abcdefa123456789abcdef');
  expect(createBench({ guid }).session().say(0x06, 0x37)).toBe(`00 ${guid.toString('hex')}`);
  expect(createBench({ guid: null }).session().say(0x06, 0x37)).toBe('c1');
  const [first, again, other] = ['a', 'a', 'b'].map((name) => createBench({ name }).session().say(0x06, 0x08));
  expect(first).toBe(again);
  expect(first).not.toBe(other);
  expect(first).toMatch(/^00 (?:[0-9a-f]{2}){7}[89ab][0-9a-f]{3}4[0-9a-f][0-9a-f]{12}$/);
});

describe('LAN parameters', () => {
  const lan = { ipAddress: '198.51.100.7', subnetMask: '255.255.0.0', gateway: '198.51.100.1', macAddress: '52:54:00:aa:bb:cc', vlanId: 0x123 };

  test.each([
    ['0', '0000', '00'], ['1', '0100', '14'], ['2', '0200', '1414141400'], ['3', '0300', 'c6336407'], ['4', '0400', '01'], ['5', '0500', '525400aabbcc'],
    ['6', '0600', 'ffff0000'], ['12', '0c00', 'c6336401'], ['16', '1000', `7075626c6963${'00'.repeat(12)}`], ['20', '1400', '2381'], ['22', '1600', '02'],
    ['23', '1700', `000311${'00'.repeat(14)}`], ['24', '1800', `0044${'00'.repeat(7)}`],
  ])('%s', (_name, parameter, expected) => {
    expect(createBench({ lan, cipherSuites: [17, 3] }).session().say(0x0c, 0x02, `01 ${parameter} 00`)).toBe(`00 11${expected}`);
  });

  test('are set one by one, and read-only ones are not', () => {
    const own = createBench().session();
    const set = (text: string): string => own.say(0x0c, 0x01, text);
    expect([set('01 00 01'), set('01 00 01'), set('01 03 c0000263'), set('01 00 02'), own.say(0x0c, 0x02, '0e030000'), own.say(0x0c, 0x02, '01000000')]).toEqual([
      '00', '81', '00', '00', '00 11c0000263', '00 1100',
    ]);
    expect([set('01 05 000000000000'), set('01 1a 00'), set('01 03 c0'), set('02 03 c0000263')]).toEqual(['82', '80', 'c7', 'cc']);
    expect([own.say(0x0c, 0x02, '81000000'), own.say(0x0c, 0x02, '011a0000'), own.say(0x0c, 0x02, '02030000')]).toEqual(['00 11', '80', 'cc']);
  });

  test('that a DHCP server decides cannot be set while it does', () => {
    const own = createBench({ lan: { source: 'dhcp' } }).session();
    expect([own.say(0x0c, 0x01, '01 03 c0000263'), own.say(0x0c, 0x01, '01 04 01'), own.say(0x0c, 0x01, '01 03 c0000263')]).toEqual(['82', '00', '00']);
  });
});

test('channels', () => {
  const own = createBench().session();
  expect([own.say(0x06, 0x42, [0x0e]), own.say(0x06, 0x42, [0]), own.say(0x06, 0x42, [15]), own.say(0x06, 0x42, [2])]).toEqual([
    '00 01040181f21b000000', '00 00010100f21b000000', '00 0f0c0500f21b000000', 'cc',
  ]);
  expect([own.say(0x06, 0x41, '0e80'), own.say(0x06, 0x41, '0140'), own.say(0x06, 0x41, '0100'), own.say(0x06, 0x41, '0040')]).toEqual(['00 2204', '00 2204', 'cc', 'cc']);
});

test('users are told, changed and tested', () => {
  const users = [{ name: 'admin', password: 'secret' }, { name: 'op', password: 'seventeen-letters', privilegeLevel: 'operator' as const, enabled: false }];
  const { session } = createBench({ users });
  const own = session();
  const padded = (text: string, length: number): string => Buffer.concat([Buffer.from(text)], length).toString('hex');
  expect([own.say(0x06, 0x44, '0102'), own.say(0x06, 0x44, '0103'), own.say(0x06, 0x44, '0101'), own.say(0x06, 0x44, '010b')]).toEqual(['00 0a410114', '00 0a810113', '00 0a81010f', 'c9']);
  expect([own.say(0x06, 0x46, [3]), own.say(0x06, 0x46, [1])]).toEqual([`00 ${padded('op', 16)}`, `00 ${padded('', 16)}`]);
  expect(own.say(0x06, 0x47, `8303${padded('seventeen-letters', 20)}`)).toBe('00');
  expect(own.say(0x06, 0x47, `8303${padded('other', 20)}`)).toBe('80');
  expect(own.say(0x06, 0x47, `0303${padded('seventeen-letter', 16)}`)).toBe('81');
  expect([own.say(0x06, 0x47, '0301'), own.say(0x06, 0x47, `0302${padded('new', 16)}`), own.say(0x06, 0x45, `03${padded('root', 16)}`), own.say(0x06, 0x43, '910304')]).toEqual(['00', '00', '00', '00']);
  expect(session({ user: 'root', password: 'new' }).say(0x06, 0x44, '0103')).toBe('00 0a420114');
  expect([own.say(0x06, 0x45, `01${padded('x', 16)}`), own.say(0x06, 0x47, '0302aa'), own.say(0x06, 0x47, '0300')]).toEqual(['cc', 'c7', '00']);
  expect(() => session({ user: 'root', password: 'new' })).toThrow('rakp2: d');
});

test('own commands stand beside and in place of those of the BMC', () => {
  const handlers = {
    '30/70': ({ netFn, lun, command, data }: { netFn: number; lun: number; command: number; data: Uint8Array }) => ({
      completionCode: 0, data: Uint8Array.of(netFn, lun, command, ...data),
    }),
    '06/04': () => ({ completionCode: 0xd2, data: new Uint8Array() }),
    '32/01': () => undefined,
  };
  const own = createBench({ handlers }).session();
  expect([own.say(0x30, 0x70, '0a0b', 2), own.say(0x06, 0x04), own.say(0x30, 0x71), own.say(0x06, 0x01).slice(0, 5)]).toEqual(['00 3002700a0b', 'd2', 'c1', '00 20']);
  own.console.send(own.packet(0x32, 0x01));
  expect(own.console.take()).toEqual([]);
});

test('who watches is told of each command, without the passwords in them', () => {
  const seen: string[] = [];
  const { session } = createBench({
    onCommand: ({ user, netFn, command, data, completionCode }) => {
      const bytes = data === null ? 'hidden' : Buffer.from(data).toString('hex');
      seen.push(`${user} ${netFn.toString(16)}/${command.toString(16)} ${bytes} ${completionCode.toString(16)}`);
    },
  });
  const own = session();
  own.say(0x00, 0x02, [1]);
  own.say(0x06, 0x47, [2, 3, ...Buffer.alloc(16)]);
  expect(seen).toEqual(['admin 6/3b 04 0', 'admin 0/2 01 0', 'admin 6/47 hidden 80']);
});

test('options that cannot be are refused, all at once and without the secrets in them', () => {
  const make = (): unknown =>
    createBench({
      port: -1, sessionLimit: 0, sdrReadLimitBytes: 7, users: [{ name: 'x', password: 'a-password-of-21-byte' }], kgKey: 'xyzzy', cipherSuites: [3, 3],
      guid: new Uint8Array(4), sdr: [hex('01005101ff')], sel: [new Uint8Array(16)], fru: { 0: { image: new Uint8Array(3), wordAccess: true } },
      lan: { ipAddress: '1.2.3' }, handlers: { '3/1': () => undefined },
    });
  try {
    make();
    expect.fail('it took them');
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_OPTIONS' });
    const { issues } = (error as { details: { issues: { field: string }[] } }).details;
    expect(issues.map(({ field }) => field).toSorted()).toEqual([
      'cipherSuites', 'fru', 'guid', 'handlers', 'kgKey', 'lan', 'port', 'sdr', 'sdrReadLimitBytes', 'sel', 'sessionLimit', 'users',
    ]);
    expect(JSON.stringify(error)).not.toMatch(/a-password|xyzzy/);
  }
});
