import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { StatementCache } from './statement-cache.js';

describe('the statement cache', () => {
  it('prepares a text once and forgets the one that was not used for longest', () => {
    using database = new DatabaseSync(':memory:');
    const cache = new StatementCache(database, 2);
    const one = cache.get('select 1');
    const two = cache.get('select 2');
    expect(cache.get('select 1')).toBe(one);
    cache.get('select 3');
    expect(cache.size).toBe(2);
    expect(cache.get('select 1')).toBe(one);
    expect(cache.get('select 2')).not.toBe(two);
  });

  it('knows which statements yield rows', () => {
    using database = new DatabaseSync(':memory:');
    database.exec('create table t (a)');
    const cache = new StatementCache(database, 10);
    const texts = ['select * from t', 'insert into t values (1)', 'insert into t values (1) returning a', 'pragma user_version'];
    expect(texts.map((text) => cache.get(text).yieldsRows)).toEqual([true, false, true, true]);
  });
});
