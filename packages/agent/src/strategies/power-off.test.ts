import { FerricError, Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { directOf, run, stepOf, work } from '../../test/strategies/conductor.js';
import { unreachable } from '../../test/strategies/scripted-agent.js';
import { AGENT_URL, createStage, TOKEN, type Stage, type StageOptions } from '../../test/strategies/stage.js';
import { bootTheAgent } from './agent-boot.js';
import { restartMachine } from './power.js';
import { DEFAULT_AGENT_STRATEGY_SETTINGS } from './settings.js';

/** A machine on which the agent runs after it wrote the disk. */
function written(options: StageOptions = {}): Stage {
  const stage = createStage(options);
  stage.machine.power = 'power on';
  stage.agent.answers('standby.power_off', { status: 'RUNNING' });
  stage.report();
  return stage;
}
const tearDown = async (stage: Stage): ReturnType<typeof run> => run(stage, stepOf(directOf(stage), 'tear_down_agent'));
const names = (stage: Stage): readonly string[] => stage.agent.sent.map(({ name }) => name);
const forgotten = (stage: Stage): boolean => stage.task.node.driverInternalInfo['agent_secret_token'] === undefined;

describe('tear_down_agent of a machine whose power can be read', () => {
  test('lets the agent switch it off, and cuts nothing off', async () => {
    const stage = written();
    const ending = tearDown(stage);
    stage.clock.after(2500, () => (stage.machine.power = 'power off'));
    expect(await ending).toMatchObject({ next: 'done' });
    expect([names(stage), stage.done]).toEqual([['standby.power_off'], []]);
    expect(forgotten(stage)).toBe(true);
  });

  test('looks soon at first, then less often, and cuts it off after 30 s', async () => {
    const stage = written();
    const readAt: number[] = [];
    const { read } = stage.task.device.power;
    stage.task.device.power.read = async (options) => {
      readAt.push(stage.clock.monotonicMs());
      return read(options);
    };
    const startedAt = stage.clock.monotonicMs();
    await tearDown(stage);
    expect(stage.done).toEqual(['power off']);
    expect(stage.agentKnownAt).toEqual([false]);
    const pauses = readAt.slice(2, 8).map((at) => at - startedAt);
    expect(pauses).toEqual([0, 500, 1500, 3500, 7500, 12_500]);
    expect(Math.max(...readAt) - startedAt).toBeLessThanOrEqual(30_000);
    expect(stage.task.told.join()).toContain('still on 30 s after');
  });

  test('a machine that is off already is left alone: a crash came after the order', async () => {
    const stage = written();
    stage.machine.power = 'power off';
    await tearDown(stage);
    expect([names(stage), stage.done, forgotten(stage)]).toEqual([[], [], true]);
  });

  test('an agent that cannot be reached any more may have got the order: the power decides', async () => {
    const stage = written();
    stage.agent.answers('standby.power_off', unreachable());
    const ending = tearDown(stage);
    stage.clock.after(1200, () => (stage.machine.power = 'power off'));
    expect(await ending).toMatchObject({ next: 'done' });
    expect(stage.done).toEqual([]);
  });

  test('a reading that fails in between is read again', async () => {
    const stage = written();
    const { read } = stage.task.device.power;
    let reads = 0;
    stage.task.device.power.read = async (options) => {
      reads += 1;
      if (reads === 3) throw new FerricError('TIMEOUT', 'the controller is busy');
      if (reads === 5) stage.machine.power = 'power off';
      return read(options);
    };
    await tearDown(stage);
    expect(stage.done).toEqual([]);
  });

  test('driver_info.deploy_forces_oob_reboot: the disks are written, then it is cut off', async () => {
    const stage = written({ node: { driverInfo: { deploy_forces_oob_reboot: 'true' } } });
    await tearDown(stage);
    expect([names(stage), stage.done, stage.agentKnownAt]).toEqual([['standby.sync'], ['power off'], [false]]);
  });

  test('a machine that can only be reset is reset into what was deployed', async () => {
    const stage = written({ targets: ['rebooting'] });
    await tearDown(stage);
    await run(stage, stepOf(directOf(stage), 'boot_instance'));
    expect([names(stage), stage.done]).toEqual([['standby.sync'], ['rebooting']]);
  });

  test('driver_info.disable_power_off: the agent locks itself down, and the machine is reset', async () => {
    const stage = written({ node: { driverInfo: { disable_power_off: true } } });
    stage.agent.onList(() => {
      if (names(stage).includes('system.lockdown') && stage.clock.monotonicMs() > 4000) stage.agent.listFails(unreachable());
    });
    await tearDown(stage);
    expect(names(stage)).toEqual(['standby.sync', 'system.lockdown']);
    await run(stage, stepOf(directOf(stage), 'boot_instance'));
    expect(stage.done).toEqual(['rebooting']);
    // An open connection goes on being served after a lockdown: each look has its own.
    expect(stage.agent.connections.length).toBeGreaterThan(4);
  });
});

describe('tear_down_agent of a machine whose power can only be assumed', () => {
  /** The agent's port goes silent so many looks after the order. */
  function silentAfter(stage: Stage, looks: number): void {
    let left = looks;
    stage.agent.onList(() => void ((left -= 1) < 0 && stage.agent.listFails(unreachable())));
  }

  test('takes an acknowledged order, a silent port and some time for evidence', async () => {
    const stage = written({ power: 'assumed' });
    silentAfter(stage, 3);
    const startedAt = stage.clock.monotonicMs();
    expect(await tearDown(stage)).toMatchObject({ next: 'done' });
    expect(names(stage)).toEqual(['standby.power_off']);
    expect(stage.done).toEqual([expect.stringMatching(`^assume power off: the deploy agent at ${AGENT_URL} acknowledged power_off at 2026`)]);
    // Three answers and two silences, 2 s apart, and 15 s of grace.
    expect(stage.clock.monotonicMs() - startedAt).toBeGreaterThanOrEqual(4 * 2000 + 15_000);
    expect([forgotten(stage), stage.task.node.driverInternalInfo['agent_stop']]).toEqual([true, undefined]);

    await run(stage, stepOf(directOf(stage), 'boot_instance'));
    expect(stage.done.at(-1)).toBe('power on');
  });

  test('one silence is no evidence', async () => {
    const stage = written({ power: 'assumed' });
    let looks = 0;
    stage.agent.onList(() => {
      looks += 1;
      stage.agent.listFails(looks === 2 || looks > 4 ? unreachable() : undefined);
    });
    await tearDown(stage);
    expect(looks).toBe(6);
  });

  test('a refusal or garbage is an answer, and an agent that goes on answering is an error with a way out', async () => {
    const stage = written({ power: 'assumed' });
    stage.agent.listFails(new FerricError('PROTOCOL_FAULT', '500'));
    await expect(tearDown(stage)).rejects.toMatchObject({
      code: 'TIMEOUT', message: expect.stringContaining(`${AGENT_URL} still answers 180 s after`), hint: expect.stringContaining('by hand'),
    });
    expect(stage.done).toEqual([]);
    expect(forgotten(stage)).toBe(false);
  });

  test('an order that was not acknowledged is no evidence', async () => {
    const stage = written({ power: 'assumed' });
    stage.agent.answers('standby.power_off', unreachable());
    await expect(tearDown(stage)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    stage.agent.answers('standby.power_off', { status: 'FAILED', error: 'no such file: shutdown' });
    await expect(tearDown(stage)).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('no such file: shutdown') });
    expect(stage.done).toEqual([]);
  });

  test('after a crash a silent agent is not asked again', async () => {
    const stage = written({ power: 'assumed' });
    stage.agent.answers('standby.power_off', { status: 'RUNNING' }, unreachable());
    silentAfter(stage, 0);
    const step = stepOf(directOf(stage), 'tear_down_agent');
    await stage.finish(step.run(stage.task, {}));
    const first = [...stage.done];
    await stage.finish(step.run(stage.task, {}));
    expect(names(stage)).toEqual(['standby.power_off']);
    expect(stage.done).toEqual([...first, ...first]);
  });

  test('nor is one that acknowledged and fell silent later than we waited', async () => {
    const stage = written({ power: 'assumed' });
    stage.agent.answers('standby.power_off', { status: 'RUNNING' }, unreachable());
    await expect(tearDown(stage)).rejects.toMatchObject({ code: 'TIMEOUT' });
    stage.agent.listFails(unreachable());
    expect(await tearDown(stage)).toMatchObject({ next: 'done' });
    expect(names(stage)).toEqual(['standby.power_off']);
  });

  test('an abort ends the wait with its reason', async () => {
    const controller = new AbortController();
    const stage = written({ power: 'assumed', signal: controller.signal });
    const reason = new Error('aborted by a person');
    const working = stepOf(directOf(stage), 'tear_down_agent').run(stage.task, {});
    await stage.clock.advance(10_000);
    controller.abort(reason);
    await expect(working).rejects.toBe(reason);
    expect([stage.agent.open, stage.clock.pendingTimers]).toEqual([0, 0]);
  });
});

