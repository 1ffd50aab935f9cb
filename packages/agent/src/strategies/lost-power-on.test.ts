import { FerricError, type JsonObject, type StrategyResult, type StrategyStep } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { directOf, ramdiskOf, rescueOf, resume, run, stepOf, work } from '../../test/strategies/conductor.js';
import { recorded } from '../../test/strategies/recordings.js';
import { createStage, type Stage, type StageOptions } from '../../test/strategies/stage.js';

const isPowerCommand = (done: string): boolean => done.startsWith('power');
const powerCommands = (stage: Stage): readonly string[] => stage.done.filter(isPowerCommand);

/** A machine that runs, and whose controller goes away when it was told to switch it on: the machine comes up, and nobody is told. */
function running(options: StageOptions = {}): Stage {
  const stage = createStage(options);
  stage.machine.power = 'power on';
  return stage;
}

function loseNextPowerOn(stage: Stage): void {
  const { power } = stage.task.device;
  const { set } = power;
  power.set = async (target, callOptions) => {
    const outcome = await set(target, callOptions);
    if (target !== 'power on') return outcome;
    power.set = set;
    throw new FerricError('UNREACHABLE', 'The answer was lost', { details: { sent: true }, retryable: false });
  };
}

/** Does a part whose first `power on` is not answered, and then anew. */
async function doAnew<T extends StrategyResult>(stage: Stage, part: () => Promise<T>): Promise<T> {
  loseNextPowerOn(stage);
  await expect(part()).rejects.toMatchObject({ code: 'UNREACHABLE' });
  return part();
}

describe('a machine that was switched off for its start and came up without an answer is left running', () => {
  test.each([false, true])('unrescue (by a medium: %s)', async (medium) => {
    const stage = running({ medium });
    expect(await doAnew(stage, () => work(stage, rescueOf(stage).unrescue(stage.task)))).toMatchObject({ next: 'done' });
    expect(powerCommands(stage).filter((each) => each === 'power off')).toHaveLength(medium ? 2 : 1);
    expect(stage.done.slice(stage.done.indexOf('power on'))).toEqual(['power on', 'power on']);
  });

  test.each([false, true])('a ramdisk deployment (by a medium: %s)', async (medium) => {
    const stage = running({ medium });
    expect(await doAnew(stage, () => run(stage, stepOf(ramdiskOf(stage), 'deploy')))).toMatchObject({ next: 'done' });
    expect(stage.done.slice(stage.done.indexOf('power on'))).toEqual(['power on', 'power on']);
  });

  test('the start of what was deployed on a volume', async () => {
    const stage = running();
    const storage = {
      interface: 'storage', name: 'test', validate: async () => undefined, shouldWriteImage: async () => false,
      attachVolumes: async () => undefined, detachVolumes: async () => undefined,
    } as const;
    const task = Object.create(stage.task, { storage: { value: storage } }) as typeof stage.task;
    const start = (): Promise<StrategyResult> => work(stage, stepOf(directOf(stage), 'boot_instance').run(task, {}));
    expect(await doAnew(stage, start)).toMatchObject({ next: 'done' });
    expect(powerCommands(stage)).toEqual(['power off', 'power on', 'power on']);
  });

  test.each([false, true])('a deploy agent, which may have asked for its token already (by a medium: %s)', async (medium) => {
    const stage = running({ medium });
    const prepare = (): Promise<StrategyResult> => work(stage, directOf(stage).prepareCleaning(stage.task));
    loseNextPowerOn(stage);
    await expect(prepare()).rejects.toMatchObject({ code: 'UNREACHABLE' });
    const done = [...stage.done];
    stage.task.apply({ driverInternalInfo: { agent_secret_token: 'of the agent that comes up' } });
    expect(await prepare()).toMatchObject({ next: 'wait' });
    expect(stage.done).toEqual([...done, 'power on']);
    expect(stage.tokens).toHaveLength(medium ? 1 : 0);
    expect(stage.task.node.driverInternalInfo['agent_secret_token']).toBe('of the agent that comes up');
  });

  test.each([['looked at', resume], ['given again after a crash', run]])('the restart that a step of the agent asked for (%s)', async (_name, again) => {
    const stage = running();
    await work(stage, directOf(stage).prepareCleaning(stage.task));
    stage.report();
    const offer = recorded('ipa/conversation-master-whole-disk.json', 'clean.get_clean_steps').result as JsonObject;
    stage.agent.answers('clean.get_clean_steps', {
      result: { ...offer, clean_steps: { A: [{ interface: 'deploy', step: 'update', priority: 5, reboot_requested: true }] } },
    });
    stage.agent.answers('clean.execute_clean_step', { status: 'RUNNING' });
    const [step] = (await stage.finish(directOf(stage).ramdiskSteps?.(stage.task, 'clean') ?? Promise.resolve([]))) as readonly StrategyStep[];
    expect.assert(step !== undefined);
    await run(stage, step);
    stage.agent.end({ status: 'SUCCEEDED', result: { clean_step: { interface: 'deploy', step: 'update' } } });
    stage.done.length = 0;
    expect(await doAnew(stage, () => again(stage, step))).toMatchObject({ next: 'wait' });
    expect(stage.done).toEqual(['boot prepareRamdisk clean', 'power off', 'power on', 'power on']);
    expect(stage.task.node.driverInternalInfo['agent_step_reboot']).toBe('sent');
    stage.agent.restart();
    stage.report();
    expect(await resume(stage, step)).toMatchObject({ next: 'done' });
  });
});

test('the next start begins with a machine that is switched off again', async () => {
  const stage = running();
  await doAnew(stage, () => work(stage, rescueOf(stage).unrescue(stage.task)));
  stage.done.length = 0;
  await work(stage, directOf(stage).prepareCleaning(stage.task));
  expect(powerCommands(stage)).toEqual(['power off', 'power on']);
});
