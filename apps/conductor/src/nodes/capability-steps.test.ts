import { errorCode, optionIssues, type Bios, type Device, type JsonObject, type JsonValue, type Raid, type Step } from '@ferric/core';
import { createFakeClock, createFakeTask, type FakeTask } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { stepsOf, type NodeStep } from '../workflows/node-steps.js';
import { capabilitySteps } from './capability-steps.js';

const root = { raid_level: '1', size_gb: 100, is_root_volume: true };
const data = { raid_level: '5', size_gb: 50 };

/** A controller with disk arrays and settings that notes what it is asked. */
interface Controller {
  readonly device: Device;
  readonly asked: JsonValue[];
  disks: readonly JsonObject[];
  next: 'done' | 'wait';
}

function controller(): Controller {
  const state: Controller = { device: undefined as unknown as Device, asked: [], disks: [], next: 'done' };
  const raid: Raid = {
    configurationSchema: {},
    read: async () => ({ logical_disks: state.disks }),
    async create(configuration) {
      state.asked.push({ create: configuration });
      state.disks = [...state.disks, ...(configuration['logical_disks'] as readonly JsonObject[])];
      return state.next;
    },
    async delete() {
      state.asked.push('delete');
      state.disks = [];
      return state.next;
    },
  };
  const bios: Bios = {
    read: async () => [],
    async apply(settings) {
      state.asked.push({ apply: settings });
    },
    async factoryReset() {
      state.asked.push('reset');
    },
  };
  return Object.assign(state, { device: { raid, bios } as unknown as Device });
}

function stepOf(device: Device, name: string, kind: 'clean' | 'deploy' = 'clean'): NodeStep {
  const step = stepsOf(kind, device, []).find((each) => `${each.interface}.${each.name}` === name);
  if (step === undefined) throw new Error(`There is no step ${name}`);
  return step;
}

const taskOf = (device: Device, node: Parameters<typeof createFakeTask>[0]['node'] = {}): FakeTask =>
  createFakeTask({ device, node, clock: createFakeClock(new Date('2026-11-21T08:00:00Z')) });
const LAST_UPDATED = { last_updated: '2026-11-21T08:00:00.000Z' };

describe('the steps', () => {
  test('are those of Ironic, and run only when they are asked for', () => {
    const { device } = controller();
    const steps = capabilitySteps(device);
    expect(steps.map(({ kind, interface: owner, name }) => `${kind} ${owner}.${name}`)).toEqual([
      'clean bios.apply_configuration', 'clean bios.factory_reset', 'deploy bios.apply_configuration', 'deploy bios.factory_reset',
      'clean raid.create_configuration', 'clean raid.delete_configuration', 'deploy raid.apply_configuration',
    ]);
    expect(new Set(steps.map(({ priority }) => priority))).toEqual(new Set([0]));
    expect(Object.keys(stepOf(device, 'raid.create_configuration').arguments)).toEqual(['create_root_volume', 'create_nonroot_volumes', 'delete_existing']);
  });

  test('are there only with their capability', () => {
    const { device } = controller();
    expect(capabilitySteps({})).toEqual([]);
    expect(new Set(capabilitySteps({ raid: device.raid } as Device).map((step) => step.interface))).toEqual(new Set(['raid']));
  });

  test('give way to a step of that name that the driver has itself', () => {
    const own: Step = { kind: 'clean', interface: 'raid', name: 'create_configuration', priority: 5, abortable: true, requiresRamdisk: true, arguments: {}, run: async () => 'done' };
    const { device } = controller();
    const steps = stepsOf('clean', { ...device, steps: [own] }, []);
    expect(steps.filter(({ name }) => name === 'create_configuration').map(({ priority }) => priority)).toEqual([5]);
    expect(steps.map(({ name }) => name)).toContain('delete_configuration');
  });
});

