import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { errorCode, FerricError, Secret, type JsonObject, type StrategyStep } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { directOf, resume, run, stepOf, work } from '../../test/strategies/conductor.js';
import { recorded, recordedEnd } from '../../test/strategies/recordings.js';
import { unreachable } from '../../test/strategies/scripted-agent.js';
import { AGENT_URL, createStage, TOKEN, type Stage, type StageOptions } from '../../test/strategies/stage.js';

const CONVERSATIONS = ['ipa/conversation-master-whole-disk.json', 'ipa/conversation-2023.2-whole-disk.json'] as const;
const MASTER = CONVERSATIONS[0];

/** The image of the recorded conversations. */
const INSTANCE = {
  image_source: 'http://192.0.2.1:6385/image.raw',
  image_disk_format: 'raw',
  image_container_format: 'bare',
  image_os_hash_algo: 'sha512',
  image_os_hash_value:
    'eb94bfe0be33b4a3cc34de4ea62d3f41c5314915a0ca6da6df42be15c8d46126effc00b251f3963f5b56c150f40a526aa2f67efaff1ab7bd60747136a026edfd',
};
const BIOS = { properties: { capabilities: 'boot_mode:bios' } };

/** A machine that is to be deployed, with an agent that answers as the recorded one did. */
function stageOf(options: StageOptions = {}, conversation: string = MASTER): Stage {
  const stage = createStage({ ...options, node: { instanceInfo: INSTANCE, ...BIOS, ...options.node } });
  stage.agent.answers('deploy.get_deploy_steps', { result: recorded(conversation, 'deploy.get_deploy_steps').result });
  stage.agent.answers('deploy.execute_deploy_step', { status: 'RUNNING' });
  stage.agent.answers('standby.get_partition_uuids', { result: { 'root uuid': '0x1234abcd' } });
  return stage;
}

/** Deploys until the agent has reported. */
async function boot(stage: Stage): Promise<void> {
  const direct = directOf(stage);
  await work(stage, direct.prepare(stage.task));
  await run(stage, stepOf(direct, 'deploy'));
  stage.report();
  await resume(stage, stepOf(direct, 'deploy'));
}

const written = { deploy_result: { result: 'written' }, deploy_step: { interface: 'deploy', step: 'write_image' } };
const names = (stage: Stage): readonly string[] => stage.agent.sent.map(({ name }) => name);
const lastSent = (stage: Stage): JsonObject => stage.agent.sent.at(-1)?.parameters ?? {};
const powerCommands = (stage: Stage): readonly string[] => stage.done.filter((each) => each.startsWith('power'));

