import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { StoredNode } from '../../src/nodes/stored-node.js';
import type { ApiAnswer } from '../support/api-client.js';
import { createMachineApi, type MachineApi } from '../support/machine-api.js';

interface Setting extends AsyncDisposable {
  readonly api: MachineApi;
  readonly node: StoredNode;
  readonly chassis: string;
  ask(method: string, path: string, body?: unknown, version?: string): Promise<ApiAnswer>;
}

/** A conductor with a chassis and a node that is in none. */
async function setting(): Promise<Setting> {
  const api = await createMachineApi();
  const ask: Setting['ask'] = (method, path, body, version = '1.82') => api.request(method, `/v1${path}`, { version, ...(body === undefined ? {} : { body }) });
  const { node } = await api.addMachine({ name: 'n1' });
  const { body } = await ask('POST', '/chassis', { description: 'rack', extra: { row: 7 } });
  return { api, node, ask, chassis: (body as { uuid: string }).uuid, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

const putInto = (chassis: string | null) => [{ op: 'add', path: '/chassis_uuid', value: chassis }];
const fault = ({ status, error }: ApiAnswer): unknown => [status, error?.['faultstring']];
const names = ({ body }: ApiAnswer): unknown => (body as { nodes: { name: string }[] }).nodes.map(({ name }) => name);

describe('chassis', () => {
  test('are created, listed, changed and deleted', async () => {
    await using at = await setting();
    expect((await at.ask('GET', `/chassis/${at.chassis}`)).body).toMatchObject({ uuid: at.chassis, description: 'rack', extra: { row: 7 }, updated_at: null });
    expect((await at.ask('GET', '/chassis')).body).toEqual({ chassis: [{ uuid: at.chassis, description: 'rack', links: expect.anything() as unknown }] });
    expect((await at.ask('GET', '/chassis/detail')).body).toMatchObject({ chassis: [{ extra: { row: 7 }, nodes: [expect.anything()] }] });
    const patched = await at.ask('PATCH', `/chassis/${at.chassis}`, [{ op: 'remove', path: '/description' }, { op: 'add', path: '/extra/side', value: 'left' }]);
    expect(patched.body).toMatchObject({ description: null, extra: { row: 7, side: 'left' } });
    expect((await at.ask('DELETE', `/chassis/${at.chassis}`)).status).toBe(204);
    expect(fault(await at.ask('DELETE', `/chassis/${at.chassis}`))).toEqual([404, `Chassis ${at.chassis} could not be found.`]);
    expect(fault(await at.ask('GET', '/chassis/rack'))).toEqual([400, 'Expected UUID for chassis_uuid: rack']);
    expect(fault(await at.ask('POST', '/chassis', { description: 'x'.repeat(256) }))).toEqual([400, expect.stringContaining('is too long')]);
  });

  test('take nodes, which keep them from being deleted', async () => {
    await using at = await setting();
    expect((await at.ask('PATCH', `/nodes/${at.node.uuid}`, putInto(at.chassis))).body).toMatchObject({ chassis_uuid: at.chassis });
    expect(fault(await at.ask('DELETE', `/chassis/${at.chassis}`))).toEqual([400, `Cannot complete the requested action because chassis ${at.chassis} contains nodes.`]);
    expect((await at.ask('PATCH', `/nodes/${at.node.uuid}`, putInto(null))).body).toMatchObject({ chassis_uuid: null });
    expect((await at.ask('DELETE', `/chassis/${at.chassis}`)).status).toBe(204);
  });

  test('must exist before a node can be put into one', async () => {
    await using at = await setting();
    const nowhere = randomUUID();
    const refusal = [400, `Chassis ${nowhere} could not be found.`];
    expect(fault(await at.ask('PATCH', `/nodes/${at.node.uuid}`, putInto(nowhere)))).toEqual(refusal);
    expect(fault(await at.ask('POST', '/nodes', { driver: 'fake-hardware', chassis_uuid: nowhere }))).toEqual(refusal);
    expect((await at.ask('POST', '/nodes', { driver: 'fake-hardware', chassis_uuid: at.chassis })).body).toMatchObject({ chassis_uuid: at.chassis });
    expect(await at.api.store.nodes.count({})).toBe(2);
  });

  test('are not deleted while nodes are put into them at the same time', async () => {
    await using at = await setting();
    for (let round = 0; round < 10; round += 1) {
      const { body } = await at.ask('POST', '/chassis', {});
      const { uuid } = body as { uuid: string };
      const [created, deleted] = await Promise.all([at.ask('POST', '/nodes', { driver: 'fake-hardware', chassis_uuid: uuid }), at.ask('DELETE', `/chassis/${uuid}`)]);
      expect([[201, 400], [400, 204]]).toContainEqual([created.status, deleted.status]);
    }
  });

  test('list their nodes', async () => {
    await using at = await setting();
    for (const name of ['a', 'b', 'c']) await at.ask('POST', '/nodes', { name, driver: 'fake-hardware', chassis_uuid: at.chassis, resource_class: name === 'b' ? 'gold' : 'silver' });
    expect(names(await at.ask('GET', `/chassis/${at.chassis}/nodes`))).toEqual(['a', 'b', 'c']);
    expect(names(await at.ask('GET', `/nodes?chassis_uuid=${at.chassis}`))).toEqual(['a', 'b', 'c']);
    expect(names(await at.ask('GET', `/chassis/${at.chassis}/nodes?resource_class=silver&sort_key=name&sort_dir=desc`))).toEqual(['c', 'a']);
    const first = await at.ask('GET', `/chassis/${at.chassis}/nodes?limit=2&fields=name`);
    expect(names(first)).toEqual(['a', 'b']);
    const { next } = first.body as { next: string };
    expect(next).toMatch(new RegExp(`/v1/chassis/${at.chassis}/nodes\\?sort_key=id&sort_dir=asc&fields=name&limit=2&marker=`));
    expect(names(await at.ask('GET', next.slice(next.indexOf('/v1') + 3)))).toEqual(['c']);
    const detail = await at.ask('GET', `/chassis/${at.chassis}/nodes/detail?limit=1`);
    expect(detail.body).toMatchObject({ nodes: [{ name: 'a', chassis_uuid: at.chassis, driver: 'fake-hardware' }] });
    expect((detail.body as { next: string }).next).toContain(`/v1/chassis/${at.chassis}/nodes/detail?`);
  });

  test('that do not exist have no nodes to list', async () => {
    await using at = await setting();
    const nowhere = randomUUID();
    for (const path of [`/chassis/${nowhere}/nodes`, `/chassis/${nowhere}/nodes/detail`, `/nodes?chassis_uuid=${nowhere}`]) {
      expect([path, fault(await at.ask('GET', path))]).toEqual([path, [404, `Chassis ${nowhere} could not be found.`]]);
    }
    expect(fault(await at.ask('GET', '/chassis/rack/nodes'))).toEqual([400, 'Expected UUID for chassis_uuid: rack']);
    expect(fault(await at.ask('GET', `/chassis/${at.chassis}/nodes?chassis_uuid=${nowhere}`))).toEqual([400, 'Unexpected arguments: chassis_uuid']);
  });
});
