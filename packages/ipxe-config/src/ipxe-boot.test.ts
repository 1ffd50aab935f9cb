import { describeProperties, FerricError, optionIssues, RAMDISK_PURPOSES, Secret, type BootDeviceName, type Device, type NodeChanges, type PortView } from '@ferric/core';
import { createFakeTask, type FakeTask } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { networkNode, render, type NodeParts } from '../test/nodes.js';
import { createIpxeBoot, DEFAULT_BOOT_SETTINGS, readNetworkBoot, type BootSettings } from './index.js';

const boot = createIpxeBoot({ name: 'ipxe', settings: DEFAULT_BOOT_SETTINGS });

interface Machine {
  readonly device: Device;
  /** Every change of the boot device. */
  readonly changes: (readonly [device: BootDeviceName, persistent: boolean])[];
  /** Every change of the power. */
  readonly power: string[];
}

function machine(supported: readonly BootDeviceName[] | undefined = ['pxe', 'disk']): Machine {
  const changes: [BootDeviceName, boolean][] = [];
  const power: string[] = [];
  const bootDevice = {
    supported: new Set(supported),
    read: async () => ({ device: null, persistent: null }),
    set: async (device: BootDeviceName, { persistent }: { readonly persistent: boolean }) => void changes.push([device, persistent]),
  };
  const device = {
    power: { targets: new Set(), set: async (target: string) => void power.push(target) },
    ...(supported.length === 0 ? {} : { bootDevice }),
    async [Symbol.asyncDispose]() {},
  } as unknown as Device;
  return { device, changes, power };
}

const PORT: PortView = { uuid: '5a0b9f4e-90cf-4f8e-9b0d-5bbdb0a45a1f', address: '52:54:00:cf:2d:31', pxeEnabled: true, localLinkConnection: {}, physicalNetwork: null, portgroupUuid: null, extra: {}, internalInfo: {} };

function stage(parts: NodeParts = {}, { device }: Machine = machine(), ports: readonly PortView[] = [PORT]): FakeTask {
  return createFakeTask({ device, node: networkNode({ purpose: null, ...parts }), ports });
}

/** Applies what a strategy returned, as a conductor does. */
async function applied(task: FakeTask, work: Promise<NodeChanges | undefined>): Promise<FakeTask> {
  task.apply(await work);
  return task;
}

describe('preparing a ramdisk', () => {
  test.each(RAMDISK_PURPOSES)('records %s with its parameters, so that the script can be written, and leaves the power alone', async (purpose) => {
    const state = { deploy: 'wait call-back', clean: 'clean wait', inspect: 'inspect wait', rescue: 'rescue wait', service: 'service wait' } as const;
    const host = machine();
    const task = await applied(stage({ state: state[purpose] }, host), boot.prepareRamdisk(stage({}, host), purpose, { 'ipa-debug': '1' }));
    expect(task.node.driverInternalInfo['network_boot']).toEqual({ purpose, kernel_parameters: { 'ipa-debug': '1' } });
    expect(render(task.node)).toMatchObject({ kind: purpose, script: expect.stringContaining(' ipa-debug=1 ') });
    expect(host.power).toEqual([]);
  });

  test('again gives the same record', async () => {
    const task = stage();
    const first = await boot.prepareRamdisk(task, 'deploy', { a: '1' });
    task.apply(first);
    expect(await boot.prepareRamdisk(task, 'deploy', { a: '1' })).toEqual(first);
  });

  test('tells everything that is wrong before it changes anything', async () => {
    const host = machine();
    const task = stage({ driverInfo: { rescue_kernel: '', rescue_ramdisk: 'x', kernel_append_params: 'a ; b' } }, host);
    const error = await failure(boot.prepareRamdisk(task, 'rescue', { 'ipa-debug': 'a b' }));
    expect(optionIssues(error).map(({ field, problem }) => `${field} ${problem}`)).toEqual([
      'driver_info.rescue_kernel missing', 'driver_info.rescue_ramdisk invalid', 'driver_info.kernel_append_params invalid', 'kernelParameters.ipa-debug invalid',
    ]);
    await expect(boot.prepareRamdisk(task, 'nonsense' as 'deploy', {})).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(host.changes).toEqual([]);
  });

  test('takes no secret, for anybody on the network of the machine can read its script', async () => {
    const host = machine();
    const error = await failure(boot.prepareRamdisk(stage({}, host), 'deploy', { 'ipa-collectors': new Secret('planted') }));
    expect(optionIssues(error).map(({ field }) => field)).toEqual(['kernelParameters.ipa-collectors']);
    expect([String(error).includes('planted'), host.changes]).toEqual([false, []]);
    expect(boot.keepsSecrets).toBeUndefined();
  });

  test('is forgotten afterwards, and a prepared instance is not', async () => {
    const task = await applied(stage(), boot.prepareRamdisk(stage(), 'deploy', {}));
    expect(await boot.cleanUpInstance(task)).toBeUndefined();
    await applied(task, boot.cleanUpRamdisk(task));
    expect(readNetworkBoot(task.node)).toBeUndefined();
    expect(await boot.cleanUpRamdisk(task)).toBeUndefined();
    expect(await boot.cleanUpRamdisk(stage({ purpose: 'instance' }))).toBeUndefined();
  });
});