describe.each(CONVERSATIONS)('the conversation of %s', (conversation) => {
  test('is held again, word for word, from the image to the power', async () => {
    const stage = stageOf({ network: true }, conversation);
    const direct = directOf(stage);
    await work(stage, direct.validate(stage.task).then(() => undefined));
    await work(stage, direct.prepare(stage.task));

    const step = (name: string): StrategyStep => stepOf(direct, name);
    expect(await run(stage, step('deploy'))).toEqual({ next: 'wait', waitsFor: 'the deploy agent to report' });
    expect(await resume(stage, step('deploy'))).toMatchObject({ next: 'wait' });
    stage.report();
    expect(await resume(stage, step('deploy'))).toEqual({ next: 'done' });

    expect((await direct.ramdiskSteps?.(stage.task, 'deploy'))?.map(({ name }) => name)).not.toContain('write_image');
    expect(await run(stage, step('write_image'))).toEqual({ next: 'wait', waitsFor: 'the image to be written' });
    expect(await resume(stage, step('write_image'))).toMatchObject({ next: 'wait' });
    stage.agent.end({ status: 'SUCCEEDED', result: recordedEnd(conversation, 'execute_deploy_step') });
    expect(await resume(stage, step('write_image'))).toMatchObject({ next: 'done' });

    expect(await run(stage, step('prepare_instance_boot'))).toEqual({ next: 'done' });
    stage.agent.answers('standby.power_off', { status: 'RUNNING' });
    stage.clock.after(1000, () => (stage.machine.power = 'power off'));
    expect(await run(stage, step('tear_down_agent'))).toMatchObject({ next: 'done' });
    expect(await run(stage, step('switch_to_tenant_network'))).toEqual({ next: 'done' });
    expect(await run(stage, step('boot_instance'))).toEqual({ next: 'done' });

    expect(stage.done).toEqual([
      'network connect provisioning', 'boot prepareRamdisk deploy', 'power off', 'power on', 'boot prepareInstance',
      'network disconnect provisioning', 'network connect tenant', 'power on',
    ]);
    expect(stage.agentKnownAt).toEqual([false, false, false]);
    expect(names(stage)).toEqual(['deploy.get_deploy_steps', 'deploy.execute_deploy_step', 'standby.get_partition_uuids', 'standby.power_off']);
    for (const { name, parameters } of stage.agent.sent.slice(2)) expect(parameters).toEqual(recorded(conversation, name).parameters);
    const [asked, sent] = stage.agent.sent;
    const original = recorded(conversation, 'deploy.execute_deploy_step').parameters;
    expect(sent?.wait).toBe(false);
    expect(Object.keys(sent?.parameters ?? {}).toSorted()).toEqual(Object.keys(original).toSorted());
    expect(sent?.parameters['step']).toEqual(original['step']);
    expect(sent?.parameters['deploy_version']).toEqual(original['deploy_version']);
    expect(asked?.wait).toBe(true);
    expect(Object.keys(asked?.parameters ?? {})).toEqual(['node', 'ports']);
    expect(stage.agent.open).toBe(0);
    for (const connection of stage.agent.connections) expect([connection.url, connection.token.reveal()]).toEqual([AGENT_URL, TOKEN]);
  });
});

test('has the steps of Ironic, with their priorities', () => {
  expect(directOf(createStage()).steps.map(({ kind, interface: owner, name, priority }) => [kind, owner, name, priority])).toEqual([
    ['deploy', 'deploy', 'deploy', 100], ['deploy', 'deploy', 'write_image', 80], ['deploy', 'deploy', 'prepare_instance_boot', 60],
    ['deploy', 'deploy', 'tear_down_agent', 40], ['deploy', 'deploy', 'switch_to_tenant_network', 30], ['deploy', 'deploy', 'boot_instance', 20],
  ]);
});

test('sends what Ironic 21.4 sent for an image with an MD5 checksum and a config drive', async () => {
  const file = 'ironic-api/agent-deploy-exchange.json';
  const uuid = '66037da3-47ab-40c5-8465-b8d634d19780';
  const instanceInfo = {
    image_source: 'http://127.0.0.1:8088/img.raw', image_checksum: 'd41d8cd98f00b204e9800998ecf8427e', image_disk_format: 'raw',
    configdrive: new Secret('H4sICDw='),
  };
  const stage = stageOf({ node: { uuid, instanceInfo, properties: { capabilities: 'boot_mode:uefi' } } });
  stage.report();
  stage.agent.answers('deploy.get_deploy_steps', { result: recorded(file, 'deploy.get_deploy_steps').result });
  const direct = directOf(stage);
  await run(stage, stepOf(direct, 'write_image'));
  const { step, node, deploy_version: version } = lastSent(stage);
  const original = recorded(file, 'deploy.execute_deploy_step').parameters;
  expect(step).toEqual(original['step']);
  expect(version).toEqual(original['deploy_version']);
  // The agent puts the config drive on the disk, so here alone it is in clear; the token never is.
  expect(node).toMatchObject({ instance_info: { configdrive: 'H4sICDw=' } });
  expect(JSON.stringify(node)).not.toContain(TOKEN);

  stage.agent.end({ status: 'SUCCEEDED', result: written });
  await resume(stage, stepOf(direct, 'write_image'));
  stage.agent.answers('standby.get_partition_uuids', { result: {} });
  stage.agent.answers('image.install_bootloader', { status: 'RUNNING' });
  const installing = run(stage, stepOf(direct, 'prepare_instance_boot'));
  let looks = 0;
  stage.agent.onList(() => {
    looks += 1;
    if (looks === 3) stage.agent.end({ status: 'SUCCEEDED' });
  });
  expect(await installing).toEqual({ next: 'done' });
  expect(stage.agent.sent.at(-1)).toEqual({ name: 'image.install_bootloader', parameters: recorded(file, 'image.install_bootloader').parameters, wait: false });
});

