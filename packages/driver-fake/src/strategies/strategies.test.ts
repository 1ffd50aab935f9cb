import {
  createDeviceMemory, errorCode, sealSecrets,
  type BootStrategy, type Device, type DeployStrategy, type InspectStrategy, type JsonObject, type RescueStrategy, type SealedObject,
  type StorageStrategy, type Strategy, type StrategyInterfaceName, type Task,
} from '@ferric/core';
import { createFakeClock, createFakeHost, createFakeTask, type FakeTask } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createFakeDriver } from '../fake-driver.js';
import { fakeDriverInfo } from '../fake-options.js';
import { plugin } from '../plugin.js';

const { strategies } = plugin.create(createFakeHost());

function strategy<Found extends Strategy>(name: StrategyInterfaceName): Found {
  return strategies.find((each) => each.interface === name) as Found;
}
const boot = strategy<BootStrategy>('boot');
const deploy = strategy<DeployStrategy>('deploy');
const inspect = strategy<InspectStrategy>('inspect');
const rescue = strategy<RescueStrategy>('rescue');
const storage = strategy<StorageStrategy>('storage');

interface Stage {
  readonly task: FakeTask;
  readonly device: Device;
  readonly progress: readonly string[];
}

/** A task on a fresh machine. Strategies look at nothing of a node but its driver_info. */
function stage(driverInfo: JsonObject = {}, signal: AbortSignal = new AbortController().signal): Stage {
  const device = createFakeDriver().open(fakeDriverInfo.parse(driverInfo), { memory: createDeviceMemory() });
  const task = createFakeTask({ device, signal, node: { driverInfo: sealSecrets(driverInfo) as SealedObject } });
  return { task, device, progress: task.told };
}

/** Every piece of work of the strategies, with the action that a script names it by. */
const WORK: Readonly<Record<string, (task: Task) => Promise<unknown>>> = {
  'prepare ramdisk': (task) => boot.prepareRamdisk(task, 'deploy', {}),
  'prepare instance': (task) => boot.prepareInstance(task),
  deploy: (task) => deploy.steps[0]?.run(task, {}) ?? Promise.resolve(),
  'tear down': (task) => deploy.tearDown(task),
  'prepare cleaning': (task) => deploy.prepareCleaning(task),
  inspect: (task) => inspect.inspect(task),
  rescue: (task) => rescue.rescue(task),
  unrescue: (task) => rescue.unrescue(task),
  'attach volumes': (task) => storage.attachVolumes(task),
  'detach volumes': (task) => storage.detachVolumes(task),
};
const POWER_AFTER: Readonly<Record<string, string>> = { deploy: 'power on', 'tear down': 'power off', rescue: 'power on', unrescue: 'power on' };

describe.each(Object.entries(WORK))('%s', (action, work) => {
  test('can run again after a crash: the machine ends as it did the first time', async () => {
    const { task, device } = stage();
    const first = await work(task);
    const after = await device.power.read();
    expect(await work(task)).toEqual(first);
    expect(await device.power.read()).toMatchObject({ state: after.state });
    expect(after.state).toBe(POWER_AFTER[action] ?? 'power off');
  });

  test('fails as scripted and leaves the power as it was', async () => {
    const { task, device } = stage({ fake_failures: [{ action, code: 'PROTOCOL_FAULT', message: 'Boot image is broken' }] });
    await device.power.set('power on');
    await expect(work(task)).rejects.toMatchObject({ code: 'PROTOCOL_FAULT', message: 'Boot image is broken', details: { step: action } });
    expect(await device.power.read()).toMatchObject({ state: 'power on' });
  });

  test('gives up with the reason of its task', async () => {
    const caller = new AbortController();
    const fields = ['boot', 'deploy', 'clean', 'inspect', 'rescue', 'storage'].map((field) => [`fake_${field}_delay_ms`, 600_000]);
    const working = work(stage(Object.fromEntries(fields) as JsonObject, caller.signal).task);
    const reason = new Error('aborted by a person');
    caller.abort(reason);
    await expect(working).rejects.toBe(reason);
  });
});

describe('the fake strategies', () => {
  test('are five, one for each interface that has work to pretend', () => {
    expect(strategies.map((each) => each.interface)).toEqual(['boot', 'deploy', 'inspect', 'rescue', 'storage']);
    expect(new Set(strategies.map((each) => each.name))).toEqual(new Set(['fake']));
  });

  test('tell what they pretend', async () => {
    const { task, progress } = stage();
    await deploy.steps[0]?.run(task, {});
    expect(progress).toEqual(['Pretending: deploy']);
  });

  test('take as long as scripted', async () => {
    const clock = createFakeClock();
    const slow = plugin.create(createFakeHost({ clock })).strategies.find((each) => each.interface === 'inspect') as InspectStrategy;
    let done = false;
    const inspecting = slow.inspect(stage({ fake_inspect_delay_ms: 500 }).task).then(() => (done = true));
    await clock.advance(499);
    expect(done).toBe(false);
    await clock.advance(1);
    await inspecting;
  });

  test('deploy in one step of priority 100', () => {
    expect(deploy.steps.map(({ kind, interface: owner, name, priority }) => ({ kind, owner, name, priority }))).toEqual([
      { kind: 'deploy', owner: 'deploy', name: 'deploy', priority: 100 },
    ]);
  });

  test('point the machine to the network for the agent', async () => {
    const { task, device } = stage();
    await device.bootDevice?.set('pxe', { persistent: true });
    await boot.prepareRamdisk(task, 'deploy', {});
    expect(await device.bootDevice?.read()).toEqual({ device: 'pxe', persistent: false });
  });

  test.each(strategies.map((each) => [each.interface, each] as const))('validate the script for %s without touching the machine', async (_name, each) => {
    const { task } = stage();
    const wrong: Task = { ...task, node: { ...task.node, driverInfo: { fake_failures: 'all of them' } } };
    expect(await each.validate(wrong).then(() => 'ok', errorCode)).toBe('INVALID_OPTIONS');
    expect(await each.validate(task)).toBeUndefined();
  });

  test('work on a node whose other fields are sealed, and show no secret of a scripted message', async () => {
    const { task } = stage({ fake_password: 'hunter2', fake_failures: [{ action: 'inspect', message: 'Login failed: password=hunter2' }] });
    await expect(inspect.inspect(task)).rejects.toMatchObject({ message: 'Login failed: password=******' });
  });
});
