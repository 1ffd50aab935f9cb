import { randomUUID } from 'node:crypto';
import { Secret } from '@ferric/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { StoredNode } from '../../src/nodes/stored-node.js';
import type { NodeUpdate } from '../../src/store/store.js';
import { createMachineApi, type MachineApi, type MachineRequest } from '../support/machine-api.js';

type Json = Record<string, unknown>;

let api: MachineApi;
beforeEach(async () => void (api = await createMachineApi()));
afterEach(() => api[Symbol.asyncDispose]());

const ask = (method: string, path: string, options: MachineRequest = {}) => api.request(method, `/v1${path}`, { version: '1.82', ...options });
const faultOf = async (answer: ReturnType<typeof ask>): Promise<readonly unknown[]> => {
  const { status, error } = await answer;
  return [status, error?.['faultstring'] ?? error?.['description']];
};
let macs = 0;
/** A node that can be given away. */
const free = async (changes: NodeUpdate = {}): Promise<StoredNode> => {
  macs += 1;
  const fields = { provisionState: 'available', powerState: 'power off', resourceClass: 'baremetal', ...changes } as const;
  return (await api.addMachine(fields, `52:54:00:00:01:${macs.toString(16).padStart(2, '0')}`)).node;
};
/** Asks for an allocation and waits until it is settled. */
const allocate = async (body: Json = {}, version = '1.82'): Promise<Json> => {
  const answer = await ask('POST', '/allocations', { body: { resource_class: 'baremetal', ...body }, version });
  if (answer.status !== 201) throw new Error(`It was refused: ${answer.text}`);
  await api.settle();
  return show(String((answer.body as Json)['uuid']));
};
const show = async (identifier: string): Promise<Json> => (await ask('GET', `/allocations/${identifier}`)).body as Json;