describe('preparing an instance', () => {
  test('records it and can be forgotten', async () => {
    const task = stage({ state: 'deploying', purpose: 'deploy' });
    await applied(task, boot.prepareInstance(task));
    expect(render(task.node).kind).toBe('disk');
    expect(await boot.prepareInstance(task)).toEqual({ driverInternalInfo: { network_boot: { purpose: 'instance', kernel_parameters: {} } } });
    await applied(task, boot.cleanUpInstance(task));
    expect(readNetworkBoot(task.node)).toBeUndefined();
    expect(await boot.cleanUpInstance(task)).toBeUndefined();
  });

  test('asks for the files that its kind needs', async () => {
    const error = await failure(boot.prepareInstance(stage({ deploy: 'anaconda', instanceInfo: { kernel: 'http://h/k' } })));
    expect(optionIssues(error).map(({ field }) => field)).toEqual(['instance_info.ramdisk', 'instance_info.ks_template']);
  });
});

describe('the boot device', () => {
  const ISO: NodeParts = { deploy: 'ramdisk', instanceInfo: { boot_iso: 'http://h/x.iso' } };
  const NETBOOT: NodeParts = { instanceInfo: { image_source: 'http://h/i', kernel: 'http://h/k', ramdisk: 'http://h/r', capabilities: { boot_option: 'netboot' } } };
  /** What is prepared, the value of force_persistent_boot_device, and what the machine is told. */
  const TABLE: readonly (readonly [what: 'ramdisk' | 'instance', parts: NodeParts, force: string | boolean | undefined, device: BootDeviceName, persistent: boolean])[] = [
    ['ramdisk', {}, undefined, 'pxe', false],
    ['ramdisk', {}, 'Default', 'pxe', false],
    ['ramdisk', {}, 'Always', 'pxe', true],
    ['ramdisk', {}, 'Never', 'pxe', false],
    ['ramdisk', {}, true, 'pxe', true],
    ['ramdisk', {}, 'False', 'pxe', false],
    ['instance', {}, undefined, 'disk', true],
    ['instance', {}, 'Always', 'disk', true],
    ['instance', {}, 'Never', 'disk', false],
    ['instance', ISO, undefined, 'pxe', true],
    ['instance', ISO, 'Never', 'pxe', false],
    ['instance', NETBOOT, 'Default', 'pxe', true],
  ];
  const prepare = (what: 'ramdisk' | 'instance', task: FakeTask): Promise<unknown> => (what === 'ramdisk' ? boot.prepareRamdisk(task, 'deploy', {}) : boot.prepareInstance(task));

  test.each(TABLE)('for a %s of %j with force_persistent_boot_device %j is %s, persistent: %s', async (what, parts, force, device, persistent) => {
    const host = machine();
    await prepare(what, stage({ state: 'deploying', ...parts, driverInfo: force === undefined ? {} : { force_persistent_boot_device: force } }, host));
    expect(host.changes).toEqual([[device, persistent]]);
    expect(host.power).toEqual([]);
  });

  test('is left alone where the machine cannot be told, or belongs to somebody', async () => {
    for (const host of [machine([]), machine(['cdrom'])]) {
      await prepare('ramdisk', stage({}, host));
      await prepare('instance', stage({}, host));
      expect(host.changes).toEqual([]);
    }
    for (const state of ['active', 'adopting'] as const) {
      const host = machine();
      await prepare('instance', stage({ state }, host));
      expect(host.changes).toEqual([]);
    }
  });

  test('that cannot be set fails the work, before anything is recorded', async () => {
    const host = machine();
    const broken = new FerricError('UNREACHABLE', 'no answer');
    const device: Device = { ...host.device, bootDevice: { supported: new Set(['pxe']), read: async () => ({ device: null, persistent: null }), set: () => Promise.reject(broken) } };
    await expect(boot.prepareRamdisk(stage({}, { ...host, device }), 'deploy', {})).rejects.toBe(broken);
  });
});

