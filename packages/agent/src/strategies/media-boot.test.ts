import { inspect } from 'node:util';
import { FerricError, maskSealed, Secret, type BootStrategy, type JsonObject } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { directOf, ramdiskOf, resume, rescueOf, run, stepOf, work } from '../../test/strategies/conductor.js';
import { recorded } from '../../test/strategies/recordings.js';
import { createStage, TOKEN, type Stage, type StageOptions } from '../../test/strategies/stage.js';
import { EMBEDDED_TOKEN, readAgentRecord } from '../agent-record.js';

const INSTANCE = { image_source: 'http://192.0.2.1/image.raw', image_checksum: 'ab'.repeat(32), image_disk_format: 'raw' };
const stageOf = (options: StageOptions = {}): Stage => createStage({ medium: true, ...options, node: { instanceInfo: INSTANCE, ...options.node } });
const embedded = ({ task }: Stage): string | undefined => readAgentRecord(task.node).embeddedToken?.reveal();
const bootOf = ({ task }: Stage): BootStrategy => task.boot as BootStrategy;
const deploy = async (stage: Stage): Promise<unknown> => run(stage, stepOf(directOf(stage), 'deploy'));

describe('a boot whose parameters nobody else can read', () => {
  test('is given a token, which is on record before the machine can start, and is shown to nobody', async () => {
    const stage = stageOf();
    await deploy(stage);
    const [token = ''] = stage.tokens;
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(embedded(stage)).toBe(token);
    expect(readAgentRecord(stage.task.node).token).toBeUndefined();
    const shown = JSON.stringify(maskSealed(stage.task.node.driverInternalInfo)) + inspect(stage.task.kept, { depth: 9 }) + stage.task.told.join();
    expect(shown).not.toContain(token);
  });

  test('gets another one each time, also after a crash before the machine was on', async () => {
    const stage = stageOf();
    const { set } = stage.task.device.power;
    stage.task.device.power.set = async () => {
      throw new FerricError('UNREACHABLE', 'the controller is away');
    };
    await expect(deploy(stage)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    stage.task.device.power.set = set;
    await deploy(stage);
    await deploy(stage);
    expect(new Set(stage.tokens).size).toBe(2);
    expect(stage.tokens.at(-1)).toBe(embedded(stage));
  });

  test('is not begun again when the agent has come up', async () => {
    const stage = stageOf();
    await deploy(stage);
    stage.report();
    await deploy(stage);
    expect(stage.tokens).toHaveLength(1);
    expect(stage.done.filter((each) => each === 'power on')).toHaveLength(1);
  });

  test('is begun again when only a lookup made its token known: anybody can look a node up', async () => {
    const stage = stageOf();
    await deploy(stage);
    stage.task.apply({ driverInternalInfo: { agent_secret_token: stage.task.node.driverInternalInfo[EMBEDDED_TOKEN] ?? null } });
    await deploy(stage);
    expect(stage.tokens).toHaveLength(2);
  });

  test('ends with its work: the token goes', async () => {
    const stage = stageOf();
    await deploy(stage);
    stage.report();
    stage.agent.answers('standby.power_off', { status: 'RUNNING' });
    stage.clock.after(1000, () => (stage.machine.power = 'power off'));
    await run(stage, stepOf(directOf(stage), 'tear_down_agent'));
    expect(embedded(stage)).toBeUndefined();
  });

  test.each(['cleanUp', 'tearDown', 'tearDownCleaning'] as const)('ends with %s', async (method) => {
    const stage = stageOf();
    await deploy(stage);
    await work(stage, directOf(stage)[method](stage.task) as Promise<undefined>);
    expect(embedded(stage)).toBeUndefined();
  });

  test('by another strategy leaves no token behind', async () => {
    const before = stageOf();
    await deploy(before);
    const stage = createStage({ node: { instanceInfo: INSTANCE, driverInternalInfo: before.task.node.driverInternalInfo } });
    await deploy(stage);
    expect([stage.tokens, embedded(stage)]).toEqual([[], undefined]);
  });
});

describe('a boot that wants the machine off', () => {
  const OFF_FIRST = ['power off', 'boot prepareRamdisk deploy', 'power off', 'power on'];

  test('gets it, before it is prepared and after', async () => {
    const stage = stageOf();
    stage.machine.power = 'power on';
    await deploy(stage);
    expect(stage.done).toEqual(OFF_FIRST);
    expect(stage.agentKnownAt).toEqual([false, false, false]);
  });

  test('forgets what was told of its agent while it went off', async () => {
    const stage = stageOf();
    const { set } = stage.task.device.power;
    stage.task.device.power.set = async (target, options) => {
      if (target === 'power off') stage.task.apply({ driverInternalInfo: { agent_secret_token: new Secret(TOKEN), agent_conductor_url: 'http://evil.example' } });
      return set.call(stage.task.device.power, target, options);
    };
    const known: unknown[] = [];
    const boot = bootOf(stage);
    const { prepareRamdisk } = boot;
    boot.prepareRamdisk = async (task, ...rest) => {
      known.push(readAgentRecord(task.node).conductorUrl, readAgentRecord(task.node).token);
      return prepareRamdisk(task, ...rest);
    };
    await deploy(stage);
    expect(known).toEqual([undefined, undefined]);
  });

  test('is made ready while the machine still runs, and finished when it is off', async () => {
    const stage = stageOf();
    let given: unknown;
    bootOf(stage).readyRamdisk = async (_task, purpose, parameters) => {
      stage.done.push(`boot readyRamdisk ${purpose}`);
      given = parameters['ipa-agent-token'];
      return async () => {
        stage.done.push(`the rest ${purpose}`);
        return { driverInternalInfo: { found: 'by the rest' } };
      };
    };
    await deploy(stage);
    expect(stage.done).toEqual(['boot readyRamdisk deploy', 'power off', 'the rest deploy', 'power off', 'power on']);
    expect(Secret.is(given) && given.reveal()).toBe(embedded(stage));
    expect(stage.task.node.driverInternalInfo['found']).toBe('by the rest');
  });

  test('leaves the machine and its agent alone when that fails', async () => {
    const stage = stageOf();
    await deploy(stage);
    const before = [...stage.done];
    const token = embedded(stage);
    bootOf(stage).readyRamdisk = async () => {
      throw new FerricError('UNREACHABLE', 'the server of the kernel is away');
    };
    await expect(deploy(stage)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect([stage.done, embedded(stage)]).toEqual([before, token]);
  });

  test.each<[string, StageOptions, readonly string[]]>([
    ['can only be reset', { targets: ['power on', 'rebooting'] }, ['boot prepareRamdisk deploy', 'rebooting']],
    ['must not be switched off', { node: { driverInfo: { disable_power_off: true } } }, ['boot prepareRamdisk deploy', 'rebooting']],
    ['cannot be asked for its power', { power: 'assumed' }, ['boot prepareRamdisk deploy', 'power on']],
  ])('leaves a machine on that %s', async (_case, options, done) => {
    const stage = stageOf(options);
    await deploy(stage);
    expect(stage.done).toEqual(done);
  });

  test('of an instance without a disk too', async () => {
    const stage = stageOf({ node: { instanceInfo: { boot_iso: 'http://h/live.iso' } } });
    await run(stage, stepOf(ramdiskOf(stage), 'deploy'));
    expect(stage.done).toEqual(['power off', 'boot prepareInstance', 'power off', 'power on']);
  });

  test('and after a rescue', async () => {
    const stage = stageOf();
    await work(stage, rescueOf(stage).unrescue(stage.task));
    expect(stage.done).toEqual(['power off', 'boot cleanUpRamdisk', 'boot prepareInstance', 'power off', 'power on']);
  });

  test('keeps what a step has to be found by that asked for the restart', async () => {
    const restarting = { ...(recorded('ipa/conversation-master-whole-disk.json', 'clean.get_clean_steps').result as JsonObject),
      clean_steps: { A: [{ interface: 'raid', step: 'delete_configuration', priority: 5, reboot_requested: true }] } };
    const stage = stageOf();
    stage.agent.answers('clean.get_clean_steps', { result: restarting });
    stage.agent.answers('clean.execute_clean_step', { status: 'RUNNING' });
    await work(stage, directOf(stage).prepareCleaning(stage.task));
    stage.report();
    const [step] = (await stage.finish(directOf(stage).ramdiskSteps?.(stage.task, 'clean') ?? Promise.resolve([]))) ?? [];
    expect.assert(step !== undefined);
    await run(stage, step);
    stage.agent.end({ status: 'SUCCEEDED', result: { clean_step: { interface: 'raid', step: 'delete_configuration' } } });
    expect(await resume(stage, step)).toMatchObject({ next: 'wait' });
    expect(stage.done.slice(-4)).toEqual(['power off', 'boot prepareRamdisk clean', 'power off', 'power on']);
    expect((await directOf(stage).ramdiskSteps?.(stage.task, 'clean'))?.map(({ name }) => name)).toEqual(['delete_configuration']);
    stage.agent.restart();
    stage.report();
    expect(await resume(stage, step)).toMatchObject({ next: 'done' });
    expect(new Set(stage.tokens).size).toBe(2);
  });
});
