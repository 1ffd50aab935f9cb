import { FerricError } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import {
  decodeCipherSuites, decodeIpAddress, decodeIpAddressSource, decodeMacAddress, decodeVlanId, encodeIpAddress, encodeVlanId, getLanParameter,
  type LanConfigurationChange, readLanConfiguration, setLanConfiguration, setLanParameter,
} from '../../src/commands/index.js';
import { bytes, scriptBmc } from './scripted-bmc.js';

/** Channel 1, as a server with a static address has it. */
const CONFIGURED = {
  '0c/02 01 03 00 00': '00 11 c0 00 02 0a',
  '0c/02 01 04 00 00': '00 11 01',
  '0c/02 01 05 00 00': '00 11 52 54 00 12 34 56',
  '0c/02 01 06 00 00': '00 11 ff ff ff 00',
  '0c/02 01 0c 00 00': '00 11 c0 00 02 01',
  '0c/02 01 14 00 00': '00 11 64 80',
  '0c/02 01 16 00 00': '00 11 03',
  '0c/02 01 17 00 00': '00 11 00 03 08 11 00 00',
  '0c/02 01 18 00 00': '00 11 00 34 0f 00 00 00 00 00 00 00',
};

describe('parameters', () => {
  test('addresses have their high byte first, the VLAN its low one', () => {
    expect(decodeIpAddress(bytes('c0 00 02 0a ff'))).toBe('192.0.2.10');
    expect(decodeMacAddress(bytes('52 54 00 12 34 56'))).toBe('52:54:00:12:34:56');
    expect(decodeVlanId(bytes('64 80'))).toBe(100);
    expect(decodeVlanId(bytes('64 00'))).toBeNull();
    expect(encodeVlanId(4094)).toEqual(bytes('fe 8f'));
    expect(encodeVlanId(null)).toEqual(bytes('00 00'));
  });

  test.each([['00', 'unspecified'], ['f1', 'static'], ['02', 'dhcp'], ['03', 'bios'], ['04', 'other'], ['07', 'other']])('source %s is %s', (hex, source) => {
    expect(decodeIpAddressSource(bytes(hex))).toBe(source);
  });

  test('what is encoded is read back', () => {
    fc.assert(fc.property(fc.ipV4(), (address) => decodeIpAddress(encodeIpAddress('ipAddress', address)) === address));
    fc.assert(fc.property(fc.integer({ min: 1, max: 4094 }), (vlanId) => decodeVlanId(encodeVlanId(vlanId)) === vlanId));
  });

  test('suites are as many as were counted; ipmi_sim counts one less than it sends', () => {
    const suites = Uint8Array.of(0, ...Array.from({ length: 16 }, (_, index) => index + 1));
    const offered = decodeCipherSuites(15, suites, bytes('44'.repeat(9)));
    expect(offered.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    expect(new Set(offered.map(({ privilegeLimit }) => privilegeLimit))).toEqual(new Set(['administrator']));
  });

  test('each suite has half a byte, the first in the low half', () => {
    expect(decodeCipherSuites(3, bytes('00 03 08 11'), bytes('00 34 02'))).toEqual([
      { id: 3, privilegeLimit: 'administrator' },
      { id: 8, privilegeLimit: 'operator' },
      { id: 17, privilegeLimit: 'user' },
    ]);
    expect(decodeCipherSuites(3, bytes('00 03'), null)).toEqual([{ id: 3, privilegeLimit: null }]);
  });

  test('are read and written', async () => {
    const bmc = scriptBmc({ '0c/02 01 10 00 00': `00 11 ${Buffer.from('public').toString('hex')}`, '0c/02 02 13 01 00': '00 11 01', '0c/01 01 1a 05': '00' });
    expect(await getLanParameter(bmc, 1, 16)).toEqual({ revision: 0x11, data: Uint8Array.from(Buffer.from('public')) });
    expect((await getLanParameter(bmc, 2, 19, { set: 1 })).data).toEqual(Uint8Array.of(1));
    await setLanParameter(bmc, 1, 26, Uint8Array.of(5));
    await expect(getLanParameter(scriptBmc({ '0c/02 01 1a 00 00': '80' }), 1, 26)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await expect(getLanParameter(bmc, 16, 1)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});

describe('readLanConfiguration', () => {
  test('reads all of it', async () => {
    expect(await readLanConfiguration(scriptBmc(CONFIGURED), 1)).toEqual({
      ipAddress: '192.0.2.10',
      ipAddressSource: 'static',
      subnetMask: '255.255.255.0',
      defaultGateway: '192.0.2.1',
      macAddress: '52:54:00:12:34:56',
      vlanId: 100,
      cipherSuites: [
        { id: 3, privilegeLimit: 'administrator' },
        { id: 8, privilegeLimit: 'operator' },
        { id: 17, privilegeLimit: 'no access' },
      ],
    });
  });

  test('what the controller does not have, or answers too short, is null', async () => {
    const bmc = scriptBmc((text) => (text.includes(' 14 ') ? '00 11 00' : text.startsWith('0c/02 01 16') ? '80' : text.startsWith('0c/02 01 0c') ? 'cb' : CONFIGURED[text as keyof typeof CONFIGURED]));
    expect(await readLanConfiguration(bmc, 1)).toMatchObject({ ipAddress: '192.0.2.10', defaultGateway: null, vlanId: null, cipherSuites: null });
  });

  test.each([['c1', 'UNSUPPORTED'], ['d4', 'REFUSED']])('%s concerns all of them', async (code, kind) => {
    const bmc = scriptBmc(() => code);
    await expect(readLanConfiguration(bmc, 1)).rejects.toMatchObject({ code: kind });
    expect(bmc.seen).toHaveLength(1);
  });

  test('no answer ends it', async () => {
    const silence = new FerricError('TIMEOUT', 'no answer');
    await expect(readLanConfiguration(scriptBmc(() => silence), 1)).rejects.toBe(silence);
  });
});

describe('setLanConfiguration', () => {
  test('aborted between its parameters, it rejects with the reason and takes the mark away', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const bmc = scriptBmc((text) => {
      if (text.startsWith('0c/01 01 04')) controller.abort(reason);
      return '00';
    });
    const change = { ipAddressSource: 'static', ipAddress: '192.0.2.10' } as const;
    await expect(setLanConfiguration(bmc, 1, change, { signal: controller.signal })).rejects.toBe(reason);
    await vi.waitFor(() => expect(bmc.requests).toEqual(['0c/01 01 00 01', '0c/01 01 04 01', '0c/01 01 00 00']));
  });

  test('writes the source first, and all of it between two marks', async () => {
    const bmc = scriptBmc(() => '00');
    await setLanConfiguration(bmc, 1, { ipAddress: '192.0.2.10', subnetMask: '255.255.255.0', defaultGateway: '192.0.2.1', ipAddressSource: 'static', vlanId: null });
    expect(bmc.requests).toEqual([
      '0c/01 01 00 01', '0c/01 01 04 01', '0c/01 01 03 c0 00 02 0a', '0c/01 01 06 ff ff ff 00', '0c/01 01 0c c0 00 02 01', '0c/01 01 14 00 00', '0c/01 01 00 00',
    ]);
  });

  test('a parameter that is refused ends it, and the mark is taken away', async () => {
    const bmc = scriptBmc((text) => (text.startsWith('0c/01 01 03') ? '82' : '00'));
    await expect(setLanConfiguration(bmc, 1, { ipAddress: '192.0.2.10', defaultGateway: '192.0.2.1' })).rejects.toMatchObject({ code: 'REFUSED' });
    expect(bmc.requests).toEqual(['0c/01 01 00 01', '0c/01 01 03 c0 00 02 0a', '0c/01 01 00 00']);
  });

  test('a controller without the mark is changed all the same', async () => {
    const bmc = scriptBmc((text) => (text.startsWith('0c/01 01 00') ? '80' : '00'));
    await setLanConfiguration(bmc, 1, { ipAddressSource: 'dhcp' });
    expect(bmc.requests).toEqual(['0c/01 01 00 01', '0c/01 01 04 02']);
  });

  test('nothing to change sends nothing', async () => {
    const bmc = scriptBmc(() => '00');
    await setLanConfiguration(bmc, 1, {});
    expect(bmc.seen).toHaveLength(0);
  });

  test.each<[LanConfigurationChange, string]>([
    [{ ipAddress: '192.0.2' }, 'ipAddress'],
    [{ subnetMask: '::1' }, 'subnetMask'],
    [{ defaultGateway: '192.0.2.256' }, 'defaultGateway'],
    [{ vlanId: 4095 }, 'vlanId'],
    [{ ipAddressSource: 'other' as 'dhcp' }, 'ipAddressSource'],
  ])('%j is refused naming %s, before anything is sent', async (change, field) => {
    const bmc = scriptBmc(() => '00');
    await expect(setLanConfiguration(bmc, 1, change)).rejects.toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringContaining(field) as string });
    expect(bmc.seen).toHaveLength(0);
  });
});