describe('booting the agent', () => {
  const boot = async (stage: Stage): Promise<void> => stage.finish(bootTheAgent(stage.task, settingsOf(stage), 'deploy'));
  const settingsOf = (stage: Stage): typeof DEFAULT_AGENT_STRATEGY_SETTINGS => ({
    ...DEFAULT_AGENT_STRATEGY_SETTINGS, connect: (connection) => stage.agent.connect(connection),
  });

  test('prepares, forgets, switches off, forgets again and switches on', async () => {
    const stage = written();
    await boot(stage);
    expect(stage.done).toEqual(['boot prepareRamdisk deploy', 'power off', 'power on']);
    expect(stage.agentKnownAt).toEqual([false, false]);
  });

  test('forgets what the old agent asked for while it went down', async () => {
    const stage = written();
    const { set } = stage.task.device.power;
    stage.task.device.power.set = async (target, options) => {
      const outcome = await set(target, options);
      if (target === 'power off') stage.task.apply({ driverInternalInfo: { agent_secret_token: new Secret(TOKEN) } });
      return outcome;
    };
    await boot(stage);
    expect(stage.agentKnownAt).toEqual([false, false]);
    expect(forgotten(stage)).toBe(true);
  });

  test('is an error when the machine does not go off', async () => {
    const stage = written();
    stage.task.device.power.set = async (target) => {
      stage.done.push(target);
      return { status: 'sent', reading: { state: 'power on', source: 'device', at: stage.clock.now() } };
    };
    await expect(boot(stage)).rejects.toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('still runs 30 s') });
    expect(stage.done).not.toContain('power on');
  });

  test('resets a machine that must not be switched off', async () => {
    const stage = written({ node: { driverInfo: { disable_power_off: 'yes' } } });
    await boot(stage);
    expect(stage.done).toEqual(['boot prepareRamdisk deploy', 'rebooting']);
  });

  test('sends the packet to a machine that can only be woken', async () => {
    const stage = createStage({ power: 'assumed' });
    await boot(stage);
    expect([stage.done, names(stage)]).toEqual([['boot prepareRamdisk deploy', 'power on'], []]);
    expect(stage.task.told.join('\n')).toContain('restart it by hand');
  });

  test('has an agent that still runs on it restart it first: a packet does nothing to a machine that runs', async () => {
    const stage = written({ power: 'assumed' });
    await boot(stage);
    expect([names(stage), stage.done, stage.agentKnownAt]).toEqual([['standby.run_image'], ['boot prepareRamdisk deploy', 'power on'], [false]]);
  });

  test('says what a person has to do when that agent is gone', async () => {
    const stage = written({ power: 'assumed' });
    stage.agent.answers('standby.run_image', unreachable());
    await boot(stage);
    expect(stage.task.told.join('\n')).toContain('restart it by hand');
    expect(stage.done.at(-1)).toBe('power on');
  });

  test('needs a boot interface', async () => {
    const stage = createStage({ boot: false });
    await expect(boot(stage)).rejects.toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringContaining('boot_interface') });
    expect(stage.done).toEqual([]);
  });

  test('a restart keeps its notes in one write with forgetting the agent', async () => {
    const stage = written();
    await stage.finish(restartMachine(stage.task, settingsOf(stage), { driverInternalInfo: { note: 'x' } }));
    expect(stage.task.kept[0]?.driverInternalInfo).toMatchObject({ agent_url: null, agent_secret_token: null, note: 'x' });
  });
});

