import { AsyncLocalStorage } from 'node:async_hooks';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '@ferric/core';
import { Kysely, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Database } from '../database.js';
import { GroupWriter, type GroupWriterSettings } from './group-writer.js';
import { SqliteDialect } from './sqlite-dialect.js';

const describeOutcome = (outcome: PromiseSettledResult<unknown>): unknown =>
  outcome.status === 'fulfilled' ? outcome.value : (outcome.reason as Error).message;

describe('the group writer', () => {
  let connection: DatabaseSync;
  let statements: string[];

  beforeEach(() => {
    connection = new DatabaseSync(':memory:');
    connection.exec(`
      create table parents (id integer primary key);
      create table items (name text unique, parent integer references parents deferrable initially deferred);`);
    statements = [];
    const execute = connection.exec.bind(connection);
    vi.spyOn(connection, 'exec').mockImplementation((statement) => {
      statements.push(statement);
      execute(statement);
    });
  });
  afterEach(() => connection.close());

  const makeWriter = (settings: Partial<GroupWriterSettings> = {}): GroupWriter =>
    new GroupWriter(connection, new Kysely({ dialect: new SqliteDialect(connection) }) as unknown as Database, { clock: systemClock, ...settings });
  const insert = (name: string, parent: number | null = null) => async (database: Database): Promise<string> => {
    await sql`insert into items values (${name}, ${parent})`.execute(database);
    return name;
  };
  const kept = (): unknown[] => connection.prepare('select name from items order by rowid').all().map(({ name }) => name);
  const commits = (): number => statements.filter((statement) => statement === 'commit').length;

  it('commits works that wait at the same time together, in their order', async () => {
    const writer = makeWriter({ batchTimeMs: 60_000 });
    const names = Array.from({ length: 100 }, (_, index) => `item-${index}`);
    expect(await Promise.all(names.map(async (name) => writer.write(insert(name))))).toEqual(names);
    expect(kept()).toEqual(names);
    expect(commits()).toBe(2);
  });

  it('lets who was just served join the next batch', async () => {
    const writer = makeWriter({ batchTimeMs: 60_000 });
    const twice = async (name: string): Promise<void> => {
      await writer.write(insert(`${name} first`));
      await writer.write(insert(`${name} second`));
    };
    await Promise.all(Array.from({ length: 10 }, async (_, index) => twice(String(index))));
    expect(commits()).toBe(2);
  });

  it('tells nobody of success before the commit', async () => {
    const writer = makeWriter();
    const outcome = writer.write(async (database) => {
      await insert('item')(database);
      return commits();
    });
    expect(await outcome.then((during) => [during, commits()])).toEqual([0, 1]);
  });

  it('takes no further work into a batch that lasts long', async () => {
    let now = 0;
    const writer = makeWriter({ clock: { ...systemClock, monotonicMs: () => (now += 5) }, batchTimeMs: 8 });
    await Promise.all(['a', 'b', 'c', 'd'].map(async (name) => writer.write(insert(name))));
    expect(commits()).toBe(2);
  });

  it('runs each work in the asynchronous context of its caller', async () => {
    const writer = makeWriter();
    const context = new AsyncLocalStorage<string>();
    const names = ['one', 'two', 'three'];
    const seen = names.map(async (name) => context.run(name, async () => writer.write(async () => context.getStore())));
    expect(await Promise.all(seen)).toEqual(names);
  });

  it('undoes a failing work alone', async () => {
    const writer = makeWriter();
    const outcomes = await Promise.allSettled([
      writer.write(insert('one')),
      writer.write(async (database) => {
        await insert('lost')(database);
        await insert('one')(database);
      }),
      writer.write(insert('two')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(kept()).toEqual(['one', 'two']);
    expect(commits()).toBe(1);
  });

  it('fails all works of a commit that fails, and goes on', async () => {
    const writer = makeWriter();
    const outcomes = await Promise.allSettled([writer.write(insert('one')), writer.write(insert('orphan', 7)), writer.write(insert('two'))]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(kept()).toEqual([]);
    await writer.write(insert('three'));
    expect(kept()).toEqual(['three']);
  });

  it('fails all works whose transaction SQLite itself gave up, and does the waiting ones anew', async () => {
    const writer = makeWriter();
    const outcomes = await Promise.allSettled([
      writer.write(insert('one')),
      writer.write(async (database) => {
        // What SQLite does by itself when the disk fails.
        await sql`rollback`.execute(database);
        throw new Error('disk failed');
      }),
      writer.write(insert('two')),
    ]);
    expect(outcomes.map(describeOutcome)).toEqual(['disk failed', 'disk failed', 'two']);
    expect(kept()).toEqual(['two']);
  });

  it('keeps exactly what it acknowledged when the disk is full', async () => {
    connection.exec(`pragma max_page_count = 60`);
    const writer = makeWriter();
    const names = Array.from({ length: 100 }, (_, index) => `${index} ${'x'.repeat(5_000)}`);
    const outcomes = await Promise.allSettled(names.map(async (name) => writer.write(insert(name))));
    const acknowledged = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(acknowledged.length).toBeLessThan(100);
    expect(kept()).toEqual(acknowledged);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'INTERNAL', hint: expect.stringContaining('make room') as string });
    connection.exec(`pragma max_page_count = 10000`);
    await writer.write(insert('later'));
    expect(kept().at(-1)).toBe('later');
  });

  it('refuses more works than may wait', async () => {
    const writer = makeWriter({ queueLimit: 3 });
    const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd'].map(async (name) => writer.write(insert(name))));
    expect(outcomes.map(describeOutcome)).toEqual(['a', 'b', 'c', '3 writes are waiting for the database already']);
    expect(await writer.write(insert('e'))).toBe('e');
  });

  it('does what it has taken before it closes, and nothing after', async () => {
    const writer = makeWriter({ batchLimit: 2 });
    const writes = Promise.all(['a', 'b', 'c', 'd', 'e'].map(async (name) => writer.write(insert(name))));
    await writer.close();
    expect(kept()).toEqual(await writes);
    await expect(writer.write(insert('late'))).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
