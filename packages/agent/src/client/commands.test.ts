import { inspect } from 'node:util';
import { revealSealed, Secret, type JsonValue } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import type { Agent, AgentCommand, AgentCommandName, CommandParameters, CommandStatus } from './agent.js';
import {
  collectSystemLogs, executeBootcInstall, executeCleanStep, executeDeployStep, executeServiceStep, finalizeRescue, getCleanSteps, getDeploySteps,
  getHardwareInfo, getPartitionUuids, getServiceSteps, installBootloader, lockdown, powerOff, prepareImage, resultOf, runImage, setNodeInfo, sync,
} from './commands.js';

interface Sent {
  readonly name: AgentCommandName;
  readonly parameters: CommandParameters;
  readonly wait: boolean;
  readonly timeoutMs: number | undefined;
}

/** An agent that answers every command with the same. */
function agentAnswering(result: JsonValue = null, status: CommandStatus = 'SUCCEEDED'): { readonly agent: Agent; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  const agent: Agent = {
    url: 'https://192.0.2.10:9999',
    execute: async (name, parameters, { wait, timeoutMs }) => {
      sent.push({ name, parameters, wait, timeoutMs });
      return ended(status, result, name);
    },
    commands: async () => [],
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { agent, sent };
}

function ended(status: CommandStatus, result: JsonValue = null, name = 'standby.sync'): AgentCommand {
  const error = status === 'SUCCEEDED' || status === 'RUNNING' ? null : { type: 'DeviceNotFound', code: 404, message: 'no disk of 4 GiB' };
  return { id: '1', name: name.slice(name.indexOf('.') + 1), status, error, result };
}

const subject = { node: { uuid: 'n' }, ports: [{ address: '52:54:00:12:34:56' }] };
const step = { interface: 'deploy', step: 's', args: { configdrive: new Secret('DRIVE') } };
const version = { m: '1' };
const uuids = { rootUuid: 'r', efiSystemPartitionUuid: undefined, prepBootPartitionUuid: 'p' };
const steps = (kind: string): JsonValue => ({ [`${kind}_steps`]: {}, hardware_manager_version: version });

// The names are those of the functions in ironic_python_agent/extensions: one more or less of them spoils a real agent.
test.each<[AgentCommandName, boolean, JsonValue, (agent: Agent) => Promise<unknown>, JsonValue]>([
  ['clean.get_clean_steps', true, { node: { uuid: 'n' }, ports: subject.ports }, (agent) => getCleanSteps(agent, subject), steps('clean')],
  ['deploy.get_deploy_steps', true, { node: { uuid: 'n' }, ports: subject.ports }, (agent) => getDeploySteps(agent, subject), steps('deploy')],
  ['service.get_service_steps', true, { node: { uuid: 'n' }, ports: subject.ports }, (agent) => getServiceSteps(agent, subject), steps('service')],
  ['clean.execute_clean_step', false, { step: revealSealed(step), ...subject, clean_version: version },
    (agent) => executeCleanStep(agent, { ...subject, step, cleanVersion: version }), null],
  ['deploy.execute_deploy_step', false, { step: revealSealed(step), ...subject, deploy_version: null },
    (agent) => executeDeployStep(agent, { ...subject, step, deployVersion: null }), null],
  ['service.execute_service_step', false, { step: revealSealed(step), ...subject, service_version: version },
    (agent) => executeServiceStep(agent, { ...subject, step, serviceVersion: version }), null],
  ['standby.prepare_image', false, { image_info: { id: 'x' }, configdrive: 'DRIVE' },
    (agent) => prepareImage(agent, { imageInfo: { id: 'x' }, configDrive: new Secret('DRIVE') }), null],
  ['standby.get_partition_uuids', true, {}, (agent) => getPartitionUuids(agent), {}],
  ['image.install_bootloader', false, { root_uuid: 'r', efi_system_part_uuid: null, prep_boot_part_uuid: 'p', target_boot_mode: 'uefi' },
    (agent) => installBootloader(agent, { ...uuids, targetBootMode: 'uefi' }), null],
  ['standby.sync', true, {}, (agent) => sync(agent), null],
  ['standby.power_off', false, {}, (agent) => powerOff(agent), null],
  ['standby.run_image', false, {}, (agent) => runImage(agent), null],
  ['system.lockdown', true, {}, (agent) => lockdown(agent), null],
  ['rescue.finalize_rescue', true, { rescue_password: '$6$x', hashed: true }, (agent) => finalizeRescue(agent, { rescuePassword: new Secret('$6$x') }), null],
  ['log.collect_system_logs', true, {}, (agent) => collectSystemLogs(agent), { system_logs: 'AAAA' }],
  ['poll.get_hardware_info', true, {}, (agent) => getHardwareInfo(agent), {}],
  ['poll.set_node_info', true, { node_info: { uuid: 'n' } }, (agent) => setNodeInfo(agent, { nodeInfo: { uuid: 'n' } }), null],
  ['standby.execute_bootc_install', false, { image_source: 'i', instance_info: {}, pull_secret: 'p', configdrive: null },
    (agent) => executeBootcInstall(agent, { imageSource: 'i', instanceInfo: {}, pullSecret: new Secret('p'), configDrive: null }), null],
])('%s is sent with exactly its parameters', async (name, wait, parameters, call, result) => {
  const { agent, sent } = agentAnswering(result);
  await call(agent);
  expect(sent.map((one) => [one.name, one.wait, revealSealed(one.parameters)])).toEqual([[name, wait, parameters]]);
  expect(inspect(sent, { depth: null, showHidden: true })).not.toMatch(/DRIVE|\$6\$x/);
});

test('options of a call go with it', async () => {
  const { agent, sent } = agentAnswering();
  await sync(agent, { timeoutMs: 5_000 });
  await powerOff(agent, { timeoutMs: 6_000 });
  expect(sent.map(({ timeoutMs }) => timeoutMs)).toEqual([5_000, 6_000]);
});

describe('results', () => {
  test('partitions by the names that the agent has for them', async () => {
    const result = { 'root uuid': 'r', 'efi system partition uuid': 'e', 'PReP Boot partition uuid': 'p', partitions: {} };
    expect(await getPartitionUuids(agentAnswering(result).agent)).toEqual({ rootUuid: 'r', efiSystemPartitionUuid: 'e', prepBootPartitionUuid: 'p' });
    expect((await getPartitionUuids(agentAnswering({ 'root uuid': '' }).agent)).rootUuid).toBeUndefined();
  });

  test('logs as the bytes of the archive', async () => {
    expect(await collectSystemLogs(agentAnswering({ system_logs: 'H4sIAA==' }).agent)).toEqual(Buffer.from([0x1f, 0x8b, 8, 0]));
    await expect(collectSystemLogs(agentAnswering({ system_logs: 'no base64!' }).agent)).rejects.toMatchObject({ code: 'PROTOCOL_FAULT' });
    await expect(collectSystemLogs(agentAnswering(null).agent)).rejects.toMatchObject({ code: 'PROTOCOL_FAULT' });
  });

  test('a command that failed on the machine is REFUSED with its reason, and one that is not over is no result', async () => {
    expect(() => resultOf(ended('FAILED'))).toThrow(
      expect.objectContaining({ code: 'REFUSED', message: 'sync failed on the machine: no disk of 4 GiB', details: { command: 'sync', type: 'DeviceNotFound', code: 404 } }) as Error,
    );
    expect(() => resultOf(ended('VERSION_MISMATCH'))).toThrow(expect.objectContaining({ code: 'CONFLICT' }) as Error);
    expect(() => resultOf(ended('RUNNING'))).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT' }) as Error);
    expect(resultOf(ended('SUCCEEDED', { a: 1 }))).toEqual({ a: 1 });
    await expect(getDeploySteps(agentAnswering(null, 'FAILED').agent, subject)).rejects.toMatchObject({ code: 'REFUSED' });
    await expect(finalizeRescue(agentAnswering(null, 'FAILED').agent, { rescuePassword: new Secret('x') })).rejects.toMatchObject({ code: 'REFUSED' });
  });
});
