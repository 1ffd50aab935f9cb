import type { JsonValue } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createMachineApi } from '../support/machine-api.js';
import { lookUp } from '../support/machine-agent.js';
import { runConductor, type RunningConductor } from '../support/running-conductor.js';
import { createScript, SCRIPTED_HARDWARE, scriptedPlugin, scriptedStep } from '../support/scripted-strategies.js';

const root = { size_gb: 100, raid_level: '1', is_root_volume: true };
const data = { size_gb: 50, raid_level: '5' };
const textOf = (body: Record<string, JsonValue>): string => (JSON.parse(String(body['error_message'])) as { faultstring: string }).faultstring;

async function managed(running: RunningConductor, more: Record<string, JsonValue> = {}): Promise<string> {
  const uuid = await running.enrol('n1', {}, more);
  await running.provision(uuid, 'manage', 'manageable');
  return uuid;
}

async function clean(running: RunningConductor, uuid: string, steps: JsonValue, until = 'manageable'): Promise<Record<string, JsonValue>> {
  const { status, body } = await running.call('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'clean', clean_steps: steps });
  if (status !== 202) throw new Error(textOf(body));
  return running.waitFor(uuid, (node) => node['provision_state'] === until && node['reservation'] === null);
}

describe('RAID of fake-hardware', () => {
  // Recorded exchange 102.
  test('a target can be set, and cleaning creates and deletes it', async () => {
    await using running = await runConductor();
    const uuid = await managed(running);
    const set = await running.call('PUT', `/v1/nodes/${uuid}/states/raid`, { logical_disks: [root, data] });
    expect([set.status, set.body]).toEqual([204, {}]);

    const created = await clean(running, uuid, [{ interface: 'raid', step: 'create_configuration', args: { create_nonroot_volumes: false } }]);
    expect(created).toMatchObject({
      last_error: null, target_raid_config: { logical_disks: [root, data] }, properties: { local_gb: 100, capabilities: 'raid_level:1' },
      raid_config: { logical_disks: [{ ...root, volume_name: 'volume-1' }], last_updated: expect.any(String) as string },
    });
    expect((await running.call('GET', `/v1/nodes/${uuid}/states`)).body['raid_config']).toEqual(created['raid_config']);

    const both = await clean(running, uuid, [
      { interface: 'raid', step: 'delete_configuration' },
      { interface: 'raid', step: 'create_configuration', args: { create_root_volume: false } },
    ]);
    expect(both['raid_config']).toMatchObject({ logical_disks: [{ ...data, volume_name: 'volume-1' }] });
    expect((await clean(running, uuid, [{ interface: 'raid', step: 'delete_configuration' }]))['raid_config']).toEqual({});
  });

  test('without a target a cleaning fails and says so', async () => {
    await using running = await runConductor();
    const uuid = await managed(running);
    const failed = await clean(running, uuid, [{ interface: 'raid', step: 'create_configuration' }], 'clean failed');
    expect(String(failed['last_error'])).toContain(`Node ${uuid} has no target RAID configuration.`);
    expect(failed).toMatchObject({ raid_config: {}, maintenance: true });
  });

  // Recorded exchange 014; the explanations are ours.
  test('its logical disks are described under the recorded names', async () => {
    await using api = await createMachineApi();
    const answer = await api.request('GET', '/v1/drivers/fake-hardware/raid/logical_disk_properties', { version: '1.82' });
    expect([answer.status, Object.keys(answer.body as object)]).toEqual([
      200,
      ['raid_level', 'size_gb', 'volume_name', 'is_root_volume', 'share_physical_disks', 'disk_type', 'interface_type', 'number_of_physical_disks', 'controller', 'physical_disks'],
    ]);
  });
});

describe('RAID by the ramdisk', () => {
  test('can be chosen where the deploy agent runs, and is listed there', async () => {
    await using running = await runConductor();
    const enabled = async (driver: string) => (await running.call('GET', `/v1/drivers/${driver}`)).body;
    expect(await enabled('fake-hardware')).toMatchObject({ default_raid_interface: 'fake', enabled_raid_interfaces: ['fake', 'agent', 'no-raid'] });
    for (const driver of ['staging-wol', 'staging-libvirt']) {
      expect(await enabled(driver)).toMatchObject({ default_raid_interface: 'no-raid', enabled_raid_interfaces: ['no-raid', 'agent'] });
      const { status, body } = await running.call('POST', '/v1/nodes', { driver, raid_interface: 'agent' });
      expect([status, body['raid_interface']]).toEqual([201, 'agent']);
      expect((await running.call('GET', `/v1/nodes/${String(body['uuid'])}/validate`)).body['raid']).toEqual({ result: true });
      expect((await running.call('PUT', `/v1/nodes/${String(body['uuid'])}/states/raid`, { logical_disks: [root] })).status).toBe(204);
    }
  });

  test('is not there where no agent runs; other names are refused in the words of Ironic', async () => {
    await using api = await createMachineApi({ strategies: false });
    const refusal = async (name: string) => {
      const { status, error } = await api.request('POST', '/v1/nodes', { version: '1.82', body: { driver: 'fake-hardware', raid_interface: name } });
      return [status, error?.['faultstring']];
    };
    for (const name of ['agent', 'nosuch']) {
      expect(await refusal(name)).toEqual([
        400, `Could not find the following interface in the 'ironic.hardware.interfaces.raid' entrypoint: ${name}. Valid interfaces are ['fake', 'no-raid'].`,
      ]);
    }
  });

  test.each([
    ['agent', 'manageable', ['run create_configuration']],
    ['no-raid', 'clean failed', []],
  ])('a node with raid_interface %s ends a cleaning that asks for it %s', async (raidInterface, state, ran) => {
    const script = createScript();
    script.ramdisk = [scriptedStep(script, 'clean', 'create_configuration', 0, 'done', { interface: 'raid' })];
    await using running = await runConductor({ agentRequireTls: false }, [{ packageName: 'scripted', version: '0.0.0', plugin: scriptedPlugin(script) }]);
    const uuid = await managed(running, { driver: SCRIPTED_HARDWARE, raid_interface: raidInterface });
    await running.call('POST', '/v1/ports', { node_uuid: uuid, address: '52:54:00:00:00:01' });
    await clean(running, uuid, [{ interface: 'raid', step: 'create_configuration' }], 'clean wait');
    const agent = await lookUp(running, '52:54:00:00:00:01');
    expect(await agent.report()).toBe(202);
    await running.waitFor(uuid, (node) => node['provision_state'] === state && node['reservation'] === null);
    expect(script.calls.filter((call) => call.startsWith('run '))).toEqual(ran);
  });
});

describe('firmware settings of fake-hardware', () => {
  const values = async (running: RunningConductor, uuid: string): Promise<Record<string, unknown>> => {
    const { body } = await running.call('GET', `/v1/nodes/${uuid}/bios`);
    return Object.fromEntries((body['bios'] as unknown as { name: string; value: unknown }[]).map(({ name, value }) => [name, value]));
  };

  // Recorded exchanges 075 and 076.
  test('are not known before the node was verified', async () => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine({ provisionState: 'enroll' });
    expect((await api.request('GET', `/v1/nodes/${node.uuid}/bios`, { version: '1.82' })).text).toBe('{"bios":[]}');
    const missing = await api.request('GET', `/v1/nodes/${node.uuid}/bios/virtualization`, { version: '1.82' });
    expect([missing.status, missing.error?.['faultstring']]).toEqual([404, `Node ${node.uuid} doesn't have a BIOS setting 'virtualization'`]);
  });

  test('are changed and reset by cleaning', async () => {
    await using running = await runConductor();
    const uuid = await managed(running);
    const factory = await values(running, uuid);
    expect(factory).toMatchObject({ ProcVirtualization: 'Enabled', BootRetrySeconds: 30, NetworkBoot: true });
    const settings = [{ name: 'ProcVirtualization', value: 'Disabled' }, { name: 'BootRetrySeconds', value: 5 }];
    expect(await clean(running, uuid, [{ interface: 'bios', step: 'apply_configuration', args: { settings } }])).toMatchObject({ last_error: null });
    expect(await values(running, uuid)).toEqual({ ...factory, ProcVirtualization: 'Disabled', BootRetrySeconds: 5 });
    expect((await running.call('GET', `/v1/nodes/${uuid}/bios/BootRetrySeconds`)).body).toMatchObject({
      BootRetrySeconds: { value: 5, attribute_type: 'Integer', lower_bound: 0, upper_bound: 600, read_only: false },
    });
    await clean(running, uuid, [{ interface: 'bios', step: 'factory_reset' }]);
    expect(await values(running, uuid)).toEqual(factory);
  });

  test('a password among them is nowhere to be seen', async () => {
    await using running = await runConductor();
    const uuid = await managed(running);
    const settings = [{ name: 'SetupPassword', value: 'correct horse' }, { name: 'AssetTag', value: 'rack 7' }];
    const cleaned = await clean(running, uuid, [{ interface: 'bios', step: 'apply_configuration', args: { settings } }]);
    expect(cleaned).toMatchObject({ last_error: null });
    const shown = [cleaned, await running.timeline(uuid), (await running.call('GET', `/v1/nodes/${uuid}/bios?detail=true`)).body, running.logger.lines].map((each) => JSON.stringify(each));
    expect(shown.join()).not.toContain('correct horse');
    expect(await values(running, uuid)).toMatchObject({ SetupPassword: null, AssetTag: 'rack 7' });
  });

  test('that it does not have make a cleaning fail, with the reason', async () => {
    await using running = await runConductor();
    const uuid = await managed(running);
    const before = await values(running, uuid);
    const failed = await clean(running, uuid, [{ interface: 'bios', step: 'apply_configuration', args: { settings: [{ name: 'Turbo', value: true }] } }], 'clean failed');
    expect(String(failed['last_error'])).toContain('Turbo is not known: one of ProcVirtualization');
    expect(await values(running, uuid)).toEqual(before);
  });
});

test('an endpoint of a version that is not spoken yet does not exist', async () => {
  await using api = await createMachineApi();
  const { node } = await api.addMachine();
  expect((await api.request('GET', `/v1/nodes/${node.uuid}/firmware`, { version: 'latest' })).status).toBe(404);
  expect(Object.keys(((await api.request('GET', '/openapi.json')).body as { paths: object }).paths)).not.toContain('/v1/nodes/{node}/firmware');
});
