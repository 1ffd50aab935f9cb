import { Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { readBasicCredentials } from './basic-credentials.js';

const base64 = (text: string | Uint8Array): string => Buffer.from(text as string).toString('base64');
const read = (header: string) => readBasicCredentials(new Secret(header));

describe('readBasicCredentials', () => {
  test.each([
    ['alice:secret', 'alice', 'secret'],
    ['alice:with:colons', 'alice', 'with:colons'],
    ['alice:', 'alice', ''],
    [':secret', '', 'secret'],
    ['zoë:pässwörd€', 'zoë', 'pässwörd€'],
    ['a:b', 'a', 'b'],
  ])('reads %s', (pair, user, password) => {
    const credentials = read(`Basic ${base64(pair)}`);
    expect([credentials.user, credentials.password.reveal()]).toEqual([user, password]);
    expect(Secret.is(credentials.password)).toBe(true);
  });

  test.each(['basic', 'BASIC'])('the scheme may be written %s, with blanks around', (scheme) => {
    expect(read(`  ${scheme}   ${base64('alice:secret')} `).user).toBe('alice');
  });

  // Texts and status: ironic_lib/auth_basic.py (parse_header, parse_token).
  test.each([
    ['nothing behind the scheme', 'Basic', 'Could not parse Authorization header'],
    ['nothing at all', '', 'Could not parse Authorization header'],
    ['a token alone', base64('alice:secret'), 'Could not parse Authorization header'],
    ['another scheme', 'Bearer abc', 'Unsupported authorization type: only Basic is accepted'],
    ['characters that base64 does not have', 'Basic YWxpY2U6c2Vj*mV0', 'Could not decode authorization token'],
    ['base64 of another alphabet', 'Basic YWxp_-U6', 'Could not decode authorization token'],
    ['base64 without its end', 'Basic YWxpY2U6c2VjcmV', 'Could not decode authorization token'],
    ['no colon', `Basic ${base64('alice')}`, 'Could not decode authorization token'],
    ['bytes that are no UTF-8', `Basic ${base64(Uint8Array.of(0x61, 0x3a, 0xff))}`, 'Could not decode authorization token'],
    ['a NUL', `Basic ${base64('alice:sec\0ret')}`, 'Could not decode authorization token'],
  ])('refuses %s with 400', (_case, header, message) => {
    expect(() => read(header)).toThrow(expect.objectContaining({ status: 400, message, headers: {} }));
  });

  test('a header longer than any that a server takes is refused in no time', () => {
    const started = performance.now();
    expect(() => read(`Basic ${'A'.repeat(200_000)} ${' '.repeat(200_000)}x`)).toThrow(expect.objectContaining({ status: 400 }));
    expect(() => read(' '.repeat(200_000))).toThrow(expect.objectContaining({ status: 400 }));
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
