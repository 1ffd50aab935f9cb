import assert from 'node:assert/strict';
import { POWER_STATES, POWER_TARGETS, type PowerOutcome, type PowerReading, type PowerTarget, STATE_AFTER_TARGET } from '../../device/power.js';
import type { Bench } from '../bench.js';
import { readingCalls, stateBefore } from '../calls.js';
import { checkFerricError, describe, eventually, ferricErrorOf, outcomeOf, pause, settled, start, valueOf } from '../outcome.js';
import type { Rule, RuleContext } from '../rule.js';
import { shapeProblem } from '../shapes.js';
import { watchNetwork } from '../watch.js';
import { BOOT_DEVICE_RULE, checkUnsupportedBootDevice } from './boot-device.js';

type MachinePower = 'power on' | 'power off';
const MACHINE_POWERS: readonly MachinePower[] = ['power on', 'power off'];

/** How far the date of a reading may be from now. Milliseconds. */
const CLOCK_TOLERANCE_MS = 2000;
/** How long a machine may take to act on what was sent without an answer. Milliseconds. */
const ARRIVAL_MS = 3000;

export const TRUTH_RULES: readonly Rule[] = [
  {
    id: 'power-reading',
    title: 'A power reading is a known state with its source and date, and what the device says is what the machine is',
    why: 'Everything that a conductor decides stands on it; a state that was not asked for just now must not be called so.',
    async check(context) {
      const { device, virtualDevice } = await context.bench();
      // The state changes behind the driver's back, as when somebody presses the button: a kept answer is found out.
      for (const machine of [...MACHINE_POWERS, ...MACHINE_POWERS]) {
        virtualDevice.state.power = machine;
        const reading = await valueOf('power.read', () => device.power.read(), context.limits.callMs);
        checkReading(reading);
        if (reading.source === 'device') assert.equal(reading.state, machine, `The machine is ${machine}, the reading (source: device) says ${reading.state}`);
      }
    },
  },
  {
    id: 'read-changes-nothing',
    title: 'Reading changes nothing',
    why: 'State is read every minute, from every machine; monitoring must not wake one.',
    async check(context) {
      const { device, virtualDevice, machinePower } = await context.bench();
      for (const machine of MACHINE_POWERS) {
        virtualDevice.state.power = machine;
        const bootDevice = structuredClone(virtualDevice.state.bootDevice);
        const before = virtualDevice.activity.changeCommands;
        for (const call of readingCalls(device)) {
          await valueOf(call.name, () => call.run(), context.limits.callMs);
          assert.equal(await machinePower(), machine, `${call.name} changed the power of the machine`);
          assert.deepEqual(virtualDevice.state.bootDevice, bootDevice, `${call.name} changed the boot device`);
          assert.equal(virtualDevice.activity.changeCommands, before, `${call.name} sent a command that changes the machine`);
        }
      }
    },
  },
  {
    id: 'set-then-read',
    title: 'After a change that is done, the machine is in that state and a reading says so',
    why: 'A verb that answers success and does nothing is the worst failure: nobody looks again.',
    async check(context) {
      for (const target of await targetsOf(context)) {
        const bench = await context.bench();
        for (const from of statesToTry(target)) await checkSet(context, bench, target, from);
      }
    },
  },
  {
    id: 'set-is-idempotent',
    title: 'Asking for the state that the machine is in is no error and changes nothing',
    why: 'After a crash the same request is made again.',
    async check(context) {
      for (const target of await targetsOf(context)) {
        if (target === 'rebooting' || target === 'soft rebooting') continue;
        const { device, virtualDevice, machinePower } = await context.bench();
        virtualDevice.state.power = stateBefore(target);
        const first = await valueOf(`power.set(${target})`, () => device.power.set(target), context.limits.callMs);
        const machine = await machinePower();
        for (let repetition = 0; repetition < 2; repetition += 1) {
          const again: PowerOutcome = await valueOf(`power.set(${target}) once more`, () => device.power.set(target), context.limits.callMs);
          assert.equal(again.status, first.status, `power.set(${target}) answered ${first.status}, once more ${again.status}`);
          assert.equal(again.reading.state, first.reading.state, `power.set(${target}) left ${first.reading.state}, once more ${again.reading.state}`);
          assert.equal(await machinePower(), machine, `power.set(${target}) once more changed the machine`);
        }
      }
    },
  },
  {
    id: 'wrong-state',
    title: 'A change that the device accepts and does not make is not reported as done',
    why: 'Firmware says yes and does nothing more often than one would think; only the state afterwards is evidence.',
    exempt: (facts) => (facts.faults.has('wrong state') ? undefined : 'the simulator cannot show it'),
    async check(context) {
      for (const target of await targetsOf(context)) {
        if (target === 'rebooting' || target === 'soft rebooting') continue;
        const { device, virtualDevice, machinePower } = await context.bench();
        const from = stateBefore(target);
        virtualDevice.state.power = from;
        virtualDevice.faults.inject({ kind: 'wrong state' });
        const what = `power.set(${target}) of a machine that stays ${from}`;
        const timeoutMs = 2 * context.limits.deadlineMs;
        const outcome = await outcomeOf(what, () => device.power.set(target, { timeoutMs }), timeoutMs + context.limits.graceMs);
        assert.equal(await machinePower(), from, `The simulator made the change although it was told not to`);
        if (outcome.status === 'fulfilled') assert.notEqual(outcome.value.status, 'done', `${what} reports it as done`);
        else if (outcome.status === 'rejected') checkFerricError(what, outcome.reason, ['TIMEOUT', 'REFUSED', 'PROTOCOL_FAULT', 'CONFLICT']);
        else assert.fail(`${what} did not settle by its deadline`);
      }
    },
  },
  {
    id: 'unsupported-target',
    title: 'What the hardware cannot do is refused as UNSUPPORTED, and nothing is sent',
    why: 'A verb that cannot work must say so, not try something similar.',
    async check(context) {
      const { device, virtualDevice, machinePower } = await context.bench();
      const { targets } = device.power;
      const machine = await machinePower();
      using watch = watchNetwork();
      const begun = watch.seen.length;
      for (const target of [...POWER_TARGETS.filter((each) => !targets.has(each)), 'hibernate' as PowerTarget]) {
        await ferricErrorOf(`power.set(${target})`, () => device.power.set(target), ['UNSUPPORTED'], context.limits.callMs);
      }
      await checkUnsupportedBootDevice(context, device);
      await pause(10);
      assert.deepEqual(watch.seen.slice(begun), [], 'Something was sent for a target that the hardware cannot do');
      assert.equal(virtualDevice.activity.changeCommands, 0, 'A command was sent for a target that the hardware cannot do');
      assert.equal(await machinePower(), machine, 'The machine changed');
    },
  },
  BOOT_DEVICE_RULE,
  {
    id: 'capability-reads',
    title: 'What a promised capability reads has its shape',
    why: 'Pages, sensors and inventories are drawn from it.',
    async check(context) {
      const { device } = await context.bench();
      for (const { name, run } of readingCalls(device)) {
        const value = await valueOf(name, () => run(), context.limits.callMs);
        const problem = shapeProblem(name, value);
        assert.ok(problem === undefined, `${name} yields ${describe(value)}: ${problem}`);
      }
    },
  },
  {
    id: 'read-many',
    title: 'Reading many machines settles each by itself, in the given order',
    why: 'One dead machine must not spoil the reading of a hundred others.',
    exempt: (facts) => (facts.readsMany ? undefined : 'the driver reads one machine at a time'),
    async check(context) {
      const first = await context.bench();
      const second = await context.bench();
      const { driver } = first;
      assert.ok(driver.readMany !== undefined);
      // With the ports of its own machine: there are drivers that find it by them.
      const devices = [first.device, driver.open(driver.driverInfo.parse(second.virtualDevice.driverInfo), second.context)];
      first.virtualDevice.state.power = 'power on';
      second.virtualDevice.state.power = 'power off';
      for (const order of [devices, devices.toReversed()]) {
        const results = await valueOf('readMany', async () => driver.readMany?.(order) ?? [], context.limits.callMs);
        const states = results.map((result) => (result.status === 'fulfilled' ? result.value.state : describe(result.reason)));
        assert.deepEqual(states, order === devices ? ['power on', 'power off'] : ['power off', 'power on'], 'readMany mixed the machines up');
      }
      if (!second.virtualDevice.faults.supported.has('silence')) return;
      second.virtualDevice.faults.inject({ kind: 'silence' });
      const call = start('readMany', async () => driver.readMany?.(devices, { timeoutMs: context.limits.deadlineMs }) ?? []);
      const outcome = await settled(call, context.limits.deadlineMs + context.limits.graceMs);
      assert.ok(outcome.status === 'fulfilled', `readMany with one silent machine: ${describe(outcome)}`);
      assert.deepEqual(outcome.value.map((result) => result.status), ['fulfilled', 'rejected'], 'One silent machine of two was not told apart');
    },
  },
];

