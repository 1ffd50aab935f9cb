import { inspect } from 'node:util';
import { optionIssues, Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { iloAccess, iloDriverInfo } from './ilo-options.js';

const LEAST = { ilo_address: '192.0.2.10', ilo_username: 'admin', ilo_password: 'Planted-ilo-1' };

function issuesOf(input: unknown): readonly string[] {
  try {
    iloDriverInfo.parse(input);
    return [];
  } catch (error) {
    return optionIssues(error).map(({ field, problem }) => `${field} ${problem}`);
  }
}

test('what is left out gets the defaults of the documents', () => {
  expect(iloDriverInfo.parse(LEAST)).toEqual({
    ...LEAST, ilo_password: expect.any(Secret), client_port: 443, client_timeout: 60, ilo_tls_profile: 'modern', ilo_add_certificates: true,
    ilo_clean_priority_reset_ilo: 1, ilo_clean_priority_reset_bios_to_default: 10, ilo_clean_priority_reset_secure_boot_keys_to_default: 20,
    ilo_clean_priority_clear_secure_boot_keys: 0, ilo_clean_priority_reset_ilo_credential: 30,
  });
  expect(iloAccess(iloDriverInfo.parse(LEAST))).toMatchObject({ host: '192.0.2.10', port: 443, timeoutMs: 60_000, tls: { profile: 'modern', verify: true } });
});

test('numbers and truth values may be texts, a name of digits a number; fields of others are left out', () => {
  const info = iloDriverInfo.parse({ ...LEAST, ilo_username: 7, client_port: '8443', client_timeout: '5', ilo_verify_ca: 'false', deploy_iso: 'http://192.0.2.1/a.iso', console_port: '5000', ilo_add_certificates: 'false' });
  expect(info).toMatchObject({ ilo_username: '7', client_port: 8443, client_timeout: 5, ilo_verify_ca: false, ilo_add_certificates: false });
  expect(info).not.toHaveProperty('deploy_iso');
});

test('what is missing is named at once', () => {
  expect(issuesOf({})).toEqual(['ilo_address missing', 'ilo_username missing', 'ilo_password missing']);
});

test.each([
  [{ ilo_address: 'https://192.0.2.10' }, 'ilo_address'], [{ ilo_address: '192.0.2.10:443' }, 'ilo_address'], [{ client_port: 0 }, 'client_port'], [{ client_timeout: 0 }, 'client_timeout'],
  [{ ilo_username: 'a\r\nb' }, 'ilo_username'], [{ ilo_password: 'a\nb' }, 'ilo_password'], [{ ilo_tls_fingerprint: 'abc' }, 'ilo_tls_fingerprint'], [{ ilo_tls_profile: 'none' }, 'ilo_tls_profile'], [{ ilo_add_certificates: 'perhaps' }, 'ilo_add_certificates'],
  [{ ilo_generation: 'gen7' }, 'ilo_generation'], [{ ilo_clean_priority_reset_ilo: -1 }, 'ilo_clean_priority_reset_ilo'], [{ ilo_verify_ca: '/a.pem', ca_file: '/b.pem' }, 'ca_file'],
])('%j is refused', (fields, field) => {
  expect(issuesOf({ ...LEAST, ...fields })).toEqual([`${field} invalid`]);
});

test('several fingerprints, with commas between them', () => {
  const [one, other] = ['ab'.repeat(32), 'CD:'.repeat(31) + 'CD'];
  expect(iloAccess(iloDriverInfo.parse({ ...LEAST, ilo_tls_fingerprint: `${one}, ${other}` })).tls.fingerprint).toEqual([one, other]);
  expect(issuesOf({ ...LEAST, ilo_tls_fingerprint: `${one},` })).toEqual(['ilo_tls_fingerprint invalid']);
  expect(issuesOf({ ...LEAST, ilo_tls_fingerprint: Array.from({ length: 5 }, () => one).join() })).toEqual(['ilo_tls_fingerprint invalid']);
});

describe('who may have issued the certificate', () => {
  test.each([
    [{}, { verify: true }], [{ ilo_verify_ca: true }, { verify: true }], [{ ilo_verify_ca: false }, { verify: false }],
    [{ ilo_verify_ca: '/etc/ca.pem' }, { verify: true, authorities: '/etc/ca.pem' }], [{ ca_file: '/etc/ca.pem' }, { verify: true, authorities: '/etc/ca.pem' }],
    [{ ilo_tls_fingerprint: 'ab'.repeat(32), ilo_tls_profile: 'auto' }, { verify: true, fingerprint: 'ab'.repeat(32), profile: 'auto' }],
  ])('%j', (fields, tls) => {
    expect(iloAccess(iloDriverInfo.parse({ ...LEAST, ...fields })).tls).toEqual({ profile: 'modern', ...tls });
  });
});

test('what nothing here uses is checked and kept all the same', () => {
  const fields = { console_port: '5000', snmp_auth_user: 7, snmp_auth_prot_password: 'Planted-snmp-1', snmp_auth_priv_password: 12_345_678, snmp_auth_protocol: 'sha', snmp_auth_priv_protocol: 'AES' };
  expect(iloDriverInfo.parse({ ...LEAST, ...fields })).toMatchObject({
    console_port: 5000, snmp_auth_user: '7', snmp_auth_prot_password: expect.any(Secret), snmp_auth_priv_password: expect.any(Secret), snmp_auth_protocol: 'SHA', snmp_auth_priv_protocol: 'AES',
  });
  expect(issuesOf({ ...LEAST, console_port: 0, snmp_auth_protocol: 'SHA512', snmp_auth_priv_protocol: '3DES', snmp_auth_user: {}, snmp_auth_prot_password: '' })).toEqual([
    'console_port invalid', 'snmp_auth_user invalid', 'snmp_auth_prot_password invalid', 'snmp_auth_protocol invalid', 'snmp_auth_priv_protocol invalid',
  ]);
});

test('all passwords are secrets', () => {
  expect(iloDriverInfo.secretFields).toEqual(['ilo_password', 'ilo_change_password', 'snmp_auth_prot_password', 'snmp_auth_priv_password']);
  const info = iloDriverInfo.parse({ ...LEAST, ilo_change_password: 'Planted-ilo-2', snmp_auth_prot_password: 'Planted-snmp-1', snmp_auth_priv_password: 'Planted-snmp-2' });
  expect(inspect(info, { depth: null })).not.toContain('Planted');
  expect(info.ilo_change_password?.reveal()).toBe('Planted-ilo-2');
});
