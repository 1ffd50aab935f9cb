import { gzipSync } from 'node:zlib';
import {
  FerricError, invalidOptions, optionIssues, revealSealed, sealSecrets, Secret, type ConfigDriveContent, type JsonObject, type JsonValue, type SealedObject,
} from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { directOf, run, stepOf, work } from '../../test/strategies/conductor.js';
import { createStage, type Stage, type StageOptions } from '../../test/strategies/stage.js';
import { readImageOptions } from './image-options.js';
import { computedImageHash } from './image-source.js';

const HTTP = { image_source: 'http://192.0.2.1/image.raw', image_checksum: 'ab'.repeat(32) };
const validate = async (stage: Stage): Promise<readonly string[]> =>
  directOf(stage).validate(stage.task).then(() => [], (error: unknown) => {
    if (!FerricError.is(error) || error.code !== 'INVALID_OPTIONS') throw error;
    return optionIssues(error).map(({ field }) => field);
  });
const lastStep = (stage: Stage): JsonValue | undefined => stage.agent.sent.at(-1)?.parameters['step'];
const staged = (instanceInfo: JsonObject, more: StageOptions = {}): Stage =>
  createStage({ ...more, node: { instanceInfo: sealSecrets(instanceInfo) as SealedObject, ...more.node } });

describe('validate', () => {
  test.each<[string, JsonObject, readonly string[]]>([
    ['a whole disk', HTTP, []],
    ['a file without checksum', { image_source: 'file:///images/x.raw' }, []],
    ['no image', {}, ['instance_info.image_source']],
    ['a config drive that is no base64', { ...HTTP, configdrive: 'planted secret !' }, ['instance_info.configdrive']],
    ['a config drive of something else', { ...HTTP, configdrive: Buffer.from('planted secret').toString('base64') }, ['instance_info.configdrive']],
    ['half a config drive', { ...HTTP, configdrive: gzipSync('x'.repeat(3000)).subarray(0, 15).toString('base64') }, ['instance_info.configdrive']],
    ['an unknown part', { ...HTTP, configdrive: { meta_data: {}, files: [] } }, ['instance_info.configdrive.files']],
    ['parts of another kind', { ...HTTP, configdrive: { meta_data: 'x', user_data: 5 } }, ['instance_info.configdrive.meta_data', 'instance_info.configdrive.user_data']],
    ['a list', { ...HTTP, configdrive: ['x'] }, ['instance_info.configdrive']],
    ['the address of one', { ...HTTP, configdrive: 'https://192.0.2.1/drive' }, []],
    ['a packed one', { ...HTTP, configdrive: gzipSync(Buffer.alloc(65_536 * 5)).toString('base64') }, []],
    ['a packed one with line breaks', { ...HTTP, configdrive: `${gzipSync('abc').toString('base64')}\n` }, []],
  ])('%s', async (_case, instanceInfo, fields) => {
    expect(await validate(staged(instanceInfo))).toEqual(fields);
  });

  test('a config drive of more than 64 MiB is refused without being held in memory', async () => {
    const packed = gzipSync(Buffer.alloc(64 * 1024 * 1024 + 1)).toString('base64');
    const stage = staged({ ...HTTP, configdrive: packed });
    await expect(directOf(stage).validate(stage.task)).rejects.toThrow('at most 64 MiB');
    const most = staged({ ...HTTP, configdrive: gzipSync(Buffer.alloc(64 * 1024 * 1024)).toString('base64') });
    expect(await validate(most)).toEqual([]);
  });

  test('nothing of a config drive is shown', async () => {
    const stage = staged({ ...HTTP, configdrive: 'planted secret !' });
    const error: unknown = await directOf(stage).validate(stage.task).catch((reason: unknown) => reason);
    expect(String(error) + JSON.stringify(error)).not.toContain('planted');
  });

  test('names the boot interface when there is none, and what it says when there is', async () => {
    expect(await validate(staged(HTTP, { boot: false }))).toEqual(['boot_interface']);
    const stage = staged(HTTP);
    const { boot } = stage.task;
    if (boot !== undefined) boot.validate = async () => {
      throw invalidOptions('driver_info', [{ field: 'deploy_kernel', problem: 'missing', expected: 'a URL' }]);
    };
    expect(await validate(stage)).toEqual(['deploy_kernel']);
  });

  test('a file that is not served is the fault of its source; that the own address is not known yet is none', async () => {
    const image = { image_source: 'file:///outside/x.raw' };
    const refused = async (): Promise<never> => {
      throw invalidOptions('file', [{ field: 'reference', problem: 'invalid', expected: 'a file below /images' }]);
    };
    const outside = staged(image, { services: { downloadUrl: refused } });
    await expect(directOf(outside).validate(outside.task)).rejects.toMatchObject({ message: expect.stringContaining('instance_info.image_source must be a file below /images') });
    const early = staged(image, { services: { downloadUrl: async () => { throw new FerricError('CONFLICT', 'not known'); } } });
    expect(await validate(early)).toEqual([]);
  });

  test('bad driver_info is named', async () => {
    expect(await validate(staged(HTTP, { node: { driverInfo: { image_http_proxy: 'socks://x', deploy_forces_oob_reboot: 'perhaps' } } }))).toEqual([
      'deploy_forces_oob_reboot', 'image_http_proxy',
    ]);
  });

  test('does not hash, and touches nothing', async () => {
    const stage = staged({ image_source: 'file:///images/x.raw' }, { services: { fileChecksum: async () => { throw new Error('hashed'); } } });
    expect(await validate(stage)).toEqual([]);
    expect([stage.done, stage.task.kept]).toEqual([[], []]);
  });
});

