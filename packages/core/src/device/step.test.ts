import { describe, expect, test } from 'vitest';
import { orderSteps, STEP_INTERFACES, type StepInterface, type StepKind } from './step.js';

const step = (name: string, priority: number, owner: StepInterface, kind?: StepKind) => ({ name, priority, interface: owner, ...(kind === undefined ? {} : { kind }) });
const names = (steps: readonly { readonly name: string }[]): string[] => steps.map(({ name }) => name);

describe('orderSteps', () => {
  test('highest priority first; priority 0 does not run unasked', () => {
    expect(names(orderSteps([step('low', 1, 'deploy'), step('never', 0, 'power'), step('high', 99, 'raid')]))).toEqual(['high', 'low']);
  });

  test.each<StepKind | undefined>([undefined, 'clean', 'deploy', 'service'])('equal priority, %s: vendor, power, management, firmware, deploy, bios, raid', (kind) => {
    const steps = STEP_INTERFACES.map((owner) => step(owner, 10, owner, kind));
    expect(names(orderSteps(steps))).toEqual(['vendor', 'power', 'management', 'firmware', 'deploy', 'bios', 'raid']);
  });

  test('equal priority when verifying: power, management, firmware, deploy, bios, raid, vendor', () => {
    const steps = STEP_INTERFACES.map((owner) => step(owner, 10, owner, 'verify'));
    expect(names(orderSteps(steps))).toEqual(['power', 'management', 'firmware', 'deploy', 'bios', 'raid', 'vendor']);
  });

  test('equal in both: as they came; the list given stays as it is', () => {
    const steps = [step('a', 5, 'bios'), step('b', 5, 'bios'), step('c', 6, 'bios'), step('d', 5, 'bios')];
    expect(names(orderSteps(steps))).toEqual(['c', 'a', 'b', 'd']);
    expect(names(steps)).toEqual(['a', 'b', 'c', 'd']);
  });
});
