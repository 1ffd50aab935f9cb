import { FerricError, optionIssues, Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createWsman, type WsmanSettings } from '../../src/client/wsman/index.js';
import { addressOf, checkSettings, isAddress, isPlainText } from '../../src/client/wsman/settings.js';

const GOOD: WsmanSettings = { host: '192.0.2.1', protocol: 'http', username: 'admin', password: new Secret('P@ssw0rd') };

/** The fields that these settings are refused for. */
function refused(settings: Partial<Record<keyof WsmanSettings, unknown>>): readonly string[] {
  try {
    createWsman({ ...GOOD, ...settings } as WsmanSettings);
  } catch (error) {
    expect(FerricError.is(error) && error.code).toBe('INVALID_OPTIONS');
    expect(JSON.stringify(error)).not.toContain('geheim');
    return optionIssues(error).map(({ field }) => field);
  }
  return [];
}

describe('settings', () => {
  test('have the defaults that they are documented with', () => {
    expect(checkSettings(GOOD)).toMatchObject({ port: 16_992, connectTimeoutMs: 5000, requestTimeoutMs: 30_000, callTimeoutMs: 60_000, idleMs: 10_000, awakeIntervalMs: 60_000 });
    expect(checkSettings({ ...GOOD, protocol: 'https' }).port).toBe(16_993);
    expect(checkSettings({ ...GOOD, port: 8080, idleMs: 0, awakeIntervalMs: 0 })).toMatchObject({ port: 8080, idleMs: 0, awakeIntervalMs: 0 });
  });

  test.each<[string, Partial<Record<keyof WsmanSettings, unknown>>, readonly string[]]>([
    ['an address with a port', { host: '192.0.2.1:16992' }, ['host']],
    ['a URL', { host: 'http://192.0.2.1' }, ['host']],
    ['an address in brackets', { host: '[2001:db8::1]' }, ['host']],
    ['no address', { host: '' }, ['host']],
    ['something else than an address', { host: 7 }, ['host']],
    ['another protocol', { protocol: 'ftp' }, ['protocol']],
    ['no protocol', { protocol: undefined }, ['protocol']],
    ['ports that are none', { port: 0 }, ['port']],
    ['a port in text', { port: '16992' }, ['port']],
    ['a user without a name', { username: '' }, ['username']],
    ['a user with a line end', { username: 'admin\r\nX: y' }, ['username']],
    ['no password', { password: '' }, ['password']],
    ['a password with a control character', { password: 'geheim\n' }, ['password']],
    ['a certificate where there is none', { tls: { fingerprint: 'ab'.repeat(32) } }, ['tls']],
    ['a fingerprint that is none', { protocol: 'https', tls: { fingerprint: 'ab' } }, ['fingerprint']],
    ['times that are none', { connectTimeoutMs: 0, requestTimeoutMs: -1, callTimeoutMs: Number.NaN, idleMs: 1.5, awakeIntervalMs: 86_400_001 }, ['connectTimeoutMs', 'requestTimeoutMs', 'callTimeoutMs', 'idleMs', 'awakeIntervalMs']],
    ['everything at once', { host: '', protocol: 'x', username: '', password: '', port: -1 }, ['host', 'protocol', 'port', 'username', 'password']],
  ])('%s are refused by name', (_name, settings, fields) => {
    expect(refused(settings)).toEqual(fields);
  });

  test.each(['192.0.2.1', 'amt.example.org', 'amt', '2001:db8::1', 'fe80::1%eth0', '::ffff:192.0.2.1'])('%s is an address', (host) => {
    expect(refused({ host })).toEqual([]);
  });

  test('of a node are checked by the same rules', () => {
    expect(['192.0.2.1', 'amt', 'fe80::1%eth0', '', 'amt:1', '[::1]', 'http://amt', 'a b'].map(isAddress)).toEqual([true, true, true, false, false, false, false, false]);
    expect(['admin', 'Jörg 1', '', 'a\n', 'a\u007f'].map(isPlainText)).toEqual([true, true, false, false, false]);
  });

  test('addresses are shown with their port', () => {
    expect([addressOf({ host: '192.0.2.1', port: 1 }), addressOf({ host: '2001:db8::1', port: 2 })]).toEqual(['192.0.2.1:1', '[2001:db8::1]:2']);
  });
});
