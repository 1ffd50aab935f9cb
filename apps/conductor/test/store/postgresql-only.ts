import { randomUUID } from 'node:crypto';
import { Secret } from '@ferric/core';
import { createRecordingLogger } from '@ferric/core/testing';
import { Kysely, sql } from 'kysely';
import postgres from 'postgres';
import { describe, expect, it, vi } from 'vitest';
import type { NewNodeEvent } from '../../src/events/node-event.js';
import { MIGRATIONS } from '../../src/store/migrations/index.js';
import { openStore } from '../../src/store/open-store.js';
import { PostgresqlDialect } from '../../src/store/postgresql/postgresql-dialect.js';
import type { Store } from '../../src/store/store.js';
import type { PostgresqlServer } from '@ferric/lab';
import { comparable } from '../support/comparable.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { makePostgresqlPlace, type PostgresqlPlace } from './postgresql-place.js';
import { newNode, newPort } from './random-nodes.js';

const event = (message: string): NewNodeEvent => ({
  nodeUuid: randomUUID(), type: 'node-updated', severity: 'INFO', message, details: {}, actor: 'test',
});
const failure = async (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'did not fail', (error: unknown) => error);
const PATIENCE = { timeout: 20_000, interval: 20 };

type SessionState = 'active' | 'idle in transaction';

function through({ databaseUrl }: PostgresqlPlace, proxy: TcpProxy): string {
  const url = new URL(databaseUrl);
  url.port = String(proxy.port);
  return url.href;
}

/** Sessions of the store that wait for a lock. */
async function waitingSessions({ client }: PostgresqlPlace): Promise<number> {
  const [row] = await client<{ count: number }[]>`
    select count(*) from pg_stat_activity where datname = current_database() and application_name = 'ferric-conductor' and wait_event_type = 'Lock'`;
  return row?.count ?? 0;
}

