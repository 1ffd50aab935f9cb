import { optionIssues, Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { AMT_DRIVER_NAME, amtAccess, amtDriverInfo } from './amt-options.js';

const LEAST = { amt_address: '192.0.2.10', amt_username: 'admin', amt_password: 'P@ssw0rd' };
const FINGERPRINT = 'AB:'.repeat(31).concat('cd');

function issuesOf(input: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    amtDriverInfo.parse(input);
  } catch (error) {
    return optionIssues(error).map(({ field, problem, expected, received }) => `${field} ${problem}: ${expected}${received === undefined ? '' : `, got ${received}`}`);
  }
  return [];
}

test('the least that is needed is completed by the defaults of the retired driver', () => {
  const info = amtDriverInfo.parse(LEAST);
  expect(info).toEqual({
    amt_address: '192.0.2.10', amt_username: 'admin', amt_password: expect.any(Secret), amt_protocol: 'http', amt_awake_interval: 60, amt_max_attempts: 3,
    amt_action_wait: 10, amt_verify_ca: true, amt_tls_profile: 'modern',
  });
  expect(info.amt_password.reveal()).toBe('P@ssw0rd');
  expect([AMT_DRIVER_NAME, amtDriverInfo.secretFields]).toEqual(['staging-amt', ['amt_password']]);
});

test('all that is missing is named at once', () => {
  expect(issuesOf({}).map((issue) => issue.split(':')[0])).toEqual(['amt_address missing', 'amt_username missing', 'amt_password missing']);
});

test('numbers and truth values may be text', () => {
  const info = amtDriverInfo.parse({ ...LEAST, amt_port: '16992', amt_awake_interval: '0', amt_max_attempts: '5', amt_action_wait: '2', amt_verify_ca: 'true', amt_username: 12 });
  expect(info).toMatchObject({ amt_port: 16_992, amt_awake_interval: 0, amt_max_attempts: 5, amt_action_wait: 2, amt_verify_ca: true, amt_username: '12' });
});

describe('what cannot be', () => {
  test.each<[Readonly<Record<string, unknown>>, string]>([
    [{ amt_address: 'http://192.0.2.10' }, 'amt_address invalid: an IP address or host name, without http:// and port, got "http://192.0.2.10"'],
    [{ amt_address: '192.0.2.10:16992' }, 'amt_address invalid: an IP address or host name, without http:// and port, got "192.0.2.10:16992"'],
    [{ amt_username: '' }, 'amt_username invalid: a user name without control characters, got ""'],
    [{ amt_password: '' }, 'amt_password invalid: a password without control characters'],
    [{ amt_protocol: 'telnet' }, 'amt_protocol invalid: "http" or "https", got "telnet"'],
    [{ amt_port: 0 }, 'amt_port invalid: a whole number from 1 to 65535, got 0'],
    [{ amt_awake_interval: -1 }, 'amt_awake_interval invalid: a whole number from 0 to 86400, got -1'],
    [{ amt_max_attempts: 0 }, 'amt_max_attempts invalid: a whole number from 1 to 20, got 0'],
    [{ amt_action_wait: 0 }, 'amt_action_wait invalid: a whole number from 1 to 600, got 0'],
    [{ amt_protocol: 'https', amt_verify_ca: 3 }, 'amt_verify_ca invalid: true, false, or the path of a file or folder with certificates in PEM form, got 3'],
    [{ amt_protocol: 'https', amt_tls_fingerprint: 'abc' }, 'amt_tls_fingerprint invalid: the SHA-256 fingerprint of a certificate: 64 hexadecimal digits, with a colon after each two or without any, got "abc"'],
    [
      { amt_protocol: 'https', amt_tls_fingerprint: 'AABB:'.repeat(15).concat('AABB') },
      `amt_tls_fingerprint invalid: the SHA-256 fingerprint of a certificate: 64 hexadecimal digits, with a colon after each two or without any, got "${'AABB:'.repeat(15)}A...`,
    ],
    [{ amt_protocol: 'https', amt_tls_profile: 'sslv3' }, 'amt_tls_profile invalid: "modern" or "legacy", got "sslv3"'],
    [{ amt_https_boot_url: 'http://x/' }, 'amt_https_boot_url invalid: an https:// URL of at most 300 characters in ASCII, got "http://x/"'],
    [{ amt_verify_ca: false }, 'amt_verify_ca invalid: left out with amt_protocol http, which is not encrypted, got false'],
    [{ amt_tls_fingerprint: FINGERPRINT }, `amt_tls_fingerprint invalid: left out with amt_protocol http, which is not encrypted, got "${FINGERPRINT.slice(0, 76)}...`],
    [{ amt_tls_profile: 'legacy' }, 'amt_tls_profile invalid: left out with amt_protocol http, which is not encrypted, got "legacy"'],
  ])('%j', (fields, issue) => {
    expect(issuesOf({ ...LEAST, ...fields })).toEqual([issue]);
  });

  test('a password is never shown', () => {
    for (const password of ['', 'a\nb', { planted: 'secret' }]) expect(JSON.stringify(issuesOf({ ...LEAST, amt_password: password }))).not.toMatch(/a\\nb|planted/);
  });
});

describe('how a device is reached', () => {
  test('without encryption', () => {
    expect(amtAccess(amtDriverInfo.parse(LEAST))).toMatchObject({ host: '192.0.2.10', port: 16_992, protocol: 'http', tls: undefined, awakeIntervalMs: 60_000 });
  });

  test.each<[Readonly<Record<string, unknown>>, object]>([
    [{}, { profile: 'modern', verify: true }],
    [{ amt_verify_ca: 'no' }, { profile: 'modern', verify: false }],
    [{ amt_verify_ca: '/etc/ssl/lab.pem' }, { profile: 'modern', verify: true, authorities: '/etc/ssl/lab.pem' }],
    [{ amt_tls_fingerprint: FINGERPRINT, amt_tls_profile: 'legacy' }, { profile: 'legacy', verify: true, fingerprint: FINGERPRINT }],
  ])('with it, and %j', (fields, tls) => {
    expect(amtAccess(amtDriverInfo.parse({ ...LEAST, amt_protocol: 'https', ...fields }))).toMatchObject({ port: 16_993, protocol: 'https', tls });
  });

  test('at another port', () => {
    expect(amtAccess(amtDriverInfo.parse({ ...LEAST, amt_port: 1234 })).port).toBe(1234);
  });
});
