import { optionIssues, Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import type { RedfishClientSettings } from './client-types.js';
import { checkSettings } from './settings.js';

const issuesOf = (settings: unknown): readonly { readonly field: string; readonly received?: string }[] => {
  try {
    checkSettings(settings as RedfishClientSettings);
    return [];
  } catch (error) {
    return optionIssues(error);
  }
};

describe('settings', () => {
  test.each([
    ['https://192.0.2.10', '192.0.2.10:443', 'https://192.0.2.10', true],
    ['https://192.0.2.10/', '192.0.2.10:443', 'https://192.0.2.10', true],
    ['https://bmc.example:8443', 'bmc.example:8443', 'https://bmc.example:8443', true],
    ['https://[2001:db8::1]', '[2001:db8::1]:443', 'https://[2001:db8::1]', true],
    ['http://127.0.0.1:8000', '127.0.0.1:8000', 'http://127.0.0.1:8000', false],
    ['http://127.0.0.1', '127.0.0.1:80', 'http://127.0.0.1', false],
  ])('%s', (url, address, origin, secure) => {
    expect(checkSettings({ url })).toMatchObject({ address, origin, secure, timeoutMs: 60_000, idleMs: 300_000, queueLimit: 64, authentication: 'auto', base: 'auto', credentials: undefined });
  });

  test('a password becomes a Secret', () => {
    const { credentials } = checkSettings({ url: 'https://a', username: 'u', password: 'hunter2' });
    expect([credentials?.username, Secret.is(credentials?.password), credentials?.password.reveal()]).toEqual(['u', true, 'hunter2']);
  });

  test.each([
    '', 'a', '192.0.2.1', 'ftp://a', 'https://', 'https://a/redfish/v1', 'https://a?x', 'https://a#x', 'https://u:p@a', 'https://a:0', 'https://a:70000', 7, undefined,
  ])('the url %j is refused', (url) => {
    expect(issuesOf({ url })).toMatchObject([{ field: 'url' }]);
  });

  test('all issues at once, and no secret in them', () => {
    const settings = {
      url: 'https://admin:hunter2@192.0.2.1', username: 'a:b', password: 'hunter2', authentication: 'basic', base: 'rest', timeoutMs: 0, idleMs: 1.5, queueLimit: '3',
    };
    const issues = issuesOf(settings);
    expect(issues.map(({ field }) => field)).toEqual(['url', 'username', 'base', 'timeoutMs', 'idleMs', 'queueLimit']);
    expect(JSON.stringify(issues)).not.toContain('hunter2');
  });

  test.each([
    [{ username: 'u' }, 'password'],
    [{ password: 'p' }, 'username'],
    [{ username: '', password: 'p' }, 'username'],
    [{ username: 'u', password: 7 }, 'password'],
    [{ username: 7, password: 'p', authentication: 'basic' }, 'username'],
    [{ authentication: 'digest' }, 'authentication'],
  ])('%j is refused', (settings, field) => {
    expect(issuesOf({ url: 'https://a', ...settings })).toMatchObject([{ field }]);
  });

  test('TLS settings are checked at once too', () => {
    expect(issuesOf({ url: 'https://a', tls: { fingerprint: 'zz' } })).toMatchObject([{ field: 'fingerprint' }]);
  });
});
