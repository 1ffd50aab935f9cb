import { inspect } from 'node:util';
import { optionIssues } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { account, context } from '../../../test/sasl-exchanges.js';
import { chooseMechanism, createNonce, MECHANISMS, type MechanismWish } from './index.js';

const SECURE: MechanismWish = { secure: true };
const OPEN: MechanismWish = { secure: false };

describe('chooseMechanism', () => {
  test.each([
    ['SCRAM-SHA-1,SCRAM-SHA-256,DIGEST-MD5,PLAIN', SECURE, 'SCRAM-SHA-256'],
    ['PLAIN SCRAM-SHA-512 SCRAM-SHA-256', SECURE, 'SCRAM-SHA-512'],
    ['GSSAPI, SCRAM-SHA-1, SCRAM-SHA-256-PLUS', SECURE, 'SCRAM-SHA-1'],
    ['PLAIN,DIGEST-MD5', SECURE, 'DIGEST-MD5'],
    ['\tPLAIN,\n', SECURE, 'PLAIN'],
    ['DIGEST-MD5', OPEN, 'DIGEST-MD5'],
    ['SCRAM-SHA-256,DIGEST-MD5,GSSAPI', OPEN, 'DIGEST-MD5'],
    ['PLAIN,SCRAM-SHA-1,SCRAM-SHA-256', OPEN, 'SCRAM-SHA-256'],
    ['SCRAM-SHA-256,DIGEST-MD5', { secure: true, wanted: 'DIGEST-MD5' }, 'DIGEST-MD5'],
    ['SCRAM-SHA-256,DIGEST-MD5', { secure: false, wanted: 'SCRAM-SHA-256' }, 'SCRAM-SHA-256'],
    ['SCRAM-SHA-256,PLAIN', { secure: true, wanted: 'PLAIN' }, 'PLAIN'],
  ] as const)('of %j, wishing for %o: %s', (offered, wish, expected) => {
    expect(chooseMechanism(offered, wish).name).toBe(expected);
  });

  test.each([
    ['nothing', '', SECURE, /offers nothing/, /^Add scram-sha-256 to mech_list/],
    ['only Kerberos, open', 'GSSAPI', OPEN, /offers GSSAPI/, /Kerberos.*add digest-md5 to mech_list.*TLS.*scram-sha-256/],
    ['only Kerberos, secure', 'GSSAPI,GS2-KRB5', SECURE, /offers GSSAPI, GS2-KRB5/, /Kerberos.*Add scram-sha-256 to mech_list/],
    [
      'only PLAIN, open',
      'PLAIN',
      OPEN,
      /offers PLAIN; accepted here: SCRAM-SHA-512, SCRAM-SHA-256, SCRAM-SHA-1, DIGEST-MD5$/,
      /would show the password.*TLS/,
    ],
    ['only what nobody speaks', 'CRAM-MD5 NTLM', OPEN, /offers CRAM-MD5, NTLM/, /add digest-md5/],
    ['lower case', 'digest-md5', OPEN, /offers digest-md5/, /add digest-md5/],
    ['the wanted one is missing', 'SCRAM-SHA-256', { secure: true, wanted: 'DIGEST-MD5' }, /DIGEST-MD5 cannot/, /^Add digest-md5 .*or name no mechanism/],
    ['the wanted one is missing, open', 'GSSAPI', { secure: false, wanted: 'DIGEST-MD5' }, /DIGEST-MD5 cannot/, /Kerberos.*Add digest-md5 to mech_list/],
    ['the wanted one does not encrypt', 'DIGEST-MD5', { secure: false, wanted: 'SCRAM-SHA-1' }, /SCRAM-SHA-1 cannot/, /^Over plain TCP .*only.*encrypt/],
    ['the wanted one is in small letters', 'DIGEST-MD5', { secure: true, wanted: 'digest-md5' }, /digest-md5 cannot/, /^Write it DIGEST-MD5/],
    ['the wanted one is unknown', 'NTLM,SCRAM-SHA-1', { secure: true, wanted: 'NTLM' }, /NTLM cannot be used/, /^Name one of SCRAM-SHA-512/],
    ['the wanted one is PLAIN, open', 'PLAIN,DIGEST-MD5', { secure: false, wanted: 'PLAIN' }, /PLAIN cannot be used/, /would show the password/],
    ['the wanted one is empty', 'PLAIN', { secure: true, wanted: '' }, /offers PLAIN/, /^Name one of/],
  ] as const)('%s: nothing fits', (_, offered, wish, message, hint) => {
    const error = ((): Error & { hint: string } => {
      try {
        chooseMechanism(offered, wish);
      } catch (caught) {
        return caught as Error & { hint: string };
      }
      throw new Error('something fitted');
    })();
    expect(error).toMatchObject({ code: 'UNSUPPORTED', retryable: false });
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });

  test('a long offer does not make a long message', () => {
    expect(() => chooseMechanism('X'.repeat(60_000), SECURE)).toThrow(/^.{0,400}$/);
  });
});

test('the table says what each mechanism is', () => {
  const row = ({ name, plaintext, protects, weak }: (typeof MECHANISMS)[number]): unknown[] => [name, plaintext, protects, weak];
  expect(MECHANISMS.map(row)).toEqual([
    ['SCRAM-SHA-512', false, false, false],
    ['SCRAM-SHA-256', false, false, false],
    ['SCRAM-SHA-1', false, false, false],
    ['DIGEST-MD5', false, true, true],
    ['PLAIN', true, false, false],
  ]);
  expect(MECHANISMS.map((mechanism) => mechanism.strength).toSorted((left, right) => right - left)).toEqual(MECHANISMS.map((mechanism) => mechanism.strength));
});

test('a nonce is long, new each time, and needs no escaping anywhere', () => {
  const nonces = Array.from({ length: 50 }, createNonce);
  expect(new Set(nonces).size).toBe(50);
  for (const nonce of nonces) expect(nonce).toMatch(/^[A-Za-z0-9+/]{32}$/);
});

describe.each(MECHANISMS)('$name', (mechanism) => {
  test.each([
    ['username', '', 'password'],
    ['username', 'a\0b', 'password'],
    ['username', '\ud800', 'password'],
    ['password', 'name', ''],
    ['password', 'name', 'se\0cret'],
    ['password', 'name', 'secret\udc00'],
  ])('refuses a %s that nothing can carry, without showing it', (field, username, password) => {
    try {
      mechanism.begin(account(username, password), context('nonce'));
      expect.unreachable();
    } catch (error) {
      expect(optionIssues(error).map((issue) => issue.field)).toEqual([`credentials.${field}`]);
      if (password !== '' && field === 'password') expect(inspect(error, { depth: 10 })).not.toContain('cret');
    }
  });
});
