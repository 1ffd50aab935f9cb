import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FerricError } from '../errors/ferric-error.js';
import { Secret } from '../secrets/secret.js';
import { findSecret, printError, printEverything, secretForms } from './secret-search.js';

const SECRET = 'correct-horse-battery';
const forms = [secretForms('password', SECRET), secretForms('key', '01:02:03:a4:b5:c6')];
const bytes = Buffer.from(SECRET);

describe('findSecret', () => {
  test.each<[string, string | Uint8Array]>([
    ['in clear', `login ${SECRET} now`],
    ['in JSON', JSON.stringify({ password: SECRET })],
    ['in hexadecimal digits', `x${bytes.toString('hex')}y`],
    ['in upper case digits', bytes.toString('hex').toUpperCase()],
    ['as a Buffer prints', `<Buffer 00 ${bytes.toString('hex').replaceAll(/(..)(?=.)/g, '$1 ')} 00>`],
    ['in base64', bytes.toString('base64')],
    ['in a Basic header', `Basic ${Buffer.from(`admin:${SECRET}`).toString('base64')}`],
    ['in a Basic header of another length', `Basic ${Buffer.from(`root:${SECRET}`).toString('base64')}`],
    ['in bytes', Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(9)])],
    ['in UTF-16', Buffer.from(`x${SECRET}`, 'utf16le')],
    ['as text of base64 in bytes', Buffer.from(`Authorization: Basic ${Buffer.from(`ab:${SECRET}`).toString('base64')}\r\n`)],
  ])('finds it %s', (_name, payload) => {
    expect(findSecret(payload, forms)).toBe('password');
  });

  test('finds the bytes that a key names', () => {
    expect(findSecret(Buffer.from('ffffff010203a4b5c6ff', 'hex'), forms)).toBe('key');
    expect(findSecret('packet 010203a4b5c6', forms)).toBe('key');
  });

  test.each<string | Uint8Array>(['login [secret]', '******', 'correct-horse', Buffer.from('correct-horse-batter'), '', new Uint8Array()])('finds nothing in %s', (payload) => {
    expect(findSecret(payload, forms)).toBeUndefined();
  });

  test('finds it in base64 of anything around it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (before, after) => {
        expect(findSecret(Buffer.from(before + SECRET + after).toString('base64'), forms)).toBe('password');
      }),
    );
  });

  test('a text with quotes is found where JSON escapes them', () => {
    const tricky = [secretForms('password', 'say "friend"')];
    expect(findSecret(JSON.stringify({ a: 'say "friend"' }), tricky)).toBe('password');
  });
});

describe('printing', () => {
  test('shows properties that hide, and what hides in causes', () => {
    const hidden = Object.defineProperty({}, 'password', { value: SECRET, enumerable: false });
    expect(printEverything(hidden)).toContain(SECRET);
    const error = new FerricError('INTERNAL', 'a', { cause: new Error('b', { cause: new AggregateError([new Error(SECRET)], 'c') }) });
    expect(printError(error)).toContain(SECRET);
    expect(printError(new Error('a', { cause: { password: SECRET } }))).toContain(SECRET);
    expect(printError(new FerricError('INTERNAL', 'a', { details: { deep: { deeper: { sent: SECRET } } } }))).toContain(SECRET);
  });

  test('does not show what is hidden well, and does not fail on anything', () => {
    const circular: Record<string, unknown> = { secret: new Secret(SECRET), big: 1n };
    circular['self'] = circular;
    expect(printEverything(circular)).not.toContain(SECRET);
    const loop = new Error('loop');
    loop.cause = loop;
    expect(printError(loop)).toContain('loop');
    expect(printError(undefined)).toBe('');
  });
});