describe('an allocation', () => {
  test('is answered while it waits, as Ironic does, and has its node soon after', async () => {
    const node = await free({ traits: ['CUSTOM_A', 'CUSTOM_B'], instanceInfo: { kept: 'yes', configdrive: new Secret('x') } });
    const created = await ask('POST', '/allocations', { body: { resource_class: 'baremetal', name: 'alloc-1', traits: ['CUSTOM_A'] } });
    const { uuid } = created.body as { readonly uuid: string };
    const links = [
      { href: `http://192.0.2.1:6385/v1/allocations/${uuid}`, rel: 'self' },
      { href: `http://192.0.2.1:6385/allocations/${uuid}`, rel: 'bookmark' },
    ];
    expect([created.status, created.headers['location'], Object.entries(created.body as Json)]).toEqual([
      201, links[0]?.href,
      Object.entries({
        uuid, created_at: '2026-11-21T08:00:00.000000+00:00', updated_at: null, candidate_nodes: [], extra: {}, last_error: null, name: 'alloc-1', owner: null,
        resource_class: 'baremetal', state: 'allocating', traits: ['CUSTOM_A'], links, node_uuid: null,
      }),
    ]);
    await api.settle();
    const settled = { ...(created.body as Json), state: 'active', node_uuid: node.uuid, updated_at: expect.any(String) as string };
    expect(await show('alloc-1')).toEqual(settled);
    expect((await ask('GET', `/nodes/${node.uuid}/allocation`)).body).toEqual(settled);

    const given = await api.node(node.uuid);
    expect(given).toMatchObject({ instanceUuid: uuid, allocationUuid: uuid, instanceInfo: { kept: 'yes', traits: ['CUSTOM_A'] } });
    expect((given.instanceInfo['configdrive'] as Secret).reveal()).toBe('x');
    expect((await ask('GET', `/nodes/${node.uuid}`)).body).toMatchObject({ allocation_uuid: uuid, instance_uuid: uuid });
    expect(await api.events(node.uuid, 'allocated')).toMatchObject([
      { message: 'Given to allocation alloc-1', details: { allocation: uuid, name: 'alloc-1' }, actor: created.headers['openstack-request-id'] },
    ]);
  });

  test.each([
    ['no node of its class', {}, { resource_class: 'no-such-class' }, 'no available nodes match the resource class no-such-class'],
    ['a node that is not available', { provisionState: 'manageable' }, {}, 'no available nodes match the resource class baremetal'],
    ['a node in maintenance', { maintenance: true }, {}, 'no available nodes match the resource class baremetal'],
    ['a node whose power is not known', { powerState: null }, {}, 'no available nodes match the resource class baremetal'],
    ['a node with an instance', { instanceUuid: randomUUID() }, {}, 'no available nodes match the resource class baremetal'],
    ['a node of somebody else', { owner: 'them' }, { owner: 'us' }, 'no available nodes match the resource class baremetal'],
    ['a node that cannot do it', { traits: ['CUSTOM_A'] }, { traits: ['CUSTOM_A', 'CUSTOM_B'] }, 'no suitable nodes have the requested traits CUSTOM_A, CUSTOM_B'],
  ] as const)('that finds %s fails and says so', async (_case, changes, body, reason) => {
    const node = await free(changes as NodeUpdate);
    const failed = await allocate(body);
    expect(failed).toMatchObject({ state: 'error', node_uuid: null, last_error: `Failed to process allocation ${String(failed['uuid'])}: ${reason}.` });
    expect((await api.node(node.uuid)).allocationUuid).toBeNull();
    expect(await api.events(node.uuid, 'allocated')).toEqual([]);
  });

  test('gets a node of its owner, or one that is lent to him', async () => {
    const [own, lent] = [await free({ owner: 'us' }), await free({ owner: 'them', lessee: 'us' })];
    await free({ owner: 'them' });
    const given = [await allocate({ owner: 'us' }), await allocate({ owner: 'us' }), await allocate({ owner: 'us' })];
    expect(given.map((each) => String(each['node_uuid'])).toSorted()).toEqual([own.uuid, lent.uuid, 'null'].toSorted());
  });

  test('chooses among the named nodes, which it keeps by their UUIDs in the order in which they were named', async () => {
    const [first, second] = [await free({ name: 'first' }), await free({ name: 'second', provisionState: 'manageable' })];
    await free();
    const chosen = await allocate({ candidate_nodes: ['second', first.uuid.toUpperCase()] });
    expect(chosen).toMatchObject({ state: 'active', node_uuid: first.uuid, candidate_nodes: [second.uuid, first.uuid] });
    const none = await allocate({ candidate_nodes: ['second'] });
    expect(none['last_error']).toBe(`Failed to process allocation ${String(none['uuid'])}: none of the requested nodes are available and match the resource class baremetal.`);
  });

  test('gets the node of its own name when that is free', async () => {
    await free({ name: 'one' });
    const namesake = await free({ name: 'two' });
    await free({ name: 'three' });
    expect(await allocate({ name: 'two' })).toMatchObject({ state: 'active', node_uuid: namesake.uuid });
  });

  test('tries locked nodes again for a while', async () => {
    const node = await free({ reservation: 'other' });
    const { body } = await ask('POST', '/allocations', { body: { resource_class: 'baremetal', name: 'patient' } });
    // The retries wait on a clock that only moves when it is moved.
    const untilSettled = (): Promise<unknown> =>
      vi.waitUntil(async () => {
        await api.clock.advance(500);
        return (await show('patient'))['state'] !== 'allocating';
      }, { timeout: 5000, interval: 10 });
    await untilSettled();
    expect((await show('patient'))['last_error']).toBe(`Failed to process allocation ${String((body as Json)['uuid'])}: could not reserve any of 1 suitable nodes.`);
    await ask('DELETE', '/allocations/patient');

    await ask('POST', '/allocations', { body: { resource_class: 'baremetal', name: 'patient' } });
    await api.store.write((transaction) => transaction.nodes.update(node.uuid, { reservation: null }));
    await untilSettled();
    expect(await show('patient')).toMatchObject({ state: 'active', node_uuid: node.uuid });
  });

  test('whose UUID is the instance of a node elsewhere fails and takes no node', async () => {
    const uuid = randomUUID();
    await free({ instanceUuid: uuid });
    const node = await free();
    expect(await allocate({ uuid })).toMatchObject({
      state: 'error', last_error: `Unexpected exception during allocation: Instance ${uuid} is already associated with a node, it cannot be associated with this other node ${node.uuid}`,
    });
    expect(await api.node(node.uuid)).toMatchObject({ instanceUuid: null, allocationUuid: null });
  });
});

