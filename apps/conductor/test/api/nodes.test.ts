import { Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import type { StoredNode } from '../../src/nodes/stored-node.js';
import { createApiClient } from '../support/api-client.js';
import { sampleNode } from '../support/sample-node.js';

const uuidOf = (number: number): string => `00000000-0000-0000-0000-${String(number).padStart(12, '0')}`;
const rack = (size: number): StoredNode[] =>
  Array.from({ length: size }, (_each, index) => sampleNode({ id: index + 1, uuid: uuidOf(index + 1), name: `node-${index + 1}`, owner: index % 2 === 0 ? 'even' : 'odd' }));
const node = sampleNode();

describe('GET /v1/nodes', () => {
  test('can be followed page by page, with filters, to the end', async () => {
    await using api = createApiClient(rack(7));
    const names: unknown[] = [];
    for (let url: string | undefined = '/v1/nodes?limit=2&owner=even&fields=name'; url !== undefined; ) {
      const { body } = await api.request('GET', url);
      const page = body as { nodes: { name: string }[]; next?: string };
      names.push(...page.nodes.map((each) => each.name));
      url = page.next?.replace('http://host:6385', '');
    }
    expect(names).toEqual(['node-1', 'node-3', 'node-5', 'node-7']);
  });

  test('has a next link exactly when the page is full', async () => {
    await using api = createApiClient(rack(2));
    expect((await api.request('GET', '/v1/nodes?limit=2')).body).toHaveProperty('next');
    expect((await api.request('GET', '/v1/nodes?limit=3')).body).not.toHaveProperty('next');
    expect((await api.request('GET', `/v1/nodes?limit=1&instance_uuid=${uuidOf(9)}`)).body).toEqual({ nodes: [] });
  });

  test('a next link that is given for 1.1 can be followed at 1.1', async () => {
    await using api = createApiClient(rack(3));
    const { body } = await api.request('GET', '/v1/nodes?limit=2', { version: null });
    const next = (body as { next: string }).next.replace('http://host:6385', '');
    const second = await api.request('GET', next, { version: null });
    expect(second.status).toBe(200);
    expect((second.body as { nodes: unknown[] }).nodes).toHaveLength(1);
  });

  test('shows a summary, all fields or those that are named', async () => {
    await using api = createApiClient([node]);
    const keys = async (url: string) => Object.keys(((await api.request('GET', url)).body as { nodes: object[] }).nodes[0] ?? {});
    expect((await keys('/v1/nodes')).toSorted()).toEqual(['instance_uuid', 'links', 'maintenance', 'name', 'power_state', 'provision_state', 'uuid']);
    expect(await keys('/v1/nodes?fields=driver,uuid')).toEqual(['driver', 'uuid', 'links']);
    expect(await keys('/v1/nodes?detail=true')).toEqual(await keys('/v1/nodes/detail'));
    expect(await keys('/v1/nodes/detail')).toContain('vendor_interface');
  });

  test.each([
    ['/v1/nodes?limit=0', 400, 'Limit must be positive'],
    ['/v1/nodes?limit=x', 400, 'Expected an integer for limit: x'],
    ['/v1/nodes?bogus=1', 400, 'Unexpected arguments: bogus'],
    ['/v1/nodes/detail?fields=uuid', 400, 'Unexpected arguments: fields'],
    ['/v1/nodes?sort_key=driver_info', 400, 'The sort_key value driver_info is an invalid field for sorting'],
    ['/v1/nodes?sort_dir=up', 400, "Invalid sort direction: up. Acceptable values are 'asc' or 'desc'"],
    ['/v1/nodes?provision_state=wat', 400, 'Provision state "wat" is not valid'],
    ['/v1/nodes?fault=wat', 400, `Unrecognized fault "wat" is specified, allowed faults are ('power failure', 'clean failure', 'rescue abort failure')`],
    ['/v1/nodes?associated=maybe', 400, "Invalid associated: Unrecognized value 'maybe', acceptable values are: '0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'"],
    ['/v1/nodes?marker=x', 400, 'Expected UUID for marker: x'],
    [`/v1/nodes?marker=${uuidOf(9)}`, 404, `Node ${uuidOf(9)} could not be found.`],
    ['/v1/nodes?fields=nope', 400, 'Field nope is not a valid field.'],
    ['/v1/nodes?fields=uuid&detail=true', 400, 'Can not specify ?detail=True and fields in the same request.'],
  ])('%s is refused', async (url, status, faultstring) => {
    await using api = createApiClient([node]);
    const answer = await api.request('GET', url);
    expect([answer.status, answer.error?.['faultstring']]).toEqual([status, faultstring]);
  });

  test.each([
    ['provision_state=enroll', 9], ['driver=x', 16], ['resource_class=x', 21], ['fault=power failure', 42], ['conductor_group=x', 46], ['conductor=x', 49],
    ['owner=x', 50], ['description_contains=x', 51], ['retired=true', 61], ['lessee=x', 65], ['shard=x', 82], ['sharded=true', 82], ['fields=uuid', 8],
    ['sort_key=resource_class', 21],
  ])('?%s is admitted from 1.%d on', async (query, since) => {
    await using api = createApiClient([node]);
    const before = await api.request('GET', `/v1/nodes?${encodeURI(query)}`, { version: `1.${since - 1}` });
    expect([before.status, String(before.error?.['faultstring']).slice(0, 23)]).toEqual([406, 'Request not acceptable.']);
    expect((await api.request('GET', `/v1/nodes?${encodeURI(query)}`, { version: `1.${since}` })).status).toBe(200);
  });

  test('asked for another conductor, shows no node: every conductor serves all', async () => {
    await using api = createApiClient([node]);
    const count = async (name: string) => ((await api.request('GET', `/v1/nodes?conductor=${name}`)).body as { nodes: unknown[] }).nodes.length;
    expect([await count('fake-conductor'), await count('other')]).toEqual([1, 0]);
  });
});

describe('one node', () => {
  test('is created, with its place in Location', async () => {
    await using api = createApiClient();
    const answer = await api.request('POST', '/v1/nodes', { body: { driver: 'fake-hardware', name: 'n', power_interface: 'fake', driver_info: { fake_pin: '1234', ipmi_password: 'geheim' } } });
    const { uuid } = answer.body as { uuid: string };
    expect([answer.status, answer.headers['location']]).toEqual([201, `http://host:6385/v1/nodes/${uuid}`]);
    expect(answer.body).toMatchObject({ name: 'n', driver_info: { fake_pin: '******', ipmi_password: '******' }, provision_state: 'enroll' });
    expect(api.services.kept.nodes[0]?.driverInfo['fake_pin']).toBeInstanceOf(Secret);
  });

  test('is changed by a patch', async () => {
    await using api = createApiClient([node]);
    const answer = await api.request('PATCH', `/v1/nodes/${node.uuid}`, { body: [{ op: 'add', path: '/extra/k', value: { b: [1] } }] });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ extra: { k: { b: [1] } } });
  });

  test('gets the defaults of a new driver on demand', async () => {
    await using api = createApiClient([node]);
    const url = `/v1/nodes/${node.uuid}?reset_interfaces=true`;
    const body = [{ op: 'replace', path: '/driver', value: 'plain' }];
    expect((await api.request('PATCH', url, { body })).status).toBe(200);
    expect(api.services.calls.at(-1)).toEqual(['update', { driver: 'plain', interfaces: {}, fields: {} }, { resetInterfaces: true }]);
    expect((await api.request('PATCH', url, { body, version: '1.44' })).status).toBe(406);
    const other = await api.request('PATCH', url, { body: [{ op: 'remove', path: '/name' }] });
    expect(other.error?.['faultstring']).toBe("The reset_interfaces parameter can only be used when changing the node's driver.");
  });

  test('is found by UUID and by name, and deleted', async () => {
    await using api = createApiClient([node]);
    expect((await api.request('GET', '/v1/nodes/sample?fields=uuid')).body).toMatchObject({ uuid: node.uuid });
    expect((await api.request('DELETE', `/v1/nodes/${node.uuid.toUpperCase()}`)).status).toBe(204);
    expect((await api.request('DELETE', `/v1/nodes/${node.uuid}`)).status).toBe(404);
  });

  test.each(['no name!', 'a%2Fb', 'x'.repeat(256), '..%2f..'])('%s is no node', async (identifier) => {
    await using api = createApiClient([node]);
    for (const path of ['', '/states', '/validate', '/ports', '/management/boot_device', '/vendor_passthru/methods', '/bios', '/history', '/inventory', '/traits']) {
      expect([path, (await api.request('GET', `/v1/nodes/${encodeURI(identifier)}${path}`)).status]).toEqual([path, 404]);
    }
  });
});

