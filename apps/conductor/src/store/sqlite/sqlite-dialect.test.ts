import { DatabaseSync } from 'node:sqlite';
import { Kysely, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteDialect } from './sqlite-dialect.js';

interface Schema {
  items: { name: string; size: number | null };
}

describe('Kysely on node:sqlite', () => {
  let connection: DatabaseSync;
  let database: Kysely<Schema>;
  beforeEach(() => {
    connection = new DatabaseSync(':memory:');
    connection.exec('create table items (name text primary key, size integer) strict');
    database = new Kysely<Schema>({ dialect: new SqliteDialect(connection) });
  });
  afterEach(() => {
    if (connection.isOpen) connection.close();
  });

  const insert = async (...names: string[]): Promise<unknown> =>
    database.insertInto('items').values(names.map((name) => ({ name, size: name.length }))).execute();

  it('returns rows and counts changes', async () => {
    await insert('a', 'bb', 'ccc');
    const longer = database.selectFrom('items').selectAll().where('size', '>', 1).orderBy('name');
    expect(await longer.execute()).toEqual([{ name: 'bb', size: 2 }, { name: 'ccc', size: 3 }]);
    expect((await database.updateTable('items').set({ size: null }).where('size', '<', 3).executeTakeFirst()).numUpdatedRows).toBe(2n);
    expect(await database.deleteFrom('items').where('size', 'is', null).returning('name').execute()).toEqual([{ name: 'a' }, { name: 'bb' }]);
  });

  it('streams rows in pieces', async () => {
    await insert(...Array.from({ length: 25 }, (_, index) => String(index).padStart(2, '0')));
    const names: string[] = [];
    for await (const { name } of database.selectFrom('items').select('name').orderBy('name').stream(10)) names.push(name);
    expect(names).toEqual(Array.from({ length: 25 }, (_, index) => String(index).padStart(2, '0')));
  });

  it('runs transactions', async () => {
    await database.transaction().execute(async (transaction) => transaction.insertInto('items').values({ name: 'kept', size: 1 }).execute());
    const lost = database.transaction().execute(async (transaction) => {
      await transaction.insertInto('items').values({ name: 'lost', size: 1 }).execute();
      throw new Error('changed my mind');
    });
    await expect(lost).rejects.toThrow('changed my mind');
    expect(await database.selectFrom('items').select('name').execute()).toEqual([{ name: 'kept' }]);
  });

  it('knows its tables', async () => {
    expect((await database.introspection.getTables()).map(({ name }) => name)).toEqual(['items']);
  });

  it('tells what rule a row broke', async () => {
    await insert('a');
    await expect(insert('a')).rejects.toMatchObject({ name: 'ConstraintViolation', kind: 'taken', constraint: 'items.name' });
  });

  it('refuses what comes after a connection was given back', async () => {
    const kept = await database.connection().execute(async (leased) => leased);
    await expect(kept.insertInto('items').values({ name: 'late', size: 1 }).execute()).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await database.selectFrom('items').selectAll().execute()).toEqual([]);
  });

  it('refuses what comes after the database was closed', async () => {
    connection.close();
    await expect(sql`select 1`.execute(database)).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
