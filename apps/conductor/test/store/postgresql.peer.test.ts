import { afterAll, beforeAll } from 'vitest';
import { type PostgresqlServer, startPostgresql } from '@ferric/lab';
import { describePostgresqlOnly } from './postgresql-only.js';
import { makePostgresqlPlace } from './postgresql-place.js';
import { describeStore } from './store-suite.js';

let server: PostgresqlServer;
beforeAll(async () => {
  server = await startPostgresql();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describeStore('PostgreSQL', async () => makePostgresqlPlace(server));
describePostgresqlOnly(() => server);
