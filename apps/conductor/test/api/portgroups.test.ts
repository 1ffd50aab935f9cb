import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { StoredNode } from '../../src/nodes/stored-node.js';
import type { NodeUpdate } from '../../src/store/store.js';
import type { ApiAnswer } from '../support/api-client.js';
import { createMachineApi, type MachineApi } from '../support/machine-api.js';

const ADDRESS = '52:54:00:aa:bb:0f';

interface Setting extends AsyncDisposable {
  readonly api: MachineApi;
  readonly node: StoredNode;
  /** UUID of the node's only port. */
  readonly port: string;
  readonly portgroup: string;
  ask(method: string, path: string, body?: unknown, version?: string): Promise<ApiAnswer>;
  /** Changes the record behind the back of the API. */
  change(changes: NodeUpdate): Promise<void>;
  patchPort(...operations: readonly unknown[]): Promise<ApiAnswer>;
  patchGroup(...operations: readonly unknown[]): Promise<ApiAnswer>;
}

/** A node with a port and a port group that has no ports. */
async function setting(changes: NodeUpdate = {}): Promise<Setting> {
  const api = await createMachineApi();
  const ask: Setting['ask'] = (method, path, body, version = '1.82') => api.request(method, `/v1${path}`, { version, ...(body === undefined ? {} : { body }) });
  const { node, port } = await api.addMachine({ name: 'n1', ...changes }, undefined, { network: 'flat' });
  const { body } = await ask('POST', '/portgroups', { node_uuid: node.uuid, name: 'pg-1', address: ADDRESS.toUpperCase() });
  const portgroup = (body as { uuid: string }).uuid;
  return {
    api, node, port: port.uuid, portgroup, ask,
    change: async (more) => void (await api.store.write(async ({ nodes }) => nodes.update(node.uuid, more))),
    patchPort: (...operations) => ask('PATCH', `/ports/${port.uuid}`, operations),
    patchGroup: (...operations) => ask('PATCH', `/portgroups/${portgroup}`, operations),
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}

const set = (path: string, value: unknown) => ({ op: 'replace', path, value });
const fault = ({ status, error }: ApiAnswer): unknown => [status, error?.['faultstring']];
const uuids = ({ body }: ApiAnswer, list: string): unknown => (body as Record<string, { uuid: string }[]>)[list]?.map(({ uuid }) => uuid);

describe('port groups', () => {
  test('are created with what Ironic gives them, and found by name and UUID', async () => {
    await using at = await setting();
    for (const identifier of ['pg-1', at.portgroup, at.portgroup.toUpperCase()]) {
      expect((await at.ask('GET', `/portgroups/${identifier}`)).body).toMatchObject({
        uuid: at.portgroup, name: 'pg-1', address: ADDRESS, mode: 'active-backup', properties: {}, standalone_ports_supported: true, internal_info: {}, node_uuid: at.node.uuid,
      });
    }
    expect(fault(await at.ask('GET', '/portgroups/nope'))).toEqual([404, 'Portgroup nope could not be found.']);
    expect(await at.api.events(at.node.uuid, 'portgroup-created')).toMatchObject([{ message: 'Port group pg-1 added', details: { portgroup: at.portgroup, name: 'pg-1' } }]);
  });

  test.each([
    ['without a node', {}, 400, "Schema error for portgroup: 'node_uuid' is a required property"],
    ['of a node that does not exist', { node_uuid: '11111111-1111-1111-1111-111111111111' }, 400, 'Node 11111111-1111-1111-1111-111111111111 could not be found.'],
    ['with a bad name', { name: 'a b' }, 400, "Cannot create portgroup with invalid name 'a b'"],
    ['with a UUID for a name', { name: '11111111-1111-1111-1111-111111111111' }, 400, "Cannot create portgroup with invalid name '11111111-1111-1111-1111-111111111111'"],
    ['with a name that is taken', { name: 'pg-1' }, 409, 'A portgroup with name pg-1 already exists.'],
    ['with an address that is taken', { address: ADDRESS }, 409, `A portgroup with MAC address ${ADDRESS} already exists.`],
    ['with a bad address', { address: 'zz' }, 400, 'Expected valid MAC address for address: zz'],
    ['with internal_info', { internal_info: {} }, 400, "Schema error for portgroup: Additional properties are not allowed ('internal_info' was unexpected)"],
  ])('%s are refused', async (_case, fields, status, text) => {
    await using at = await setting();
    const node = 'node_uuid' in fields || Object.keys(fields).length === 0 ? {} : { node_uuid: at.node.uuid };
    expect(fault(await at.ask('POST', '/portgroups', { ...node, ...fields }))).toEqual([status, text]);
  });

  test('appear with 1.23, mode and properties with 1.26', async () => {
    await using at = await setting();
    expect((await at.ask('GET', '/portgroups', undefined, '1.22')).status).toBe(404);
    const shown = async (version: string) => Object.keys((await at.ask('GET', '/portgroups/pg-1', undefined, version)).body as object);
    expect(await shown('1.23')).toContain('ports');
    expect(await shown('1.25')).not.toContain('mode');
    expect(await shown('1.26')).toEqual(expect.arrayContaining(['mode', 'properties']));
    expect((await at.ask('PATCH', '/portgroups/pg-1', [set('/mode', '802.3ad')], '1.25')).status).toBe(406);
    expect((await at.ask('GET', `/portgroups/${at.portgroup}/ports`, undefined, '1.23')).status).toBe(404);
    expect((await at.ask('GET', `/nodes/n1/portgroups`, undefined, '1.23')).status).toBe(404);
  });

  test('are listed: all, by address, by node and below their node', async () => {
    await using at = await setting();
    for (const path of ['/portgroups', `/portgroups?address=${ADDRESS}`, '/portgroups?node=n1', `/portgroups?node=${at.node.uuid}`, '/nodes/n1/portgroups', '/portgroups/detail', '/nodes/n1/portgroups/detail']) {
      expect([path, uuids(await at.ask('GET', path), 'portgroups')]).toEqual([path, [at.portgroup]]);
    }
    expect(uuids(await at.ask('GET', '/portgroups?address=52:54:00:00:00:00'), 'portgroups')).toEqual([]);
    expect((await at.ask('GET', '/portgroups?fields=name')).body).toMatchObject({ portgroups: [{ name: 'pg-1' }] });
  });

  test('are changed; mode stays, and names are checked', async () => {
    await using at = await setting();
    expect((await at.patchGroup(set('/mode', '802.3ad'), set('/name', 'pg-2'), { op: 'add', path: '/properties/miimon', value: 100 }, { op: 'remove', path: '/address' })).body).toMatchObject({
      mode: '802.3ad', name: 'pg-2', properties: { miimon: 100 }, address: null,
    });
    expect(fault(await at.patchGroup({ op: 'remove', path: '/mode' }))).toEqual([400, "'mode' is a mandatory attribute and can not be removed"]);
    expect(fault(await at.patchGroup(set('/name', 'a b')))).toEqual([400, `Portgroup ${at.portgroup}: Cannot change name to invalid name 'a b'`]);
    expect(fault(await at.patchGroup(set('/node_uuid', '11111111-1111-1111-1111-111111111111')))).toEqual([400, 'Node 11111111-1111-1111-1111-111111111111 could not be found.']);
    expect(fault(await at.patchGroup(set('/internal_info', {})))).toEqual([400, expect.stringContaining('Cannot patch /internal_info')]);
  });

  test('hold ports, which are listed and keep the group from deletion', async () => {
    await using at = await setting();
    expect((await at.patchPort(set('/portgroup_uuid', at.portgroup))).body).toMatchObject({ portgroup_uuid: at.portgroup });
    for (const path of [`/portgroups/${at.portgroup}/ports`, '/portgroups/pg-1/ports', '/ports?portgroup=pg-1', `/ports?portgroup=${at.portgroup}`, '/portgroups/pg-1/ports/detail']) {
      expect([path, uuids(await at.ask('GET', path), 'ports')]).toEqual([path, [at.port]]);
    }
    expect((await at.ask('GET', '/portgroups/pg-1/ports/detail')).body).toMatchObject({ ports: [{ portgroup_uuid: at.portgroup }] });
    expect(fault(await at.ask('DELETE', '/portgroups/pg-1'))).toEqual([400, `Cannot complete the requested action because portgroup ${at.portgroup} contains ports.`]);
    await at.patchPort({ op: 'remove', path: '/portgroup_uuid' });
    expect((await at.ask('DELETE', '/portgroups/pg-1')).status).toBe(204);
    expect(fault(await at.ask('DELETE', '/portgroups/pg-1'))).toEqual([404, 'Portgroup pg-1 could not be found.']);
  });

  test('without standalone ports take no ports that boot', async () => {
    await using at = await setting();
    const closed = [409, `standalone_ports_supported can not be set to False, because the port group ${at.portgroup} contains port with 'pxe_enabled' is set to True`];
    await at.patchPort(set('/portgroup_uuid', at.portgroup));
    expect(fault(await at.patchGroup(set('/standalone_ports_supported', false)))).toEqual(closed);
    await at.patchPort(set('/pxe_enabled', false));
    expect((await at.patchGroup(set('/standalone_ports_supported', false))).body).toMatchObject({ standalone_ports_supported: false });
    expect(fault(await at.patchPort(set('/pxe_enabled', true)))).toEqual([
      409, `Port group ${at.portgroup} doesn't support standalone ports. This port ${at.port} cannot be  a member of that port group because of: 'pxe_enabled' was set to True`,
    ]);
    const port = { node_uuid: at.node.uuid, portgroup_uuid: at.portgroup };
    expect(fault(await at.ask('POST', '/ports', { ...port, address: '52:54:00:00:00:01', pxe_enabled: true }))).toEqual([
      409,
      `Port group ${at.portgroup} doesn't support standalone ports. This port cannot be created as a member of that portgroup as the port's 'pxe_enabled' field was set to True.`,
    ]);
    expect((await at.ask('POST', '/ports', { ...port, address: '52:54:00:00:00:01', pxe_enabled: false })).status).toBe(201);
  });

  test('move to another node when they are empty and that node may be cabled', async () => {
    await using at = await setting();
    const { node: other } = await at.api.addMachine({ name: 'n2' }, '52:54:00:12:34:57');
    await at.patchPort(set('/portgroup_uuid', at.portgroup));
    expect(fault(await at.patchGroup(set('/node_uuid', other.uuid)))).toEqual([
      400, `Portgroup ${at.portgroup} can not be associated with node ${other.uuid} because there are ports associated with this portgroup.`,
    ]);
    await at.patchPort({ op: 'remove', path: '/portgroup_uuid' });
    await at.api.store.write(async ({ nodes }) => nodes.update(other.uuid, { provisionState: 'active' }));
    expect(fault(await at.patchGroup(set('/node_uuid', other.uuid)))).toEqual([
      409,
      `Portgroup ${at.portgroup} can not be associated to node ${other.uuid} unless the node is in a enroll, inspecting, inspect wait, manageable state or in maintenance mode.`,
    ]);
    await at.api.store.write(async ({ nodes }) => nodes.update(other.uuid, { provisionState: 'manageable', reservation: 'elsewhere' }));
    expect(fault(await at.patchGroup(set('/node_uuid', other.uuid)))).toEqual([409, expect.stringContaining('is locked by host elsewhere')]);
    await at.api.store.write(async ({ nodes }) => nodes.update(other.uuid, { reservation: null }));
    expect((await at.patchGroup(set('/node_uuid', other.uuid))).body).toMatchObject({ node_uuid: other.uuid });
    expect(fault(await at.patchPort(set('/portgroup_uuid', at.portgroup)))).toEqual([400, 'Port can not be added to a portgroup belonging to a different node.']);
  });

  test('go with their node', async () => {
    await using at = await setting();
    expect((await at.ask('DELETE', `/nodes/${at.node.uuid}`)).status).toBe(204);
    expect((await at.ask('GET', '/portgroups')).body).toEqual({ portgroups: [] });
  });
});

describe('ports of a node', () => {
  const nobody = randomUUID();

  test('are in one physical network with the others of their group', async () => {
    await using at = await setting();
    await at.patchPort(set('/portgroup_uuid', at.portgroup), set('/physical_network', 'one'));
    const port = { node_uuid: at.node.uuid, portgroup_uuid: at.portgroup, address: '52:54:00:00:00:01' };
    const text = `Port with physical network None cannot become a member of port group ${at.portgroup} which has ports in physical network one.`;
    expect(fault(await at.ask('POST', '/ports', port))).toEqual([409, text]);
    expect((await at.ask('POST', '/ports', { ...port, physical_network: 'one' })).status).toBe(201);
    expect(fault(await at.patchPort(set('/physical_network', 'two')))).toEqual([409, text.replace('None', 'two')]);
    expect(fault(await at.patchPort(set('/physical_network', '')))).toEqual([400, 'A non-empty value is required when setting physical_network']);
  });

  test('have a port group that exists', async () => {
    await using at = await setting();
    expect(fault(await at.patchPort(set('/portgroup_uuid', nobody)))).toEqual([400, `Portgroup ${nobody} could not be found.`]);
    expect((await at.ask('PATCH', `/ports/${at.port}`, [set('/portgroup_uuid', at.portgroup)], '1.23')).status).toBe(406);
  });

  test('keep their cabling while the node is in use, unless it is in maintenance', async () => {
    await using at = await setting();
    await at.change({ provisionState: 'available' });
    const refusal = [
      409,
      `Port ${at.port} can not have any connectivity attributes (pxe_enabled, portgroup_id, physical_network, local_link_connection) updated unless node ` +
        `${at.node.uuid} is in a enroll, inspecting, inspect wait, manageable state or in maintenance mode. The current state is available.`,
    ];
    expect(fault(await at.patchPort(set('/pxe_enabled', false)))).toEqual(refusal);
    expect(fault(await at.patchPort(set('/portgroup_uuid', at.portgroup)))).toEqual(refusal);
    expect((await at.patchPort(set('/extra', { a: 1 }), set('/pxe_enabled', true))).status).toBe(200);
    await at.change({ maintenance: true });
    expect((await at.patchPort(set('/pxe_enabled', false))).body).toMatchObject({ pxe_enabled: false });
  });

  test('keep their address while there is an instance', async () => {
    await using at = await setting();
    await at.change({ provisionState: 'active' });
    const text = `Cannot update hardware address for port ${at.port} as node ${at.node.uuid} is active or has instance UUID assigned`;
    expect(fault(await at.patchPort(set('/address', '52:54:00:00:00:09')))).toEqual([409, text]);
    await at.change({ provisionState: 'available', instanceUuid: nobody });
    expect(fault(await at.patchPort(set('/address', '52:54:00:00:00:09')))).toEqual([409, text]);
    await at.change({ instanceUuid: null });
    expect((await at.patchPort(set('/address', '52:54:00:00:00:09'))).body).toMatchObject({ address: '52:54:00:00:00:09' });
  });

  test('and groups rest while the node is inspected', async () => {
    await using at = await setting();
    await at.change({ provisionState: 'inspecting' });
    expect(fault(await at.patchPort(set('/extra', {})))).toEqual([409, `Cannot update port "${at.port}" on "${at.node.uuid}" while it is in state "inspecting".`]);
    expect(fault(await at.patchGroup(set('/extra', {})))).toEqual([409, `Cannot update portgroup "${at.portgroup}" on node "${at.node.uuid}" while it is in state "inspecting".`]);
    expect((await at.ask('PATCH', `/ports/${at.port}`, [set('/extra', { a: 1 })], '1.38')).status).toBe(200);
  });

  test('with a VIF stay, and stay out of groups without standalone ports', async () => {
    await using at = await setting();
    await at.api.store.write(async ({ ports }) => ports.update(at.port, { internalInfo: { tenant_vif_port_id: 'vif-1' } }));
    expect(fault(await at.ask('DELETE', `/ports/${at.port}`))).toEqual([409, `Cannot delete the port ${at.port} as it is bound to VIF vif-1 for tenant use.`]);
    await at.patchPort(set('/pxe_enabled', false));
    await at.patchGroup(set('/standalone_ports_supported', false));
    expect(fault(await at.patchPort(set('/portgroup_uuid', at.portgroup)))).toEqual([409, expect.stringContaining('because of: VIF vif-1 is attached to the port')]);
    await at.change({ maintenance: true });
    expect((await at.ask('DELETE', `/ports/${at.port}`)).status).toBe(204);
  });
});
