import type { JsonObject, ProvisionEvent, StepSequence } from '@ferric/core';
import type { NewNodeEvent } from '../events/node-event.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import type { OpenTask } from '../nodes/node-task.js';
import { applyNodeChanges } from '../nodes/node-changes.js';
import { memoryChanges } from '../nodes/power-knowledge.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { WAIT_STATES } from '../nodes/waiting-states.js';
import { outlastOutage } from './controller-outage.js';
import { finishWork } from './finish.js';
import { StepFailure, type WorkRun } from './journal.js';
import { describeStep, type PlannedStep, type StepResult } from './node-steps.js';
import { provisionEnding } from './provision-ending.js';
import { planDocument, progressDocument, readSequence, SEQUENCE_FIELDS, STEP_PROGRESS, type StoredSequence } from './step-plan.js';

/** How a sequence of steps ends, for now or for good. */
export type SequenceEnd = { readonly next: 'done' } | { readonly next: 'hold' } | { readonly next: 'wait'; readonly waitsFor: string };

/** What running a sequence needs. */
export interface SequenceRun {
  readonly context: ConductorContext;
  readonly run: WorkRun;
  readonly opened: OpenTask;
  readonly kind: StepSequence;
}

/** What is waited for when a strategy does not say. */
const MACHINE_REPORT = 'the machine to report';

/**
 * Where the sequence stood when this work began. It is written down, because the record moves on while the work runs,
 * and after a crash the work must begin where it began before.
 */
export async function beginSequence({ run, kind }: SequenceRun, node: StoredNode): Promise<StoredSequence> {
  const { index, inFlight } = readSequence(node, kind);
  const begun = await run.step('begin', async () => ({ index, inFlight: inFlight ?? null }));
  return { index: begun.index, inFlight: begun.inFlight ?? undefined };
}

/**
 * Looks whether the step in flight has ended, now that the machine reported. If so the node leaves its waiting state.
 * @throws StepFailure naming the step.
 */
export async function resumeStep(sequence: SequenceRun, { step, args }: PlannedStep): Promise<SequenceEnd> {
  const { run, opened, kind } = sequence;
  const title = `${step.interface}.${step.name}`;
  const end = await run
    .step(`resume ${kind} ${title}`, async () => {
      const resume = async (): Promise<StepResult> => (await step.resume?.(opened.task, args)) ?? { next: 'done' };
      const result = await outlastOutage(sequence, `${kind} step ${title}`, resume);
      if (result.next === 'done') await leaveWait(sequence, result, [finished(sequence, title, 'finished')]);
      else await keepResult(sequence, result, []);
      return toEnd(result);
    })
    .catch((error: unknown) => {
      throw named(error, kind, title);
    });
  return end;
}

/** Takes the node out of its waiting state. It is in it no more when this runs again after a crash. */
export async function leaveWait(sequence: Omit<SequenceRun, 'kind'>, result: StepResult = { next: 'done' }, events: readonly NewNodeEvent[] = []): Promise<void> {
  const { context, run, opened } = sequence;
  const updated = await finishWork(context, run, (node) => {
    const applied = applyNodeChanges(node, result.changes);
    const changes = { ...applied, ...memoryChanges({ ...node, ...applied }, opened.device) };
    const found = result.changes === undefined ? {} : { found: result.changes };
    if (!WAIT_STATES.has(node.provisionState)) return { goesOn: true, changes, events: [], ...found };
    const ending = provisionEnding(context, node, ['resume'], changes);
    return { ...ending, goesOn: true, events: [...events, ...ending.events], ...found };
  });
  if (updated !== undefined) opened.refresh(updated, result.changes);
}

/**
 * Runs the planned steps from one on, each once, and shows each in the node and its timeline.
 * @returns `wait` or `hold` when a step left the machine to go on by itself.
 * @throws StepFailure naming the step.
 */
export async function runSteps(sequence: SequenceRun, planned: readonly PlannedStep[], first: number): Promise<SequenceEnd> {
  for (const [offset, plannedStep] of planned.slice(first).entries()) {
    const end = await runStep(sequence, planned, plannedStep, first + offset);
    if (end.next !== 'done') return end;
  }
  return { next: 'done' };
}