describe('prepare', () => {
  test('computes the checksum of a file once, and the agent gets the address at which the conductor serves it', async () => {
    const hashed: string[] = [];
    const stage = staged({ image_source: 'file:///images/x.raw' }, {
      node: { properties: { capabilities: 'boot_mode:bios' } },
      services: { fileChecksum: async (reference, algorithm) => (hashed.push(`${algorithm} ${reference}`), 'ef'.repeat(32)) },
    });
    await work(stage, directOf(stage).prepare(stage.task));
    stage.report();
    stage.agent.answers('deploy.get_deploy_steps', { result: { deploy_steps: {}, hardware_manager_version: {} } });
    await run(stage, stepOf(directOf(stage), 'write_image'));
    expect(hashed).toEqual(['sha256 file:///images/x.raw']);
    expect(lastStep(stage)).toMatchObject({
      args: {
        image_info: { urls: ['http://192.0.2.1:6385/images/images/x.raw'], os_hash_algo: 'sha256', os_hash_value: 'ef'.repeat(32), disk_format: 'raw' },
        configdrive: null,
      },
    });
    expect(stage.task.node.driverInternalInfo['is_whole_disk_image']).toBe(true);
  });

  test('a hash of the image before is not taken for another', async () => {
    const stage = staged({ ...HTTP, image_source: 'file:///images/new.raw', image_checksum: '' });
    stage.task.apply({ driverInternalInfo: { agent_image_hash: { source: 'file:///images/old.raw', algorithm: 'sha256', value: '00'.repeat(32) } } });
    await work(stage, directOf(stage).prepare(stage.task));
    expect(stage.task.node.driverInternalInfo['agent_image_hash']).toMatchObject({ source: 'file:///images/new.raw', value: 'ab'.repeat(32) });
    const other = readImageOptions({ uuid: 'u', instanceInfo: { image_source: 'file:///images/other.raw' } });
    expect(computedImageHash(stage.task.node, other)).toBeUndefined();
  });

  test('builds the config drive from its parts, with what the node knows, and keeps it secret', async () => {
    const built: ConfigDriveContent[] = [];
    const drive = new Secret('H4sIAAAAAAAAAwMAAAAAAAAAAAA=');
    const stage = staged(
      { ...HTTP, configdrive: { meta_data: { hostname: 'desk', uuid: 'mine' }, user_data: { users: ['x'] }, network_data: { links: [] }, vendor_data: null } },
      { node: { name: 'desk-1', properties: { capabilities: 'boot_mode:bios' } }, services: { buildConfigDrive: async (content) => (built.push(content), drive) } },
    );
    await work(stage, directOf(stage).prepare(stage.task));
    expect(built).toEqual([{ metaData: { uuid: 'mine', name: 'desk-1', hostname: 'desk' }, networkData: { links: [] }, userData: expect.anything() }]);
    expect(revealSealed(built[0]?.userData ?? null)).toBe('{"users":["x"]}');
    expect(stage.task.node.instanceInfo['configdrive']).toBe(drive);
    // Again after a crash: it is built already.
    await work(stage, directOf(stage).prepare(stage.task));
    expect(built).toHaveLength(1);

    stage.report();
    stage.agent.answers('deploy.get_deploy_steps', { result: { deploy_steps: {}, hardware_manager_version: {} } });
    await run(stage, stepOf(directOf(stage), 'write_image'));
    expect(lastStep(stage)).toMatchObject({ args: { configdrive: drive.reveal(), image_info: { configdrive: drive.reveal() } } });
  });

  test('fails before the machine is touched when no tool can build it', async () => {
    const stage = staged({ ...HTTP, configdrive: { meta_data: {} } }, {
      services: { buildConfigDrive: async () => { throw new FerricError('UNSUPPORTED', 'no tool'); } },
    });
    await expect(directOf(stage).prepare(stage.task)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    expect(stage.done).toEqual([]);
  });
});

test('a machine that boots from a volume gets no agent and no image', async () => {
  const stage = createStage();
  const done: string[] = [];
  const storage = {
    interface: 'storage', name: 'test', validate: async () => undefined, shouldWriteImage: async () => false,
    attachVolumes: async () => void done.push('attach'), detachVolumes: async () => void done.push('detach'),
  } as const;
  const task = Object.create(stage.task, { storage: { value: storage } }) as typeof stage.task;
  const direct = directOf(stage);
  await direct.validate(task);
  await direct.prepare(task);
  for (const step of direct.steps) expect(await stage.finish(step.run(task, {}))).toMatchObject({ next: 'done' });
  expect([stage.done, stage.agent.sent]).toEqual([['boot prepareInstance', 'power off', 'power on'], []]);
  await stage.finish(direct.tearDown(task));
  expect(done).toEqual(['attach', 'detach']);
});
