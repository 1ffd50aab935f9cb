import assert from 'node:assert/strict';
import { FerricError } from '../../errors/ferric-error.js';
import { optionIssues } from '../../errors/invalid-options.js';
import type { Bench } from '../bench.js';
import { allCalls, anyTarget, type DeviceCall, stateBefore } from '../calls.js';
import { checkAddress, checkFerricError, describe, eventually, outcomeOf, pause, reasonOf, settled, start, ticks, turns, valueOf } from '../outcome.js';
import type { Rule, RuleContext, RuleFacts } from '../rule.js';
import { watchNetwork } from '../watch.js';

/** A call that waits for a silent device would take this long; every abort must come through much sooner. Milliseconds. */
const LONG_MS = 60_000;

/** Reasons as callers give them: errors, and anything else that can be thrown. */
const REASONS: readonly unknown[] = [
  new Error('the caller left'), 'a text', Symbol('left'), { reason: 'object' }, new FerricError('CONFLICT', 'somebody else works on this node'),
];

/** Moments between the start of a call and the abort: within the call itself, after ticks, after turns of the event loop, later. */
const MOMENTS: readonly (readonly [name: string, wait: () => Promise<void>])[] = [
  ...[0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 30].map((count) => [`${count} ticks`, () => ticks(count)] as const),
  ...[1, 2, 3, 5, 8].map((count) => [`${count} turns of the event loop`, () => turns(count)] as const),
  ...[5, 15, 40].map((ms) => [`${ms} ms`, () => pause(ms)] as const),
];

/** Frames of one call after which an abort is tried; more would only repeat what these have shown. */
const MOST_FRAMES = 16;

const needsSilence = (facts: RuleFacts): string | undefined => (facts.faults.has('silence') ? undefined : 'the simulator cannot be silent');