describe('a creation', () => {
  const NOBODY = '00000000-0000-4000-8000-000000000000';

  test.each([
    ['without a class', { resource_class: null }, 'The resource_class field is mandatory when not backfilling'],
    ['with an empty class', { resource_class: '' }, 'The resource_class field is mandatory when not backfilling'],
    ['with a class that is too long', { resource_class: 'x'.repeat(81) }, `Schema error for allocation: '${'x'.repeat(81)}' is too long`],
    ['with a bad UUID', { uuid: '!@#$^*&%^' }, 'Expected UUID for uuid: !@#$^*&%^'],
    ['with a bad name', { name: 'not/a/name' }, "Cannot create allocation with invalid name 'not/a/name'"],
    ['with a bad trait', { traits: ['foo'] }, "Schema error for allocation: 'foo' is not valid under any of the given schemas. Possible root cause: 'foo' does not match '^CUSTOM_[A-Z0-9_]+$'"],
    ['with traits that are no list', { traits: 'CUSTOM_A' }, "Schema error for allocation: 'CUSTOM_A' is not of type 'array', 'null'"],
    ['with nodes that are not there', { candidate_nodes: ['banana?', NOBODY] }, `Nodes cannot be found: banana?, ${NOBODY}`],
    ['with nodes that are no list', { candidate_nodes: 'n1' }, "Schema error for allocation: 'n1' is not of type 'array', 'null'"],
    ['with a node that is no text', { candidate_nodes: [5] }, "Schema error for allocation: 5 is not of type 'string'"],
    ['with extra that is no object', { extra: 'x' }, "Schema error for allocation: 'x' is not of type 'object', 'null'"],
    ['with what the conductor decides', { state: 'active' }, "Schema error for allocation: Additional properties are not allowed ('state' was unexpected)"],
    ['for a node that is not there', { node: 'nobody' }, 'Node nobody could not be found.'],
  ])('%s is refused', async (_case, body, faultstring) => {
    expect(await faultOf(ask('POST', '/allocations', { body: { resource_class: 'baremetal', ...body } }))).toEqual([400, faultstring]);
    expect(await api.store.allocations.count({})).toBe(0);
  });

  test('that takes a name or a UUID twice is refused', async () => {
    const { uuid } = await allocate({ name: 'one' });
    expect(await faultOf(ask('POST', '/allocations', { body: { resource_class: 'x', name: 'one' } }))).toEqual([409, 'An allocation with name one already exists.']);
    expect(await faultOf(ask('POST', '/allocations', { body: { resource_class: 'x', uuid } }))).toEqual([409, `An allocation with UUID ${String(uuid)} already exists.`]);
  });

  test('knows the owner from 1.60 on, and backfilling from 1.58 on', async () => {
    const owned = { resource_class: 'x', owner: 'us' };
    expect((await ask('POST', '/allocations', { body: owned, version: '1.59' })).status).toBe(406);
    expect((await ask('POST', '/allocations', { body: owned, version: '1.60' })).status).toBe(201);
    const backfill = { resource_class: 'baremetal', node: (await free({ provisionState: 'active' })).uuid };
    expect(await faultOf(ask('POST', '/allocations', { body: backfill, version: '1.57' }))).toEqual([400, 'Cannot set node when creating an allocation in this API version']);
    expect((await ask('POST', '/allocations', { body: backfill, version: '1.58' })).status).toBe(201);
  });
});

