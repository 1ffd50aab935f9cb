import { describe, expect, test } from 'vitest';
import { enrolLibvirtMachine } from '../support/libvirt-node.js';
import { createMachineApi, type MachineApi } from '../support/machine-api.js';
import { runConductor } from '../support/running-conductor.js';

const BASE = 'http://192.0.2.1:6385';
const ask = (api: MachineApi, uuid: string, below = '', version = '1.82') => api.request('GET', `/v1/nodes/${uuid}/management/indicators${below}`, { version });
const put = (api: MachineApi, uuid: string, name: string, state: unknown) =>
  api.request('PUT', `/v1/nodes/${uuid}/management/indicators/${name}`, { body: { state }, version: '1.82' });

/** The body of recorded exchange 081. */
function recordedIndicators(uuid: string): readonly object[] {
  const links = (name: string) => [
    { href: `${BASE}/v1/nodes/${uuid}/management/indicators/${name}`, rel: 'self' },
    { href: `${BASE}/nodes/${uuid}/management/indicators/${name}`, rel: 'bookmark' },
  ];
  return [
    { name: 'led-0@chassis', component: 'chassis', readonly: true, states: ['off', 'on'], links: links('led-0@chassis') },
    { name: 'led@system', component: 'system', readonly: false, states: ['blinking', 'off', 'on'], links: links('led@system') },
  ];
}

describe('management/indicators', () => {
  test('are listed as recorded, byte for byte', async () => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine();
    expect((await ask(api, node.uuid)).text).toBe(JSON.stringify({ indicators: recordedIndicators(node.uuid) }));
    expect((await ask(api, node.uuid, '/system')).body).toEqual({ indicators: recordedIndicators(node.uuid).slice(1) });
    expect((await ask(api, node.uuid, '/nic')).body).toEqual({ indicators: [] });
  });

  // Recorded exchange 082.
  test('one tells its state, and stays as it is set', async () => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine();
    expect((await ask(api, node.uuid, '/led@system')).text).toBe('{"state":"on"}');
    const answer = await put(api, node.uuid, 'led@system', 'blinking');
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect((await ask(api, node.uuid, '/led@system')).body).toEqual({ state: 'blinking' });
    expect(await api.events(node.uuid, 'indicator-set')).toMatchObject([{ message: 'Indicator led@system blinking', details: { indicator: 'led@system', state: 'blinking' } }]);
    expect(await api.node(node.uuid)).toMatchObject({ reservation: null });
  });

  test.each([
    ['GET', 'led', undefined, 400, 'Malformed indicator name "led"'],
    ['PUT', 'led', 'on', 400, 'Malformed indicator name "led"'],
    ['PUT', 'led@lamp', 'on', 400, 'Invalid component lamp specified.'],
    ['GET', 'led@lamp', undefined, 400, 'Invalid component lamp specified.'],
    ['GET', 'lamp@system', undefined, 400, 'Invalid indicator lamp specified.'],
    ['PUT', 'lamp@system', 'on', 400, 'Invalid indicator lamp specified.'],
    ['PUT', 'led@system', 'glowing', 400, 'Invalid indicator state glowing specified. It can be: blinking, off, on'],
    ['PUT', 'led@system', 'unknown', 400, 'Invalid indicator state unknown specified. It can be: blinking, off, on'],
    ['PUT', 'led@system', null, 400, 'Missing mandatory parameter: state'],
    ['PUT', 'led-0@chassis', 'off', 400, 'The indicator led-0@chassis only shows, it cannot be set'],
  ])('%s %s to %s is refused', async (method, name, state, status, text) => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine();
    const answer = method === 'GET' ? await ask(api, node.uuid, `/${name}`) : await put(api, node.uuid, name, state);
    expect([answer.status, answer.error?.['faultstring']]).toEqual([status, text]);
    expect(await api.node(node.uuid)).toMatchObject({ reservation: null });
  });

  test('are there from 1.63 on, for nodes that are there, where the hardware has them', async () => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine();
    expect((await ask(api, node.uuid, '', '1.62')).status).toBe(404);
    expect((await ask(api, node.uuid, '', '1.63')).status).toBe(200);
    expect((await ask(api, 'nosuch')).status).toBe(404);
    const { node: plain } = await api.addMachine({}, '52:54:00:12:34:57', { management: 'noop' });
    const refusals = [await ask(api, plain.uuid), await ask(api, plain.uuid, '/led@system'), await put(api, plain.uuid, 'led@system', 'on')];
    expect(refusals.map(({ status, error }) => [status, error?.['faultstring']])).toEqual(
      ['get_supported_indicators', 'get_indicator_state', 'set_indicator_state'].map((what) => [400, `Driver fake-hardware does not support ${what} (disabled or not implemented).`]),
    );
  });
});

describe('management/inject_nmi', () => {
  // Recorded exchange 083.
  test('is refused by hardware that has no such thing, in the words of the record', async () => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine();
    const answer = await api.request('PUT', `/v1/nodes/${node.uuid}/management/inject_nmi`, { body: {}, version: '1.82' });
    expect([answer.status, answer.body]).toEqual([
      400,
      { error_message: '{"faultcode":"Client","faultstring":"Driver fake-hardware does not support inject_nmi (disabled or not implemented).","debuginfo":null}' },
    ]);
    expect(await api.node(node.uuid)).toMatchObject({ reservation: null });
    expect((await api.request('PUT', `/v1/nodes/${node.uuid}/management/inject_nmi`, { body: {}, version: '1.28' })).status).toBe(404);
    expect((await api.request('PUT', `/v1/nodes/${node.uuid}/management/inject_nmi`, { body: { now: true }, version: '1.29' })).error?.['faultstring']).toBe('Unexpected arguments: now');
  });

  test('reaches hardware that has it', async () => {
    await using running = await runConductor();
    await using machine = await enrolLibvirtMachine(running, 'v1');
    expect((await running.call('PUT', '/v1/nodes/v1/management/inject_nmi', {})).status).toBe(204);
    expect(machine.activity.changeCommands).toBe(1);
    expect((await running.timeline('v1')).map((event) => event['type'])).toContain('nmi-injected');
    expect(await running.node('v1')).toMatchObject({ reservation: null });
  });
});