describe('below one node', () => {
  const request = async (method: string, path: string, options: Parameters<ReturnType<typeof createApiClient>['request']>[2] = {}) => {
    await using api = createApiClient([node, sampleNode({ uuid: uuidOf(2), name: 'inspected', traits: ['CUSTOM_B', 'CUSTOM_A'] })]);
    const answer = await api.request(method, path.replace('{node}', node.uuid), options);
    return { ...answer, calls: api.services.calls };
  };

  test('states', async () => {
    expect(Object.keys((await request('GET', '/v1/nodes/{node}/states')).body as object)).toEqual([
      'console_enabled', 'last_error', 'power_state', 'provision_state', 'target_power_state', 'target_provision_state', 'provision_updated_at',
      'raid_config', 'target_raid_config', 'boot_mode', 'secure_boot',
    ]);
    expect(Object.keys((await request('GET', '/v1/nodes/{node}/states', { version: '1.11' })).body as object)).toHaveLength(7);
  });

  test('states/power', async () => {
    const answer = await request('PUT', '/v1/nodes/{node}/states/power', { body: { target: 'soft power off', timeout: 5 } });
    expect([answer.status, answer.headers['location'], answer.headers['content-type'], answer.text]).toEqual([202, `http://host:6385/v1/nodes/${node.uuid}/states`, undefined, '']);
    expect(answer.calls).toEqual([['setPowerState', { target: 'soft power off', timeoutSeconds: 5 }]]);
    expect((await request('PUT', '/v1/nodes/{node}/states/power', { body: { target: 'soft rebooting' }, version: '1.26' })).status).toBe(406);
    expect((await request('PUT', '/v1/nodes/{node}/states/power', { body: { target: 'power on', timeout: 1 }, version: '1.26' })).status).toBe(406);
    expect((await request('PUT', '/v1/nodes/{node}/states/power', { body: { target: 'power on', timeout: 0 } })).error?.['faultstring']).toBe('timeout has to be positive integer');
    expect((await request('PUT', '/v1/nodes/{node}/states/power', { body: {} })).error?.['faultstring']).toBe('Missing mandatory parameter: target');
    expect((await request('PUT', '/v1/nodes/{node}/states/power')).error?.['faultstring']).toBe('Missing mandatory parameter: target');
  });

  test('states/provision', async () => {
    const answer = await request('PUT', '/v1/nodes/{node}/states/provision', { body: { target: 'rescue', rescue_password: 'geheim' } });
    expect([answer.status, answer.headers['location']]).toEqual([202, `http://host:6385/v1/nodes/${node.uuid}/states`]);
    expect((answer.calls[0]?.[1] as { rescuePassword: Secret } | undefined)?.rescuePassword.reveal()).toBe('geheim');
  });

  test('states/raid', async () => {
    const configuration = { logical_disks: [{ size_gb: 100, raid_level: '1' }] };
    const answer = await request('PUT', '/v1/nodes/{node}/states/raid', { body: configuration });
    expect([answer.status, answer.calls]).toEqual([204, [['setTargetRaidConfig', node.uuid, configuration]]]);
    expect((await request('PUT', '/v1/nodes/{node}/states/raid', { body: [1] })).status).toBe(400);
  });

  test('maintenance', async () => {
    expect((await request('PUT', '/v1/nodes/{node}/maintenance', { body: { reason: 'fan' } })).calls).toEqual([['setMaintenance', node.uuid, { enabled: true, reason: 'fan' }]]);
    expect((await request('PUT', '/v1/nodes/{node}/maintenance')).calls).toEqual([['setMaintenance', node.uuid, { enabled: true, reason: null }]]);
    const cleared = await request('DELETE', '/v1/nodes/{node}/maintenance');
    expect([cleared.status, cleared.calls]).toEqual([202, [['setMaintenance', node.uuid, { enabled: false, reason: null }]]]);
    expect((await request('PUT', '/v1/nodes/{node}/maintenance', { body: { reason: 5 } })).error?.['faultstring']).toBe('Expected string for reason: 5');
  });

  test('management/boot_device', async () => {
    expect((await request('GET', '/v1/nodes/{node}/management/boot_device')).body).toEqual({ boot_device: 'pxe', persistent: null });
    expect((await request('GET', '/v1/nodes/{node}/management/boot_device/supported')).body).toEqual({ supported_boot_devices: ['pxe', 'disk'] });
    const set = await request('PUT', '/v1/nodes/{node}/management/boot_device', { body: { boot_device: 'disk', persistent: 'True' } });
    expect([set.status, set.calls]).toEqual([204, [['setBootDevice', node.uuid, { device: 'disk', persistent: true }]]]);
  });

  test('validate, both ways', async () => {
    const verdicts = { power: { result: true }, boot: { result: false, reason: 'no port' } };
    for (const path of ['/v1/nodes/{node}/validate', '/v1/nodes/validate?node=sample', '/v1/nodes/validate?node_uuid={node}']) expect((await request('GET', path)).body).toEqual(verdicts);
    expect((await request('GET', '/v1/nodes/validate')).error?.['faultstring']).toBe('Missing mandatory parameter: node');
  });

  test('bios', async () => {
    const links = ['v1/', ''].map((version, index) => ({ href: `http://host:6385/${version}nodes/${node.uuid}/bios/ProcTurbo`, rel: ['self', 'bookmark'][index] }));
    expect((await request('GET', '/v1/nodes/{node}/bios')).body).toEqual({ bios: [{ name: 'ProcTurbo', value: 'Enabled', links }] });
    expect((await request('GET', '/v1/nodes/{node}/bios?detail=true')).body).toMatchObject({ bios: [{ allowable_values: ['Enabled', 'Disabled'], read_only: false, lower_bound: null }] });
    expect((await request('GET', '/v1/nodes/{node}/bios/ProcTurbo', { version: '1.73' })).body).toEqual({ ProcTurbo: { name: 'ProcTurbo', value: 'Enabled', links } });
    expect((await request('GET', '/v1/nodes/{node}/bios/nope')).error?.['faultstring']).toBe(`Node ${node.uuid} doesn't have a BIOS setting 'nope'`);
    expect((await request('GET', '/v1/nodes/{node}/bios?detail=true', { version: '1.73' })).status).toBe(406);
    expect((await request('GET', '/v1/nodes/{node}/bios', { version: '1.39' })).status).toBe(404);
  });

  test('traits and inventory', async () => {
    expect((await request('GET', '/v1/nodes/inspected/traits')).body).toEqual({ traits: ['CUSTOM_A', 'CUSTOM_B'] });
    expect((await request('PATCH', '/v1/nodes/{node}/traits', { body: [] })).status).toBe(405);
    expect((await request('GET', '/v1/nodes/inspected/inventory')).body).toEqual({ inventory: { cpu: { count: 4 } }, plugin_data: {} });
    expect((await request('GET', '/v1/nodes/{node}/inventory')).error?.['faultstring']).toBe(`Node inventory record for node ${node.uuid} could not be found.`);
  });
});
