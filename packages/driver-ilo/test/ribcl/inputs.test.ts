import { FerricError, optionIssues, Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import {
  activateLicence, changeNetworkSettings, changeUser, createRibclClient, insertVirtualMedia, readUser, readVirtualMedia, setOneTimeBoot, setPendingBootMode,
  setPersistentBoot, setVirtualMedia, writeFirmware,
} from '../../src/client/ribcl/index.js';

/** The fields that an INVALID_OPTIONS error names. */
function fieldsOf(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    expect(FerricError.is(error) && error.code).toBe('INVALID_OPTIONS');
    return optionIssues(error).map(({ field }) => field);
  }
  return [];
}

const settings = { host: '192.0.2.1', username: 'Administrator', password: new Secret('TestPassword') };

describe('what cannot be used is refused before anything is sent', () => {
  test.each<readonly [string, () => unknown, readonly string[]]>([
    ['a password with a quotation mark', () => createRibclClient({ ...settings, password: new Secret('a"b') }), ['password']],
    ['a password with a line break', () => createRibclClient({ ...settings, password: new Secret('a\nb') }), ['password']],
    ['a password beyond ASCII', () => createRibclClient({ ...settings, password: new Secret('pässword') }), ['password']],
    ['an empty password', () => createRibclClient({ ...settings, password: new Secret('') }), ['password']],
    ['a password that is no Secret', () => createRibclClient({ ...settings, password: 'x' as unknown as Secret }), ['password']],
    ['everything at once', () => createRibclClient({ host: 'a b', port: 0, username: '', password: new Secret('"'), timeoutMs: 0 }), ['host', 'port', 'timeoutMs', 'username', 'password']],
    ['TLS settings', () => createRibclClient({ ...settings, tls: { fingerprint: 'x' } }), ['fingerprint']],
    ['a drive that is none', () => readVirtualMedia('DVD' as 'CDROM'), ['device']],
    ['an address that is not http', () => insertVirtualMedia('CDROM', new URL('ftp://h/x.iso')), ['url']],
    ['an address with a user', () => insertVirtualMedia('CDROM', new URL('http://u:p@h/x.iso')), ['url']],
    ['an address of 1025 characters', () => insertVirtualMedia('CDROM', new URL(`http://h/${'x'.repeat(1016)}`)), ['url']],
    ['an address that is a text', () => insertVirtualMedia('CDROM', 'http://h/x' as unknown as URL), ['url']],
    ['a boot option that is none', () => setVirtualMedia('CDROM', { bootOption: 'ONCE' as 'CONNECT' }), ['bootOption']],
    ['an empty boot device', () => setOneTimeBoot(''), ['device']],
    ['an empty boot order', () => setPersistentBoot([]), ['ids']],
    ['a boot order with something empty in it', () => setPersistentBoot(['HDD', '']), ['ids.1']],
    ['a boot mode that is none', () => setPendingBootMode('legacy' as 'bios'), ['mode']],
    ['a licence key with a quotation mark', () => activateLicence(new Secret('"')), ['key']],
    ['no network setting', () => changeNetworkSettings({}), ['changes']],
    ['a network setting in lower case', () => changeNetworkSettings({ ip_address: 'x' }), ['changes']],
    ['a network setting beyond ASCII', () => changeNetworkSettings({ DNS_NAME: 'ä', STATIC_ROUTE_1: { DEST: '\n' } }), ['DNS_NAME', 'STATIC_ROUTE_1.DEST']],
    ['an empty login', () => readUser(''), ['login']],
    ['no change of a user', () => changeUser('a', {}), ['changes']],
    ['a new password of 40 characters', () => changeUser('a', { password: new Secret('x'.repeat(40)) }), ['password']],
    ['a new password with a quotation mark', () => changeUser('a', { password: new Secret('"') }), ['password']],
    ['firmware of nothing', () => writeFirmware({ component: 'disk' as 'ilo', fileName: '', length: 0 }), ['component', 'fileName', 'length']],
  ])('%s', (_what, work, fields) => {
    expect(fieldsOf(work)).toEqual(fields);
  });

  test('a refused password stands in no text', () => {
    try {
      createRibclClient({ ...settings, password: new Secret('hidden"part') });
      expect.fail('it was taken');
    } catch (error) {
      expect(JSON.stringify(error) + String(error)).not.toContain('hidden');
    }
  });

  test('what just fits is taken', () => {
    expect(insertVirtualMedia('CDROM', new URL(`http://h/${'x'.repeat(1015)}`)).mode).toBe('write');
    expect(changeUser('a', { password: new Secret("x'<&>".padEnd(39, 'x')) }).mode).toBe('write');
  });
});
