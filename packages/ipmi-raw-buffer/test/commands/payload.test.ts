import { describe, expect, test } from 'vitest';
import {
  activatePayload, deactivatePayload, decodePayloadActivation, decodeSolBitRate, getPayloadInfo, getPayloadStatus, getSolParameter, readSolConfiguration,
  setSolEnabled,
} from '../../src/commands/index.js';
import { bytes, scriptBmc } from './scripted-bmc.js';

describe('payloads', () => {
  test('activation as go-ipmi answers it', async () => {
    const bmc = scriptBmc({ '06/48 01 01 c6 00 00 00': '00 00000000 ff00 ff00 fc25 ffff' });
    expect(await activatePayload(bmc, {}, 0xc6)).toEqual({ auxiliary: 0, inboundSize: 255, outboundSize: 255, port: 9724, vlanId: null });
    expect(bmc.seen[0]?.options.repeatable).toBe(false);
  });

  test.each([
    ['ff00', 255],
    ['0301', 259],
    ['00ff', 255],
    ['0050', 80],
    ['0004', 259],
    ['0000', 16],
    ['ffff', 16],
    ['0300', 16],
  ])('size %s is %i', (hex, size) => {
    expect(decodePayloadActivation(bytes(`00000000 ${hex} ff00 6f02 0500`))).toMatchObject({ inboundSize: size, port: 623, vlanId: 5 });
  });

  test('port and VLAN may be missing', () => {
    expect(decodePayloadActivation(bytes('01000000 ff00 ff00'))).toEqual({ auxiliary: 1, inboundSize: 255, outboundSize: 255, port: 0, vlanId: null });
  });

  test.each([['80', 'CONFLICT'], ['81', 'REFUSED'], ['82', 'BUSY'], ['83', 'REFUSED']])('activation refused with %s is %s', async (code, kind) => {
    await expect(activatePayload(scriptBmc(() => code), {}, 0xc0)).rejects.toMatchObject({ code: kind });
  });

  test('deactivation of what is not active is no error', async () => {
    expect(await deactivatePayload(scriptBmc({ '06/49 01 01 00 00 00 00': '00' }))).toBe(true);
    expect(await deactivatePayload(scriptBmc({ '06/49 01 02 00 00 00 00': '80' }), { instance: 2 })).toBe(false);
    await expect(deactivatePayload(scriptBmc(() => '81'))).rejects.toMatchObject({ code: 'REFUSED' });
    await expect(deactivatePayload(scriptBmc(() => '00'), { instance: 16 })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });

  test('status and info', async () => {
    const bmc = scriptBmc({ '06/4a 01': '00 01 00 00', '06/4a 02': '00 04 05 80', '06/4b 01 01': '00 00000000 01 00', '06/4b 01 02': '00 78563412 02 00 00 00 00 00 00 00' });
    expect(await getPayloadStatus(bmc)).toEqual({ capacity: 1, activeInstances: [] });
    expect(await getPayloadStatus(bmc, 2)).toEqual({ capacity: 4, activeInstances: [1, 3, 16] });
    expect(await getPayloadInfo(bmc)).toEqual({ sessionId: null, data: bytes('01 00') });
    expect((await getPayloadInfo(bmc, { instance: 2 })).sessionId).toBe(0x12345678);
  });
});

describe('SOL configuration', () => {
  const answers = {
    '0c/22 01 01 00 00': '00 11 01',
    '0c/22 01 02 00 00': '00 11 c4',
    '0c/22 01 03 00 00': '00 11 0a fb',
    '0c/22 01 04 00 00': '00 11 07 32',
    '0c/22 01 05 00 00': '00 11 06',
    '0c/22 01 06 00 00': '00 11 0a',
    '0c/22 01 07 00 00': '00 11 01',
    '0c/22 01 08 00 00': '00 11 6f 02',
  };

  test('is read', async () => {
    expect(await readSolConfiguration(scriptBmc(answers), 1)).toEqual({
      enabled: true,
      forceEncryption: true,
      forceAuthentication: true,
      privilegeLevel: 'administrator',
      accumulateMs: 50,
      sendThreshold: 251,
      retryCount: 7,
      retryIntervalMs: 500,
      bitRate: 115_200,
      nonVolatileBitRate: 9600,
      channel: 1,
      port: 623,
    });
  });

  test('some controllers lack channel and port, or more', async () => {
    const bmc = scriptBmc((text) => (/ 0[2-478] /.test(text) ? '80' : answers[text as keyof typeof answers]));
    expect(await readSolConfiguration(bmc, 1)).toMatchObject({ enabled: true, forceEncryption: null, accumulateMs: null, retryCount: null, channel: null, port: null });
  });

  test('a controller without the command says so at once', async () => {
    const bmc = scriptBmc({});
    await expect(readSolConfiguration(bmc, 1)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    expect(bmc.seen).toHaveLength(1);
  });

  test('is switched', async () => {
    const bmc = scriptBmc(() => '00');
    await setSolEnabled(bmc, 1, true);
    await setSolEnabled(bmc, 1, false);
    expect(bmc.requests).toEqual(['0c/21 01 01 01', '0c/21 01 01 00']);
    await expect(getSolParameter(bmc, 1, 256)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });

  test('a rate that is not assigned is none', () => {
    expect(decodeSolBitRate(bytes('00'))).toBeNull();
  });
});
