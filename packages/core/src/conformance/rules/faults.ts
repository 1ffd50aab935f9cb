import assert from 'node:assert/strict';
import type { FerricErrorCode } from '../../errors/ferric-error.js';
import { FAULT_KINDS, type FaultKind } from '../../virtual-device/virtual-device.js';
import type { Bench } from '../bench.js';
import { anyTarget, type DeviceCall, stateBefore } from '../calls.js';
import { checkAddress, checkFerricError, describe, eventually, outcomeOf, settled, sideBySide, start, valueOf } from '../outcome.js';
import type { Rule, RuleContext } from '../rule.js';
import { LOST_ANSWER_RULE } from './lost-answer.js';

/** What a fault looks like from outside. */
interface FaultExpectation {
  readonly kind: Exclude<FaultKind, 'silence' | 'wrong state'>;
  /** Codes that fit. TIMEOUT always does, for a driver may try again until its deadline. */
  readonly codes: readonly FerricErrorCode[];
  /** The call may get its answer all the same: always, or when the device was connected before the fault began. */
  readonly mayAnswer?: 'always' | 'when connected' | 'reading';
}

const EXPECTATIONS: readonly FaultExpectation[] = [
  { kind: 'refuse', codes: ['UNREACHABLE'], mayAnswer: 'when connected' },
  { kind: 'reset', codes: ['UNREACHABLE', 'PROTOCOL_FAULT'] },
  { kind: 'close', codes: ['UNREACHABLE', 'PROTOCOL_FAULT'] },
  { kind: 'half frame', codes: ['PROTOCOL_FAULT', 'UNREACHABLE'] },
  { kind: 'garbage', codes: ['PROTOCOL_FAULT', 'UNREACHABLE'] },
  { kind: 'busy', codes: ['BUSY'], mayAnswer: 'when connected' },
  { kind: 'command failure', codes: ['REFUSED', 'PROTOCOL_FAULT', 'CONFLICT', 'BUSY'], mayAnswer: 'reading' },
  { kind: 'slow', codes: [], mayAnswer: 'always' },
];

/** How slow the slow device is. Milliseconds. */
const SLOW_MS = 50;
/** How long a device may take to work again after the fault is over; longer than the first pause of a gate's breaker. Milliseconds. */
const RECOVERY_MS = 5000;
/** Calls made at the same time. Fits into the queue of a gate. */
const PARALLEL_CALLS = 20;

export const FAULT_RULES: readonly Rule[] = [
  ...EXPECTATIONS.map(
    (expectation): Rule => ({
      id: `fault-${expectation.kind.replaceAll(' ', '-')}`,
      title: titleOf(expectation),
      why: 'A controller that is away for a moment must end neither in a hang, nor in a lie, nor in a device that only a restart cures.',
      exempt: (facts) => (facts.faults.has(expectation.kind) ? undefined : 'the simulator cannot show it'),
      async check(context) {
        const cases = ['power.read', 'power.set'].flatMap((name) => [false, true].map((connected) => () => checkFault(context, expectation, name, connected)));
        await sideBySide(cases, context.subject.machinesAtOnce);
      },
    }),
  ),
  LOST_ANSWER_RULE,
  {
    id: 'bounded-concurrency',
    title: `${PARALLEL_CALLS} calls at once reach the controller one after the other, also from two devices of one controller`,
    why: 'Management controllers are slow and lose their mind when several commands arrive at once.',
    async check(context) {
      const bench = await context.bench();
      const { virtualDevice } = bench;
      const devices = [bench.device, bench.open()];
      // Slow answers make overlaps last long enough to be seen.
      if (virtualDevice.faults.supported.has('slow')) virtualDevice.faults.inject({ kind: 'slow', delayMs: 10 });
      const calls = Array.from({ length: PARALLEL_CALLS }, (_, index) => {
        const device = devices[index % devices.length] ?? bench.device;
        return start('power.read', () => device.power.read({ timeoutMs: 4 * context.limits.callMs }));
      });
      const outcomes = await Promise.all(calls.map((call) => settled(call, 4 * context.limits.callMs)));
      const failed = outcomes.find((outcome) => outcome.status !== 'fulfilled');
      const problem = failed?.status === 'rejected' ? `failed with ${describe(failed.reason)}` : 'did not settle';
      assert.ok(failed === undefined, `One of ${PARALLEL_CALLS} calls at once ${problem}`);
      const most = context.subject.concurrency ?? 1;
      const seen = virtualDevice.activity.mostConcurrentExchanges;
      assert.ok(seen <= most, `The controller had ${seen} exchanges at the same time; ${most} are allowed`);
    },
  },
  {
    id: 'wrong-credentials',
    title: 'Wrong credentials give AUTH_FAILED at once, after exactly one attempt, and not retryable',
    why: 'Wrong passwords lock accounts, and a locked account locks the operator out too.',
    exempt: (facts) => (facts.hasCredentials ? undefined : 'the simulator has no credentials'),
    async check(context) {
      for (const name of ['power.read', 'power.set']) {
        const bench = await context.bench();
        const { virtualDevice } = bench;
        const device = bench.open(virtualDevice.wrongDriverInfo);
        const before = virtualDevice.activity.authenticationAttempts;
        const call = callOf({ ...bench, device }, name);
        const outcome = await outcomeOf(call.name, () => call.run({ timeoutMs: context.limits.callMs }), context.limits.callMs + context.limits.graceMs);
        const what = `${call.name} with wrong credentials`;
        assert.ok(outcome.status === 'rejected', `${what} ${outcome.status === 'pending' ? 'did not settle' : 'succeeded'}`);
        const error = checkFerricError(what, outcome.reason, ['AUTH_FAILED']);
        assert.equal(error.retryable, false, `${what} calls itself retryable`);
        checkAddress(what, error);
        await valueOf('dispose', async () => device[Symbol.asyncDispose](), context.limits.callMs);
        const attempts = virtualDevice.activity.authenticationAttempts - before;
        assert.equal(attempts, 1, `${what} tried to log in ${attempts} times`);
        assert.equal(virtualDevice.activity.changeCommands, 0, `${what} changed the machine`);
        await valueOf('power.read with the right credentials', () => bench.device.power.read(), context.limits.callMs);
      }
    },
  },
];

