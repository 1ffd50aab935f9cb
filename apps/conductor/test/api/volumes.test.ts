import { describe, expect, test } from 'vitest';
import type { StoredNode } from '../../src/nodes/stored-node.js';
import type { NodeUpdate } from '../../src/store/store.js';
import type { ApiAnswer } from '../support/api-client.js';
import { createMachineApi, type MachineApi } from '../support/machine-api.js';

const NOBODY = '11111111-1111-1111-1111-111111111111';
const MARKER = 'planted-chap-secret';

interface Setting extends AsyncDisposable {
  readonly api: MachineApi;
  readonly node: StoredNode;
  readonly connector: string;
  readonly target: string;
  ask(method: string, path: string, body?: unknown, version?: string): Promise<ApiAnswer>;
  change(changes: NodeUpdate): Promise<void>;
}

/** A node that is off, with a connector and a target. */
async function setting(): Promise<Setting> {
  const api = await createMachineApi();
  const ask: Setting['ask'] = (method, path, body, version = '1.82') => api.request(method, `/v1${path}`, { version, ...(body === undefined ? {} : { body }) });
  const { node } = await api.addMachine({ name: 'n1' });
  const uuidOf = ({ body }: ApiAnswer): string => (body as { uuid: string }).uuid;
  const connector = uuidOf(await ask('POST', '/volume/connectors', { node_uuid: node.uuid, type: 'iqn', connector_id: 'iqn.2017-07.org:01' }));
  const target = uuidOf(
    await ask('POST', '/volume/targets', {
      node_uuid: node.uuid, volume_type: 'iscsi', boot_index: 0, volume_id: 'v1', properties: { target_portal: '192.0.2.1:3260', auth_username: 'u', auth_password: MARKER },
    }),
  );
  return {
    api, node, connector, target, ask,
    change: async (changes) => void (await api.store.write(async ({ nodes }) => nodes.update(node.uuid, changes))),
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}

const set = (path: string, value: unknown) => ({ op: 'replace', path, value });
const fault = ({ status, error }: ApiAnswer): unknown => [status, error?.['faultstring']];

describe('volume connectors and targets', () => {
  test('are found in their lists and below their node', async () => {
    await using at = await setting();
    const connector = { uuid: at.connector, node_uuid: at.node.uuid, type: 'iqn', connector_id: 'iqn.2017-07.org:01', links: expect.anything() as unknown };
    const target = { uuid: at.target, node_uuid: at.node.uuid, volume_type: 'iscsi', boot_index: 0, volume_id: 'v1', links: expect.anything() as unknown };
    for (const [path, list] of [
      ['/volume/connectors', { connectors: [connector] }], ['/volume/connectors?node=n1', { connectors: [connector] }], [`/nodes/${at.node.uuid}/volume/connectors`, { connectors: [connector] }],
      ['/volume/targets', { targets: [target] }], [`/volume/targets?node=${at.node.uuid}`, { targets: [target] }], ['/nodes/n1/volume/targets', { targets: [target] }],
    ] as const) expect([path, (await at.ask('GET', path)).body]).toEqual([path, list]);
    expect((await at.ask('GET', '/volume/targets?detail=true', undefined, '1.32')).body).toMatchObject({ targets: [{ extra: {}, properties: { auth_username: 'u' } }] });
    expect((await at.ask('GET', '/volume/connectors?fields=type')).body).toMatchObject({ connectors: [{ type: 'iqn' }] });
    expect(fault(await at.ask('GET', '/volume/targets?detail=true&fields=uuid'))).toEqual([400, "Can't fetch a subset of fields with 'detail' set"]);
    expect(fault(await at.ask('GET', '/volume/targets?sort_key=properties'))).toEqual([400, 'The sort_key value properties is an invalid field for sorting']);
    for (const path of ['/volume', '/volume/targets', '/nodes/n1/volume', '/nodes/n1/volume/connectors']) expect([path, (await at.ask('GET', path, undefined, '1.31')).status]).toEqual([path, 404]);
    expect((await at.ask('GET', '/nodes/n1/volume')).body).toMatchObject({ connectors: [{ href: `http://192.0.2.1:6385/v1/nodes/${at.node.uuid}/volume/connectors` }, {}] });
  });

  test.each([
    ['connectors', {}, 400, "Schema error for connector: 'connector_id' is a required property"],
    ['connectors', { type: 'iqn', connector_id: 'iqn.2017-07.org:01' }, 409, 'A volume connector with type iqn and connector ID iqn.2017-07.org:01 already exists.'],
    ['connectors', { type: 'iqn', connector_id: 'x', uuid: 'y' }, 400, 'Expected UUID for uuid: y'],
    ['connectors', { type: 'iqn', connector_id: 'x', node_uuid: NOBODY }, 400, `Node ${NOBODY} could not be found.`],
    ['targets', { volume_type: 'iscsi', volume_id: 'v2' }, 400, "Schema error for target: 'boot_index' is a required property"],
    ['targets', { volume_type: 'iscsi', volume_id: 'v2', boot_index: 0 }, 409, "A volume target with boot index '0' for the same node already exists."],
    ['targets', { volume_type: 'iscsi', volume_id: 'v2', boot_index: '1' }, 400, "Schema error for target: '1' is not of type 'integer'"],
  ])('%s with %j are refused', async (list, fields, status, text) => {
    await using at = await setting();
    expect(fault(await at.ask('POST', `/volume/${list}`, { node_uuid: at.node.uuid, ...fields }))).toEqual([status, text]);
  });

  test('are changed and deleted while their node is off, and only then', async () => {
    await using at = await setting();
    for (const [path, noun, operation] of [
      [`/volume/connectors/${at.connector}`, 'volume connector', set('/connector_id', 'iqn.2')], [`/volume/targets/${at.target}`, 'volume target', set('/boot_index', 3)],
    ] as const) {
      const refusal = (action: string, state: string) => [400, `The requested action "${noun} ${action}" can not be performed on node "${at.node.uuid}" while it is in state "${state}".`];
      await at.change({ powerState: 'power on' });
      expect(fault(await at.ask('PATCH', path, [operation]))).toEqual(refusal('update', 'power on'));
      expect(fault(await at.ask('DELETE', path))).toEqual(refusal('deletion', 'power on'));
      await at.change({ powerState: null });
      expect(fault(await at.ask('DELETE', path))).toEqual(refusal('deletion', 'None'));
      await at.change({ powerState: 'power off' });
      expect((await at.ask('PATCH', path, [operation])).body).toMatchObject({ [operation.path.slice(1)]: operation.value });
      expect((await at.ask('DELETE', path)).status).toBe(204);
      expect((await at.ask('GET', path)).status).toBe(404);
    }
  });

  test('move to another node that is off too', async () => {
    await using at = await setting();
    const { node: other } = await at.api.addMachine({ name: 'n2', powerState: 'power on' }, '52:54:00:12:34:57');
    const move = [set('/node_uuid', other.uuid)];
    expect(fault(await at.ask('PATCH', `/volume/targets/${at.target}`, move))).toEqual([
      400, `The requested action "volume target update" can not be performed on node "${other.uuid}" while it is in state "power on".`,
    ]);
    await at.api.store.write(async ({ nodes }) => nodes.update(other.uuid, { powerState: 'power off' }));
    expect((await at.ask('PATCH', `/volume/targets/${at.target}`, move)).body).toMatchObject({ node_uuid: other.uuid });
    expect(fault(await at.ask('PATCH', `/volume/targets/${at.target}`, [set('/node_uuid', NOBODY)]))).toEqual([400, `Node ${NOBODY} could not be found.`]);
  });

  test('are refused while somebody else works on the node', async () => {
    await using at = await setting();
    await at.change({ reservation: 'elsewhere' });
    expect((await at.ask('DELETE', `/volume/targets/${at.target}`)).status).toBe(409);
  });

  test('cannot be named by anything but a UUID', async () => {
    await using at = await setting();
    expect(fault(await at.ask('GET', '/volume/targets/x'))).toEqual([400, 'Expected UUID for target_uuid: x']);
    expect(fault(await at.ask('GET', '/volume/connectors/x'))).toEqual([400, 'Expected UUID for connector_uuid: x']);
    expect(fault(await at.ask('GET', `/volume/targets/${NOBODY}`))).toEqual([404, `Volume target ${NOBODY} could not be found.`]);
  });
});

describe('the secrets of a target', () => {
  const shown = { target_portal: '192.0.2.1:3260', auth_username: 'u', auth_password: '******' };
  const kept = async ({ api, target }: Setting): Promise<unknown> => {
    const record = await api.store.volumeTargets.get(target);
    return (record?.properties['auth_password'] as { reveal(): unknown } | undefined)?.reveal();
  };

  test('are masked, and stay when the mask comes back', async () => {
    await using at = await setting();
    expect((await at.ask('GET', `/volume/targets/${at.target}`)).body).toMatchObject({ properties: shown });
    const patched = await at.ask('PATCH', `/volume/targets/${at.target}`, [set('/properties', { ...shown, target_lun: 1 })]);
    expect(patched.body).toMatchObject({ properties: { ...shown, target_lun: 1 } });
    expect(await kept(at)).toBe(MARKER);
    await at.ask('PATCH', `/volume/targets/${at.target}`, [set('/properties/auth_password', '******')]);
    expect(await kept(at)).toBe(MARKER);
    await at.ask('PATCH', `/volume/targets/${at.target}`, [set('/properties/auth_password', 'another')]);
    expect(await kept(at)).toBe('another');
  });

  test('are in no answer, event or log line, whatever goes wrong', async () => {
    await using at = await setting();
    const answers = [
      await at.ask('POST', '/volume/targets', { node_uuid: at.node.uuid, volume_type: 5, boot_index: 0, volume_id: 'v', properties: { auth_password: MARKER } }),
      await at.ask('POST', '/volume/targets', { node_uuid: at.node.uuid, volume_type: 'iscsi', boot_index: 0, volume_id: 'v', properties: [MARKER] }),
      await at.ask('PATCH', `/volume/targets/${at.target}`, [set('/properties/nope/password', MARKER)]),
      await at.ask('PATCH', `/volume/targets/${at.target}`, [set('/properties/auth_password', `${MARKER}2`)]),
      await at.ask('GET', '/volume/targets?detail=true'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 200, 200]);
    const events = await at.api.events(at.node.uuid, 'volume-target-created', 'volume-target-updated');
    expect(events).toMatchObject([{ message: 'Volume target iscsi v1 added' }, { message: 'Volume target iscsi v1 changed: properties' }]);
    expect(answers.map(({ text }) => text).join('\n') + JSON.stringify(events) + at.api.logger.text()).not.toContain(MARKER);
  });
});
