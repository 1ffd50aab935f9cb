import type { JsonObject, StrategyStep } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { directOf, resume, run, work } from '../../test/strategies/conductor.js';
import { createStage, type Stage } from '../../test/strategies/stage.js';

const root = { raid_level: '1', size_gb: 100, is_root_volume: true };
const data = { raid_level: '5', size_gb: 50 };
const steps = ['create_configuration', 'delete_configuration'].map((step) => ({ interface: 'raid', step, priority: 0, reboot_requested: step === 'delete_configuration' }));

async function bootedStage(targetRaidConfig: JsonObject): Promise<{ readonly stage: Stage; readonly step: (name: string) => StrategyStep }> {
  const stage = createStage({ node: { targetRaidConfig, raidConfig: { logical_disks: [{ raid_level: '0', size_gb: 1 }] } } });
  stage.agent.answers('clean.get_clean_steps', { result: { clean_steps: { Manager: steps }, hardware_manager_version: { Manager: '1' } } });
  stage.agent.answers('clean.execute_clean_step', { status: 'RUNNING' });
  await work(stage, directOf(stage).prepareCleaning(stage.task));
  stage.report();
  const offered = (await stage.finish(directOf(stage).ramdiskSteps?.(stage.task, 'clean') ?? Promise.resolve([]))) ?? [];
  return { stage, step: (name) => offered.find((each) => each.name === name) as StrategyStep };
}

describe('raid.create_configuration of the agent', () => {
  test('is told what to create by the node that goes with it, without arguments that the agent does not know', async () => {
    const { stage, step } = await bootedStage({ logical_disks: [root, data] });
    await run(stage, step('create_configuration'), { create_nonroot_volumes: false, delete_existing: false, level: 3 });
    const sent = stage.agent.sent.at(-1)?.parameters as { node: JsonObject; step: JsonObject };
    expect(sent.node['target_raid_config']).toEqual({ logical_disks: [root] });
    expect(sent.step).toMatchObject({ interface: 'raid', step: 'create_configuration', args: { level: 3 } });
    expect(stage.task.node.targetRaidConfig).toEqual({ logical_disks: [root, data] });
  });

  test('tells the record what the agent has made', async () => {
    const { stage, step } = await bootedStage({ logical_disks: [root] });
    await run(stage, step('create_configuration'));
    expect(stage.agent.sent.at(-1)?.parameters['step']).not.toHaveProperty('args');
    stage.agent.end({ status: 'SUCCEEDED', result: { clean_result: { logical_disks: [{ ...root, volume_name: 'md0' }] }, clean_step: { interface: 'raid', step: 'create_configuration' } } });
    expect(await resume(stage, step('create_configuration'))).toMatchObject({ next: 'done' });
    expect(stage.task.node).toMatchObject({
      raidConfig: { logical_disks: [{ ...root, volume_name: 'md0' }], last_updated: expect.any(String) as string },
      properties: { local_gb: 100, capabilities: expect.stringContaining('raid_level:1') as string },
    });
  });

  test.each([[null], [{ logical_disks: [] }], ['done']])('leaves the record as it is when the agent answers %o', async (answer) => {
    const { stage, step } = await bootedStage({ logical_disks: [root] });
    await run(stage, step('create_configuration'));
    stage.agent.end({ status: 'SUCCEEDED', result: { clean_result: answer, clean_step: { interface: 'raid', step: 'create_configuration' } } });
    expect(await resume(stage, step('create_configuration'))).toMatchObject({ next: 'done' });
    expect(stage.task.node.raidConfig).toEqual({ logical_disks: [{ raid_level: '0', size_gb: 1 }] });
  });

  test('is not sent when it shall delete first', async () => {
    const { stage, step } = await bootedStage({ logical_disks: [root] });
    await expect(run(stage, step('create_configuration'), { delete_existing: true })).rejects.toMatchObject({ code: 'UNSUPPORTED', hint: expect.stringContaining('raid.delete_configuration') as string });
    expect(stage.agent.sent.filter(({ name }) => name === 'clean.execute_clean_step')).toEqual([]);
  });

  test('is not sent when there is nothing to create', async () => {
    const { stage, step } = await bootedStage({});
    await expect(run(stage, step('create_configuration'))).rejects.toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringContaining('has no target RAID configuration') as string });
    expect(stage.agent.sent.filter(({ name }) => name === 'clean.execute_clean_step')).toEqual([]);
  });
});

test('raid.delete_configuration of the agent leaves nothing, also before a restart that it asks for', async () => {
  const { stage, step } = await bootedStage({});
  await run(stage, step('delete_configuration'));
  stage.agent.end({ status: 'SUCCEEDED', result: { clean_result: null, clean_step: { interface: 'raid', step: 'delete_configuration' } } });
  expect(await resume(stage, step('delete_configuration'))).toMatchObject({ next: 'wait', waitsFor: expect.stringContaining('after the restart') as string });
  expect(stage.task.node.raidConfig).toEqual({});
});
