import postgres from 'postgres';
import { openStore } from '../../src/store/open-store.js';
import type { PostgresqlServer } from '@ferric/lab';
import type { StorePlace } from './store-place.js';

export interface PostgresqlPlace extends StorePlace {
  readonly databaseUrl: string;
  /** A client of its own, to look at the database and to stand in its way. */
  readonly client: postgres.Sql;
}

/** An empty database on a private server. */
export async function makePostgresqlPlace(server: PostgresqlServer): Promise<PostgresqlPlace> {
  const databaseUrl = await server.createDatabase();
  const types = { bigint: { to: 20, from: [20], parse: Number, serialize: String } };
  const client = postgres(databaseUrl, { max: 4, onnotice: () => undefined, types });
  return {
    databaseUrl,
    client,
    location: { databaseUrl },
    open: async (options = {}) => openStore({ databaseUrl, hostname: 'test', ...options }),
    async dump() {
      const tables = await client<{ name: string }[]>`select tablename as name from pg_tables where schemaname = 'public' order by 1`;
      const contents = tables.map(async ({ name }) => [name, [...(await client.unsafe(`select * from ${name} order by 1`))]] as const);
      return Object.fromEntries(await Promise.all(contents));
    },
    [Symbol.asyncDispose]: async () => client.end(),
  };
}
