import { describe, expect, test } from 'vitest';
import { createMachineApi, type MachineApi } from '../support/machine-api.js';
import { runConductor } from '../support/running-conductor.js';

const faultOf = (answer: { readonly status: number; readonly error: Readonly<Record<string, unknown>> | undefined }): readonly unknown[] => [
  answer.status, answer.error?.['faultstring'],
];
const put = (api: MachineApi, uuid: string, what: string, target: unknown, version = '1.82') =>
  api.request('PUT', `/v1/nodes/${uuid}/states/${what}`, { body: { target }, version });

describe('states/boot_mode and states/secure_boot', () => {
  // Recorded exchange 104.
  test('are accepted, carried out, and shown in the states', async () => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine();
    const answer = await put(api, node.uuid, 'boot_mode', 'uefi');
    expect([answer.status, answer.text, answer.headers['location']]).toEqual([202, '', `http://192.0.2.1:6385/v1/nodes/${node.uuid}/states`]);
    const [event] = await api.events(node.uuid, 'boot-mode-set');
    expect(event).toMatchObject({ severity: 'INFO', message: 'Boot mode uefi', details: { mode: 'uefi' } });
    expect(await api.node(node.uuid)).toMatchObject({ bootMode: 'uefi', secureBoot: false, reservation: null, lastError: null });

    expect((await put(api, node.uuid, 'secure_boot', true)).status).toBe(202);
    await api.events(node.uuid);
    const states = await api.request('GET', `/v1/nodes/${node.uuid}/states`, { version: '1.82' });
    expect(states.body).toMatchObject({ boot_mode: 'uefi', secure_boot: true });
  });

  test('show also what one setting does to the other', async () => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine();
    await put(api, node.uuid, 'secure_boot', 'yes');
    await api.events(node.uuid);
    expect(await api.node(node.uuid)).toMatchObject({ secureBoot: true });
    await put(api, node.uuid, 'boot_mode', 'bios');
    await api.events(node.uuid);
    expect(await api.node(node.uuid)).toMatchObject({ bootMode: 'bios', secureBoot: false });
  });

  test('tell a failure in last_error and in the history, and give the node back', async () => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine();
    await put(api, node.uuid, 'boot_mode', 'bios');
    await api.events(node.uuid);
    expect((await put(api, node.uuid, 'secure_boot', true)).status).toBe(202);
    const message = "Failed to switch secure boot on: Secure boot needs UEFI, and the machine boots by BIOS. Set the boot mode to 'uefi' first.";
    expect(await api.events(node.uuid, 'machine-change-failed')).toMatchObject([{ severity: 'ERROR', message, details: { change: 'secure boot' } }]);
    expect(await api.node(node.uuid)).toMatchObject({ lastError: message, reservation: null, secureBoot: false });
    expect((await api.request('GET', `/v1/nodes/${node.uuid}/history?detail=true`, { version: '1.82' })).text).toContain('Secure boot needs UEFI');

    await put(api, node.uuid, 'boot_mode', 'uefi');
    await api.events(node.uuid);
    expect(await api.node(node.uuid)).toMatchObject({ lastError: null, bootMode: 'uefi' });
  });

  // Source: Ironic, NodeStatesController.boot_mode.
  test.each([
    ['boot_mode', 'openfirmware', [400, 'Invalid boot mode openfirmware requested for node. Allowed boot modes are: bios, uefi']],
    ['boot_mode', 1, [400, 'Expected string for target: 1']],
    ['boot_mode', null, [400, 'Missing mandatory parameter: target']],
    ['secure_boot', null, [400, 'Missing mandatory parameter: target']],
  ])('%s %s is refused', async (what, target, refusal) => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine();
    expect(faultOf(await put(api, node.uuid, what, target))).toEqual(refusal);
    expect(await api.events(node.uuid, 'boot-mode-set', 'secure-boot-set', 'machine-change-failed')).toEqual([]);
  });

  test('secure_boot maybe is refused', async () => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine();
    const [status, text] = faultOf(await put(api, node.uuid, 'secure_boot', 'maybe'));
    expect([status, String(text)]).toEqual([400, expect.stringMatching(/^Invalid target: Unrecognized value 'maybe', acceptable values are: /)]);
  });

  test.each(['boot_mode', 'secure_boot'])('%s is there from 1.76 on', async (what) => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine();
    const target = what === 'boot_mode' ? 'uefi' : false;
    expect((await put(api, node.uuid, what, target, '1.75')).status).toBe(404);
    expect((await put(api, node.uuid, what, target, '1.76')).status).toBe(202);
    expect((await put(api, 'nosuch', what, target)).status).toBe(404);
  });

  test.each(['deploying', 'clean wait', 'adopting', 'verifying', 'inspect wait', 'deploy hold'] as const)('are refused while the node is %s', async (provisionState) => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine({ provisionState });
    const text =
      `Node is in ${provisionState} state. Since node is transitioning, the boot mode will not be set as this may interfere with ongoing changes and ` +
      'result in erroneous modification. Try again later.';
    expect(faultOf(await put(api, node.uuid, 'boot_mode', 'uefi'))).toEqual([409, text]);
    expect(faultOf(await put(api, node.uuid, 'secure_boot', true))).toEqual([409, text]);
  });

  test.each(['enroll', 'available', 'active', 'deploy failed', 'error', 'rescue'] as const)('are accepted while the node is %s', async (provisionState) => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine({ provisionState });
    expect((await put(api, node.uuid, 'boot_mode', 'bios')).status).toBe(202);
    await api.events(node.uuid);
    expect(await api.node(node.uuid)).toMatchObject({ bootMode: 'bios', provisionState });
  });

  test('wait for nobody who holds the node for long', async () => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine({ reservation: 'other' });
    expect(faultOf(await put(api, node.uuid, 'boot_mode', 'uefi'))).toEqual([
      409, `Node ${node.uuid} is locked by host other, please retry after the current operation is completed.`,
    ]);
  });

  test('are refused by hardware that has neither, and leave the node free', async () => {
    await using running = await runConductor();
    const { body } = await running.call('POST', '/v1/nodes', { name: 'w1', driver: 'staging-wol' });
    const refused = async (what: string, target: unknown) => {
      const answer = await running.call('PUT', `/v1/nodes/w1/states/${what}`, { target });
      return [answer.status, (JSON.parse(String(answer.body['error_message'])) as { faultstring: string }).faultstring];
    };
    await running.call('POST', '/v1/ports', { node_uuid: body['uuid'], address: '52:54:00:00:00:09' });
    expect(await refused('boot_mode', 'uefi')).toEqual([400, 'Driver staging-wol does not support set_boot_mode (disabled or not implemented).']);
    expect(await refused('secure_boot', true)).toEqual([400, 'Driver staging-wol does not support set_secure_boot_state (disabled or not implemented).']);
    expect(await running.node('w1')).toMatchObject({ reservation: null });
  });
});