describe('backfilling', () => {
  test('writes the allocation down at once, with the UUID of the instance and the class of the node', async () => {
    const instanceUuid = randomUUID();
    const node = await free({ name: 'deployed', provisionState: 'active', instanceUuid, traits: ['CUSTOM_A'] });
    const answer = await ask('POST', '/allocations', { body: { node: 'deployed', traits: ['CUSTOM_A'], candidate_nodes: ['deployed'] } });
    expect([answer.status, answer.body]).toMatchObject([201, { uuid: instanceUuid, state: 'active', node_uuid: node.uuid, resource_class: 'baremetal', candidate_nodes: [node.uuid] }]);
    expect(await api.node(node.uuid)).toMatchObject({ instanceUuid, allocationUuid: instanceUuid, instanceInfo: { traits: ['CUSTOM_A'] } });
    expect(await api.events(node.uuid, 'allocated')).toHaveLength(1);
    expect(await faultOf(ask('POST', '/allocations', { body: { node: 'deployed' } }))).toEqual([409, `An allocation with UUID ${instanceUuid} already exists.`]);
  });

  test('of what does not fit is refused and leaves nothing', async () => {
    const uuid = randomUUID();
    const [idle, busy] = [await free(), await free({ provisionState: 'active', instanceUuid: randomUUID() })];
    expect(await faultOf(ask('POST', '/allocations', { body: { uuid, node: idle.uuid } }))).toEqual([
      400, `Failed to process allocation ${uuid}: Cannot backfill an allocation for node ${idle.uuid}: Node must be in the "active" state, but the current state is "available".`,
    ]);
    expect(await faultOf(ask('POST', '/allocations', { body: { uuid, node: busy.uuid } }))).toEqual([
      409, `Node ${busy.uuid} is associated with instance ${busy.instanceUuid ?? ''}.`,
    ]);
    expect(await api.store.allocations.count({})).toBe(0);
  });
});

describe('allocations', () => {
  test('are listed whole, narrowed by node, class, state and owner, in pages', async () => {
    const node = await free({ name: 'n1' });
    const [active, failed] = [await allocate({ name: 'a' }), await allocate({ name: 'b', resource_class: 'none', owner: 'us' })];
    const names = async (query: string): Promise<readonly unknown[]> => ((await ask('GET', `/allocations?${query}`)).body as { allocations: Json[] }).allocations.map((each) => each['name']);
    expect((await ask('GET', '/allocations')).body).toEqual({ allocations: [active, failed] });
    expect(await names('node=n1')).toEqual(['a']);
    expect(await names(`node=${node.uuid}`)).toEqual(['a']);
    expect(await names('resource_class=none')).toEqual(['b']);
    expect(await names('state=error')).toEqual(['b']);
    expect(await names('state=nonsense')).toEqual([]);
    expect(await names('owner=us')).toEqual(['b']);
    expect(await names('sort_key=name&sort_dir=desc')).toEqual(['b', 'a']);
    expect(await faultOf(ask('GET', '/allocations?node=nobody'))).toEqual([400, 'Node nobody could not be found.']);
    expect(await faultOf(ask('GET', '/allocations?sort_key=traits'))).toEqual([400, 'The sort_key value traits is an invalid field for sorting']);
    expect((await ask('GET', '/allocations?owner=us', { version: '1.59' })).status).toBe(406);

    const page = (await ask('GET', '/allocations?limit=1', { version: '1.52' })).body as { allocations: Json[]; next: string };
    expect(page).toEqual({ allocations: [expect.not.objectContaining({ owner: null })], next: expect.any(String) as string });
    const rest = await api.request('GET', page.next.replace('http://192.0.2.1:6385', ''), { version: '1.52' });
    expect((rest.body as { allocations: Json[] }).allocations.map((each) => each['name'])).toEqual(['b']);
  });

  test('show the fields that are asked for', async () => {
    const { uuid } = await allocate({ name: 'a' });
    expect(Object.keys((await ask('GET', '/allocations/a?fields=name,uuid,resource_class')).body as Json)).toEqual(['name', 'uuid', 'resource_class', 'links']);
    expect((await ask('GET', '/allocations/a?fields=owner', { version: '1.59' })).status).toBe(406);
    expect((await ask('GET', `/allocations/${String(uuid)}`, { version: '1.59' })).body).not.toHaveProperty('owner');
    expect(await faultOf(ask('GET', '/allocations/nobody'))).toEqual([404, 'Allocation nobody could not be found.']);
    expect(await faultOf(ask('GET', '/allocations/ba%3Fd'))).toEqual([400, 'Expected UUID or name for allocation_ident: ba?d']);
  });

  test('have their name and extra changed, and nothing else', async () => {
    const { uuid } = await allocate({ name: 'a' });
    await allocate({ name: 'taken' });
    const patch = (...body: Json[]) => ask('PATCH', `/allocations/${String(uuid)}`, { body });
    expect((await patch({ op: 'replace', path: '/name', value: 'b' }, { op: 'add', path: '/extra/k', value: 1 })).body).toMatchObject({ uuid, name: 'b', extra: { k: 1 } });
    expect((await patch({ op: 'remove', path: '/extra/k' }, { op: 'remove', path: '/name' })).body).toMatchObject({ name: null, extra: {} });
    expect(await faultOf(patch({ op: 'replace', path: '/name', value: 'taken' }))).toEqual([409, 'An allocation with name taken already exists.']);
    expect(await faultOf(patch({ op: 'replace', path: '/name', value: 'a/b' }))).toEqual([400, "Cannot update allocation with invalid name 'a/b'"]);
    expect(await faultOf(patch({ op: 'replace', path: '/state', value: 'active' }))).toEqual([400, 'Cannot patch /state. Only the following can be updated: extra, name']);
    expect(await faultOf(patch({ op: 'add', path: '/node', value: 'n1' }))).toEqual([400, 'Cannot patch /node. Only the following can be updated: extra, name']);
    expect((await ask('PATCH', `/allocations/${String(uuid)}`, { body: [], version: '1.56' })).status).toBe(404);
    expect((await ask('PATCH', `/allocations/${String(uuid)}`, { body: [], version: '1.57' })).status).toBe(200);
  });

  test('are not there before 1.52', async () => {
    for (const [method, path] of [['GET', '/allocations'], ['POST', '/allocations'], ['GET', '/allocations/a'], ['DELETE', '/allocations/a'], ['GET', '/nodes/n/allocation'], ['DELETE', '/nodes/n/allocation']]) {
      const { status } = await ask(method ?? '', path ?? '', { version: '1.51', ...(method === 'POST' ? { body: {} } : {}) });
      expect([method, path, status]).toEqual([method, path, 404]);
    }
  });
});

