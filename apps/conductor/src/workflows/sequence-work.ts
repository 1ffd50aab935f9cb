import { FerricError, isRamdiskImplementation, RAMDISK_IMPLEMENTATIONS, type DeployStrategy, type StepSequence, type StrategyStep } from '@ferric/core';
import type { StoredNode } from '../nodes/stored-node.js';
import { stepsOf, type NodeStep, type PlannedStep } from './node-steps.js';
import type { ProvisionRun, Verdict } from './provision-work.js';
import { planSequence, positionOf } from './step-plan.js';
import { beginSequence, eventsOfWait, leaveWait, resumeStep, runSteps, showPlan, type SequenceEnd, type SequenceRun } from './step-sequence.js';

/** A sequence of steps on one node: deploying or cleaning. */
export interface NodeSequence {
  readonly provision: ProvisionRun;
  readonly kind: StepSequence;
  readonly strategy: DeployStrategy | undefined;
  /** Manual cleaning: the requested steps and no others. */
  readonly manual: boolean;
  /** Whether the ramdisk may offer steps of its own. */
  readonly usesRamdisk: boolean;
}

/** The steps that are known without the ramdisk. Requested ones that are not may still turn up when it runs. */
export function planBeforeRamdisk(sequence: NodeSequence): readonly PlannedStep[] {
  return plan(sequence, staticSteps(sequence), sequence.usesRamdisk);
}

/** Runs the sequence from its first step. */
export async function runFromStart(sequence: NodeSequence, planned: readonly PlannedStep[]): Promise<SequenceEnd> {
  await showUnlessAsked(sequence, planned);
  return runSteps(toRun(sequence), planned, 0);
}

/**
 * Goes on after the machine reported.
 * @param afterStep called when the step in flight has ended, before the next begins
 */
export async function resumeSequence(sequence: NodeSequence, afterStep: () => void = () => undefined): Promise<SequenceEnd> {
  const steps = toRun(sequence);
  const begun = await beginSequence(steps, sequence.provision.node);
  const available = await allSteps(sequence);
  if (available === 'busy') return { next: 'wait', waitsFor: 'the deploy agent to end another command' };
  const planned = plan(sequence, available, false);
  if (begun.index < 0) {
    await leaveWait(steps);
    return runFromStart(sequence, planned);
  }
  const position = positionOf(planned, begun);
  const inFlight = planned[position];
  if (inFlight === undefined) {
    throw new FerricError('CONFLICT', `The machine no longer offers the step that it was running, ${begun.inFlight?.interface ?? '?'}.${begun.inFlight?.step ?? '?'}`);
  }
  const end = await resumeStep(steps, inFlight);
  if (end.next !== 'done') return end;
  afterStep();
  await showUnlessAsked(sequence, planned);
  return runSteps(steps, planned, position + 1);
}

/** The plan of a manual cleaning is the request, which stands in the record already, with its arguments. */
async function showUnlessAsked(sequence: NodeSequence, planned: readonly PlannedStep[]): Promise<void> {
  if (!sequence.manual) await showPlan(toRun(sequence), planned);
}

/** The end of a sequence that is not over, as the frame wants it. */
export function waitVerdict(end: Exclude<SequenceEnd, { readonly next: 'done' }>): Verdict {
  return { events: (node: StoredNode) => eventsOfWait(node, end.next), ...(end.next === 'wait' ? { waitsFor: end.waitsFor } : {}) };
}

function toRun({ provision, kind }: NodeSequence): SequenceRun {
  return { ...provision, kind };
}

function plan({ provision: { node }, kind, manual }: NodeSequence, available: readonly NodeStep[], moreToCome: boolean): readonly PlannedStep[] {
  return planSequence({ node, kind, manual, available, moreToCome });
}

function staticSteps({ provision: { opened }, kind, strategy }: NodeSequence): readonly NodeStep[] {
  return stepsOf(kind, opened.device, strategy?.steps ?? []);
}

/** Where a node can leave an interface to its ramdisk, the ramdisk's steps of that interface are for nodes that do. */
function mayOffer({ interfaces }: StoredNode, { interface: owner }: StrategyStep): boolean {
  return RAMDISK_IMPLEMENTATIONS[owner] === undefined || isRamdiskImplementation(owner, interfaces[owner]);
}

/** All steps, those of the ramdisk too; one that the strategy offers under the same name stays the strategy's. */
async function allSteps(sequence: NodeSequence): Promise<readonly NodeStep[] | 'busy'> {
  const known = staticSteps(sequence);
  const { strategy, usesRamdisk, kind, provision } = sequence;
  if (!usesRamdisk || strategy?.ramdiskSteps === undefined) return known;
  try {
    const offered = (await strategy.ramdiskSteps(provision.opened.task, kind)).filter((step) => mayOffer(provision.node, step));
    return [...known, ...offered.filter((step) => !known.some((each) => each.interface === step.interface && each.name === step.name))];
  } catch (error) {
    if (FerricError.is(error) && error.code === 'BUSY') return 'busy';
    throw error;
  }
}
