import { Secret, type SealedObject } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { comparable } from '../../test/support/comparable.js';
import { document, flag, instant, integer, optional, text } from './column-codecs.js';
import { createRecordRows, type StoredRow } from './record-rows.js';

interface Thing {
  readonly id: number;
  readonly uuid: string;
  readonly shortName: string | null;
  readonly isBig: boolean;
  readonly plain: { readonly [key: string]: string };
  readonly keys: SealedObject;
  readonly moreKeys: SealedObject;
  readonly createdAt: Date;
  readonly updatedAt: Date | null;
}

const rows = createRecordRows<Thing, 'keys' | 'moreKeys'>({
  name: 'thing',
  codecs: {
    id: integer(), uuid: text(), shortName: optional(text()), isBig: flag(), plain: document(), createdAt: instant(), updatedAt: optional(instant()),
  },
  sealed: ['keys', 'moreKeys'],
  documents: ['plain'],
  folded: ['shortName'],
  given: ['id'],
});

const thing: Omit<Thing, 'id' | 'updatedAt'> = {
  uuid: 'u', shortName: 'Größe', isBig: true, plain: { a: 'b' }, keys: { password: new Secret('one') }, moreKeys: { list: [{ token: new Secret('two') }] },
  createdAt: new Date('2026-01-02T03:04:05.006Z'),
};
const ROW: StoredRow = {
  uuid: 'u', short_name: 'Größe', short_name_folded: 'größe', is_big: 1, plain: '{"a":"b"}', keys: '{"password":"[secret]"}',
  more_keys: '{"list":[{"token":"[secret]"}]}', created_at: '2026-01-02T03:04:05.006Z', secrets: '{"/keys/password":"one","/more_keys/list/0/token":"two"}',
};

describe('the row of a new record', () => {
  test('holds its secrets in the column for secrets and nowhere else', () => {
    expect(rows.create(thing)).toEqual(ROW);
  });

  test('leaves to the store what the store gives', () => {
    expect(rows.create({ ...thing, id: 7, updatedAt: new Date(0) } as never)).toEqual(ROW);
  });

  test('becomes the same record again', () => {
    const stored = { ...ROW, id: 3, updated_at: null };
    expect(comparable(rows.read(stored, rows.fields))).toEqual(comparable({ ...thing, id: 3, updatedAt: null }));
  });
});

describe('a part of a record', () => {
  test('is read without the column for secrets unless one is asked for', () => {
    expect(rows.columns(['shortName', 'isBig'])).toEqual(['short_name', 'is_big']);
    expect(rows.columns(['uuid', 'keys'])).toEqual(['uuid', 'keys', 'secrets']);
    expect(rows.read({ short_name: null }, ['shortName'])).toEqual({ shortName: null });
    expect(comparable(rows.read({ keys: '{"password":"[secret]"}', secrets: ROW['secrets'] ?? null }, ['keys']))).toEqual(comparable({ keys: thing.keys }));
  });
});

describe('a change', () => {
  const present = JSON.parse(String(ROW['secrets'])) as Record<string, string>;

  test('writes what it names', () => {
    expect(rows.touchesSecrets({ shortName: 'x' })).toBe(false);
    expect(rows.update({ shortName: 'NEW', isBig: false }, {})).toEqual({ short_name: 'NEW', short_name_folded: 'new', is_big: 0 });
    expect(rows.update({ shortName: null }, {})).toEqual({ short_name: null, short_name_folded: null });
  });

  test('of one document with secrets keeps those of the other', () => {
    expect(rows.touchesSecrets({ keys: {} })).toBe(true);
    expect(rows.update({ keys: { pin: new Secret('three') } }, present)).toEqual({
      keys: '{"pin":"[secret]"}', secrets: '{"/more_keys/list/0/token":"two","/keys/pin":"three"}',
    });
    expect(rows.update({ keys: {}, moreKeys: {} }, present)).toEqual({ keys: '{}', more_keys: '{}', secrets: '{}' });
  });

  test('cannot reach UUID, number and times', () => {
    expect(rows.update({ id: 1, uuid: 'x', createdAt: new Date(0), updatedAt: new Date(0), nothing: 1 } as never, {})).toEqual({});
  });

  test('with a secret where none belongs is refused, naming the place and not the secret', () => {
    const leak = (): StoredRow => rows.update({ plain: { a: new Secret('marker') as never } }, {});
    expect(leak).toThrow(expect.objectContaining({ code: 'INTERNAL', message: expect.stringContaining('thing/plain/a') as string }));
    expect(leak).not.toThrow(/marker/);
  });
});

test('only fields that hold one plain value can be sorted by', () => {
  expect(rows.fields.filter((field) => rows.isSortField(field))).toEqual(['id', 'uuid', 'shortName', 'isBig', 'createdAt', 'updatedAt']);
  expect(['keys', 'plain', 'secrets', 'short_name', 'nothing'].filter((field) => rows.isSortField(field))).toEqual([]);
  expect(rows.hasSecrets).toBe(true);
});
