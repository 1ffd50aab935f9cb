import { maskSealed, type JsonObject, type Sealed, type StepSequence } from '@ferric/core';
import type { NodeUpdate } from '../store/store.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { sealSteps } from '../nodes/step-secrets.js';
import { ABORT_AFTER_STEP } from '../nodes/waiting-states.js';
import { pickSteps, planSteps, requestedSteps, type NodeStep, type PlannedStep } from './node-steps.js';
import { checkTemplateSteps, TEMPLATE_STEPS, templateSteps, withTemplateSteps } from './template-steps.js';

/** Where the plan of a sequence, the step in flight and what clients see of it are kept. Names as Ironic's. */
export const SEQUENCE_FIELDS = {
  deploy: { shown: 'deployStep', plan: 'deploy_steps', index: 'deploy_step_index', requested: 'user_deploy_steps' },
  clean: { shown: 'cleanStep', plan: 'clean_steps', index: 'clean_step_index', requested: 'clean_steps' },
} as const satisfies Readonly<Record<StepSequence, { readonly shown: keyof NodeUpdate; readonly plan: string; readonly index: string; readonly requested: string }>>;

/** Key of driver_internal_info that tells how far the steps are. */
export const STEP_PROGRESS = 'step_progress';

/** What a sequence leaves behind in driver_internal_info, to be forgotten at its end. The plan of a cleaning stays to be seen, as in Ironic. */
export const SEQUENCE_KEYS: Readonly<Record<StepSequence, readonly string[]>> = {
  deploy: ['deploy_steps', 'deploy_step_index', 'user_deploy_steps', TEMPLATE_STEPS, STEP_PROGRESS],
  clean: ['clean_step_index', ABORT_AFTER_STEP, STEP_PROGRESS],
};

/** The sequence of a node as it stands in its record. */
export interface StoredSequence {
  /** Index of the step in flight; -1 before the first, while the ramdisk boots that the plan waits for. */
  readonly index: number;
  /** The step in flight, when there is one. */
  readonly inFlight: { readonly interface: string; readonly step: string } | undefined;
}

/** Reads how far a sequence is. */
export function readSequence(node: StoredNode, kind: StepSequence): StoredSequence {
  const fields = SEQUENCE_FIELDS[kind];
  const index = node.driverInternalInfo[fields.index];
  const shown = node[fields.shown];
  const inFlight = typeof shown['interface'] === 'string' && typeof shown['step'] === 'string' ? { interface: shown['interface'], step: shown['step'] } : undefined;
  return { index: typeof index === 'number' ? index : -1, inFlight };
}

/** What the planning of a sequence goes by. */
export interface PlanRequest {
  readonly node: StoredNode;
  readonly kind: StepSequence;
  /** Manual cleaning: the requested steps and no others, in the order of the request. */
  readonly manual: boolean;
  readonly available: readonly NodeStep[];
  /** Whether requested steps that nobody offers yet may turn up when the ramdisk runs. */
  readonly moreToCome: boolean;
}

/**
 * The steps to run. A deployment has those of its templates too.
 * @throws RequestFault 400 for a requested step that the node does not have.
 */
export function planSequence({ node, kind, manual, available, moreToCome }: PlanRequest): readonly PlannedStep[] {
  const requested = requestedSteps(node.driverInternalInfo[manual ? 'clean_steps' : SEQUENCE_FIELDS[kind].requested]);
  const options = { mayBeMissing: moreToCome };
  if (manual) return pickSteps(node.uuid, kind, available, requested, options);
  if (kind === 'clean') return planSteps(node.uuid, kind, available, [], options);
  const fromTemplates = templateSteps(node.driverInternalInfo[TEMPLATE_STEPS]);
  checkTemplateSteps(fromTemplates, { available, moreToCome });
  return planSteps(node.uuid, kind, available, withTemplateSteps(requested, fromTemplates), options);
}

/** The plan as the record shows it, secrets masked. */
export function planDocument(planned: readonly PlannedStep[]): Sealed {
  return planned.map(({ step, args, priority = step.priority }) => ({
    interface: step.interface, step: step.name, priority, abortable: step.abortable, args: maskSealed(sealSteps(args)),
  }));
}

/**
 * Where the step in flight stands in a plan; -1 when it is not there. It may have moved, because the ramdisk came with steps of its own; a step
 * that was asked for several times stands where it stood.
 */
export function positionOf(planned: readonly PlannedStep[], { index, inFlight }: StoredSequence): number {
  const isIt = (each: PlannedStep | undefined): boolean => inFlight !== undefined && each?.step.interface === inFlight.interface && each.step.name === inFlight.step;
  return isIt(planned[index]) ? index : planned.findIndex(isIt);
}

/** How far the steps are, for driver_internal_info. */
export function progressDocument(shown: JsonObject, startedAt: Date, waiting: JsonObject = {}): JsonObject {
  const { interface: owner, step, index, total } = shown;
  return { step: `${String(owner)}.${String(step)}`, index: index ?? null, total: total ?? null, started_at: startedAt.toISOString(), ...waiting };
}
