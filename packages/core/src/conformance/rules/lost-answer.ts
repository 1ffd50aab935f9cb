import assert from 'node:assert/strict';
import type { PowerTarget } from '../../device/power.js';
import type { FaultKind } from '../../virtual-device/virtual-device.js';
import type { Bench } from '../bench.js';
import { stateBefore } from '../calls.js';
import { outcomeOf, sideBySide, valueOf } from '../outcome.js';
import type { Rule, RuleContext, RuleFacts } from '../rule.js';

/** Faults that lose the answer to a command which the device has taken. */
const LOSSES = ['silence', 'close', 'reset', 'half frame'] as const satisfies readonly FaultKind[];

/** How things stood when one frame was reported. */
interface Moment {
  readonly direction: 'in' | 'out' | 'end';
  /** Commands that would change the machine, so far. */
  readonly changes: number;
  readonly power: string;
}

export const LOST_ANSWER_RULE: Rule = {
  id: 'lost-answer',
  title: 'A change whose answer was lost is not sent again blindly',
  why: 'The machine may have done it; a second power cycle hits a system that is just starting.',
  exempt: (facts) => (lossesOf(facts).length > 0 ? undefined : 'no answer of the simulator can be lost'),
  async check(context) {
    const { machinesAtOnce } = context.subject;
    const usual = new Map<PowerTarget, readonly Moment[]>();
    await sideBySide([...context.facts.targets].map((target) => async () => void usual.set(target, await record(context, target))), machinesAtOnce);
    const losses = [...usual].flatMap(([target, moments]) => lossesOf(context.facts).map((loss) => () => checkLoss(context, target, loss, moments)));
    await sideBySide(losses, machinesAtOnce);
  },
};

async function checkLoss(context: RuleContext, target: PowerTarget, loss: FaultKind, usual: readonly Moment[]): Promise<void> {
  const first = frameOfChange(usual);
  // Without a frame to hold on to (no transcript, or nothing to change) there is no answer that could be lost at will.
  if (first === undefined) return;
  const moments = await record(context, target, { loss, atFrame: first });
  const sent = changesIn(moments);
  if (sent <= changesIn(usual)) return;
  const what = `power.set(${target}) whose answer was lost ("${loss}") sent ${sent} commands that change the machine; ${changesIn(usual)} are usual`;
  assert.ok(!wasBlind(moments, target, changesIn(usual)), `${what}, and nothing had shown that the first was not carried out`);
}

function lossesOf(facts: RuleFacts): readonly (typeof LOSSES)[number][] {
  return LOSSES.filter((kind) => facts.faults.has(kind));
}

/** Sets the power of a fresh machine and notes how things stand at each frame. The answer to one frame may get lost. */
async function record(context: RuleContext, target: PowerTarget, spoil?: { readonly loss: FaultKind; readonly atFrame: number }): Promise<readonly Moment[]> {
  const { callMs, deadlineMs, graceMs } = context.limits;
  const { device, virtualDevice, onFrame }: Bench = await context.bench();
  virtualDevice.state.power = stateBefore(target);
  const moments: Moment[] = [];
  const note = (direction: Moment['direction']): void => {
    moments.push({ direction, changes: virtualDevice.activity.changeCommands, power: virtualDevice.state.power });
  };
  onFrame((frame) => {
    note(frame.direction);
    const sent = moments.filter((moment) => moment.direction === 'out').length;
    if (frame.direction === 'out' && sent === spoil?.atFrame) virtualDevice.faults.inject({ kind: spoil.loss, times: 1 });
  });
  const what = `power.set(${target})`;
  if (spoil === undefined) {
    await valueOf(what, () => device.power.set(target), callMs);
  } else {
    const outcome = await outcomeOf(what, () => device.power.set(target, { timeoutMs: 5 * deadlineMs }), 5 * deadlineMs + graceMs);
    assert.ok(outcome.status !== 'pending', `${what} whose answer was lost ("${spoil.loss}") did not settle by its deadline`);
  }
  note('end');
  return moments;
}

function changesIn(moments: readonly Moment[]): number {
  return moments.at(-1)?.changes ?? 0;
}

/** The number, among the outgoing frames, of the one that carried the first change. */
function frameOfChange(moments: readonly Moment[]): number | undefined {
  const [after] = indexesOfChanges(moments);
  const sent = moments.slice(0, after ?? 0).filter((moment) => moment.direction === 'out').length;
  return sent === 0 ? undefined : sent;
}

/** For each change, the first moment that came after it. */
function indexesOfChanges(moments: readonly Moment[]): readonly number[] {
  return moments.flatMap((moment, index) => Array.from({ length: moment.changes - (moments[index - 1]?.changes ?? 0) }, () => index));
}

/** A second change is blind when no answer came in after the first, or when the machine was already as it should be. */
function wasBlind(moments: readonly Moment[], target: PowerTarget, usualChanges: number): boolean {
  const [first = 0, second = 0] = indexesOfChanges(moments);
  const between = moments.slice(first, second);
  const answered = between.some((moment) => moment.direction === 'in');
  if (!answered) return true;
  if (target === 'power on' || target === 'power off') return between.at(-1)?.power === target;
  // No reading tells whether a machine that is on was rebooted; only a driver that reboots by two commands can know where it stands.
  return usualChanges === 1;
}
