import { randomUUID } from 'node:crypto';
import { anyDriver, CONTRACT, FerricError, type FerricPlugin, type NetworkStrategy, type Port, type Portgroup } from '@ferric/core';
import { createFakeDriver } from '@ferric/driver-fake';
import { describe, expect, test } from 'vitest';
import { createMachineApi, type MachineApi } from '../support/machine-api.js';
import { runConductor } from '../support/running-conductor.js';

const VIF = '1974dcfa-836f-41b2-b541-686c100900e5';

interface Vifs {
  readonly api: MachineApi;
  readonly uuid: string;
  readonly port: Port;
  attach(body: unknown, version?: string): ReturnType<MachineApi['request']>;
  detach(id: string): ReturnType<MachineApi['request']>;
  list(): Promise<unknown>;
}

async function withNode(network: 'flat' | 'noop', work: (vifs: Vifs) => Promise<void>): Promise<void> {
  await using api = await createMachineApi();
  const { node, port } = await api.addMachine({}, '52:54:00:12:34:56', { network });
  const path = `/v1/nodes/${node.uuid}/vifs`;
  await work({
    api, port,
    uuid: node.uuid,
    attach: (body, version = '1.82') => api.request('POST', path, { body, version }),
    detach: (id) => api.request('DELETE', `${path}/${id}`, { version: '1.82' }),
    list: async () => (await api.request('GET', path, { version: '1.82' })).body,
  });
}

const addPortgroup = (api: MachineApi, nodeUuid: string): Promise<Portgroup> =>
  api.store.write((transaction) =>
    transaction.portgroups.insert({
      uuid: randomUUID(), nodeUuid, address: null, name: null, mode: 'active-backup', properties: {}, standalonePortsSupported: true, extra: {}, internalInfo: {},
      createdAt: api.clock.now(),
    }),
  );

