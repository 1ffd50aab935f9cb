import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EMPTY_ALLOCATION } from '../../src/resources/allocation.js';
import { openStore } from '../../src/store/open-store.js';
import { runConductor, type RunningConductor } from '../support/running-conductor.js';

let dataDir: string;
beforeEach(async () => void (dataDir = await mkdtemp(join(tmpdir(), 'ferric-allocations-'))));
afterEach(() => rm(dataDir, { recursive: true, force: true }));

/** Enrols a node and makes it available. */
async function free(running: RunningConductor): Promise<string> {
  const uuid = await running.enrol('n1', {}, { resource_class: 'large' });
  await running.provision(uuid, 'manage', 'manageable');
  await running.provision(uuid, 'provide', 'available');
  return uuid;
}

const settled = (running: RunningConductor, name: string): Promise<unknown> =>
  vi.waitUntil(
    async () => {
      const { body } = await running.call('GET', `/v1/allocations/${name}`);
      return body['state'] === 'allocating' ? false : body;
    },
    { timeout: 10_000, interval: 10 },
  );

describe('an allocation on a conductor', () => {
  test('lives as long as its instance: it stays while the node is deployed and rebuilt, and ends when it is torn down', async () => {
    await using running = await runConductor({ dataDir });
    const uuid = await free(running);
    await running.call('POST', '/v1/allocations', { resource_class: 'large', name: 'a' });
    expect(await settled(running, 'a')).toMatchObject({ state: 'active', node_uuid: uuid });
    await running.provision(uuid, 'active', 'active');
    await running.provision(uuid, 'rebuild', 'active');
    expect((await running.call('GET', `/v1/nodes/${uuid}/allocation`)).body).toMatchObject({ name: 'a', state: 'active' });
    expect((await running.call('DELETE', '/v1/allocations/a')).status).toBe(409);

    expect(await running.provision(uuid, 'deleted', 'available')).toMatchObject({ allocation_uuid: null, instance_uuid: null, instance_info: {} });
    expect((await running.call('GET', '/v1/allocations/a')).status).toBe(404);
    const told = (await running.timeline(uuid)).map((event) => event['type']);
    expect(told.filter((type) => ['allocated', 'deallocated'].includes(String(type)))).toEqual(['allocated', 'deallocated']);
    await running.call('POST', '/v1/allocations', { resource_class: 'large', name: 'a' });
    expect(await settled(running, 'a')).toMatchObject({ state: 'active', node_uuid: uuid });
  });

  test('that waited when its conductor died is fulfilled by the next start', async () => {
    let uuid: string;
    {
      await using running = await runConductor({ dataDir });
      uuid = await free(running);
    }
    {
      await using store = await openStore({ dataDirectory: dataDir, hostname: 'test' });
      const left = { ...EMPTY_ALLOCATION, resourceClass: 'large', createdAt: new Date() };
      await store.write(async ({ allocations }) => {
        await allocations.insert({ ...left, uuid: randomUUID(), name: 'a' });
        await allocations.insert({ ...left, uuid: randomUUID(), name: 'b', resourceClass: 'none' });
      });
    }
    await using running = await runConductor({ dataDir });
    expect(await settled(running, 'a')).toMatchObject({ state: 'active', node_uuid: uuid });
    expect(await settled(running, 'b')).toMatchObject({ state: 'error', node_uuid: null });
  });
});
