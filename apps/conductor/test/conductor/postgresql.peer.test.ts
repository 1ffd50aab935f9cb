import { Secret } from '@ferric/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgresql, type PostgresqlServer } from '@ferric/lab';
import { pruneJournal } from '../../src/workflows/backend.js';
import { runConductor, type RunConductor } from '../support/running-conductor.js';
import { describeLifecycle } from './suite/lifecycle.js';
import { describePower } from './suite/power.js';
import { describeProvisioning } from './suite/provisioning.js';
import { describeRecovery } from './suite/recovery.js';

let server: PostgresqlServer;

beforeAll(async () => {
  server = await startPostgresql();
});

afterAll(() => server[Symbol.asyncDispose]());

const emptyDatabase = async (): Promise<Secret> => new Secret(await server.createDatabase());
const onPostgresql: RunConductor = async (settings = {}, extra = []) => runConductor({ databaseUrl: await emptyDatabase(), ...settings }, extra);

describeLifecycle('PostgreSQL', onPostgresql);
describePower('PostgreSQL', onPostgresql);
describeRecovery('PostgreSQL', onPostgresql, emptyDatabase);
describeProvisioning('PostgreSQL', onPostgresql, async () => ({ databaseUrl: await emptyDatabase() }));

describe('two conductors on one PostgreSQL', () => {
  test('either serves every node, and what one begins the other may finish', async () => {
    const databaseUrl = await emptyDatabase();
    await using first = await runConductor({ databaseUrl, conductorName: 'first' });
    await using second = await runConductor({ databaseUrl, conductorName: 'second' });
    const uuids = await Promise.all(Array.from({ length: 20 }, (_, index) => first.enrol(`n${index}`)));
    await Promise.all(uuids.map((uuid, index) => (index % 2 === 0 ? first : second).provision(uuid, 'manage', 'manageable')));
    await Promise.all(uuids.map((uuid, index) => (index % 2 === 0 ? second : first).provision(uuid, 'provide', 'available')));
    await Promise.all(uuids.map((uuid, index) => (index % 3 === 0 ? second : first).provision(uuid, 'active', 'active')));
    const { body } = await second.call('GET', '/v1/nodes?provision_state=active');
    expect(body['nodes']).toHaveLength(20);
    const conductors = (await second.call('GET', '/v1/conductors')).body['conductors'] as unknown as { hostname: string }[];
    expect(conductors.map((each) => each.hostname).toSorted()).toEqual(['first', 'second']);
  });

  test('a node is never worked on by two at once', async () => {
    const databaseUrl = await emptyDatabase();
    await using first = await runConductor({ databaseUrl, conductorName: 'first', lockWaitMs: 50 });
    await using second = await runConductor({ databaseUrl, conductorName: 'second', lockWaitMs: 50 });
    const uuid = await first.enrol('n1', { fake_power_delay_ms: 500 });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? first : second).call('PUT', `/v1/nodes/${uuid}/states/power`, { target: 'power on' })),
    );
    expect(answers.filter((answer) => answer.status === 202)).toHaveLength(1);
    expect(answers.filter((answer) => answer.status === 409)).toHaveLength(9);
    await second.waitFor(uuid, (node) => node['power_state'] === 'power on' && node['reservation'] === null);
  });

  test('several may start at once on an empty database', async () => {
    const databaseUrl = await emptyDatabase();
    const started = await Promise.allSettled(['first', 'second', 'third', 'fourth'].map((conductorName) => runConductor({ databaseUrl, conductorName })));
    for (const result of started) if (result.status === 'fulfilled') await result.value[Symbol.asyncDispose]();
    expect(started.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []))).toEqual([]);
  });

  test('finished runs are forgotten after a week', async () => {
    const databaseUrl = await emptyDatabase();
    await using running = await runConductor({ databaseUrl });
    const uuid = await running.enrol('n1', {}, { automated_clean: true });
    await running.provision(uuid, 'manage', 'manageable');
    await running.provision(uuid, 'provide', 'available');
    const journal = { databaseUrl: databaseUrl.reveal(), dataDirectory: running.dataDir };
    const day = 24 * 60 * 60 * 1000;
    expect(await pruneJournal(journal, new Date(Date.now() + 6 * day))).toBe(0);
    await expect.poll(() => pruneJournal(journal, new Date(Date.now() + 8 * day)), { timeout: 5000 }).toBeGreaterThan(0);
    await running.provision(uuid, 'active', 'active');
  });
});
