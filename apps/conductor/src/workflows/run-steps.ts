import type { StepKind } from '@ferric/core';
import type { ConductorContext } from '../nodes/conductor-context.js';
import { applyNodeChanges } from '../nodes/node-changes.js';
import type { OpenTask } from '../nodes/node-task.js';
import { memoryChanges } from '../nodes/power-knowledge.js';
import type { NodeUpdate } from '../store/store.js';
import { finishWork } from './finish.js';
import { StepFailure, type WorkRun } from './journal.js';
import { describeStep, type PlannedStep } from './node-steps.js';

/** Where a node shows the step in flight. */
const STEP_FIELD = { deploy: 'deployStep', clean: 'cleanStep' } as const satisfies Partial<Record<StepKind, keyof NodeUpdate>>;

/**
 * Runs the planned steps in order, each once, and shows each in the node and its timeline.
 * @returns `wait` when a step left the machine to go on by itself.
 * @throws StepFailure naming the step.
 */
export async function runSteps(
  context: ConductorContext,
  run: WorkRun,
  opened: OpenTask,
  kind: keyof typeof STEP_FIELD,
  planned: readonly PlannedStep[],
): Promise<'done' | 'wait'> {
  for (const [index, plannedStep] of planned.entries()) {
    const { step, args } = plannedStep;
    const title = `${step.interface}.${step.name}`;
    const shown = describeStep(plannedStep, index + 1, planned.length);
    const next = await run.step(`${kind} ${index + 1} ${title}`, async () => {
      await note(context, run, { [STEP_FIELD[kind]]: shown }, 'step-started', `${kind} step ${index + 1} of ${planned.length}: ${title}`, shown);
      const startedAt = context.clock.monotonicMs();
      const result = await step.run(opened.task, args);
      await finishWork(context, run, (node) => ({
        goesOn: true,
        changes: { ...applyNodeChanges(node, result.changes), ...memoryChanges(node, opened.device) },
        events: [
          {
            nodeUuid: node.uuid,
            type: 'step-finished',
            severity: 'INFO',
            message: `${kind} step ${title} ${result.next === 'wait' ? 'waits for the machine' : 'finished'}`,
            details: { ...shown, durationMs: Math.round(context.clock.monotonicMs() - startedAt) },
            actor: context.hostname,
          },
        ],
      }));
      return result.next;
    }).catch((error: unknown) => {
      if (!(error instanceof StepFailure)) throw error;
      throw new StepFailure(title, `Failed to execute ${kind} step ${title}: ${error.message}`, { cause: error });
    });
    if (next === 'wait') return 'wait';
  }
  return 'done';
}

async function note(
  context: ConductorContext,
  run: WorkRun,
  changes: NodeUpdate,
  type: 'step-started',
  message: string,
  details: ReturnType<typeof describeStep>,
): Promise<void> {
  await finishWork(context, run, (node) => ({
    goesOn: true,
    changes,
    events: [{ nodeUuid: node.uuid, type, severity: 'INFO', message, details, actor: context.hostname }],
  }));
}