describe('deploy', () => {
  test('a machine that came up is not booted again after a crash: its agent would lose its token', async () => {
    const stage = stageOf();
    const direct = directOf(stage);
    await work(stage, direct.prepare(stage.task));
    await run(stage, stepOf(direct, 'deploy'));
    stage.task.apply({ driverInternalInfo: { agent_secret_token: new Secret(TOKEN) } });
    expect(await run(stage, stepOf(direct, 'deploy'))).toMatchObject({ next: 'wait' });
    expect(powerCommands(stage)).toEqual(['power off', 'power on']);
    expect(stage.task.node.driverInternalInfo['agent_secret_token']).toBeDefined();
  });

  test('one that did not come up is', async () => {
    const stage = stageOf();
    await work(stage, directOf(stage).prepare(stage.task));
    await run(stage, stepOf(directOf(stage), 'deploy'));
    await run(stage, stepOf(directOf(stage), 'deploy'));
    expect(powerCommands(stage)).toEqual(['power off', 'power on', 'power off', 'power on']);
  });

  test.each(['clean', 'deploy'])('an agent of %s work before is no reason to stay', async (purpose) => {
    const stage = stageOf();
    stage.report();
    stage.task.apply({ driverInternalInfo: { agent_boot: { purpose, at: 'before' } } });
    await work(stage, directOf(stage).prepare(stage.task));
    await run(stage, stepOf(directOf(stage), 'deploy'));
    expect(powerCommands(stage)).toEqual(['power off', 'power on']);
    expect(stage.agentKnownAt).toEqual([false, false]);
  });
});

