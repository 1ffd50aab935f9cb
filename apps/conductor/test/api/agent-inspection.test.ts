import { Secret } from '@ferric/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NodeUpdate } from '../../src/store/store.js';
import { createMachineApi, type MachineApi, type MachineRequest } from '../support/machine-api.js';
import { recordedFile, RECORDED_MAC, RECORDED_NODE } from '../support/recorded-agent.js';

interface Report {
  readonly inventory: { readonly interfaces: readonly object[] } & Record<string, unknown>;
  readonly [key: string]: unknown;
}

const REPORT = recordedFile('continue_inspection-request.json') as Report;
const COLLECTED = recordedFile('collect-introspection-data-post.json') as { readonly path: string; readonly status: number; readonly body: Report };
const POSTS = [
  ['/v1/continue_inspection', 202, REPORT],
  [COLLECTED.path, COLLECTED.status, COLLECTED.body],
] as const;
const ofMac = (mac: string, more: object = {}): object => ({ inventory: { interfaces: [{ mac_address: mac }], ...more } });

let api: MachineApi;
beforeEach(async () => void (api = await createMachineApi()));
afterEach(() => api[Symbol.asyncDispose]());

const add = async (changes: NodeUpdate & { readonly uuid?: string } = {}, address = RECORDED_MAC): Promise<string> =>
  (await api.addMachine({ provisionState: 'inspect wait', targetProvisionState: 'manageable', ...changes }, address)).node.uuid;
const post = (body: unknown, options: MachineRequest & { readonly path?: string } = {}) => api.request('POST', options.path ?? '/v1/continue_inspection', { body, ...options });

describe('what an agent found', () => {
  test.each(POSTS)('is taken at %s, answered with %i, and shown as the inventory', async (path, status, report) => {
    const uuid = await add({ uuid: RECORDED_NODE });
    expect((await api.request('GET', `/v1/nodes/${uuid}/inventory`, { version: '1.81' })).error).toMatchObject({ faultstring: `Node inventory record for node ${uuid} could not be found.` });
    const answer = await post(report, { path });
    expect([answer.status, answer.body]).toEqual([status, { uuid }]);

    const { inventory, ...others } = report;
    const shown = await api.request('GET', `/v1/nodes/${uuid}/inventory`, { version: '1.81' });
    expect([shown.status, shown.body]).toEqual([200, { inventory, plugin_data: others }]);
    const node = await api.node(uuid);
    expect(node).toMatchObject({ provisionState: 'inspect wait', reservation: 'test', provisionUpdatedAt: api.clock.now(), work: { kind: 'inspect', input: { resume: true } } });
    expect(api.started).toEqual([node.work]);
    expect(await api.events(uuid, 'agent-reported')).toMatchObject([{ severity: 'INFO', details: { interfaces: [RECORDED_MAC], errors: false } }]);
  });

  test('is taken at every version that there is, and no other', async () => {
    const uuid = await add();
    for (const version of ['1.1', '1.22', '1.82']) {
      await api.store.write((transaction) => transaction.nodes.update(uuid, { work: null, reservation: null }));
      expect((await post(REPORT, { version })).status).toBe(202);
    }
    expect((await post(REPORT, { version: '1.84' })).status).toBe(406);
    expect((await api.request('GET', `/v1/nodes/${uuid}/inventory`, { version: '1.80' })).status).toBe(404);
  });

  test('of a machine that could not be inspected without errors is a warning', async () => {
    const uuid = await add();
    await post({ ...REPORT, error: 'The following errors were encountered:\n* no disk' });
    expect(await api.events(uuid, 'agent-reported')).toMatchObject([{ severity: 'WARNING', details: { errors: true } }]);
  });

  test.each(['manageable', 'wait call-back', 'active', 'enroll'] as const)('is not wanted in state %s', async (provisionState) => {
    const uuid = await add({ provisionState });
    const answer = await post(REPORT);
    expect([answer.status, answer.error?.['faultstring']]).toEqual([404, 'Resource could not be found.']);
    expect(await api.store.inventories.get(uuid)).toBeUndefined();
  });

  test.each([
    ['while somebody works on the node', { reservation: 'other' }],
    ['while the work that started the machine has not ended', { provisionState: 'inspecting', reservation: 'test' }],
  ] as const)('is asked for again %s', async (_when, state) => {
    const uuid = await add(state);
    expect((await post(REPORT)).status).toBe(409);
    expect(await api.store.inventories.get(uuid)).toBeUndefined();
    expect(api.started).toEqual([]);
  });
});