describe('validate', () => {
  const issues = async (parts: NodeParts, ports: readonly PortView[] = [PORT], settings: BootSettings = DEFAULT_BOOT_SETTINGS): Promise<readonly string[]> => {
    const strategy = createIpxeBoot({ name: 'pxe', settings });
    const task = stage(parts, machine(), ports);
    return strategy.validate(task).then(() => [], (error: unknown) => optionIssues(error).map(({ field, problem }) => `${field} ${problem}`));
  };

  test('is content with the files of the agent and a port that boots', async () => {
    expect(await issues({})).toEqual([]);
    expect(await issues({ driverInfo: { rescue_kernel: '', rescue_ramdisk: '' } })).toEqual([]);
    expect(await issues({ driverInfo: { deploy_kernel: '', deploy_ramdisk: '' } }, [PORT], { ...DEFAULT_BOOT_SETTINGS, deployKernel: 'http://h/k', deployRamdisk: 'http://h/r' })).toEqual([]);
  });

  test('wants a port by which the machine is known', async () => {
    expect(await issues({}, [])).toEqual(['ports missing']);
    expect(await issues({}, [{ ...PORT, pxeEnabled: false }])).toEqual(['ports missing']);
    expect(await issues({}, [{ ...PORT, pxeEnabled: false }, PORT])).toEqual([]);
  });

  test('tells every problem at once', async () => {
    const driverInfo = {
      deploy_kernel: '', deploy_ramdisk: 'x', rescue_kernel: 'y', kernel_append_params: 'a\nb', force_persistent_boot_device: 'Sometimes',
    };
    expect(await issues({ driverInfo, instanceInfo: { capabilities: { boot_option: 'x' } } }, [])).toEqual([
      'ports missing', 'driver_info.deploy_kernel missing', 'driver_info.deploy_ramdisk invalid', 'driver_info.rescue_kernel invalid', 'driver_info.kernel_append_params invalid',
      'driver_info.force_persistent_boot_device invalid', 'instance_info.capabilities.boot_option invalid',
    ]);
  });

  test('wants the files of an instance once one is named', async () => {
    expect(await issues({ deploy: 'ramdisk' })).toEqual([]);
    expect(await issues({ deploy: 'ramdisk', instanceInfo: { kernel: 'http://h/k' } })).toEqual(['instance_info.ramdisk missing']);
    expect(await issues({ instanceInfo: { image_source: 'http://h/i', boot_iso: 'http://h/x' } })).toEqual(['instance_info.boot_iso invalid']);
  });

  test('does not swallow a defect', async () => {
    const task = stage();
    await expect(boot.validate({ ...task, get node(): never { throw new TypeError('defect'); } })).rejects.toThrow('defect');
  });
});

describe('the strategy', () => {
  test('bears the name of its interface and describes its fields in the names of Ironic', () => {
    expect([boot.interface, boot.name, createIpxeBoot({ name: 'pxe', settings: DEFAULT_BOOT_SETTINGS }).name]).toEqual(['boot', 'ipxe', 'pxe']);
    const described = boot.properties === undefined ? {} : describeProperties(boot.properties);
    expect(Object.keys(described)).toEqual(['deploy_kernel', 'deploy_ramdisk', 'rescue_kernel', 'rescue_ramdisk', 'kernel_append_params', 'force_persistent_boot_device']);
    for (const text of Object.values(described)) expect(text).toMatch(/Optional\.$/);
    expect(described['force_persistent_boot_device']).toContain('default is "Default". One of "Default", "Always", "Never".');
  });

  test('reads its fields by the same rules', () => {
    expect(boot.properties?.parse({ deploy_kernel: 'http://h/k', other: 1 })).toEqual({ deploy_kernel: 'http://h/k', force_persistent_boot_device: 'Default' });
    expect(() => boot.properties?.parse({ deploy_kernel: 'x', kernel_append_params: 'a ; b', force_persistent_boot_device: 'x' })).toThrow(
      /^driver_info of ipxe: deploy_kernel must be an http.*; kernel_append_params must be without ";".*; force_persistent_boot_device must be one of Default, Always, Never/,
    );
  });

  test('refuses settings out of range at once', () => {
    expect(() => createIpxeBoot({ name: 'ipxe', settings: { ...DEFAULT_BOOT_SETTINGS, attempts: 0 } })).toThrow('attempts must be a whole number from 1 to 100');
  });
});

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(() => expect.unreachable('it was accepted'), (error: unknown) => error);
}