describe('raid.create_configuration', () => {
  test('creates what the node is to have, and tells what is there and which disk the system goes onto', async () => {
    const machine = controller();
    const task = taskOf(machine.device, { targetRaidConfig: { logical_disks: [root, data] }, properties: { capabilities: 'boot_mode:uefi', cpus: 4 } });
    expect(await stepOf(machine.device, 'raid.create_configuration').run(task, {})).toEqual({
      next: 'done',
      changes: {
        raidConfig: { logical_disks: [root, data], ...LAST_UPDATED },
        properties: { local_gb: 100, capabilities: 'boot_mode:uefi,raid_level:1' },
      },
    });
    expect(machine.asked).toEqual([{ create: { logical_disks: [root, data] } }]);
  });

  test('leaves out what it is told to, and deletes first when told to', async () => {
    const machine = controller();
    machine.disks = [{ raid_level: '0', size_gb: 7 }];
    const task = taskOf(machine.device, { targetRaidConfig: { logical_disks: [root, data] } });
    const result = await stepOf(machine.device, 'raid.create_configuration').run(task, { create_root_volume: false, delete_existing: true });
    expect(machine.asked).toEqual(['delete', { create: { logical_disks: [data] } }]);
    expect(result.changes).toEqual({ raidConfig: { logical_disks: [data], ...LAST_UPDATED } });
  });

  test.each([
    [{}, {}, 'has no target RAID configuration.'],
    [{ logical_disks: [root] }, { create_root_volume: false }, 'has empty target RAID configuration after skipping root volume.'],
    [{ logical_disks: [root] }, { delete_existing: 'yes' }, 'delete_existing must be true or false, got "yes"'],
  ])('with the target %o and %o is refused and asks nothing of the machine', async (targetRaidConfig, args, message) => {
    const machine = controller();
    await expect(stepOf(machine.device, 'raid.create_configuration').run(taskOf(machine.device, { targetRaidConfig }), args)).rejects.toThrow(message);
    expect(machine.asked).toEqual([]);
  });

  test('that waits for the machine tells what came of it when the machine reports', async () => {
    const machine = controller();
    machine.next = 'wait';
    const task = taskOf(machine.device, { targetRaidConfig: { logical_disks: [data] } });
    const step = stepOf(machine.device, 'raid.create_configuration');
    expect(await step.run(task, {})).toEqual({ next: 'wait', waitsFor: 'the machine to carry out the change of its disk arrays' });
    machine.disks = [{ ...data, size_gb: 49, is_root_volume: true, root_device_hint: { wwn: '0x1' } }];
    expect(await step.resume?.(task, {})).toMatchObject({
      next: 'done', changes: { raidConfig: { logical_disks: machine.disks }, properties: { local_gb: 49, root_device: { wwn: '0x1' }, capabilities: 'raid_level:5' } },
    });
  });
});

test('raid.delete_configuration leaves nothing', async () => {
  const machine = controller();
  machine.disks = [root];
  expect(await stepOf(machine.device, 'raid.delete_configuration').run(taskOf(machine.device), {})).toEqual({ next: 'done', changes: { raidConfig: {} } });
});

describe('raid.apply_configuration', () => {
  test('creates what it is given, in place of what is there', async () => {
    const machine = controller();
    const step = stepOf(machine.device, 'raid.apply_configuration', 'deploy');
    await step.run(taskOf(machine.device), { raid_config: { logical_disks: [data] } });
    await step.run(taskOf(machine.device), { raid_config: { logical_disks: [root] }, delete_existing: false });
    expect(machine.asked).toEqual(['delete', { create: { logical_disks: [data] } }, { create: { logical_disks: [root] } }]);
  });

  test('needs to be given an object', async () => {
    const machine = controller();
    const run = stepOf(machine.device, 'raid.apply_configuration', 'deploy').run(taskOf(machine.device), { raid_config: [] });
    expect(await run.then(() => 'ok', errorCode)).toBe('INVALID_OPTIONS');
  });
});

describe('the steps of firmware settings', () => {
  test.each(['clean', 'deploy'] as const)('apply and reset when they %s', async (kind) => {
    const machine = controller();
    const settings = [{ name: 'NetworkBoot', value: false }, { name: 'AssetTag', value: null }];
    expect(await stepOf(machine.device, 'bios.apply_configuration', kind).run(taskOf(machine.device), { settings })).toEqual({ next: 'done' });
    expect(await stepOf(machine.device, 'bios.factory_reset', kind).run(taskOf(machine.device), {})).toEqual({ next: 'done' });
    expect(machine.asked).toEqual([{ apply: { NetworkBoot: false, AssetTag: null } }, 'reset']);
  });

  test.each([[{ NetworkBoot: 'top-secret' }], [[{ name: 'NetworkBoot' }]], [['top-secret']], [null]])('refuse %o and do not repeat it', async (settings) => {
    const machine = controller();
    const error: unknown = await stepOf(machine.device, 'bios.apply_configuration').run(taskOf(machine.device), { settings: settings as JsonValue }).catch((each: unknown) => each);
    expect(optionIssues(error)).toEqual([{ field: 'settings', problem: 'invalid', expected: 'a list of {name, value}' }]);
    expect(machine.asked).toEqual([]);
  });
});
