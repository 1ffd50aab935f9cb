import { randomUUID } from 'node:crypto';
import { Secret } from '@ferric/core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { EMPTY_ALLOCATION } from '../../src/resources/allocation.js';
import { openStore } from '../../src/store/open-store.js';
import { newNode } from '../store/random-nodes.js';
import { makePostgresqlPlace } from '../store/postgresql-place.js';
import { startPostgresql, type PostgresqlServer } from '@ferric/lab';
import { runConductor } from '../support/running-conductor.js';
import { describeContention } from './suite.js';

let server: PostgresqlServer;
beforeAll(async () => {
  server = await startPostgresql();
});
afterAll(() => server[Symbol.asyncDispose]());

describeContention('PostgreSQL', async () => makePostgresqlPlace(server), false);

test('a conductor takes up what another left waiting, without being started again', async () => {
  const databaseUrl = await server.createDatabase();
  await using _running = await runConductor({ databaseUrl: new Secret(databaseUrl), conductorName: 'alive', reconcileIntervalMs: 100 });
  await using store = await openStore({ databaseUrl, dataDirectory: '', hostname: 'dead' });
  const node = newNode({ provisionState: 'available', powerState: 'power on', resourceClass: 'large' });
  const uuid = randomUUID();
  await store.write(async ({ nodes, allocations }) => {
    await nodes.insert(node);
    await allocations.insert({ ...EMPTY_ALLOCATION, uuid, resourceClass: 'large', createdAt: new Date() });
  });
  await vi.waitUntil(async () => (await store.allocations.get(uuid))?.state === 'active', { timeout: 10_000, interval: 20 });
  expect(await store.nodes.get(node.uuid)).toMatchObject({ allocationUuid: uuid, instanceUuid: uuid });
});
