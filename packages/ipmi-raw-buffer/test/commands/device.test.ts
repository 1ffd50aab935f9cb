import { Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import {
  decodeDeviceId, decodeGuid, decodeSelfTest, getDeviceGuid, getDeviceId, getSelfTestResults, getSystemGuid, manufacturerName, resetBmc, setUserEnabled,
  setUserPassword, testUserPassword,
} from '../../src/commands/index.js';
import { bytes, scriptBmc } from './scripted-bmc.js';

describe('Get Device ID', () => {
  test('reads what ipmi_sim sends', () => {
    expect(decodeDeviceId(bytes('00 03 09 08 02 9f 91 12 00 02 0f 00 00 00 00'))).toEqual({
      deviceId: 0,
      deviceRevision: 3,
      providesDeviceSdrs: false,
      available: true,
      firmwareMajor: 9,
      firmwareMinor: '08',
      firmwareVersion: '9.08',
      ipmiVersion: '2.0',
      supports: { chassis: true, bridge: false, eventGenerator: false, eventReceiver: true, fru: true, sel: true, sdrRepository: true, sensors: true },
      manufacturerId: 0x1291,
      productId: 0x0f02,
      auxiliaryFirmware: new Uint8Array(4),
    });
  });

  test('reads what go-ipmi sends: 11 bytes, and the version with its halves swapped', () => {
    const id = decodeDeviceId(bytes('20 01 01 00 20 3b 57 01 00 01 00'));
    expect(id).toMatchObject({ deviceId: 0x20, ipmiVersion: '2.0', firmwareVersion: '1.00', manufacturerId: 343, productId: 1 });
    expect(id.auxiliaryFirmware).toHaveLength(0);
  });

  test.each([
    ['51', '1.5'],
    ['02', '2.0'],
    ['15', '1.5'],
    ['20', '2.0'],
    ['00', '0.0'],
  ])('version byte %s is %s', (byte, version) => {
    expect(decodeDeviceId(bytes(`00 00 00 00 ${byte} 00 00 00 00 00 00`)).ipmiVersion).toBe(version);
  });

  test('tells an update and device SDRs, and keeps 20 bits of the manufacturer', () => {
    expect(decodeDeviceId(bytes('00 80 82 10 02 ff ff ff ff 34 12 01 02 03 04 05 06'))).toMatchObject({
      providesDeviceSdrs: true,
      available: false,
      firmwareVersion: '2.10',
      manufacturerId: 0xfffff,
      productId: 0x1234,
      auxiliaryFirmware: bytes('01 02 03 04'),
    });
  });

  test('a short answer is told with its address', async () => {
    const bmc = scriptBmc({ '06/01': '00 20 01 01' });
    await expect(getDeviceId(bmc)).rejects.toMatchObject({
      code: 'PROTOCOL_FAULT',
      details: { address: '192.0.2.10:623', step: 'Get Device ID', expected: 'at least 11 bytes', received: '200101' },
    });
  });

  test('a completion code is told', async () => {
    await expect(getDeviceId(scriptBmc({ '06/01': 'd2' }))).rejects.toMatchObject({ code: 'BUSY', retryable: true, details: { completionCode: '0xd2' } });
  });

  test('known manufacturers have names', () => {
    expect([manufacturerName(343), manufacturerName(674), manufacturerName(0x1291)]).toEqual(['Intel', 'Dell', null]);
  });
});

describe('GUID', () => {
  test('reads the capture of ipmi_sim in three orders', () => {
    const guid = decodeGuid(bytes('a1 23 45 67 89 ab cd ef a1 23 45 67 89 ab cd ef'));
    expect(guid).toMatchObject({
      ipmi: 'efcdab89-6745-23a1-efcd-ab89674523a1',
      smbios: '674523a1-ab89-efcd-a123-456789abcdef',
      rfc4122: 'a1234567-89ab-cdef-a123-456789abcdef',
      isSet: true,
      likely: null,
    });
  });

  test.each([
    ['smbios', '78563412 bc9a f041 89 ab cdef01234567'],
    ['ipmi', '67452301efcd ab89 f041 bc9a 78563412'],
    ['rfc4122', '12345678 9abc 41f0 89ab cdef01234567'],
  ] as const)('guesses the order %s of a well-formed UUID', (reading, hex) => {
    const guid = decodeGuid(bytes(hex));
    expect(guid.likely).toBe(reading);
    expect(guid[reading]).toBe('12345678-9abc-41f0-89ab-cdef01234567');
  });

  test.each(['00', 'ff'])('all %s is not set', (byte) => {
    expect(decodeGuid(bytes(byte.repeat(16)))).toMatchObject({ isSet: false, likely: null });
  });

  test('the commands differ', async () => {
    const bmc = scriptBmc({ '06/37': `00${'11'.repeat(16)}`, '06/08': `00${'22'.repeat(16)}` });
    expect((await getSystemGuid(bmc)).raw).toEqual(bytes('11'.repeat(16)));
    expect((await getDeviceGuid(bmc)).raw).toEqual(bytes('22'.repeat(16)));
    await expect(getSystemGuid(scriptBmc({}))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('self test and reset', () => {
  test.each([
    ['55 00', 'passed', []],
    ['56 00', 'not implemented', []],
    ['57 c8', 'inaccessible or corrupted', ['SDR repository empty', 'SDR repository inaccessible', 'SEL inaccessible']],
    ['58 07', 'fatal hardware error', []],
    ['42 07', 'vendor-specific failure', []],
  ])('reads %s', (hex, result, problems) => {
    expect(decodeSelfTest(bytes(hex))).toMatchObject({ result, problems });
  });

  test('asks', async () => {
    expect(await getSelfTestResults(scriptBmc({ '06/04': '00 55 00' }))).toEqual({ result: 'passed', problems: [], code: 0x55, detail: 0 });
  });

  test('a reset is sent once', async () => {
    const bmc = scriptBmc({ '06/02': '00', '06/03': '00' });
    await resetBmc(bmc, 'cold');
    await resetBmc(bmc, 'warm');
    expect(bmc.seen.map(({ text, options }) => [text, options.repeatable])).toEqual([['06/02', false], ['06/03', false]]);
  });

  test('another reset is refused before anything is sent', async () => {
    const bmc = scriptBmc({});
    await expect(resetBmc(bmc, 'lukewarm' as 'warm')).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(bmc.seen).toHaveLength(0);
  });
});

describe('user password', () => {
  test('is sent in the size that was asked for', async () => {
    const bmc = scriptBmc(() => '00');
    await setUserPassword(bmc, 3, { password: new Secret('secret') });
    await setUserPassword(bmc, 3, { password: 'secret', size: 16 });
    expect(bmc.requests).toEqual([
      `06/47 83 02 73 65 63 72 65 74${' 00'.repeat(14)}`,
      `06/47 03 02 73 65 63 72 65 74${' 00'.repeat(10)}`,
    ]);
  });

  test.each([['00', true], ['80', false], ['81', false]])('the answer %s to a try means %s', async (code, same) => {
    const bmc = scriptBmc(() => code);
    expect(await testUserPassword(bmc, 3, { password: 'secret' })).toBe(same);
    expect(bmc.seen[0]?.options.repeatable).toBe(false);
  });

  test('a test that is refused says so', async () => {
    await expect(testUserPassword(scriptBmc(() => 'd4'), 3, { password: 'secret' })).rejects.toMatchObject({ code: 'REFUSED' });
  });

  test('what cannot be sent is refused without showing it', async () => {
    const bmc = scriptBmc(() => '00');
    const failure: unknown = await setUserPassword(bmc, 3, { password: 'a-very-long-password-indeed' }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(JSON.stringify(failure) + String(failure)).not.toContain('a-very-long');
    await expect(setUserPassword(bmc, 64, { password: 'x' })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(bmc.seen).toHaveLength(0);
  });

  test('users are let in and kept out', async () => {
    const bmc = scriptBmc(() => '00');
    await setUserEnabled(bmc, 4, true);
    await setUserEnabled(bmc, 4, false);
    expect(bmc.requests).toEqual(['06/47 04 01', '06/47 04 00']);
  });
});
