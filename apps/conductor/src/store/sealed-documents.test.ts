import { FerricError, revealSealed, SECRET_TEXT, Secret } from '@ferric/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparable } from '../../test/support/comparable.js';
import { sealedObject } from '../../test/store/random-nodes.js';
import { putSecretsBack, takeSecrets, withoutColumn } from './sealed-documents.js';

describe('documents with secrets', () => {
  it('are parted from every secret and put together again', () => {
    fc.assert(
      fc.property(sealedObject, (document) => {
        const taken = takeSecrets('driver_info', document);
        expect(comparable(putSecretsBack('driver_info', taken.text, taken.secrets))).toEqual(comparable(document));
      }),
    );
  });

  it('show no secret in their text', () => {
    const document = { user: 'admin', password: new Secret('swordfish'), list: [{ token: new Secret({ deep: 'swordfish' }) }] };
    const taken = takeSecrets('driver_info', document);
    expect(taken.text).toBe(`{"user":"admin","password":"${SECRET_TEXT}","list":[{"token":"${SECRET_TEXT}"}]}`);
    expect(taken.secrets).toEqual({ '/driver_info/password': 'swordfish', '/driver_info/list/0/token': { deep: 'swordfish' } });
  });

  it('keep a text that looks like the place of a secret', () => {
    const taken = takeSecrets('driver_info', { note: SECRET_TEXT, password: new Secret('swordfish') });
    const document = putSecretsBack('driver_info', taken.text, taken.secrets);
    expect(document['note']).toBe(SECRET_TEXT);
    expect(revealSealed(document)).toEqual({ note: SECRET_TEXT, password: 'swordfish' });
  });

  it('ignore secrets of other columns, also of one whose name begins alike', () => {
    const secrets = { '/driver_info/password': 'one', '/driver_info_old/password': 'two' };
    expect(revealSealed(putSecretsBack('driver_info', '{"password":"[secret]"}', secrets))).toEqual({ password: 'one' });
    expect(withoutColumn(secrets, 'driver_info')).toEqual({ '/driver_info_old/password': 'two' });
  });

  it.each(['{}', '{"list":[]}', '{"password":null,"list":{}}'])('are refused when %s has no place for a secret', (text) => {
    expect(() => putSecretsBack('driver_info', text, { '/driver_info/list/0/token': 'swordfish' })).toThrow(
      expect.objectContaining({ code: 'INTERNAL', message: expect.not.stringContaining('swordfish') }) as Error,
    );
  });

  it('cannot reach the prototype of objects', () => {
    expect(() => putSecretsBack('driver_info', '{}', { '/driver_info/__proto__/polluted': 'yes' })).toThrow(FerricError);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('refuse a secret inside a secret, which could not be put back', () => {
    const nested = new Secret({ inner: new Secret('swordfish') } as never);
    expect(() => takeSecrets('driver_info', { nested })).toThrow(expect.objectContaining({ code: 'INTERNAL' }) as Error);
  });
});