async function runStep(sequence: SequenceRun, planned: readonly PlannedStep[], plannedStep: PlannedStep, index: number): Promise<SequenceEnd> {
  const { context, run, opened, kind } = sequence;
  const { step, args } = plannedStep;
  const title = `${step.interface}.${step.name}`;
  const shown = describeStep(plannedStep, index + 1, planned.length);
  return run
    .step(`${kind} ${index + 1} ${title}`, async () => {
      await noteStart(sequence, planned, index, shown, title);
      const startedAt = context.clock.monotonicMs();
      const result = await outlastOutage(sequence, `${kind} step ${title}`, () => step.run(opened.task, args));
      const durationMs = Math.round(context.clock.monotonicMs() - startedAt);
      await keepResult(sequence, result, [finished(sequence, title, ENDINGS[result.next](result), { ...shown, durationMs })]);
      return toEnd(result);
    })
    .catch((error: unknown) => {
      throw named(error, kind, title);
    });
}

const ENDINGS: Readonly<Record<StepResult['next'], (result: StepResult) => string>> = {
  done: () => 'finished',
  wait: ({ waitsFor }) => `waits for ${waitsFor ?? MACHINE_REPORT}`,
  hold: () => 'holds the node until somebody says unhold',
};

function toEnd({ next, waitsFor }: StepResult): SequenceEnd {
  return next === 'wait' ? { next, waitsFor: waitsFor ?? MACHINE_REPORT } : { next };
}

function named(error: unknown, kind: StepSequence, title: string): unknown {
  return error instanceof StepFailure ? new StepFailure(title, `Failed to execute ${kind} step ${title}: ${error.message}`, { cause: error }) : error;
}

function finished({ context, run, kind }: SequenceRun, title: string, ending: string, details: JsonObject = {}): NewNodeEvent {
  return { nodeUuid: run.nodeUuid, type: 'step-finished', severity: 'INFO', message: `${kind} step ${title} ${ending}`, details, actor: context.hostname };
}

async function noteStart(sequence: SequenceRun, planned: readonly PlannedStep[], index: number, shown: JsonObject, title: string): Promise<void> {
  const { context, run, opened, kind } = sequence;
  const fields = SEQUENCE_FIELDS[kind];
  const updated = await finishWork(context, run, (node) => ({
    goesOn: true,
    changes: {
      [fields.shown]: shown,
      driverInternalInfo: { ...node.driverInternalInfo, [fields.index]: index, [STEP_PROGRESS]: progressDocument(shown, context.clock.now()) },
    },
    events: [
      { nodeUuid: node.uuid, type: 'step-started', severity: 'INFO', message: `${kind} step ${index + 1} of ${planned.length}: ${title}`, details: shown, actor: context.hostname },
    ],
  }));
  if (updated !== undefined) opened.refresh(updated);
}

async function keepResult(sequence: SequenceRun, result: StepResult, events: readonly NewNodeEvent[]): Promise<void> {
  const { context, run, opened } = sequence;
  const updated = await finishWork(context, run, (node) => {
    const applied = applyNodeChanges(node, result.changes);
    return {
      goesOn: true, events, changes: { ...applied, ...memoryChanges({ ...node, ...applied }, opened.device) },
      ...(result.changes === undefined ? {} : { found: result.changes }),
    };
  });
  if (updated !== undefined) opened.refresh(updated, result.changes);
}

/** Shows the plan in the record. */
export async function showPlan(sequence: SequenceRun, planned: readonly PlannedStep[]): Promise<void> {
  const { context, run, opened, kind } = sequence;
  const updated = await finishWork(context, run, (node) => ({
    goesOn: true, events: [], changes: { driverInternalInfo: { ...node.driverInternalInfo, [SEQUENCE_FIELDS[kind].plan]: planDocument(planned) } },
  }));
  if (updated !== undefined) opened.refresh(updated);
}

/** The events that bring a node into the state that a sequence ended in; none when it waits already. */
export function eventsOfWait(node: StoredNode, next: 'wait' | 'hold'): readonly ProvisionEvent[] {
  return next === 'wait' && WAIT_STATES.has(node.provisionState) ? [] : [next];
}

