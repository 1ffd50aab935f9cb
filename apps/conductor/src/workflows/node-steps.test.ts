import type { Device, StrategyStep } from '@ferric/core';
import { createFakeTask, type FakeTask } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { describeStep, pickSteps, planSteps, requestedSteps, stepsOf, type NodeStep } from './node-steps.js';

function step(name: string, priority: number, more: Partial<NodeStep> = {}): NodeStep {
  return { interface: 'deploy', name, priority, abortable: false, arguments: {}, run: async () => ({ next: 'done' }), ...more };
}

const names = (planned: readonly { step: NodeStep }[]): string[] => planned.map((each) => each.step.name);

describe('planSteps', () => {
  const available = [step('write', 80), step('boot', 100), step('by name only', 0), step('bios', 80, { interface: 'bios' })];

  test('highest priority first, ties by interface, priority 0 only when asked for', () => {
    expect(names(planSteps('u', 'deploy', available, []))).toEqual(['boot', 'write', 'bios']);
  });

  test('a request replaces priority and arguments of its namesake, 0 disables it', () => {
    const planned = planSteps('u', 'deploy', available, [
      { interface: 'deploy', step: 'by name only', args: { a: 1 }, priority: 200 },
      { interface: 'deploy', step: 'boot', args: {}, priority: 0 },
    ]);
    expect(names(planned)).toEqual(['by name only', 'write', 'bios']);
    expect(planned[0]?.args).toEqual({ a: 1 });
  });

  test('a step that the node does not have is refused', () => {
    expect(() => planSteps('u', 'deploy', available, [{ interface: 'raid', step: 'x', args: {}, priority: 1 }])).toThrow(
      "Cannot deploy node u: node does not support this deploy step: {'interface': 'raid', 'step': 'x'}",
    );
  });
});

test('steps that the conductor does itself may be asked of any interface', () => {
  const asked = (name: string, priority: number) => ({ interface: 'power', step: name, args: {}, priority });
  expect(names(planSteps('u', 'deploy', [step('write', 80)], [asked('hold', 90), asked('wait', 70)]))).toEqual(['hold', 'write', 'wait']);
  expect(names(pickSteps('u', 'clean', [], [asked('wait', 0), asked('hold', 0)]))).toEqual(['wait', 'hold']);
  expect(() => pickSteps('u', 'clean', [], [{ ...asked('hold', 0), interface: 'network' }])).toThrow(/does not support this clean step/);
});

test('a requested step that nobody offers yet is left out while the ramdisk may offer it', () => {
  const asked = [{ interface: 'deploy', step: 'erase', args: {}, priority: 90 }];
  expect(names(planSteps('u', 'deploy', [step('write', 80)], asked, { mayBeMissing: true }))).toEqual(['write']);
});

describe('pickSteps', () => {
  const needy = step('erase', 10, { arguments: { pattern: { description: 'what to write', required: true } } });

  test('keeps the order of the request', () => {
    const picked = pickSteps('u', 'clean', [step('a', 1), step('b', 2)], [
      { interface: 'deploy', step: 'a', args: {}, priority: undefined },
      { interface: 'deploy', step: 'b', args: {}, priority: undefined },
    ]);
    expect(names(picked)).toEqual(['a', 'b']);
  });

  test('a missing argument is named', () => {
    expect(() => pickSteps('u', 'clean', [needy], [{ interface: 'deploy', step: 'erase', args: {}, priority: undefined }])).toThrow(/needs the argument 'pattern'/);
  });
});

test('stepsOf takes the steps of one kind from strategy and device', () => {
  const common = { interface: 'deploy', priority: 1, abortable: false, requiresRamdisk: false, arguments: {}, run: async () => ({ next: 'done' as const }) } as const;
  const strategySteps = [{ ...common, name: 's', kind: 'deploy' }, { ...common, name: 'c', kind: 'clean' }] as const satisfies readonly StrategyStep[];
  const device = {
    power: {} as never,
    steps: [{ kind: 'clean' as const, interface: 'vendor' as const, name: 'd', priority: 1, abortable: false, requiresRamdisk: false, arguments: {}, run: async () => 'done' as const }],
    [Symbol.asyncDispose]: async () => undefined,
  };
  expect(stepsOf('clean', device, strategySteps).map((each) => each.name)).toEqual(['c', 'd']);
});

test('a step in which the device starts the machine anew is over when the agent has reported', async () => {
  const device: Device = {
    power: {} as never,
    steps: [{
      kind: 'clean', interface: 'management', name: 'd', priority: 1, abortable: false, requiresRamdisk: false, arguments: {},
      async run() {
        await task.keep({ driverInternalInfo: { agent_restarts: true, agent_url: null } });
        return 'done';
      },
    }],
    [Symbol.asyncDispose]: async () => undefined,
  };
  const task: FakeTask = createFakeTask({ device });
  const [own] = stepsOf('clean', device, []);
  expect(await own?.run(task, {})).toMatchObject({ next: 'wait' });
  expect(await own?.resume?.(task, {})).toMatchObject({ next: 'wait' });
  await task.keep({ driverInternalInfo: { agent_url: 'https://192.0.2.10:9999' } });
  expect(await own?.resume?.(task, {})).toMatchObject({ next: 'done' });
});

test('requestedSteps reads a document as clients send it', () => {
  expect(requestedSteps([{ interface: 'raid', step: 'x', args: { a: 1 }, priority: '5' }])).toEqual([{ interface: 'raid', step: 'x', args: { a: 1 }, priority: 5 }]);
  expect(requestedSteps(undefined)).toEqual([]);
});

test('a shown step names its arguments and hides their values', () => {
  const shown = describeStep({ step: step('x', 1), args: { admin_password: 'p4ss' } }, 1, 2);
  expect(shown).toMatchObject({ args: ['admin_password'], index: 1, total: 2 });
});
