import type { StrategyResult } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { directOf, work } from '../../test/strategies/conductor.js';
import { createStage, TOKEN, type Stage } from '../../test/strategies/stage.js';
import { afterRestart } from './agent-boot.js';

/** A machine on which an agent cleans. */
async function cleaning(medium: boolean): Promise<Stage> {
  const stage = createStage({ medium });
  await work(stage, directOf(stage).prepareCleaning(stage.task));
  stage.report();
  stage.done.length = 0;
  return stage;
}
const expectRestart = (stage: Stage): Promise<void> | undefined => directOf(stage).beforeRestart?.(stage.task);
const settle = (stage: Stage, result: StrategyResult): Promise<StrategyResult> => work(stage, Promise.resolve(afterRestart(stage.task.node, result)));

describe('before a device starts the machine anew', () => {
  test('the agent is forgotten, and booted once more from the network', async () => {
    const stage = await cleaning(false);
    await expectRestart(stage);
    const { driverInternalInfo } = stage.task.node;
    expect([driverInternalInfo['agent_url'], driverInternalInfo['agent_secret_token']]).toEqual([undefined, undefined]);
    expect(stage.done).toEqual(['boot prepareRamdisk clean']);
  });

  test('a medium stays as it is, with the token that is on it', async () => {
    const stage = await cleaning(true);
    const { agent_embedded_token: before } = stage.task.node.driverInternalInfo;
    await expectRestart(stage);
    const { agent_url: url, agent_embedded_token: after } = stage.task.node.driverInternalInfo;
    expect([url, stage.done]).toEqual([undefined, []]);
    expect([before, after]).not.toContain(undefined);
    expect(after).toBe(before);
  });

  test('nothing is done where no agent runs', async () => {
    const stage = createStage();
    stage.report();
    await expectRestart(stage);
    expect([stage.done, stage.task.node.driverInternalInfo['agent_url'] === undefined]).toEqual([[], false]);
    expect(afterRestart(stage.task.node, { next: 'done' })).toEqual({ next: 'done' });
  });
});

describe('the step of a device that started the machine anew', () => {
  const found: StrategyResult = { next: 'done', changes: { raidConfig: { logical_disks: [] } } };

  test('waits until the agent has reported, once', async () => {
    const stage = await cleaning(false);
    await expectRestart(stage);
    expect(await settle(stage, found)).toEqual({ ...found, next: 'wait', waitsFor: 'the deploy agent to report after the machine started anew' });
    expect(await settle(stage, { next: 'done' })).toMatchObject({ next: 'wait' });
    stage.report();
    expect(await settle(stage, found)).toMatchObject(found);
    // The agent is gone for good, and nobody waits for it.
    stage.task.apply({ driverInternalInfo: { agent_url: null } });
    expect(await settle(stage, found)).toEqual(found);
  });

  test('waits as it did before where the machine goes on by itself', async () => {
    const stage = await cleaning(false);
    await expectRestart(stage);
    expect(await settle(stage, { next: 'wait', waitsFor: 'something' })).toEqual({ next: 'wait', waitsFor: 'something' });
  });

  test('is over where it did not', async () => {
    expect(await settle(await cleaning(false), found)).toEqual(found);
  });
});

test('a cleaning that ends leaves nothing of it', async () => {
  const stage = await cleaning(false);
  await expectRestart(stage);
  await work(stage, directOf(stage).tearDownCleaning(stage.task));
  expect(afterRestart(stage.task.node, { next: 'done' })).toEqual({ next: 'done' });
  expect(JSON.stringify(stage.task.node.driverInternalInfo)).not.toContain(TOKEN);
});