describe('/v1/nodes/{node}/vifs', () => {
  // Recorded exchanges 072-074.
  test('the noop network takes everything and keeps nothing, as recorded', () =>
    withNode('noop', async ({ api, attach, detach, list, port, uuid }) => {
      const attached = await attach({ id: VIF });
      expect([attached.status, attached.text]).toEqual([204, '']);
      expect(await list()).toEqual({ vifs: [] });
      const detached = await detach(VIF);
      expect([detached.status, detached.text]).toEqual([204, '']);
      expect((await api.store.ports.get(port.uuid))?.internalInfo).toEqual({});
      expect(await api.node(uuid)).toMatchObject({ reservation: null });
      expect(await api.events(uuid, 'vif-attached', 'vif-detached')).toEqual([]);
    }));

  test('the flat network keeps them with its ports', () =>
    withNode('flat', async ({ api, attach, detach, list, port, uuid }) => {
      expect((await attach({ id: VIF })).status).toBe(204);
      expect(await list()).toEqual({ vifs: [{ id: VIF }] });
      expect((await api.request('GET', `/v1/ports/${port.uuid}`, { version: '1.82' })).body).toMatchObject({ internal_info: { tenant_vif_port_id: VIF } });
      expect((await detach(VIF)).status).toBe(204);
      expect(await list()).toEqual({ vifs: [] });
      expect((await api.store.ports.get(port.uuid))?.internalInfo).toEqual({});
      expect(await api.node(uuid)).toMatchObject({ reservation: null });
      expect((await api.events(uuid, 'vif-attached', 'vif-detached')).map(({ type, message, details }) => [type, message, details])).toEqual([
        ['vif-attached', `VIF ${VIF} attached`, { vif: VIF }], ['vif-detached', `VIF ${VIF} detached`, { vif: VIF }],
      ]);
    }));

  test('go where the client says', () =>
    withNode('flat', async ({ api, attach, list, uuid }) => {
      const second = await api.addPort(uuid, '52:54:00:12:34:57');
      const third = await api.addPort(uuid, '52:54:00:12:34:58');
      const portgroup = await addPortgroup(api, uuid);
      await api.store.write((transaction) => transaction.ports.update(third.uuid, { portgroupUuid: portgroup.uuid }));
      expect((await attach({ id: 'by-port', port_uuid: second.uuid, portgroup_uuid: null })).status).toBe(204);
      expect((await attach({ id: 'by-group', portgroup_uuid: portgroup.uuid.toUpperCase() })).status).toBe(204);
      expect((await api.store.ports.get(second.uuid))?.internalInfo).toEqual({ tenant_vif_port_id: 'by-port' });
      expect((await api.store.portgroups.get(portgroup.uuid))?.internalInfo).toEqual({ tenant_vif_port_id: 'by-group' });
      expect(await list()).toEqual({ vifs: [{ id: 'by-port' }, { id: 'by-group' }] });
    }));

  test.each<readonly [unknown, number, string]>([
    [{}, 400, "Schema error for vif: 'id' is a required property"],
    [{ id: 1 }, 400, "Schema error for vif: 1 is not of type 'string'"],
    [{ id: null }, 400, "Schema error for vif: None is not of type 'string'"],
    [[], 400, "Schema error for vif: [...] is not of type 'object'"],
    [{ id: 'not a name' }, 400, 'Expected UUID or name for id: not a name'],
    [{ id: VIF, port_uuid: VIF, portgroup_uuid: VIF }, 400, 'Cannot specify both port_uuid and portgroup_uuid'],
    [{ id: VIF, port_uuid: 'eth0' }, 400, 'Expected UUID for port_uuid: eth0'],
    [{ id: VIF, port_uuid: VIF }, 400, `Unable to attach VIF ${VIF}, not enough free physical ports.`],
  ])('%j is refused', (body, status, text) =>
    withNode('flat', async ({ api, attach, list, uuid }) => {
      const answer = await attach(body);
      expect([answer.status, answer.error?.['faultstring']]).toEqual([status, text]);
      expect(await list()).toEqual({ vifs: [] });
      expect(await api.node(uuid)).toMatchObject({ reservation: null });
    }));

  test('are attached once, and detached once', () =>
    withNode('flat', async ({ api, attach, detach, port, uuid }) => {
      await api.addPort(uuid, '52:54:00:12:34:57');
      expect((await attach({ id: VIF })).status).toBe(204);
      const again = await attach({ id: VIF });
      expect([again.status, again.error?.['faultstring']]).toEqual([409, `Unable to attach VIF because VIF ${VIF} is already attached to Ironic Port ${port.uuid}`]);
      expect((await detach(VIF)).status).toBe(204);
      const gone = await detach(VIF);
      expect([gone.status, gone.error?.['faultstring']]).toEqual([400, `Unable to detach VIF ${VIF} from node ${uuid} because it is not attached to it.`]);
      expect((await detach('a%20b')).error?.['faultstring']).toBe('Expected UUID or name for vif_id: a b');
    }));

  test('are there from 1.28 on; where they go may be said from 1.67 on', () =>
    withNode('flat', async ({ api, attach, port, uuid }) => {
      expect((await attach({ id: 'a' }, '1.27')).status).toBe(404);
      expect((await attach({ id: 'a', port_uuid: port.uuid }, '1.66')).status).toBe(406);
      expect((await attach({ id: 'a', unknown: 1 }, '1.28')).status).toBe(204);
      await api.addPort(uuid, '52:54:00:12:34:57');
      expect((await attach({ id: 'b', port_uuid: port.uuid }, '1.67')).status).toBe(400);
      expect((await api.request('GET', '/v1/nodes/nosuch/vifs', { version: '1.28' })).error?.['faultstring']).toBe('Node nosuch could not be found.');
    }));

  test('cannot be changed while somebody works on the node, but seen', () =>
    withNode('flat', async ({ api, attach, detach, list, uuid }) => {
      await attach({ id: VIF });
      await using _lock = await api.context.locks.acquire(uuid);
      expect((await Promise.all([attach({ id: 'other' }), detach(VIF)])).map(({ status }) => status)).toEqual([409, 409]);
      expect(await list()).toEqual({ vifs: [{ id: VIF }] });
    }));

  test('that come at the same time never share a port, and none is attached twice', () =>
    withNode('flat', async ({ api, attach, list, uuid }) => {
      for (const last of [57, 58, 59]) await api.addPort(uuid, `52:54:00:12:34:${last}`);
      const ids = ['a', 'a', 'b', 'b', 'c', 'd', 'e', 'f'];
      // As clients do: whoever finds the node locked asks again.
      const insist = async (id: string): ReturnType<typeof attach> => {
        const answer = await attach({ id });
        return String(answer.error?.['faultstring']).includes('is locked by host') ? insist(id) : answer;
      };
      const answers = await Promise.all(ids.map(insist));
      const accepted = ids.filter((_id, index) => answers[index]?.status === 204);
      expect(new Set(accepted).size).toBe(accepted.length);
      expect(accepted).toHaveLength(4);
      const { vifs } = (await list()) as { readonly vifs: readonly { readonly id: string }[] };
      expect(vifs.map(({ id }) => id).toSorted()).toEqual(accepted.toSorted());
      expect(await api.node(uuid)).toMatchObject({ reservation: null });
    }));

  test('of a network whose package is not installed are refused', () =>
    withNode('flat', async ({ api, uuid }) => {
      await api.store.write(async ({ nodes }) => {
        const node = await nodes.getForUpdate(uuid);
        if (node !== undefined) await nodes.update(uuid, { interfaces: { ...node.interfaces, network: 'gone' } });
      });
      const answer = await api.request('GET', `/v1/nodes/${uuid}/vifs`, { version: '1.82' });
      expect([answer.status, answer.error?.['faultstring']]).toEqual([400, 'Driver fake-hardware does not support network (disabled or not implemented).']);
    }));
});