describe('deleting', () => {
  test.each(['/allocations/a', '/nodes/n1/allocation'])('at %s frees the node', async (path) => {
    const { uuid } = await free({ name: 'n1', instanceInfo: { kept: 'yes' } });
    const given = await allocate({ name: 'a' });
    expect((await ask('DELETE', path)).status).toBe(204);
    expect(await api.node(uuid)).toMatchObject({ instanceUuid: null, allocationUuid: null });
    expect((await api.node(uuid)).instanceInfo).toEqual({ kept: 'yes' });
    expect(await api.events(uuid, 'deallocated')).toMatchObject([{ message: 'Taken back from allocation a', details: { allocation: given['uuid'], name: 'a' } }]);
    expect((await ask('DELETE', path)).status).toBe(404);
    expect(await allocate({ name: 'a' })).toMatchObject({ state: 'active', node_uuid: uuid });
  });

  test('one that got no node takes it away', async () => {
    await allocate({ name: 'failed' });
    expect((await ask('DELETE', '/allocations/failed')).status).toBe(204);
    expect(await faultOf(ask('DELETE', '/allocations/failed'))).toEqual([404, 'Allocation failed could not be found.']);
  });

  test('needs a node that is not in use, or is in maintenance', async () => {
    const { uuid: nodeUuid } = await free();
    const uuid = String((await allocate())['uuid']);
    const set = (changes: NodeUpdate) => api.store.write((transaction) => transaction.nodes.update(nodeUuid, changes));
    await set({ provisionState: 'active' });
    const refused = `Cannot remove allocation ${uuid} for node ${nodeUuid}, because the node is`;
    expect(await faultOf(ask('DELETE', `/allocations/${uuid}`))).toEqual([409, `${refused} active (and maintenance mode is off)`]);
    expect(await faultOf(ask('DELETE', `/nodes/${nodeUuid}/allocation`))).toEqual([409, `${refused} active (and maintenance mode is off)`]);
    await set({ provisionState: 'deploying', targetProvisionState: 'active' });
    expect(await faultOf(ask('DELETE', `/allocations/${uuid}`))).toEqual([409, `${refused} in state deploying where updates are not allowed (and maintenance mode is off)`]);
    expect(await api.node(nodeUuid)).toMatchObject({ instanceUuid: uuid, allocationUuid: uuid });
    await set({ maintenance: true });
    expect((await ask('DELETE', `/allocations/${uuid}`)).status).toBe(204);
    expect(await api.node(nodeUuid)).toMatchObject({ instanceUuid: null, allocationUuid: null });
  });

  test('is possible after a deployment that failed', async () => {
    const { uuid } = await free();
    await allocate({ name: 'a' });
    await api.store.write((transaction) => transaction.nodes.update(uuid, { provisionState: 'deploy failed', targetProvisionState: 'active' }));
    expect((await ask('DELETE', '/allocations/a')).status).toBe(204);
  });
});