function titleOf({ kind, mayAnswer }: FaultExpectation): string {
  const result = mayAnswer === 'always' ? 'succeeds' : 'fails with a fitting code and the address';
  const text = FAULT_KINDS[kind];
  return `Fault "${kind}": ${text.slice(0, 1).toLowerCase()}${text.slice(1)} The call ${result}, and the device recovers`;
}

/** The call by name, on a machine where it has something to do. */
function callOf(bench: Pick<Bench, 'device' | 'virtualDevice'>, name: string): DeviceCall {
  const target = anyTarget(bench.device.power.targets);
  bench.virtualDevice.state.power = stateBefore(target);
  if (name === 'power.read') return { name, run: (options) => bench.device.power.read(options) };
  return { name: `power.set(${target})`, run: (options) => bench.device.power.set(target, options) };
}

async function checkFault(context: RuleContext, expectation: FaultExpectation, name: string, connected: boolean): Promise<void> {
  const { callMs, deadlineMs, graceMs } = context.limits;
  const bench = await context.bench();
  const { device, virtualDevice, machinePower } = bench;
  if (connected) await valueOf('power.read before the fault', () => device.power.read(), callMs);
  const call = callOf(bench, name);
  const answersSurely = expectation.mayAnswer === 'always';
  virtualDevice.faults.inject(expectation.kind === 'slow' ? { kind: 'slow', delayMs: SLOW_MS } : { kind: expectation.kind });
  const timeoutMs = answersSurely ? callMs : 2 * deadlineMs;
  const what = `${call.name} with the fault "${expectation.kind}"${connected ? ', connected before,' : ''}`;
  const outcome = await outcomeOf(what, () => call.run({ timeoutMs }), timeoutMs + graceMs);
  assert.ok(outcome.status !== 'pending', `${what} did not settle by its deadline`);
  if (outcome.status === 'rejected') {
    assert.ok(!answersSurely, `${what} failed with ${describe(outcome.reason)}; it had ${timeoutMs} ms`);
    checkAddress(what, checkFerricError(what, outcome.reason, [...expectation.codes, 'TIMEOUT']));
  } else {
    const may = answersSurely || (expectation.mayAnswer === 'when connected' && connected) || (expectation.mayAnswer === 'reading' && name === 'power.read');
    const state = stateOf(outcome.value);
    assert.ok(may || state.source === 'assumed', `${what} succeeded with ${describe(outcome.value)}`);
    if (state.source === 'device') assert.equal(state.state, await machinePower(), `${what} says ${state.state}, which the machine is not`);
  }
  await checkRecovery(context, bench, what);
}

/** The reading in what a call yields: itself, or that of an outcome. */
function stateOf(value: unknown): { readonly state: string; readonly source: string } {
  const holder = value as { readonly reading?: unknown };
  return (holder.reading ?? value) as { readonly state: string; readonly source: string };
}

async function checkRecovery(context: RuleContext, bench: Bench, what: string): Promise<void> {
  const { callMs, graceMs } = context.limits;
  bench.virtualDevice.faults.clear();
  let last = 'it did not settle';
  const recovered = await eventually(async () => {
    const outcome = await outcomeOf('power.read', () => bench.device.power.read({ timeoutMs: callMs }), callMs + graceMs);
    if (outcome.status === 'rejected') last = describe(outcome.reason);
    if (outcome.status !== 'fulfilled') return false;
    const machine = await bench.machinePower();
    last = `it says ${outcome.value.state} while the machine is ${machine}`;
    return outcome.value.source === 'assumed' || outcome.value.state === machine;
  }, RECOVERY_MS);
  assert.ok(recovered, `After ${what} the fault was cleared, but power.read does not recover: ${last}`);
}