describe('write_image', () => {
  test.each([['RUNNING', 'wait'], ['SUCCEEDED', 'done']] as const)('run again while it is %s sends nothing', async (status, next) => {
    const stage = stageOf();
    await boot(stage);
    const step = stepOf(directOf(stage), 'write_image');
    await run(stage, step);
    stage.agent.end({ status, result: status === 'RUNNING' ? null : written });
    expect(await run(stage, step)).toMatchObject({ next });
    expect(names(stage).filter((name) => name === 'deploy.execute_deploy_step')).toHaveLength(1);
  });

  test('run by a conductor that has lost its notes, too, sends nothing once the image is written', async () => {
    const stage = stageOf();
    await boot(stage);
    stage.agent.list.push({ id: 'x', name: 'execute_deploy_step', status: 'SUCCEEDED', error: null, result: written });
    expect(await run(stage, stepOf(directOf(stage), 'write_image'))).toMatchObject({ next: 'done' });
    expect(names(stage)).not.toContain('deploy.execute_deploy_step');
  });

  test('a crash before it was sent makes it sent', async () => {
    const stage = stageOf();
    await boot(stage);
    const step = stepOf(directOf(stage), 'write_image');
    stage.agent.answers('deploy.execute_deploy_step', unreachable(), { status: 'RUNNING' });
    await expect(run(stage, step)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(await run(stage, step)).toMatchObject({ next: 'wait' });
    expect(names(stage).filter((name) => name === 'deploy.execute_deploy_step')).toHaveLength(2);
  });

  test('an answer that was lost on the way is no failure', async () => {
    const stage = stageOf();
    await boot(stage);
    stage.agent.answers('deploy.execute_deploy_step', unreachable());
    const starting = run(stage, stepOf(directOf(stage), 'write_image'));
    let looks = 0;
    stage.agent.onList(() => {
      looks += 1;
      if (looks === 2) stage.agent.list.push({ id: 'lost', name: 'execute_deploy_step', status: 'RUNNING', error: null, result: null });
    });
    expect(await starting).toMatchObject({ next: 'wait' });
  });

  test('fails in the words of the agent', async () => {
    const stage = stageOf();
    await boot(stage);
    await run(stage, stepOf(directOf(stage), 'write_image'));
    stage.agent.end({ status: 'FAILED', error: 'Image failed to verify against checksum' });
    const error: unknown = await resume(stage, stepOf(directOf(stage), 'write_image')).catch((reason: unknown) => reason);
    expect(FerricError.is(error) && [error.code, error.message]).toEqual([
      'REFUSED', `The deploy agent at ${AGENT_URL} could not execute deploy step deploy.write_image: Image failed to verify against checksum`,
    ]);
  });

  test('goes on waiting while the agent cannot be asked, and fails at what is no agent', async () => {
    const stage = stageOf();
    await boot(stage);
    const step = stepOf(directOf(stage), 'write_image');
    await run(stage, step);
    stage.agent.listFails(unreachable());
    expect(await resume(stage, step)).toEqual({ next: 'wait', waitsFor: 'the image to be written' });
    expect(stage.task.told.at(-1)).toContain(AGENT_URL);
    stage.agent.listFails(new FerricError('PROTOCOL_FAULT', 'The agent answers 500 to every question'));
    await expect(resume(stage, step)).rejects.toMatchObject({ code: 'PROTOCOL_FAULT' });
  });

  test.each([
    ['nothing yet', undefined],
    ['another command', { id: 'a', name: 'get_deploy_steps', status: 'SUCCEEDED', error: null, result: {} }],
    ['another step', { id: 'a', name: 'execute_deploy_step', status: 'SUCCEEDED', error: null, result: { deploy_step: { interface: 'raid', step: 'apply_configuration' } } }],
  ] as const)('waits when the last command is %s', async (_what, last) => {
    const stage = stageOf();
    await boot(stage);
    await run(stage, stepOf(directOf(stage), 'write_image'));
    stage.agent.restart();
    if (last !== undefined) stage.agent.list.push(last);
    expect(await resume(stage, stepOf(directOf(stage), 'write_image'))).toMatchObject({ next: 'wait' });
    expect(stage.task.kept.some(({ driverInternalInfo }) => driverInternalInfo?.['agent_step_reboot'] === 'requested')).toBe(false);
  });

  test('asks for the steps again and begins anew when the hardware managers changed', async () => {
    const stage = stageOf();
    await boot(stage);
    const step = stepOf(directOf(stage), 'write_image');
    await run(stage, step);
    const newer = { ...(recorded(MASTER, 'deploy.get_deploy_steps').result as JsonObject), hardware_manager_version: { generic_hardware_manager: '2' } };
    stage.agent.answers('deploy.get_deploy_steps', { result: newer });
    stage.agent.end({ status: 'VERSION_MISMATCH', error: 'Hardware managers version mismatch' });
    expect(await resume(stage, step)).toMatchObject({ next: 'wait' });
    expect(names(stage).slice(-2)).toEqual(['deploy.get_deploy_steps', 'deploy.execute_deploy_step']);
    expect(stage.agent.sent.at(-1)?.parameters['deploy_version']).toEqual({ generic_hardware_manager: '2' });
    stage.agent.end({ status: 'SUCCEEDED', result: written });
    expect(await resume(stage, step)).toMatchObject({ next: 'done' });
  });

  test('begins anew too when a crash came after the steps were asked for again', async () => {
    const stage = stageOf();
    await boot(stage);
    const step = stepOf(directOf(stage), 'write_image');
    await run(stage, step);
    stage.agent.end({ status: 'VERSION_MISMATCH', error: 'mismatch' });
    stage.agent.list.push({ id: 'g', name: 'get_deploy_steps', status: 'SUCCEEDED', error: null, result: {} });
    expect(await resume(stage, step)).toMatchObject({ next: 'wait' });
    expect(names(stage).slice(-2)).toEqual(['deploy.get_deploy_steps', 'deploy.execute_deploy_step']);
  });

  test('gives up when they change every time', async () => {
    const stage = stageOf();
    await boot(stage);
    stage.agent.answers('deploy.execute_deploy_step', { status: 'VERSION_MISMATCH', error: 'mismatch' });
    await expect(run(stage, stepOf(directOf(stage), 'write_image'))).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('changed 4 times') });
    expect(names(stage).filter((name) => name === 'deploy.execute_deploy_step')).toHaveLength(4);
  });

  test('asks the agent for the mode of the firmware when nobody told it', async () => {
    const stage = stageOf({ node: { properties: {} } });
    await boot(stage);
    stage.agent.answers('poll.get_hardware_info', { result: { boot: { current_boot_mode: 'uefi' } } });
    await run(stage, stepOf(directOf(stage), 'write_image'));
    expect(stage.task.node.driverInternalInfo['deploy_boot_mode']).toBe('uefi');
    stage.agent.end({ status: 'SUCCEEDED', result: written });
    await resume(stage, stepOf(directOf(stage), 'write_image'));
    await run(stage, stepOf(directOf(stage), 'prepare_instance_boot'));
    expect(stage.agent.sent.at(-1)).toMatchObject({ name: 'image.install_bootloader', parameters: { target_boot_mode: 'uefi', root_uuid: null } });
    expect(names(stage).filter((name) => name === 'poll.get_hardware_info')).toHaveLength(1);
  });

  test('takes an agent that does not tell for one of a BIOS machine', async () => {
    const stage = stageOf({ node: { properties: {} } });
    await boot(stage);
    stage.agent.answers('poll.get_hardware_info', new FerricError('REFUSED', 'Unknown command'));
    expect(await run(stage, stepOf(directOf(stage), 'write_image'))).toMatchObject({ next: 'wait' });
    expect(stage.task.node.driverInternalInfo['deploy_boot_mode']).toBe('bios');
  });
});

