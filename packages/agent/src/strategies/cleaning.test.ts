import { FerricError, type JsonObject, type StrategyStep } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { directOf, ramdiskOf, resume, run, work } from '../../test/strategies/conductor.js';
import { recorded } from '../../test/strategies/recordings.js';
import { createStage, type Stage, type StageOptions } from '../../test/strategies/stage.js';

const MASTER = 'ipa/conversation-master-whole-disk.json';
const offered = recorded(MASTER, 'clean.get_clean_steps').result as JsonObject;

function stageOf(options: StageOptions = {}, result: JsonObject = offered): Stage {
  const stage = createStage(options);
  stage.agent.answers('clean.get_clean_steps', { result });
  stage.agent.answers('clean.execute_clean_step', { status: 'RUNNING' });
  return stage;
}
async function booted(stage: Stage): Promise<readonly StrategyStep[]> {
  await work(stage, directOf(stage).prepareCleaning(stage.task));
  stage.report();
  return (await stage.finish(directOf(stage).ramdiskSteps?.(stage.task, 'clean') ?? Promise.resolve([]))) ?? [];
}
const stepNamed = (steps: readonly StrategyStep[], name: string): StrategyStep => steps.find((step) => step.name === name) as StrategyStep;
const doneWith = (step: string): JsonObject => ({ clean_result: null, clean_step: { interface: 'deploy', step } });
const asked = (stage: Stage): number => stage.agent.sent.filter(({ name }) => name === 'clean.get_clean_steps').length;

describe('preparing', () => {
  test('boots the agent for cleaning and waits for it', async () => {
    const stage = stageOf({ network: true });
    expect(await work(stage, directOf(stage).prepareCleaning(stage.task))).toEqual({ next: 'wait', waitsFor: 'the deploy agent to report' });
    expect(stage.done).toEqual(['network connect cleaning', 'boot prepareRamdisk clean', 'power off', 'power on']);
  });

  test('is the same for ramdisk deployments', async () => {
    const stage = stageOf();
    await work(stage, ramdiskOf(stage).prepareCleaning(stage.task));
    stage.report();
    expect(await stage.finish(ramdiskOf(stage).ramdiskSteps?.(stage.task, 'clean') ?? Promise.resolve([]))).toHaveLength(12);
  });
});

describe('the steps of the agent', () => {
  test('are those that it told, and it is asked once', async () => {
    const stage = stageOf();
    const steps = await booted(stage);
    expect(steps.filter(({ priority }) => priority > 0).map(({ name, priority, abortable, requiresRamdisk }) => [name, priority, abortable, requiresRamdisk])).toEqual([
      ['erase_devices_metadata', 99, true, true], ['erase_devices', 10, true, true],
    ]);
    expect(stepNamed(steps, 'clean_uefi_nvram').arguments).toMatchObject({ match_patterns: { required: false } });
    const again = await directOf(stage).ramdiskSteps?.(stage.task, 'clean');
    expect(again?.map(({ name, priority, abortable, arguments: about }) => [name, priority, abortable, about])).toEqual(
      steps.map(({ name, priority, abortable, arguments: about }) => [name, priority, abortable, about]),
    );
    expect(asked(stage)).toBe(1);
    expect(stage.task.node.driverInternalInfo['agent_cached_clean_steps']).toMatchObject({ hardware_manager_version: offered['hardware_manager_version'] });
  });

  test('are none before it has reported, and it is not asked then', async () => {
    const stage = stageOf();
    expect(await directOf(stage).ramdiskSteps?.(stage.task, 'clean')).toEqual([]);
    expect(asked(stage)).toBe(0);
  });

  test.each([
    [{ eraseDevicesPriority: 0, eraseDevicesMetadataPriority: 20 }, [0, 20]],
    [{ eraseDevicesPriority: 50 }, [50, 99]],
    [{}, [10, 99]],
  ])('have the priorities of the settings %j', async (settings, expected) => {
    const steps = await booted(stageOf({ settings }));
    expect([stepNamed(steps, 'erase_devices').priority, stepNamed(steps, 'erase_devices_metadata').priority]).toEqual(expected);
  });

  test('for deploying keep their own priorities', async () => {
    const stage = stageOf({ settings: { eraseDevicesMetadataPriority: 20 } });
    stage.report();
    stage.agent.answers('deploy.get_deploy_steps', { result: recorded(MASTER, 'deploy.get_deploy_steps').result });
    const steps = (await directOf(stage).ramdiskSteps?.(stage.task, 'deploy')) ?? [];
    expect(stepNamed(steps, 'erase_devices_metadata')).toMatchObject({ kind: 'deploy', priority: 0, abortable: true });
  });

  test('that several hardware managers offer count once', async () => {
    const twice = { ...offered, clean_steps: { A: [{ interface: 'deploy', step: 'x', priority: 5 }], B: [{ interface: 'deploy', step: 'x', priority: 7 }] } };
    const steps = await booted(stageOf({}, twice));
    expect(steps.map(({ name, priority }) => [name, priority])).toEqual([['x', 5]]);
  });

  test.each([
    ['no steps', { hardware_manager_version: {} }],
    ['no versions', { clean_steps: {} }],
    ['a step without priority', { clean_steps: { A: [{ interface: 'deploy', step: 'x' }] }, hardware_manager_version: {} }],
    ['a step without name', { clean_steps: { A: [{ interface: 'deploy', priority: 1 }] }, hardware_manager_version: {} }],
    ['a step of an unknown interface', { clean_steps: { A: [{ interface: 'console', step: 'x', priority: 1 }] }, hardware_manager_version: {} }],
    ['a negative priority', { clean_steps: { A: [{ interface: 'deploy', step: 'x', priority: -1 }] }, hardware_manager_version: {} }],
  ])('are refused with %s', async (_case, result) => {
    await expect(booted(stageOf({}, result))).rejects.toMatchObject({ code: 'PROTOCOL_FAULT' });
  });

  test('fail in the words of the agent when it cannot tell them', async () => {
    const stage = stageOf();
    stage.agent.answers('clean.get_clean_steps', { status: 'FAILED', error: 'no disks' });
    await expect(booted(stage)).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('no disks') });
  });
});