describe('the node of a report', () => {
  const MAC_2 = '52:54:00:00:00:02';

  test('is found by UUID, by any address, and by the address of its controller', async () => {
    const uuid = await add({ driverInfo: { amt_address: '192.0.2.200', amt_password: new Secret('x') } });
    const free = (): Promise<unknown> => api.store.write((transaction) => transaction.nodes.update(uuid, { work: null, reservation: null }));
    const other = '52:54:00:99:99:99';
    const posts: readonly Parameters<typeof post>[] = [
      [ofMac(RECORDED_MAC.toUpperCase())],
      [ofMac(other), { path: `/v1/continue_inspection?node_uuid=${uuid.toUpperCase()}` }],
      [ofMac(other, { bmc_address: '192.0.2.200' })],
    ];
    for (const sent of posts) {
      expect((await post(...sent)).body).toEqual({ uuid });
      await free();
    }
    await api.store.write((transaction) => transaction.nodes.update(uuid, { driverInfo: { ipmi_address: '2001:DB8:0:0::1' } }));
    expect((await post(ofMac(other, { bmc_address: '0.0.0.0', bmc_v6address: '2001:db8::1' }))).body).toEqual({ uuid });
  });

  test('stays unknown without a reason when nothing or more than one fits', async () => {
    const one = await add({ driverInfo: { amt_address: '192.0.2.200' } });
    const two = await add({ driverInfo: { amt_address: '192.0.2.201', ilo_address: '192.0.2.210' } }, MAC_2);
    await add({ driverInfo: { ilo_address: '192.0.2.210' } }, '52:54:00:00:00:03');
    await add({ provisionState: 'active', driverInfo: { amt_address: '192.0.2.220' } }, '52:54:00:00:00:04');
    const unknown = '52:54:00:99:99:99';
    const refused: readonly Parameters<typeof post>[] = [
      [ofMac(unknown)],
      [{ inventory: { interfaces: [{ mac_address: RECORDED_MAC }, { mac_address: MAC_2 }] } }],
      [ofMac(RECORDED_MAC, { bmc_address: '192.0.2.201' })],
      [ofMac(unknown, { bmc_address: '192.0.2.210' })],
      [ofMac(unknown, { bmc_address: '192.0.2.220' })],
      [ofMac(unknown, { bmc_address: '0.0.0.0' })],
      [ofMac(RECORDED_MAC), { path: `/v1/continue_inspection?node_uuid=${two}` }],
      [ofMac(unknown), { path: '/v1/continue_inspection?node_uuid=00000000-0000-4000-8000-000000000000' }],
    ];
    const texts = new Set<string>();
    for (const sent of refused) {
      const answer = await post(...sent);
      expect([sent, answer.status]).toEqual([sent, 404]);
      texts.add(answer.text);
    }
    expect(texts.size).toBe(1);
    expect(api.started).toEqual([]);
    for (const uuid of [one, two]) expect(await api.store.inventories.get(uuid)).toBeUndefined();
  });
});

describe('a report is refused', () => {
  test.each([
    ['without an inventory', {}],
    ['without interfaces', { inventory: { interfaces: [] } }],
    ['without an address', { inventory: { interfaces: [{ name: 'eth0' }] } }],
    ['that is a list', [REPORT]],
    ['that is no JSON', '{'],
    ['that pollutes', '{"inventory": {"interfaces": [{"mac_address": "52:54:00:12:34:56"}], "__proto__": {"x": 1}}}'],
    ['with a NUL', { ...REPORT, logs: 'a\0b' }],
    ['that is nested without end', `{"inventory": ${'{"a":'.repeat(100)}1${'}'.repeat(100)}}`],
  ])('%s', async (_case, body) => {
    const uuid = await add();
    expect((await post(body)).status).toBe(400);
    expect(await api.store.inventories.get(uuid)).toBeUndefined();
  });

  test('that is too large, and one that is just not is kept whole', async () => {
    const uuid = await add();
    const logs = (bytes: number): object => ({ ...REPORT, logs: 'x'.repeat(bytes) });
    expect((await post(logs(8 * 1024 * 1024))).status).toBe(413);
    expect((await post(logs(8 * 1024 * 1024 - 8192))).status).toBe(202);
    expect((await api.store.inventories.get(uuid))?.pluginData['logs']).toHaveLength(8 * 1024 * 1024 - 8192);
  });

  test.each(['node_uuid=x', 'bogus=1', `node_uuid=${RECORDED_NODE}&node_uuid=${RECORDED_NODE}`])('with the query %s', async (query) => {
    await add();
    expect((await post(REPORT, { path: `/v1/continue_inspection?${query}` })).status).toBe(400);
  });
});
