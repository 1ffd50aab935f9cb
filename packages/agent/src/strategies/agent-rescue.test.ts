import { inspect } from 'node:util';
import { optionIssues, Secret, type StrategyResult } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { rescueOf, work } from '../../test/strategies/conductor.js';
import { unreachable } from '../../test/strategies/scripted-agent.js';
import { createStage, type Stage, type StageOptions } from '../../test/strategies/stage.js';
import { sha512Crypt } from './sha512-crypt.js';

const PASSWORD = 'planted-rescue-password';
const staged = (options: StageOptions = {}): Stage => createStage({ ...options, node: { instanceInfo: { rescue_password: new Secret(PASSWORD) }, ...options.node } });
const rescue = async (stage: Stage): Promise<StrategyResult> => work(stage, rescueOf(stage).rescue(stage.task));
const resume = async (stage: Stage): Promise<StrategyResult> => work(stage, rescueOf(stage).resume?.(stage.task) as Promise<StrategyResult>);

describe('rescue', () => {
  test('boots the agent and gives it the hash of the password', async () => {
    const stage = staged({ network: true });
    expect(await rescue(stage)).toEqual({ next: 'wait', waitsFor: 'the deploy agent to report' });
    expect(await resume(stage)).toMatchObject({ next: 'wait' });
    stage.report();
    expect(await resume(stage)).toMatchObject({ next: 'done' });
    expect(stage.done).toEqual(['network connect rescuing', 'boot prepareRamdisk rescue', 'power off', 'power on']);
    const [sent] = stage.agent.sent;
    expect([sent?.name, sent?.wait, Object.keys(sent?.parameters ?? {})]).toEqual(['rescue.finalize_rescue', true, ['rescue_password', 'hashed']]);
    const hash = sent?.parameters['rescue_password'] as string;
    const salt = hash.split('$')[2] as string;
    expect([hash, sent?.parameters['hashed']]).toEqual([sha512Crypt(PASSWORD, salt), true]);
    expect(stage.task.node.instanceInfo).toEqual({});
    expect(stage.task.node.driverInternalInfo['agent_url']).toBeUndefined();
    expect(inspect([stage.task.told, stage.task.kept, stage.task.logger.lines], { depth: 20, showHidden: true })).not.toContain(PASSWORD);
  });

  test('is done when a crash came after the agent had the password, for its API is gone then', async () => {
    const stage = staged();
    await rescue(stage);
    stage.report();
    const looking = rescueOf(stage).resume;
    await stage.finish(looking?.call(rescueOf(stage), stage.task) as Promise<StrategyResult>);
    stage.agent.answers('rescue.finalize_rescue', unreachable());
    expect(await resume(stage)).toMatchObject({ next: 'done' });
    expect(stage.agent.sent).toHaveLength(1);
  });

  test('fails at once in the words of the agent', async () => {
    const stage = staged();
    await rescue(stage);
    stage.report();
    stage.agent.answers('rescue.finalize_rescue', { status: 'FAILED', error: 'no /etc/ipa-rescue-config' });
    await expect(resume(stage)).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('no /etc/ipa-rescue-config') });
    expect(stage.task.node.instanceInfo['rescue_password']).toBeDefined();
  });

  test('cleaned up switches the machine off and forgets the password', async () => {
    const stage = staged({ network: true });
    await rescue(stage);
    await work(stage, rescueOf(stage).cleanUp(stage.task));
    expect(stage.done.slice(-3)).toEqual(['power off', 'boot cleanUpRamdisk', 'network disconnect rescuing']);
    expect(stage.task.node.instanceInfo).toEqual({});
  });

  test.each([
    ['missing', {}], ['blank', { rescue_password: new Secret('  ') }], ['of two lines', { rescue_password: new Secret('planted\nroot:x') }],
    ['too long', { rescue_password: new Secret('x'.repeat(513)) }], ['no text', { rescue_password: new Secret([PASSWORD]) }],
  ])('refuses a password that is %s', async (_case, instanceInfo) => {
    const stage = createStage({ node: { instanceInfo } });
    for (const call of [rescueOf(stage).validate(stage.task), rescueOf(stage).rescue(stage.task)]) {
      const error: unknown = await call.then(() => 'it passed', (reason: unknown) => reason);
      expect(optionIssues(error).map(({ field }) => field)).toEqual(['instance_info.rescue_password']);
      expect(String(error)).not.toContain('planted');
    }
    expect(stage.done).toEqual([]);
  });
});

test('unrescue starts the system that is on the disk', async () => {
  const stage = staged({ network: true });
  stage.machine.power = 'power on';
  stage.report();
  expect(await work(stage, rescueOf(stage).unrescue(stage.task))).toMatchObject({ next: 'done' });
  expect(stage.done).toEqual([
    'boot cleanUpRamdisk', 'boot prepareInstance', 'network disconnect rescuing', 'network connect tenant', 'power off', 'power on',
  ]);
  expect(stage.agentKnownAt).toEqual([false, false]);
});