describe('a clean step', () => {
  test('is sent as Ironic sends it, with the versions unchanged, and waited for', async () => {
    const file = 'ironic-api/agent-clean-exchange.json';
    const stage = stageOf({}, recorded(file, 'clean.get_clean_steps').result as JsonObject);
    const step = stepNamed(await booted(stage), 'erase_devices_metadata');
    expect(await run(stage, step)).toEqual({ next: 'wait', waitsFor: 'the deploy agent to finish clean step deploy.erase_devices_metadata' });
    const original = recorded(file, 'clean.execute_clean_step').parameters;
    const sent = stage.agent.sent.at(-1)?.parameters;
    expect([sent?.['step'], sent?.['clean_version']]).toEqual([original['step'], original['clean_version']]);
    expect(await resume(stage, step)).toMatchObject({ next: 'wait' });
    stage.agent.end({ status: 'SUCCEEDED', result: recorded(file, 'clean.execute_clean_step').result });
    expect(await resume(stage, step)).toMatchObject({ next: 'done' });
  });

  test('takes its arguments along', async () => {
    const stage = stageOf();
    const step = stepNamed(await booted(stage), 'clean_uefi_nvram');
    await run(stage, step, { match_patterns: ['shim'] });
    expect(stage.agent.sent.at(-1)?.parameters['step']).toMatchObject({ step: 'clean_uefi_nvram', args: { match_patterns: ['shim'] } });
  });

  test('of a vendor\'s hardware manager runs like the agent\'s own, on the interface that it names', async () => {
    const firmware = { interface: 'management', step: 'update_firmware_sum', priority: 0, reboot_requested: false, abortable: false };
    const versions = { ProliantHardwareManager: '3' };
    const stage = stageOf({}, { clean_steps: { ProliantHardwareManager: [firmware] }, hardware_manager_version: versions });
    const step = stepNamed(await booted(stage), 'update_firmware_sum');
    expect(step).toMatchObject({ interface: 'management', priority: 0, requiresRamdisk: true });
    const args = { url: 'http://192.0.2.1/spp.iso', checksum: '0'.repeat(32), components: ['cp027561.rpm'] };
    expect(await run(stage, step, args)).toEqual({ next: 'wait', waitsFor: 'the deploy agent to finish clean step management.update_firmware_sum' });
    expect(stage.agent.sent.at(-1)).toMatchObject({ name: 'clean.execute_clean_step', parameters: { step: { interface: 'management', step: 'update_firmware_sum', args }, clean_version: versions } });
    stage.agent.end({ status: 'SUCCEEDED', result: { clean_result: 'updated', clean_step: { interface: 'management', step: 'update_firmware_sum' } } });
    expect(await resume(stage, step)).toMatchObject({ next: 'done' });
  });

  test('asked for twice in a row is done twice, yet not twice after a crash', async () => {
    const stage = stageOf();
    const step = stepNamed(await booted(stage), 'burnin_cpu');
    const executions = (): number => stage.agent.sent.filter(({ name }) => name === 'clean.execute_clean_step').length;
    await run(stage, step);
    await run(stage, step);
    expect(executions()).toBe(1);
    stage.agent.end({ status: 'SUCCEEDED', result: doneWith('burnin_cpu') });
    expect(await resume(stage, step)).toMatchObject({ next: 'done' });
    expect(await run(stage, step)).toMatchObject({ next: 'wait' });
    expect(executions()).toBe(2);
    expect(await resume(stage, step)).toMatchObject({ next: 'wait' });
  });

  test('that asks for a restart ends when the agent reports after it', async () => {
    const restarting = { ...offered, clean_steps: { A: [{ interface: 'raid', step: 'delete_configuration', priority: 5, reboot_requested: true }] } };
    const stage = stageOf({}, restarting);
    const step = stepNamed(await booted(stage), 'delete_configuration');
    await run(stage, step);
    stage.agent.end({ status: 'SUCCEEDED', result: { clean_step: { interface: 'raid', step: 'delete_configuration' } } });
    expect(await resume(stage, step)).toMatchObject({ next: 'wait', waitsFor: expect.stringContaining('after the restart') });
    expect(stage.done.slice(-3)).toEqual(['boot prepareRamdisk clean', 'power off', 'power on']);
    expect(stage.agentKnownAt.slice(-2)).toEqual([false, false]);
    expect(await resume(stage, step)).toMatchObject({ next: 'wait' });
    stage.agent.restart();
    stage.report();
    expect(await resume(stage, step)).toMatchObject({ next: 'done' });
    expect(stage.done.filter((each) => each === 'power on')).toHaveLength(2);
    expect(stage.task.node.driverInternalInfo['agent_step_reboot']).toBeUndefined();
  });

  test('restarts the machine again when a crash came before it was off', async () => {
    const restarting = { ...offered, clean_steps: { A: [{ interface: 'raid', step: 'delete_configuration', priority: 5, reboot_requested: true }] } };
    const stage = stageOf({}, restarting);
    const step = stepNamed(await booted(stage), 'delete_configuration');
    await run(stage, step);
    stage.agent.end({ status: 'SUCCEEDED', result: { clean_step: { interface: 'raid', step: 'delete_configuration' } } });
    const { set } = stage.task.device.power;
    stage.task.device.power.set = async () => {
      throw new FerricError('UNREACHABLE', 'the controller is away');
    };
    await expect(resume(stage, step)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    stage.task.device.power.set = set;
    // No agent runs now, but the step that is in flight must be found.
    for (let crash = 1; crash <= 2; crash += 1) {
      const again = await directOf(stage).ramdiskSteps?.(stage.task, 'clean');
      expect(again?.map(({ name }) => name)).toEqual(['delete_configuration']);
      expect(await resume(stage, stepNamed(again ?? [], 'delete_configuration'))).toMatchObject({ next: 'wait' });
      expect(stage.done.slice(-2)).toEqual(['power off', 'power on']);
    }
    stage.agent.restart();
    stage.report();
    expect(await resume(stage, step)).toMatchObject({ next: 'done' });
    expect(stage.task.node.driverInternalInfo['agent_steps_before_restart']).toBeUndefined();
    expect(stage.done.filter((each) => each === 'power on')).toHaveLength(2);
  });
});

describe('the end', () => {
  test('switches the machine off and forgets', async () => {
    const stage = stageOf({ network: true });
    await booted(stage);
    await work(stage, directOf(stage).tearDownCleaning(stage.task));
    expect(stage.done.slice(-3)).toEqual(['power off', 'boot cleanUpRamdisk', 'network disconnect cleaning']);
    expect(Object.keys(stage.task.node.driverInternalInfo)).toEqual(['network_boot']);
  });

  test('of a machine that can only be woken is switched off by the agent', async () => {
    const stage = stageOf({ power: 'assumed' });
    await booted(stage);
    stage.agent.answers('standby.power_off', { status: 'RUNNING' });
    stage.agent.listFails(new FerricError('TIMEOUT', 'no answer'));
    await work(stage, directOf(stage).tearDownCleaning(stage.task));
    expect(stage.done.slice(-2)).toEqual([expect.stringContaining('assume power off'), 'boot cleanUpRamdisk']);
    expect(Object.keys(stage.task.node.driverInternalInfo)).toEqual(['network_boot']);
  });
});