describe('prepare_instance_boot', () => {
  const partition = { ...INSTANCE, image_type: 'partition', root_gb: 10 };
  const uuids = { 'root uuid': 'aaaa', 'efi system partition uuid': 'bbbb', 'PReP Boot partition uuid': null };

  test('installs a boot loader into a partition image', async () => {
    const stage = stageOf({ node: { instanceInfo: partition } });
    stage.report();
    stage.agent.answers('standby.get_partition_uuids', { result: uuids });
    expect(await run(stage, stepOf(directOf(stage), 'prepare_instance_boot'))).toEqual({ next: 'done' });
    expect(stage.agent.sent.at(-1)?.parameters).toEqual({ root_uuid: 'aaaa', efi_system_part_uuid: 'bbbb', prep_boot_part_uuid: null, target_boot_mode: 'bios' });
    expect(stage.task.node.driverInternalInfo['root_uuid_or_disk_id']).toBe('aaaa');
    expect(stage.done).toEqual(['boot prepareInstance']);
  });

  test('does not install it twice after a crash, and asks nothing of a busy agent', async () => {
    const stage = stageOf({ node: { instanceInfo: partition } });
    stage.report();
    stage.agent.list.push({ id: 'i', name: 'install_bootloader', status: 'RUNNING', error: null, result: null });
    const preparing = run(stage, stepOf(directOf(stage), 'prepare_instance_boot'));
    let looks = 0;
    stage.agent.onList(() => void ((looks += 1) === 2 && stage.agent.end({ status: 'SUCCEEDED' })));
    expect(await preparing).toEqual({ next: 'done' });
    expect(names(stage)).toEqual([]);
  });

  test('fails with a partition image without boot loader, goes on with a whole disk', async () => {
    for (const [instanceInfo, outcome] of [[partition, 'REFUSED'], [INSTANCE, 'done']] as const) {
      const stage = stageOf({ node: { instanceInfo, properties: { capabilities: 'boot_mode:uefi' } } });
      stage.report();
      stage.agent.answers('image.install_bootloader', { status: 'FAILED', error: 'No EFI system partition' });
      const ended = await run(stage, stepOf(directOf(stage), 'prepare_instance_boot')).then(({ next }) => next, errorCode);
      expect(ended).toBe(outcome);
      if (outcome === 'done') expect(stage.task.told.join()).toContain('No EFI system partition');
    }
  });

  test('gives up by the clock', async () => {
    const stage = stageOf({ node: { instanceInfo: partition } });
    stage.report();
    stage.agent.answers('image.install_bootloader', { status: 'RUNNING' });
    const startedAt = stage.clock.monotonicMs();
    await expect(run(stage, stepOf(directOf(stage), 'prepare_instance_boot'))).rejects.toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('600 s') });
    expect(stage.clock.monotonicMs() - startedAt).toBeLessThanOrEqual(610_000);
  });
});

