import { describe, expect, test } from 'vitest';
import { THING_TABLE } from '../../../test/support/sample-table.js';
import { nextLink, readPage } from './paging.js';

describe('readPage', () => {
  test('has defaults and a longest page', () => {
    expect(readPage(THING_TABLE, {}, 82)).toEqual({ limit: 1000, sortDirection: 'asc', sortKey: 'id' });
    expect(readPage(THING_TABLE, { limit: 5000, sort_key: 'made_at', sort_dir: 'desc', marker: 'm' }, 82)).toEqual({
      limit: 1000, sortDirection: 'desc', sortKey: 'madeAt', marker: 'm',
    });
  });

  test.each([
    ['a limit of 0', { limit: 0 }, 400, 'Limit must be positive'],
    ['a negative limit', { limit: -1 }, 400, 'Limit must be positive'],
    ['sorting by a document', { sort_key: 'data' }, 400, 'The sort_key value data is an invalid field for sorting'],
    ['sorting by links', { sort_key: 'links' }, 400, 'The sort_key value links is an invalid field for sorting'],
    ['sorting by what does not exist', { sort_key: 'toString' }, 400, 'The sort_key value toString is an invalid field for sorting'],
    ['sorting by a field of a later version', { sort_key: 'flag' }, 406, 'Request not acceptable.'],
  ])('refuses %s', (_case, query, status, message) => {
    expect(() => readPage(THING_TABLE, query, 10)).toThrow(expect.objectContaining({ status, message }));
  });
});

describe('nextLink', () => {
  const page = { base: 'http://host', path: 'things', table: THING_TABLE, version: 82, query: {}, selection: 'summary', limit: 2, marker: 'm' } as const;

  test.each([
    ['a summary', {}, 'http://host/v1/things?sort_key=id&sort_dir=asc&fields=label,uuid,state&limit=2&marker=m'],
    ['named fields', { selection: ['uuid', 'flag'], query: { sort_key: 'label', sort_dir: 'desc' } }, 'http://host/v1/things?sort_key=label&sort_dir=desc&fields=uuid,flag&limit=2&marker=m'],
    ['all fields', { selection: 'whole record', query: { detail: true } }, 'http://host/v1/things?sort_key=id&sort_dir=asc&detail=true&limit=2&marker=m'],
    ['filters', { query: { owner: 'a&b', shard: ['x', 'y'], marker: 'old', limit: 2 } }, 'http://host/v1/things?sort_key=id&sort_dir=asc&owner=a%26b&shard=x,y&fields=label,uuid,state&limit=2&marker=m'],
    ['a version that reads no fields', { version: 7 }, 'http://host/v1/things?sort_key=id&sort_dir=asc&limit=2&marker=m'],
  ])('of %s', (_case, changes, link) => {
    expect(nextLink({ ...page, ...changes } as Parameters<typeof nextLink>[0])).toBe(link);
  });
});
