import { describe, expect, test } from 'vitest';
import {
  decodeChannelAccess, decodeChannelInfo, decodeSessionInfo, decodeUserAccess, decodeUserName, encodeSessionSelector, encodeUserAccess, encodeUserName,
  getChannelAccess, getChannelInfo, getSessionInfo, getUserAccess, getUserName, type SessionSelector, setUserAccess, setUserName,
} from '../../src/commands/index.js';
import { bytes, scriptBmc } from './scripted-bmc.js';

describe('session info', () => {
  test('reads what ipmi_sim sends', async () => {
    expect(await getSessionInfo(scriptBmc({ '06/3d 00': '00 01 3f 01 02 04 11' }))).toEqual({
      handle: 1,
      possibleSessions: 63,
      activeSessions: 1,
      session: { userId: 2, privilegeLevel: 'administrator', channel: 1, protocol: '2.0', console: null },
    });
  });

  test('reads the other end', () => {
    expect(decodeSessionInfo(bytes('05 04 02 03 02 01 c0 00 02 63 52 54 00 12 34 56 6f 02')).session).toEqual({
      userId: 3, privilegeLevel: 'user', channel: 1, protocol: '1.5', console: { ipAddress: '192.0.2.99', macAddress: '52:54:00:12:34:56', port: 623 },
    });
  });

  test('there may be no such session', () => {
    expect(decodeSessionInfo(bytes('00 04 02'))).toEqual({ handle: 0, possibleSessions: 4, activeSessions: 2, session: null });
    expect(decodeSessionInfo(bytes('00 04 02 00 00 00')).session).toBeNull();
  });

  test.each<[SessionSelector, string]>([
    ['current', '00'],
    [{ index: 2 }, '02'],
    [{ handle: 7 }, 'fe 07'],
    [{ sessionId: 0x2dc9523d }, 'ff 3d 52 c9 2d'],
  ])('%j is %s', (selector, hex) => {
    expect(Uint8Array.from(encodeSessionSelector(selector))).toEqual(bytes(hex));
  });

  test.each([{ index: 0 }, { index: 254 }, { handle: 0 }, { sessionId: 0 }, { sessionId: 2 ** 32 }, 'other', null] as SessionSelector[])('%j is refused', (selector) => {
    expect(() => encodeSessionSelector(selector)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  });
});

describe('channels', () => {
  test('reads what ipmi_sim sends', async () => {
    const bmc = scriptBmc({ '06/42 01': '00 01 04 01 81 f2 1b 00 00 00', '06/41 01 80': '00 02 04', '06/41 0e 40': '00 3b 0f' });
    expect(await getChannelInfo(bmc, 1)).toEqual({
      channel: 1, medium: '802.3 LAN', mediumCode: 4, protocolCode: 1, sessionSupport: 'several sessions', activeSessions: 1, protocolVendor: 7154,
    });
    expect(await getChannelAccess(bmc, 1)).toEqual({
      accessMode: 'always', userLevelAuthentication: true, perMessageAuthentication: true, alerting: true, privilegeLimit: 'administrator',
    });
    expect(await getChannelAccess(bmc, undefined, { nonVolatile: true })).toEqual({
      accessMode: 'shared', userLevelAuthentication: false, perMessageAuthentication: false, alerting: false, privilegeLimit: 'no access',
    });
  });

  test('asks for the channel it comes by, unless told another', async () => {
    const bmc = scriptBmc({ '06/42 0e': '00 01 0c 05 00 f2 1b 00 00 00' });
    expect((await getChannelInfo(bmc)).medium).toBe('system interface');
    await expect(getChannelInfo(bmc, 16)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });

  test('numbers that are not assigned are told as such', () => {
    expect(decodeChannelInfo(bytes('07 60 1f c0 00 00 00'))).toMatchObject({ medium: null, mediumCode: 0x60, sessionSupport: 'with and without sessions' });
    expect(decodeChannelAccess(bytes('07 00'))).toMatchObject({ accessMode: 'reserved', privilegeLimit: null });
  });
});

describe('users', () => {
  test('access as ipmi_sim sends it', async () => {
    expect(await getUserAccess(scriptBmc({ '06/44 02 01': '00 3f 02 01 12' }), 2, 1)).toEqual({
      maximumUsers: 63, enabledUsers: 2, fixedNames: 1, enabled: 'unspecified', callbackOnly: false, linkAuthentication: false, messaging: true, privilegeLimit: 'user',
    });
    expect(decodeUserAccess(bytes('10 83 01 6f'))).toMatchObject({ enabledUsers: 3, enabled: 'disabled', callbackOnly: true, linkAuthentication: true, messaging: false, privilegeLimit: 'no access' });
  });

  test('access is set with its flags or without', async () => {
    const bmc = scriptBmc(() => '00');
    await setUserAccess(bmc, 1, 3, { privilegeLimit: 'operator' });
    await setUserAccess(bmc, 1, 3, { privilegeLimit: 'no access', flags: { callbackOnly: false, linkAuthentication: true, messaging: true } });
    expect(bmc.requests).toEqual(['06/43 01 03 03', '06/43 b1 03 0f']);
    expect(() => encodeUserAccess(1, 3, { privilegeLimit: 'root' as 'user' })).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  });

  test('a name ends at the first 00', () => {
    expect(decodeUserName(bytes('61 64 6d 69 6e 00 78 78 00 00 00 00 00 00 00 00'))).toBe('admin');
    expect(decodeUserName(bytes('61'.repeat(17)))).toBe('a'.repeat(16));
    expect(decodeUserName(new Uint8Array(16))).toBe('');
  });

  test('names are read and written', async () => {
    const bmc = scriptBmc({ '06/46 02': `00 61 64 6d 69 6e${' 00'.repeat(11)}`, [`06/45 02 61 64 6d 69 6e${' 00'.repeat(11)}`]: '00' });
    expect(await getUserName(bmc, 2)).toBe('admin');
    await setUserName(bmc, 2, 'admin');
    expect(bmc.requests).toHaveLength(2);
  });

  test.each([[0, 'admin', 'userId'], [64, 'admin', 'userId'], [2, 'a'.repeat(17), 'name'], [2, 'é'.repeat(9), 'name'], [2, 'a\0b', 'name']])('user %i %j is refused naming %s', (userId, name, field) => {
    expect(() => encodeUserName(userId, name)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining(field) }));
  });
});