test('cleaning up after a failure switches a machine off on which the agent still runs, and forgets the deployment', async () => {
  const stage = stageOf({ network: true });
  await boot(stage);
  await work(stage, directOf(stage).cleanUp(stage.task));
  expect(stage.done.slice(-3)).toEqual(['power off', 'boot cleanUpRamdisk', 'network disconnect provisioning']);
  expect(stage.task.node.driverInternalInfo).toEqual({ network_boot: { purpose: 'deploy', kernel_parameters: {} } });
  await work(stage, directOf(stage).cleanUp(stage.task));
  expect(powerCommands(stage).filter((each) => each === 'power off')).toHaveLength(2);
});

test('an abort ends every wait with its reason', async () => {
  const controller = new AbortController();
  const stage = stageOf({ signal: controller.signal });
  stage.report();
  stage.agent.list.push({ id: 'i', name: 'install_bootloader', status: 'RUNNING', error: null, result: null });
  const reason = new Error('aborted by a person');
  const preparing = stepOf(directOf(stage), 'prepare_instance_boot').run(stage.task, {});
  await stage.clock.advance(1000);
  controller.abort(reason);
  await expect(preparing).rejects.toBe(reason);
  expect(stage.agent.open).toBe(0);
});

test('no secret is told, logged or kept in clear', async () => {
  const drive = gzipSync('planted').toString('base64');
  const instanceInfo = {
    ...INSTANCE, image_source: new Secret('https://root:planted-image-password@192.0.2.1/image.raw'), configdrive: new Secret(drive),
  };
  const stage = stageOf({ node: { instanceInfo, driverInfo: { ipmi_password: new Secret('planted-bmc-password') } } });
  await directOf(stage).validate(stage.task);
  await work(stage, directOf(stage).prepare(stage.task));
  stage.report();
  const step = stepOf(directOf(stage), 'write_image');
  await run(stage, step);
  expect(lastSent(stage)['step']).toMatchObject({ args: { image_info: { urls: ['https://root:planted-image-password@192.0.2.1/image.raw'] } } });
  stage.agent.end({ status: 'FAILED', error: 'no' });
  const error: unknown = await resume(stage, step).catch((reason: unknown) => reason);
  const seen = inspect([stage.task.told, stage.task.kept, stage.task.logger.lines, error], { depth: 30, showHidden: true });
  for (const secret of [TOKEN, drive, 'planted-image-password', 'planted-bmc-password']) expect(seen).not.toContain(secret);
  expect(JSON.stringify(stage.agent.sent)).not.toContain('planted-bmc-password');
});