describe('tearing an instance down', () => {
  const end = async (stage: Stage): Promise<unknown> => work(stage, directOf(stage).tearDown(stage.task));

  test('switches the machine off and leaves nothing that would boot it', async () => {
    const stage = written({ network: true });
    expect(await end(stage)).toMatchObject({ next: 'done' });
    expect(stage.done).toEqual(['power off', 'boot cleanUpInstance', 'network disconnect tenant']);
    await end(stage);
    expect(stage.done.filter((each) => each === 'power off')).toHaveLength(2);
  });

  test('has the agent switch a machine off that can only be woken, when one answers', async () => {
    const stage = written({ power: 'assumed' });
    stage.agent.listFails(unreachable());
    await end(stage);
    expect(stage.done).toEqual([expect.stringContaining('assume power off'), 'boot cleanUpInstance']);
  });

  test.each([['no agent runs', true], ['the agent is gone', false]])('says that a person has to when %s', async (_case, none) => {
    const stage = none ? createStage({ power: 'assumed' }) : written({ power: 'assumed' });
    stage.agent.answers('standby.power_off', unreachable());
    expect(await end(stage)).toMatchObject({ next: 'done' });
    expect(stage.done).toEqual(['power off', 'boot cleanUpInstance']);
    expect(stage.task.told.join('\n')).toContain('by hand');
    expect(forgotten(stage)).toBe(true);
  });

  test.each([[{ driverInfo: { disable_power_off: true } }, undefined], [{}, ['rebooting'] as const]])('leaves a machine on that %j', async (node, targets) => {
    const stage = written({ node, ...(targets === undefined ? {} : { targets }) });
    await end(stage);
    expect(stage.done).toEqual(['boot cleanUpInstance']);
    expect(stage.task.told.join()).toContain('stays on');
  });
});
