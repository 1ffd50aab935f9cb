import { describe, expect, test } from 'vitest';
import { AMT_POWER_TARGETS, needsGeneration, planPower, type AmtPowerTarget, type PowerPlan } from './power-plan.js';
import { describePower } from './power-states.js';

/** What a machine that is on and runs its management service lists: recorded from a device. */
const WITH_AGENT = [10, 8, 5, 11, 4, 7, 14, 12];
const WITHOUT_AGENT = [10, 8, 5];

interface Machine {
  readonly powerState?: number;
  readonly standby?: boolean;
  readonly accepted?: readonly number[];
  readonly generation?: number;
}

function plan(target: AmtPowerTarget, { powerState = 2, standby = false, accepted, generation }: Machine): PowerPlan {
  const status = { ...describePower(powerState, standby), ...(accepted === undefined ? {} : { accepted }) };
  return planPower(target, { status, generation });
}

/** `power off, power on`, `reached`, `UNSUPPORTED`. */
function words(made: PowerPlan): string {
  if (made.kind === 'act') return made.steps.map(({ request, boots }) => (boots ? `${request} (boots)` : request)).join(', ');
  return made.kind === 'refused' ? made.code : made.kind;
}

describe('what is asked for, by state', () => {
  test.each<[AmtPowerTarget, Machine, string]>([
    ['power on', { powerState: 2, accepted: WITH_AGENT }, 'reached'],
    ['power on', { powerState: 2, standby: true, accepted: WITH_AGENT }, 'leave standby'],
    ['power on', { powerState: 3 }, 'power on'],
    ['power on', { powerState: 4 }, 'power on'],
    ['power on', { powerState: 7 }, 'power on (boots)'],
    ['power on', { powerState: 6 }, 'power on (boots)'],
    ['power on', { powerState: 8, accepted: [2] }, 'power on (boots)'],
    ['power on', { powerState: 1 }, 'power on (boots)'],
    ['power off', { powerState: 2, accepted: WITHOUT_AGENT }, 'power off'],
    ['power off', { powerState: 2, standby: true }, 'power off'],
    ['power off', { powerState: 4 }, 'power off'],
    ['power off', { powerState: 7 }, 'reached'],
    ['power off', { powerState: 8 }, 'reached'],
    ['rebooting', { powerState: 2, accepted: WITH_AGENT }, 'reset (boots)'],
    ['rebooting', { powerState: 2 }, 'reset (boots)'],
    ['rebooting', { powerState: 2, accepted: [8, 5] }, 'power cycle (boots)'],
    ['rebooting', { powerState: 2, accepted: [8] }, 'power off, power on (boots)'],
    ['rebooting', { powerState: 2, accepted: [] }, 'reset (boots)'],
    ['rebooting', { powerState: 4 }, 'power off, power on (boots)'],
    ['rebooting', { powerState: 4, accepted: [2, 8] }, 'power off, power on (boots)'],
    ['rebooting', { powerState: 4, accepted: [2, 8, 10] }, 'reset (boots)'],
    ['rebooting', { powerState: 8 }, 'power on (boots)'],
    ['rebooting', { powerState: 7 }, 'power on (boots)'],
    ['power cycle', { powerState: 2, accepted: WITH_AGENT }, 'power cycle (boots)'],
    ['power cycle', { powerState: 2, accepted: [8, 10] }, 'power off, power on (boots)'],
    ['power cycle', { powerState: 2, accepted: [] }, 'power cycle (boots)'],
    ['power cycle', { powerState: 4 }, 'power off, power on (boots)'],
    ['power cycle', { powerState: 4, accepted: [2, 8, 5] }, 'power cycle (boots)'],
    ['power cycle', { powerState: 8 }, 'power on (boots)'],
    ['soft power off', { powerState: 2, accepted: WITH_AGENT }, 'graceful power off'],
    ['soft power off', { powerState: 2, accepted: WITHOUT_AGENT, generation: 12 }, 'UNSUPPORTED'],
    ['soft power off', { powerState: 2, generation: 9 }, 'graceful power off'],
    ['soft power off', { powerState: 2, generation: 8 }, 'UNSUPPORTED'],
    ['soft power off', { powerState: 2 }, 'UNSUPPORTED'],
    ['soft power off', { powerState: 4, generation: 12 }, 'CONFLICT'],
    ['soft power off', { powerState: 8 }, 'reached'],
    ['soft rebooting', { powerState: 2, accepted: WITH_AGENT }, 'graceful power off, power on (boots)'],
    ['soft rebooting', { powerState: 2, accepted: [10, 14] }, 'graceful reset (boots)'],
    ['soft rebooting', { powerState: 2, accepted: WITHOUT_AGENT }, 'UNSUPPORTED'],
    ['soft rebooting', { powerState: 8 }, 'power on (boots)'],
    ['sleep', { powerState: 2, accepted: WITH_AGENT }, 'sleep'],
    ['sleep', { powerState: 4 }, 'reached'],
    ['sleep', { powerState: 8, accepted: [2] }, 'CONFLICT'],
    ['sleep', { powerState: 2, accepted: WITHOUT_AGENT }, 'UNSUPPORTED'],
    ['hibernate', { powerState: 2, accepted: WITH_AGENT }, 'hibernate'],
    ['hibernate', { powerState: 7 }, 'reached'],
    ['hibernate', { powerState: 8 }, 'CONFLICT'],
    ['hibernate', { powerState: 2, generation: 8 }, 'UNSUPPORTED'],
  ])('%s of %j', (target, machine, expected) => {
    expect(words(plan(target, machine))).toBe(expected);
  });

  test.each([5, 9, 10, 14, 15, 16])('nothing while state %d passes', (powerState) => {
    for (const target of AMT_POWER_TARGETS) expect(words(plan(target, { powerState, accepted: WITH_AGENT }))).toBe('wait');
  });
});

