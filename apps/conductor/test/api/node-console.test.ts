import { describe, expect, test } from 'vitest';
import { enrolLibvirtMachine } from '../support/libvirt-node.js';
import { createMachineApi, type MachineApi } from '../support/machine-api.js';
import { runConductor } from '../support/running-conductor.js';

const read = async (api: MachineApi, uuid: string): Promise<unknown> => (await api.request('GET', `/v1/nodes/${uuid}/states/console`, { version: '1.82' })).body;
const put = (api: MachineApi, uuid: string, body: unknown) => api.request('PUT', `/v1/nodes/${uuid}/states/console`, { body, version: '1.82' });

describe('states/console', () => {
  // Recorded exchanges 084 to 087.
  test('is switched on and off', async () => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine();
    expect(await read(api, node.uuid)).toEqual({ console_enabled: false, console_info: null });

    const enabling = await put(api, node.uuid, { enabled: true });
    expect([enabling.status, enabling.text, enabling.headers['location']]).toEqual([202, '', `http://192.0.2.1:6385/v1/nodes/${node.uuid}/states/console`]);
    expect(await api.events(node.uuid, 'console-set')).toMatchObject([{ message: 'Console enabled' }]);
    expect(await read(api, node.uuid)).toEqual({ console_enabled: true, console_info: {} });
    expect((await api.request('GET', `/v1/nodes/${node.uuid}/states`, { version: '1.1' })).body).toMatchObject({ console_enabled: true });

    expect((await put(api, node.uuid, { enabled: false })).status).toBe(202);
    await api.events(node.uuid);
    expect(await read(api, node.uuid)).toEqual({ console_enabled: false, console_info: null });
    expect(await api.node(node.uuid)).toMatchObject({ consoleEnabled: false, reservation: null });
  });

  test('what it is already is accepted and does nothing', async () => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine();
    expect((await put(api, node.uuid, { enabled: 'off' })).status).toBe(202);
    expect(await api.events(node.uuid, 'console-set')).toEqual([]);
  });

  test('one that cannot be opened is not enabled, and the node says why', async () => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine({ driverInfo: { fake_failures: [{ action: 'open console', message: 'The cable is loose', times: 1 }] } });
    expect((await put(api, node.uuid, { enabled: true })).status).toBe(202);
    const [failed] = await api.events(node.uuid, 'machine-change-failed');
    expect(failed?.message).toMatch(new RegExp(`^Error enabling the console on node ${node.uuid}\\. Reason: The cable is loose`));
    expect(await api.node(node.uuid)).toMatchObject({ consoleEnabled: false, lastError: failed?.message, reservation: null });
    await put(api, node.uuid, { enabled: true });
    await api.events(node.uuid);
    expect(await api.node(node.uuid)).toMatchObject({ consoleEnabled: true, lastError: null });
  });

  test.each([
    [{}, 'Missing mandatory parameter: enabled'],
    [{ enabled: true, force: true }, 'Unexpected arguments: force'],
  ])('%o is refused', async (body, text) => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine();
    const answer = await put(api, node.uuid, body);
    expect([answer.status, answer.error?.['faultstring']]).toEqual([400, text]);
  });

  test('a node without one can be asked, and refuses to have it switched on', async () => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine({}, undefined, { console: 'no-console' });
    expect(await read(api, node.uuid)).toEqual({ console_enabled: false, console_info: null });
    const answer = await put(api, node.uuid, { enabled: true });
    expect([answer.status, answer.error?.['faultstring']]).toEqual([400, 'Driver fake-hardware does not support console (disabled or not implemented).']);
    expect((await put(api, 'nosuch', { enabled: true })).status).toBe(404);
  });

  test('of a machine that has a real one says honestly that nobody can connect to this conductor for it', async () => {
    await using running = await runConductor();
    await using _machine = await enrolLibvirtMachine(running, 'v1');
    expect((await running.call('PUT', '/v1/nodes/v1/states/console', { enabled: true })).status).toBe(202);
    expect(await running.waitFor('v1', (node) => node['reservation'] === null)).toMatchObject({ console_enabled: true, last_error: null });
    expect((await running.call('GET', '/v1/nodes/v1/states/console')).body).toMatchObject({
      console_enabled: true, console_info: { type: 'none', url: null, description: expect.stringContaining('device.console.open()') as string },
    });
    // It was closed again after the proof: another can have it.
    await running.call('PUT', '/v1/nodes/v1/states/console', { enabled: false });
    await running.waitFor('v1', (node) => node['console_enabled'] === false && node['reservation'] === null);
    await running.call('PUT', '/v1/nodes/v1/states/console', { enabled: true });
    expect(await running.waitFor('v1', (node) => node['reservation'] === null)).toMatchObject({ console_enabled: true, last_error: null });
  });
});
