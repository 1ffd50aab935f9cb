import { maskSealed, sealSecrets, type JsonValue, type SealedObject } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { restoreMasked } from './restore-masked.js';

const KEPT = {
  address: '192.0.2.1',
  password: 'hunter2',
  nested: { token: 'abc', list: [{ secret: 's1' }, { secret: 's2' }] },
  url: 'http://user:geheim@host/x',
};
const sealed = sealSecrets(KEPT) as SealedObject;
const shown = maskSealed(sealed) as { readonly [key: string]: JsonValue };
const restore = (next: JsonValue): JsonValue => restoreMasked(next, shown, sealed);

describe('restoreMasked', () => {
  test('keeps everything of a document that was read and sent back', () => {
    expect(restore(shown)).toEqual(KEPT);
  });

  test('keeps masked values beside changed ones', () => {
    expect(restore({ ...shown, address: '192.0.2.2' })).toEqual({ ...KEPT, address: '192.0.2.2' });
    expect(restore({ ...shown, nested: { token: '******', list: [{ secret: 'new' }, { secret: '******' }] } })).toEqual({
      ...KEPT, nested: { token: 'abc', list: [{ secret: 'new' }, { secret: 's2' }] },
    });
  });

  test('keeps a text whose secret part was masked', () => {
    expect(shown['url']).toBe('http://user:******@host/x');
    expect(restore({ url: 'http://user:******@host/x' })).toEqual({ url: KEPT.url });
  });

  test('takes new values, and leaves out what was left out', () => {
    expect(restore({ password: 'new' })).toEqual({ password: 'new' });
  });

  test('asterisks where no secret was kept are a value like any other', () => {
    expect(restore({ other: '******', address: '******' })).toEqual({ other: '******', address: '******' });
  });

  test('a list of another length is a new list', () => {
    expect(restore({ nested: { token: '******', list: [{ secret: '******' }] } })).toEqual({ nested: { token: 'abc', list: [{ secret: '******' }] } });
  });
});