describe('the flat network of a running conductor', () => {
  test('can be chosen, is not the default, and loses its VIFs when the instance goes', async () => {
    await using running = await runConductor();
    await running.enrol('plain');
    expect(await running.node('plain')).toMatchObject({ network_interface: 'noop' });
    const uuid = await running.enrol('n1', {}, { network_interface: 'flat' });
    const port = await running.call('POST', '/v1/ports', { node_uuid: uuid, address: '52:54:00:12:34:56' });
    expect((await running.call('GET', '/v1/nodes/n1/validate')).body['network']).toEqual({ result: true });
    await running.provision('n1', 'manage', 'manageable');
    await running.provision('n1', 'provide', 'available');
    expect((await running.call('POST', '/v1/nodes/n1/vifs', { id: VIF })).status).toBe(204);
    await running.provision('n1', 'active', 'active');
    expect((await running.call('GET', '/v1/nodes/n1/vifs')).body).toEqual({ vifs: [{ id: VIF }] });
    await running.provision('n1', 'deleted', 'available');
    expect((await running.call('GET', '/v1/nodes/n1/vifs')).body).toEqual({ vifs: [] });
    expect((await running.call('GET', `/v1/ports/${String(port.body['uuid'])}`)).body).toMatchObject({ internal_info: {} });
  });
});

/** A network of its own kind, and hardware that is plugged into it. */
function switchPlugin(network: NetworkStrategy): FerricPlugin {
  return {
    contract: CONTRACT,
    create: (host) => ({
      hardwareTypes: [{ name: 'switched-hardware', description: 'Plugged into a switch', interfaces: { power: ['switched'], network: ['switch'] } }],
      drivers: [anyDriver({ ...createFakeDriver({ ...host, gate: (address) => host.gates.gate(address) }), name: 'switched' })],
      strategies: [network],
    }),
  };
}

describe('a network of another package', () => {
  test('is asked whether the node has what it needs, and keeps and tells what it wants while it works', async () => {
    const network: NetworkStrategy = {
      interface: 'network', name: 'switch',
      async validate({ node }) {
        if (node.extra['vlan'] === undefined) throw new FerricError('INVALID_OPTIONS', 'extra must name a vlan');
      },
      connect: async () => undefined,
      disconnect: async () => undefined,
      listVifs: async ({ node }) => [{ id: String(node.driverInternalInfo['vif']) }],
      async attachVif(task, { id }) {
        task.progress('The switch was told', { vlan: 7 });
        await task.keep({ driverInternalInfo: { told: id } });
        return { driverInternalInfo: { vif: String(task.node.driverInternalInfo['told']) } };
      },
      detachVif: async () => {
        throw new FerricError('UNREACHABLE', 'The switch does not answer');
      },
    };
    await using running = await runConductor({}, [{ packageName: 'switch', version: '0.0.0', plugin: switchPlugin(network) }]);
    const refusalOf = async (method: string, below = '', body?: unknown): Promise<readonly [number, boolean]> => {
      const answer = await running.call(method, `/v1/nodes/n1/vifs${below}`, body);
      return [answer.status, JSON.stringify(answer.body).includes('extra must name a vlan')];
    };
    await running.enrol('n1', {}, { driver: 'switched-hardware' });
    expect([await refusalOf('GET'), await refusalOf('POST', '', { id: VIF }), await refusalOf('DELETE', '/x')]).toEqual([[400, true], [400, true], [400, true]]);
    await running.call('PATCH', '/v1/nodes/n1', [{ op: 'add', path: '/extra/vlan', value: 7 }]);
    expect((await running.call('POST', '/v1/nodes/n1/vifs', { id: VIF })).status).toBe(204);
    expect((await running.call('GET', '/v1/nodes/n1/vifs')).body).toEqual({ vifs: [{ id: VIF }] });
    expect((await running.call('DELETE', `/v1/nodes/n1/vifs/${VIF}`)).status).toBe(502);
    expect(await running.node('n1')).toMatchObject({ reservation: null, driver_internal_info: { told: VIF, vif: VIF } });
    await expect.poll(async () => (await running.timeline('n1')).map((event) => event['message'])).toEqual(expect.arrayContaining(['The switch was told', `VIF ${VIF} attached`]));
  });
});