/** What only PostgreSQL does: several conductors at a time, and a server that can go away. */
export function describePostgresqlOnly(server: () => PostgresqlServer): void {
  const makePlace = async (): Promise<PostgresqlPlace> => makePostgresqlPlace(server());

  describe('several conductors on PostgreSQL', () => {
    it('never number an event so that a reader who resumes misses it', async () => {
      await using place = await makePlace();
      await using one = await place.open({ hostname: 'one' });
      await using other = await place.open({ hostname: 'other' });
      // The commit of an event named "slow" takes until the lock 42 is free: long after its number was given.
      await place.client.unsafe(`
        create function wait_at_commit() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(42); return null; end $$;
        create constraint trigger slow_commit after insert on node_events deferrable initially deferred
          for each row when (new.message = 'slow') execute function wait_at_commit();`);
      const gate = await place.client.reserve();
      await gate`select pg_advisory_lock(42)`;
      const slow = one.write(async ({ events }) => events.append(event('slow')));
      await vi.waitUntil(async () => (await waitingSessions(place)) === 1, PATIENCE);

      let fastIsDone = false;
      const fast = other.write(async ({ events }) => events.append(event('fast'))).then(() => (fastIsDone = true));
      await vi.waitUntil(async () => fastIsDone || (await waitingSessions(place)) === 2, PATIENCE);
      const seen = [...(await one.events.after(0, { limit: 10 }))];
      await gate`select pg_advisory_unlock(42)`;
      gate.release();
      await Promise.all([slow, fast]);
      seen.push(...(await one.events.after(seen.at(-1)?.id ?? 0, { limit: 10 })));
      expect(seen.map(({ message, conductor }) => [message, conductor])).toEqual([['slow', 'one'], ['fast', 'other']]);
    });

    it('never lose an update', async () => {
      await using place = await makePlace();
      await using one = await place.open();
      await using other = await place.open();
      const node = newNode({ extra: { count: 0 } });
      await one.write(async ({ nodes }) => nodes.insert(node));
      const add = async (store: Store): Promise<unknown> =>
        store.write(async ({ nodes, events }) => {
          const present = await nodes.getForUpdate(node.uuid);
          await events.append(event('counted'));
          return nodes.update(node.uuid, { extra: { count: Number(present?.extra['count']) + 1 } });
        });
      await Promise.all(Array.from({ length: 100 }, async (_, index) => add(index % 2 === 0 ? one : other)));
      expect((await other.nodes.get(node.uuid))?.extra).toEqual({ count: 100 });
      expect(await one.events.after(0, { limit: 1000 })).toHaveLength(100);
    });

    it('never lose a secret that another writes at the same time', async () => {
      await using place = await makePlace();
      await using one = await place.open();
      await using other = await place.open();
      const node = newNode();
      await one.write(async ({ nodes }) => nodes.insert(node));
      await Promise.all(
        Array.from({ length: 20 }, async () =>
          Promise.all([
            one.write(async ({ nodes }) => nodes.update(node.uuid, { driverInfo: { password: new Secret('a') } })),
            other.write(async ({ nodes }) => nodes.update(node.uuid, { instanceInfo: { configdrive: new Secret('b') } })),
          ]),
        ),
      );
      const kept = await one.nodes.get(node.uuid);
      expect(comparable([kept?.driverInfo, kept?.instanceInfo])).toEqual(comparable([{ password: new Secret('a') }, { configdrive: new Secret('b') }]));
    });

    it('start at the same time and migrate once', async () => {
      await using place = await makePlace();
      const loggers = Array.from({ length: 4 }, () => createRecordingLogger());
      const stores = await Promise.all(loggers.map(async (logger) => place.open({ logger })));
      await Promise.all(stores.map(async (store) => store.ping()));
      expect(loggers.flatMap((logger) => logger.at('info')).map(({ message }) => message)).toEqual(['Created the tables of the database']);
      expect((await place.dump())['schema_versions']).toHaveLength(MIGRATIONS.length);
      await Promise.all(stores.map(async (store) => store[Symbol.asyncDispose]()));
    });

    it('run a work again that the server undid to end a deadlock', async () => {
      await using place = await makePlace();
      await using store = await place.open();
      const [first, second] = [newNode({ name: 'first' }), newNode({ name: 'second' })];
      await store.write(async ({ nodes }) => {
        await nodes.insert(first);
        await nodes.insert(second);
      });
      let runs = 0;
      const firstLocks = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const lockBoth = async (position: 0 | 1): Promise<void> => {
        const order = position === 0 ? [first, second] : [second, first];
        await store.write(async ({ nodes, events }) => {
          runs += 1;
          await nodes.getForUpdate(order[0]?.uuid ?? '');
          firstLocks[position]?.resolve();
          // Both hold one row before either asks for the other's.
          await Promise.all(firstLocks.map(async ({ promise }) => promise));
          await nodes.update(order[1]?.uuid ?? '', { description: String(position) });
          await events.append(event(String(position)));
        });
      };
      await Promise.all([lockBoth(0), lockBoth(1)]);
      expect(runs).toBe(3);
      expect((await store.events.after(0, { limit: 10 })).map(({ message }) => message).toSorted()).toEqual(['0', '1']);
    });
  });

  describe('a PostgreSQL server that goes away', () => {
    /** Ends the one session of the store that is in this state, as a failing server would. */
    const endSession = async ({ client }: PostgresqlPlace, state: SessionState): Promise<void> => {
      const ended = await client`
        select pg_terminate_backend(pid, 5000) as ended from pg_stat_activity
        where datname = current_database() and application_name = 'ferric-conductor' and state = ${state}`;
      expect(ended).toMatchObject([{ ended: true }]);
    };
    const expectWhole = async (store: Store): Promise<void> => {
      const others = [1, 2, 3].map((index) => newNode({ name: `other-${index}` }));
      await Promise.all(others.map(async (node) => store.write(async ({ nodes }) => nodes.insert(node))));
      const names = await store.nodes.list({}, { sortKey: 'name', sortDirection: 'asc', limit: 10 }, ['name']);
      expect(names?.map(({ name }) => name)).toEqual(['other-1', 'other-2', 'other-3']);
    };

    const ways = [
      { way: 'ended by the server', lose: async (place: PostgresqlPlace, state: SessionState) => endSession(place, state) },
      { way: 'cut by the network', lose: async (_: PostgresqlPlace, _state: SessionState, proxy: TcpProxy) => proxy.cut() },
    ];

    it.each(ways)('while it works on a statement ($way), takes the whole transaction with it', async ({ lose }) => {
      await using place = await makePlace();
      await using proxy = await startTcpProxy(server().port);
      await using store = await place.open({ databaseUrl: through(place, proxy) });
      const gate = await place.client.reserve();
      await gate`begin`;
      await gate`lock table ports in access exclusive mode`;
      const lost = failure(
        store.write(async ({ nodes, ports }) => {
          const node = newNode({ name: 'first half' });
          await nodes.insert(node);
          await ports.insert(newPort(node.uuid));
        }),
      );
      await vi.waitUntil(async () => (await waitingSessions(place)) === 1, PATIENCE);
      await lose(place, 'active', proxy);
      expect(await lost).toMatchObject({ code: 'UNREACHABLE' });
      await gate`rollback`;
      gate.release();
      await expectWhole(store);
    });

    it.each(ways)('between two statements ($way), takes the whole transaction with it', async ({ lose }) => {
      await using place = await makePlace();
      await using proxy = await startTcpProxy(server().port);
      await using store = await place.open({ databaseUrl: through(place, proxy) });
      const lost = failure(
        store.write(async ({ nodes }) => {
          await nodes.insert(newNode({ name: 'first half' }));
          await lose(place, 'idle in transaction', proxy);
          // The pool opens a session in the place of the lost one for these, and the transaction must not continue on it.
          await vi.waitFor(async () => Promise.all(Array.from({ length: 30 }, async () => store.nodes.count({}))), PATIENCE);
          await nodes.insert(newNode({ name: 'second half' }));
        }),
      );
      expect(await lost).toMatchObject({ code: 'UNREACHABLE' });
      await expectWhole(store);
    });

    it('without closing its connections, is not waited for', async () => {
      await using place = await makePlace();
      await using proxy = await startTcpProxy(server().port);
      const pool = postgres(through(place, proxy), { max: 2 });
      const database = new Kysely<never>({ dialect: new PostgresqlDialect(pool, 500) });
      const silent = { code: 'UNREACHABLE', message: expect.stringContaining('no answer within 500 ms') as string };
      const transaction = failure(
        database.transaction().execute(async (open) => {
          await sql`select 1`.execute(open);
          proxy.freeze();
          await sql`select 2`.execute(open);
        }),
      );
      expect(await transaction).toMatchObject(silent);
      proxy.cut();
      expect((await sql`select 3 as three`.execute(database)).rows).toEqual([{ three: 3 }]);
      proxy.freeze();
      expect(await failure(sql`select 4`.execute(database))).toMatchObject(silent);
      await pool.end({ timeout: 1 });
    });

    it('is missed with a clear error, and used again when it is back', async () => {
      await using place = await makePlace();
      const logger = createRecordingLogger();
      await using store = await place.open({ logger });
      await store.write(async ({ nodes }) => nodes.insert(newNode({ name: 'before' })));
      await server().stop();
      try {
        expect(await failure(store.ping())).toMatchObject({ code: 'UNREACHABLE', retryable: true });
        expect(await failure(store.nodes.count({}))).toMatchObject({ code: 'UNREACHABLE' });
        expect(await failure(store.write(async ({ nodes }) => nodes.insert(newNode())))).toMatchObject({ code: 'UNREACHABLE' });
        expect(await failure(place.open())).toMatchObject({ code: 'UNREACHABLE', hint: expect.stringContaining('server runs') as string });
      } finally {
        await server().start();
      }
      await vi.waitFor(async () => store.ping(), PATIENCE);
      await store.write(async ({ nodes }) => nodes.insert(newNode({ name: 'after' })));
      expect(await store.nodes.count({})).toBe(2);
    });
  });

  describe('opening PostgreSQL', () => {
    it.each([
      ['a wrong password', (url: URL) => (url.password = 'wrong-password-31c'), 'AUTH_FAILED'],
      ['a database that is not there', (url: URL) => (url.pathname = '/nowhere'), 'NOT_FOUND'],
      ['no server', (url: URL) => (url.port = '1'), 'UNREACHABLE'],
    ])('with %s says so', async (_, spoil, code) => {
      await using place = await makePlace();
      const url = new URL(place.databaseUrl);
      spoil(url);
      const error = await failure(openStore({ databaseUrl: url.href, hostname: 'test' }));
      expect(error).toMatchObject({ code, hint: expect.any(String) as string });
      expect(JSON.stringify(error) + String(error)).not.toContain(url.password);
    });

    it('refuses a URL of something else without showing it', async () => {
      for (const databaseUrl of ['mysql://user:swordfish@host/db', 'swordfish', '']) {
        const error = await failure(openStore({ databaseUrl, hostname: 'test' }));
        expect(error).toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringContaining('databaseUrl') as string });
        expect(String(error)).not.toContain('swordfish');
      }
    });

    it('refuses a database that cannot hold every text', async () => {
      const [{ name } = { name: '' }] = (await server().query("select 'latin_' || floor(random() * 1e9)::text as name")) as { name: string }[];
      await server().query(`create database ${name} encoding 'LATIN1' locale_provider libc locale 'C' template template0`);
      const url = new URL((await makePlace()).databaseUrl);
      url.pathname = `/${name}`;
      const error = await failure(openStore({ databaseUrl: url.href, hostname: 'test' }));
      expect(error).toMatchObject({ code: 'UNSUPPORTED', details: { encoding: 'LATIN1' } });
    });
  });
}