export const CANCELLATION_RULES: readonly Rule[] = [
  {
    id: 'abort-before-start',
    title: 'A call that was given up before it started sends nothing and rejects with the very reason of its caller',
    why: 'Work that nobody wants any more must not reach a machine.',
    async check(context) {
      const { device, virtualDevice, host } = await context.bench();
      using watch = watchNetwork();
      for (const [index, call] of allCalls(device).entries()) {
        const reason = REASONS[index % REASONS.length];
        const rejected = await reasonOf(call.name, () => call.run({ signal: AbortSignal.abort(reason) }), context.limits.callMs);
        assert.ok(Object.is(rejected, reason), `${call.name} rejected with ${describe(rejected)} instead of the caller's reason ${describe(reason)}`);
      }
      await pause(10);
      assert.deepEqual(watch.seen, [], 'A call that was given up before it started reached out of the process');
      assert.deepEqual(host.transcript.frames.map((frame) => frame.label), [], 'A call that was given up before it started exchanged frames');
      assert.equal(virtualDevice.activity.changeCommands, 0, 'A call that was given up before it started changed the machine');
    },
  },
  {
    id: 'abort-while-waiting',
    title: 'A call that is given up while the device is silent rejects at once with the very reason of its caller',
    why: 'A user who leaves, or a conductor that shuts down, must not wait for a dead controller.',
    exempt: needsSilence,
    async check(context) {
      const { device, virtualDevice } = await context.bench();
      virtualDevice.faults.inject({ kind: 'silence' });
      for (const call of allCalls(device)) {
        for (const [index, [moment, wait]] of MOMENTS.entries()) {
          await checkAbort(context, call, `${moment} after its start`, REASONS[index % REASONS.length], wait);
        }
      }
    },
  },
  {
    id: 'abort-at-every-frame',
    title: 'A call can be given up at every point at which it waits for the device',
    why: 'The step that cannot be given up is the one that a user gets stuck in.',
    exempt: needsSilence,
    async check(context) {
      for (const name of ['power.read', 'power.set']) {
        const frames = await framesOf(context, name);
        for (let frame = 1; frame <= Math.min(frames, MOST_FRAMES); frame += 1) {
          await abortAtFrame(context, name, frame, 'when it waits for the answer');
          await abortAtFrame(context, name, frame, 'within the same moment');
        }
      }
    },
  },
  {
    id: 'abort-leaves-nothing',
    title: 'Calls that were given up leave no connection behind, and the device goes on to work',
    why: 'Controllers have one to four sessions; a leaked one locks everybody out until it is power-cycled.',
    exempt: needsSilence,
    async check(context) {
      const { device, virtualDevice } = await context.bench();
      for (const [, wait] of MOMENTS) {
        virtualDevice.faults.inject({ kind: 'silence' });
        const caller = new AbortController();
        const call = start('power.read', () => device.power.read({ signal: caller.signal, timeoutMs: LONG_MS }));
        await wait();
        caller.abort(new Error('left'));
        await settled(call, context.limits.graceMs);
        virtualDevice.faults.clear();
        await valueOf('power.read after a call was given up', () => device.power.read(), context.limits.callMs);
      }
      const pooled = context.subject.pooledConnections ?? 0;
      const most = Math.max(context.subject.concurrency ?? 1, pooled);
      const open = (): number => virtualDevice.activity.openConnections;
      assert.ok(await eventually(() => open() <= most, context.limits.graceMs), `${open()} connections are open after calls were given up; ${most} may be`);
      await valueOf('dispose', async () => device[Symbol.asyncDispose](), context.limits.callMs);
      const closed = await eventually(() => open() <= pooled, context.limits.graceMs);
      assert.ok(closed, `${open()} connections are open after the device was disposed; ${pooled} may be`);
    },
  },
  {
    id: 'deadline',
    title: 'A call settles by its deadline when the device is silent, with TIMEOUT and the address',
    why: 'An unbounded wait for one dead controller stops a queue, a worker, a conductor.',
    exempt: needsSilence,
    async check(context) {
      const { device } = await context.bench();
      for (const { name } of allCalls(device)) await checkDeadline(context, name, 'a device that never answered');
      const power = allCalls(device).filter((call) => call.name.startsWith('power.'));
      for (const { name } of power) await checkDeadline(context, name, 'a device that had answered before');
    },
  },
  {
    id: 'call-options',
    title: 'A deadline that makes no sense is refused as INVALID_OPTIONS naming timeoutMs',
    why: 'NaN is no deadline at all, and 0 never succeeds: both are mistakes that hide for long.',
    async check(context) {
      const { device } = await context.bench();
      for (const timeoutMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
        for (const call of allCalls(device)) {
          const what = `${call.name} with timeoutMs ${timeoutMs}`;
          const reason = await reasonOf(what, () => call.run({ timeoutMs }), context.limits.callMs);
          const named = optionIssues(reason).some((issue) => issue.field === 'timeoutMs');
          assert.ok(named, `${what} failed with ${describe(reason)}, which does not name timeoutMs`);
        }
      }
    },
  },
];

/** Starts the call, aborts it at that moment and demands the caller's reason, unless the call had its result before. */
async function checkAbort(context: RuleContext, call: DeviceCall, moment: string, reason: unknown, wait: () => Promise<void>): Promise<void> {
  const caller = new AbortController();
  const promise = start(call.name, () => call.run({ signal: caller.signal, timeoutMs: LONG_MS }));
  let finished = false;
  promise.then(() => (finished = true), () => (finished = true));
  await wait();
  const finishedBefore = finished;
  caller.abort(reason);
  checkAborted(`${call.name}, given up ${moment},`, await settled(promise, context.limits.graceMs), reason, finishedBefore);
}