async function targetsOf(context: RuleContext): Promise<readonly PowerTarget[]> {
  return [...context.facts.targets];
}

/** Soft rebooting a machine that is off has no defined meaning; every other target is tried from both states. */
function statesToTry(target: PowerTarget): readonly MachinePower[] {
  return target === 'soft rebooting' ? ['power on'] : MACHINE_POWERS;
}

async function checkSet(context: RuleContext, bench: Bench, target: PowerTarget, from: MachinePower): Promise<void> {
  const { device, virtualDevice, machinePower } = bench;
  virtualDevice.state.power = from;
  const before = virtualDevice.activity.changeCommands;
  const what = `power.set(${target}) of a machine that is ${from}`;
  const outcome = await valueOf(what, () => device.power.set(target), context.limits.callMs);
  checkReading(outcome.reading);
  const wanted = STATE_AFTER_TARGET[target];
  await CHECKS_BY_STATUS[outcome.status]({ what, outcome, wanted, from, sent: () => virtualDevice.activity.changeCommands - before, machinePower });
  const reading = await valueOf('power.read', () => device.power.read(), context.limits.callMs);
  const agrees = reading.state === outcome.reading.state || (reading.source === 'assumed' && reading.state === 'unknown');
  assert.ok(agrees, `${what} left ${outcome.reading.state}, but a reading right after it says ${reading.state}`);
}