describe('a node', () => {
  test('without an allocation says so', async () => {
    await free({ name: 'n1' });
    expect(await faultOf(ask('GET', '/nodes/n1/allocation'))).toEqual([404, 'Allocation for node n1 was not found']);
    expect(await faultOf(ask('DELETE', '/nodes/n1/allocation'))).toEqual([404, 'Allocation for node n1 was not found']);
    expect(await faultOf(ask('GET', '/nodes/nobody/allocation'))).toEqual([404, 'Node nobody could not be found.']);
  });

  test('whose instance is taken away loses its allocation, where that is allowed', async () => {
    const { uuid } = await free();
    await allocate({ name: 'a', traits: [] });
    const patch = () => ask('PATCH', `/nodes/${uuid}`, { body: [{ op: 'remove', path: '/instance_uuid' }] });
    await api.store.write((transaction) => transaction.nodes.update(uuid, { provisionState: 'active' }));
    expect(await faultOf(patch())).toEqual([
      409,
      `Node ${uuid} with an allocation can not have instance_uuid removed unless it is in one of allowed (enroll, inspecting, inspect wait, manageable, available) states or in maintenance mode.`,
    ]);
    expect(await show('a')).toMatchObject({ state: 'active', node_uuid: uuid });
    await api.store.write((transaction) => transaction.nodes.update(uuid, { provisionState: 'available' }));
    expect((await patch()).body).toMatchObject({ instance_uuid: null, allocation_uuid: null, instance_info: {} });
    expect((await ask('GET', '/allocations/a')).status).toBe(404);
    expect(await api.events(uuid, 'deallocated')).toHaveLength(1);
  });

  test('with an allocation gets no other instance, and keeps both when other fields change', async () => {
    const { uuid } = await free();
    const given = await allocate({ name: 'a' });
    expect((await ask('PATCH', `/nodes/${uuid}`, { body: [{ op: 'replace', path: '/instance_uuid', value: randomUUID() }] })).status).toBe(409);
    expect((await ask('PATCH', `/nodes/${uuid}`, { body: [{ op: 'replace', path: '/extra', value: { k: 1 } }] })).body).toMatchObject({ allocation_uuid: given['uuid'], instance_uuid: given['uuid'] });
  });

  test('takes its allocation with it when it is deleted', async () => {
    const { uuid } = await free();
    await allocate({ name: 'a' });
    expect((await ask('DELETE', `/nodes/${uuid}`)).status).toBe(409);
    await api.store.write((transaction) => transaction.nodes.update(uuid, { maintenance: true }));
    expect((await ask('DELETE', `/nodes/${uuid}`)).status).toBe(204);
    expect((await ask('GET', '/allocations/a')).status).toBe(404);
    expect(await api.events(uuid, 'deallocated')).toHaveLength(1);
  });
});
