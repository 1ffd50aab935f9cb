import { describe, expect, test } from 'vitest';
import { createApiClient, type ApiClient } from '../support/api-client.js';
import { sampleNode } from '../support/sample-node.js';

const node = sampleNode();
const ADDRESS = '52:54:00:aa:bb:01';

async function withPort(): Promise<ApiClient & { readonly uuid: string }> {
  const api = createApiClient([node]);
  const { body } = await api.request('POST', '/v1/ports', { body: { node_uuid: node.uuid, address: '52-54-00-AA-BB-01' } });
  return { ...api, uuid: (body as { uuid: string }).uuid };
}

describe('ports', () => {
  test('are created with their address in canonical form', async () => {
    await using api = createApiClient([node]);
    const answer = await api.request('POST', '/v1/ports', { body: { node_uuid: node.uuid, address: '5254.00AA.BB01', local_link_connection: { switch_id: '0A:1B:2C:3D:4E:5F', port_id: '1' } } });
    const port = answer.body as { uuid: string };
    expect([answer.status, answer.headers['location']]).toEqual([201, `http://host:6385/v1/ports/${port.uuid}`]);
    expect(port).toMatchObject({ address: ADDRESS, pxe_enabled: true, local_link_connection: { switch_id: '0a:1b:2c:3d:4e:5f', port_id: '1' } });
  });

  test.each([
    ['no address', { node_uuid: node.uuid }, 400, "Schema error for port: 'address' is a required property"],
    ['no node', { address: ADDRESS }, 400, "Schema error for port: 'node_uuid' is a required property"],
    ['a bad address', { node_uuid: node.uuid, address: 'zz' }, 400, 'Expected valid MAC address for address: zz'],
    ['an unknown node', { node_uuid: '11111111-1111-1111-1111-111111111111', address: ADDRESS }, 400, 'Node 11111111-1111-1111-1111-111111111111 could not be found.'],
    ['a bad node', { node_uuid: 'x', address: ADDRESS }, 400, 'Expected UUID for node_uuid: x'],
    ['a smart NIC without host', { node_uuid: node.uuid, address: ADDRESS, is_smartnic: true, local_link_connection: {} }, 400, 'Smart NIC port must have port_id and hostname in local_link_connection'],
    ['a name, which is of a later version', { node_uuid: node.uuid, address: ADDRESS, name: 'x' }, 400, "Schema error for port: Additional properties are not allowed ('name' was unexpected)"],
  ])('with %s are refused', async (_case, body, status, faultstring) => {
    await using api = createApiClient([node]);
    const answer = await api.request('POST', '/v1/ports', { body });
    expect([answer.status, answer.error?.['faultstring']]).toEqual([status, faultstring]);
  });

  test.each([
    ['local_link_connection', {}, 19], ['pxe_enabled', true, 19], ['portgroup_uuid', node.uuid, 24], ['physical_network', 'p', 34], ['is_smartnic', false, 53],
  ])('%s is admitted from its version on', async (name, value, since) => {
    await using api = createApiClient([node]);
    const body = { node_uuid: node.uuid, address: ADDRESS, [name]: value };
    expect((await api.request('POST', '/v1/ports', { body, version: `1.${since - 1}` })).status).toBe(406);
    expect((await api.request('POST', '/v1/ports', { body, version: `1.${since}` })).status).toBe(201);
  });

  test('are found by address, by node, and below their node', async () => {
    await using api = await withPort();
    for (const url of [`/v1/ports?address=${ADDRESS.toUpperCase()}`, '/v1/ports?node=sample', `/v1/ports?node_uuid=${node.uuid}`, `/v1/nodes/${node.uuid}/ports`]) {
      const { body } = await api.request('GET', url);
      expect([url, (body as { ports: { uuid: string }[] }).ports.map((port) => Object.keys(port))]).toEqual([url, [['uuid', 'address', 'links']]]);
    }
    expect((await api.request('GET', '/v1/ports?node=other')).status).toBe(404);
    expect((await api.request('GET', '/v1/ports?portgroup=pg-1')).error?.['faultstring']).toBe('Portgroup pg-1 could not be found.');
    expect((await api.request('GET', `/v1/ports?portgroup=${node.uuid}`, { version: '1.23' })).status).toBe(406);
    expect((await api.request('GET', `/v1/nodes/${node.uuid}/ports/detail`)).body).toMatchObject({ ports: [{ node_uuid: node.uuid }] });
    expect((await api.request('GET', '/v1/ports?fields=nope,no')).error?.['faultstring']).toBe('Field(s) "nope, no" are not valid');
  });

  test('are changed; what is removed gets its default', async () => {
    await using api = await withPort();
    const patch = (body: unknown) => api.request('PATCH', `/v1/ports/${api.uuid}`, { body });
    expect((await patch([{ op: 'replace', path: '/extra', value: { a: 1 } }, { op: 'replace', path: '/pxe_enabled', value: false }])).body).toMatchObject({ extra: { a: 1 }, pxe_enabled: false });
    expect((await patch([{ op: 'remove', path: '/pxe_enabled' }, { op: 'remove', path: '/extra/a' }])).body).toMatchObject({ extra: {}, pxe_enabled: true });
    expect((await patch([{ op: 'remove', path: '/address' }])).error?.['faultstring']).toBe("Schema error for patch: 'address' is a required property");
    expect((await patch([{ op: 'replace', path: '/is_smartnic', value: true }])).error?.['faultstring']).toBe('Smart NIC port must have port_id and hostname in local_link_connection');
    expect((await patch([{ op: 'add', path: '/internal_info/x', value: 1 }])).error?.['faultstring']).toBe(
      'Cannot patch /internal_info/x. Only the following can be updated: address, extra, is_smartnic, local_link_connection, node_uuid, physical_network, portgroup_uuid, pxe_enabled',
    );
  });

  test('are deleted once', async () => {
    await using api = await withPort();
    expect((await api.request('DELETE', `/v1/ports/${api.uuid}`)).status).toBe(204);
    expect((await api.request('DELETE', `/v1/ports/${api.uuid}`)).error?.['faultstring']).toBe(`Port ${api.uuid} could not be found.`);
    expect((await api.request('GET', '/v1/ports/no-uuid')).error?.['faultstring']).toBe('Expected UUID for port_uuid: no-uuid');
  });
});
