import { optionIssues, type SealedObject } from '@ferric/core';
import { expect, test } from 'vitest';
import { ramdiskOf, stepOf, work } from '../../test/strategies/conductor.js';
import { createStage } from '../../test/strategies/stage.js';

const [KERNEL, RAMDISK, ISO] = ['http://192.0.2.1/kernel', 'file:///images/ramdisk', 'https://192.0.2.1/live.iso'];

test('prepares the instance and starts it; there is no agent', async () => {
  const stage = createStage({ node: { instanceInfo: { kernel: KERNEL, ramdisk: RAMDISK } } });
  const strategy = ramdiskOf(stage);
  await strategy.validate(stage.task);
  await work(stage, strategy.prepare(stage.task));
  expect(strategy.steps.map(({ name, priority }) => [name, priority])).toEqual([['deploy', 100]]);
  expect(await stage.finish(stepOf(strategy, 'deploy').run(stage.task, {}))).toEqual({ next: 'done' });
  expect(stage.done).toEqual(['boot prepareInstance', 'power off', 'power on']);
  expect(await strategy.ramdiskSteps?.(stage.task, 'deploy')).toEqual([]);
  expect(stage.agent.sent).toEqual([]);
});

test('begins without the firmware mode of the deployment before', async () => {
  const stage = createStage({ node: { instanceInfo: { boot_iso: ISO }, driverInternalInfo: { deploy_boot_mode: 'uefi' } } });
  await work(stage, ramdiskOf(stage).prepare(stage.task));
  expect(stage.task.node.driverInternalInfo['deploy_boot_mode']).toBeUndefined();
});

test.each<[string, SealedObject, readonly string[]]>([
  ['kernel and ramdisk', { kernel: KERNEL, ramdisk: RAMDISK }, []],
  ['an ISO image', { boot_iso: ISO }, []],
  ['nothing', {}, ['instance_info.kernel', 'instance_info.ramdisk']],
  ['a kernel alone', { kernel: KERNEL }, ['instance_info.ramdisk']],
  ['an image of an image service', { kernel: '1be26c0b-03f2-4d2e-ae87-c02d7f33c123', ramdisk: RAMDISK }, ['instance_info.kernel']],
  ['a path', { boot_iso: '/live.iso' }, ['instance_info.boot_iso']],
  ['both', { boot_iso: ISO, kernel: KERNEL }, ['instance_info.boot_iso']],
])('validates %s', async (_case, instanceInfo, fields) => {
  const stage = createStage({ node: { instanceInfo } });
  const error: unknown = await ramdiskOf(stage).validate(stage.task).catch((reason: unknown) => reason);
  expect(optionIssues(error).map(({ field }) => field)).toEqual(fields);
});

test('needs a boot interface', async () => {
  const stage = createStage({ boot: false, node: { instanceInfo: { boot_iso: ISO } } });
  await expect(ramdiskOf(stage).validate(stage.task)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
});