interface SetFacts {
  readonly what: string;
  readonly outcome: PowerOutcome;
  readonly wanted: MachinePower;
  readonly from: MachinePower;
  readonly sent: () => number;
  readonly machinePower: () => Promise<MachinePower>;
}

const CHECKS_BY_STATUS: Readonly<Record<PowerOutcome['status'], (facts: SetFacts) => Promise<void>>> = {
  async done({ what, outcome, wanted, machinePower }) {
    assert.equal(outcome.reading.source, 'device', `${what} is reported as done, but its reading is ${outcome.reading.source}`);
    assert.equal(await machinePower(), wanted, `${what} is reported as done, but the machine is not ${wanted}`);
    assert.equal(outcome.reading.state, wanted, `${what} is reported as done, but its reading says ${outcome.reading.state}`);
  },
  async sent({ what, outcome, wanted, machinePower }) {
    assert.equal(outcome.reading.source, 'assumed', `${what} was only sent, so its reading must be assumed`);
    if (wanted !== 'power on') return;
    assert.ok(await eventually(async () => (await machinePower()) === wanted, ARRIVAL_MS), `${what} was sent, but the machine did not become ${wanted}`);
  },
  async 'manual intervention required'({ what, from, sent, machinePower }) {
    assert.equal(sent(), 0, `${what} needs a person, but a command was sent`);
    assert.equal(await machinePower(), from, `${what} needs a person, but the machine changed`);
  },
};

function checkReading(reading: PowerReading): void {
  const known = (POWER_STATES as readonly string[]).includes(reading?.state);
  assert.ok(known, `${describe(reading)} is no power reading: its state is not one of ${POWER_STATES.join(', ')}`);
  assert.ok(reading.source === 'device' || reading.source === 'assumed', `${describe(reading)} does not say where it comes from`);
  const age = Date.now() - (reading.at instanceof Date ? reading.at.getTime() : Number.NaN);
  assert.ok(Math.abs(age) < CLOCK_TOLERANCE_MS, `${describe(reading)} is not dated with the present time`);
  if (reading.state === 'unknown') assert.ok((reading.detail ?? '').trim() !== '', 'An unknown power state does not say why it is unknown');
}