test('a refusal says why, and what to do instead', () => {
  expect(plan('soft power off', { accepted: WITHOUT_AGENT, generation: 12 })).toMatchObject({
    reason: "the machine does not offer 'graceful power off' now",
    hint: expect.stringContaining('Local Manageability Service'),
  });
  expect(plan('soft power off', { generation: 8 })).toMatchObject({ reason: "AMT 8 does not know 'graceful power off', which came with AMT 9" });
  expect(plan('sleep', { powerState: 8 })).toMatchObject({ reason: "the machine is off, and its operating system cannot take 'deep sleep'" });
  expect(plan('hibernate', { powerState: 4 })).toMatchObject({ reason: "the machine is in deep sleep (S3), and its operating system cannot take 'hibernate'" });
});

test('the generation is asked for only where nothing else tells', () => {
  const listed = { ...describePower(2), accepted: WITH_AGENT };
  expect(AMT_POWER_TARGETS.filter((target) => needsGeneration(target, listed))).toEqual([]);
  expect(AMT_POWER_TARGETS.filter((target) => needsGeneration(target, describePower(2)))).toEqual(['soft power off', 'soft rebooting', 'sleep', 'hibernate']);
});

test.each([
  [1, 'unknown', 'other'], [2, 'power on', 'on'], [3, 'power on', 'light sleep'], [4, 'power on', 'deep sleep'], [5, 'unknown', 'changing'],
  [6, 'power off', 'off'], [7, 'power off', 'hibernated'], [8, 'power off', 'off'], [9, 'unknown', 'changing'], [10, 'unknown', 'changing'],
  [11, 'unknown', 'other'], [12, 'power off', 'off'], [13, 'power off', 'off'], [14, 'unknown', 'changing'], [15, 'unknown', 'changing'],
  [16, 'unknown', 'changing'], [17, 'unknown', 'other'], [18, 'unknown', 'other'], [0, 'unknown', 'other'],
] as const)('power state %d means %s (%s)', (powerState, state, condition) => {
  const facts = describePower(powerState);
  expect(facts).toMatchObject({ state, condition, powerState });
  if (state === 'unknown') expect(facts.detail).toBeTruthy();
});