function checkAborted(what: string, outcome: Awaited<ReturnType<typeof settled>>, reason: unknown, mayHaveResult: boolean): void {
  if (outcome.status === 'fulfilled' && mayHaveResult) return;
  if (outcome.status === 'pending') assert.fail(`${what} did not settle`);
  if (outcome.status === 'fulfilled') assert.fail(`${what} succeeded with ${describe(outcome.value)} although the device is silent`);
  assert.ok(Object.is(outcome.reason, reason), `${what} rejected with ${describe(outcome.reason)} instead of the caller's reason ${describe(reason)}`);
}

/** The call by name, on a machine where it has something to do. */
function callOf(bench: Bench, name: string): DeviceCall {
  const target = anyTarget(bench.device.power.targets);
  bench.virtualDevice.state.power = stateBefore(target);
  if (name === 'power.read') return { name, run: (options) => bench.device.power.read(options) };
  return { name: `power.set(${target})`, run: (options) => bench.device.power.set(target, options) };
}

/** How many frames the call exchanges when nothing is wrong. */
async function framesOf(context: RuleContext, name: string): Promise<number> {
  const bench = await context.bench();
  const call = callOf(bench, name);
  await valueOf(call.name, () => call.run(), context.limits.callMs);
  return bench.host.transcript.frames.length;
}

async function abortAtFrame(context: RuleContext, name: string, frame: number, when: 'when it waits for the answer' | 'within the same moment'): Promise<void> {
  const bench = await context.bench();
  const { virtualDevice, machinePower } = bench;
  const call = callOf(bench, name);
  const caller = new AbortController();
  const reason = REASONS[frame % REASONS.length];
  let seen = 0;
  const reached = Promise.withResolvers<void>();
  bench.onFrame(() => {
    seen += 1;
    if (seen !== frame) return;
    virtualDevice.faults.inject({ kind: 'silence' });
    if (when === 'within the same moment') caller.abort(reason);
    reached.resolve();
  });
  const promise = start(call.name, () => call.run({ signal: caller.signal, timeoutMs: LONG_MS }));
  let finished = false;
  promise.then(() => (finished = true), () => (finished = true));
  await Promise.race([reached.promise, settled(promise, context.limits.callMs)]);
  if (when === 'when it waits for the answer') await pause(5);
  const finishedBefore = finished;
  caller.abort(reason);
  const what = `${call.name}, given up after frame ${frame} ${when},`;
  // After the last frame the call may have all it needs, although its result has some ticks to go.
  const outcome = await settled(promise, context.limits.graceMs);
  const complete = outcome.status === 'fulfilled' && seen === frame && when === 'within the same moment';
  checkAborted(what, outcome, reason, finishedBefore || complete);
  virtualDevice.faults.clear();
  bench.onFrame(undefined);
  await valueOf(`power.read after ${what}`, () => bench.device.power.read(), context.limits.callMs);
  await machinePower();
}

/** Each call has a machine of its own: failures in a row would open the gate's breaker, which is right but not the matter here. */
async function checkDeadline(context: RuleContext, name: string, silent: 'a device that never answered' | 'a device that had answered before'): Promise<void> {
  const { deadlineMs, graceMs, callMs } = context.limits;
  const { device, virtualDevice } = await context.bench();
  if (silent === 'a device that had answered before') await valueOf('power.read', () => device.power.read(), callMs);
  virtualDevice.faults.inject({ kind: 'silence' });
  const call = allCalls(device).find((each) => each.name === name);
  assert.ok(call !== undefined);
  const what = `${name} with timeoutMs ${deadlineMs} of ${silent}`;
  const outcome = await outcomeOf(what, () => call.run({ timeoutMs: deadlineMs }), deadlineMs + graceMs);
  // What is kept in memory (a boot device that the hardware forgets) needs no device.
  if (outcome.status === 'fulfilled' && !name.startsWith('power.')) return;
  assert.ok(outcome.status !== 'pending', `${what} did not settle by its deadline`);
  assert.ok(outcome.status === 'rejected', `${what} succeeded although the device is silent`);
  checkAddress(what, checkFerricError(what, outcome.reason, ['TIMEOUT']));
}
