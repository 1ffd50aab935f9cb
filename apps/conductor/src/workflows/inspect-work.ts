import { AGENT_KEYS } from '@ferric/agent';
import { FerricError } from '@ferric/core';
import { faults } from '../fault.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import { strategyOf } from '../nodes/node-task.js';
import type { WorkHandler } from './journal.js';
import { provisionWork, runPart, withoutKeys, type ProvisionRun } from './provision-work.js';
import { STEP_PROGRESS } from './step-plan.js';
import { eventsOfWait, leaveWait } from './step-sequence.js';

const FORGOTTEN_AFTER_INSPECTION = [...AGENT_KEYS, STEP_PROGRESS];

/** inspecting -> manageable, by way of `inspect wait` when the machine itself has to look. */
export function inspectWork(context: ConductorContext): WorkHandler {
  return provisionWork(
    context,
    async (provision) => {
      const { next, waitsFor } = await inspect(provision);
      if (next === 'wait') return { events: (node) => eventsOfWait(node, 'wait'), waitsFor };
      return {
        events: ['done'],
        changes: (node) => ({
          inspectionStartedAt: null, inspectionFinishedAt: context.clock.now(), lastError: null,
          driverInternalInfo: withoutKeys(node, FORGOTTEN_AFTER_INSPECTION),
        }),
      };
    },
    {
      describe: (node, reason) => ({
        reason: `Failed to inspect node ${node.uuid}: ${reason}`, changes: { driverInternalInfo: withoutKeys(node, FORGOTTEN_AFTER_INSPECTION) },
      }),
      cleanUp: cleanUpInspection,
    },
  );
}

async function inspect(provision: ProvisionRun): Promise<{ readonly next: 'done' | 'wait'; readonly waitsFor: string }> {
  const { context, node, opened, run } = provision;
  const strategy = strategyOf(context, node, 'inspect');
  if (strategy === undefined) throw faults.unsupported(node.driver, 'inspect');
  if (run.input['resume'] !== true) return runPart(provision, 'inspect', () => strategy.inspect(opened.task));
  const found = await context.store.inventories.get(node.uuid);
  if (found === undefined || strategy.resume === undefined) {
    throw new FerricError('INTERNAL', `Node ${node.uuid} was to go on with an inspection without anything found`);
  }
  const resume = strategy.resume.bind(strategy);
  await leaveWait(provision);
  return runPart(provision, 'resume inspection', () => resume(opened.task, found));
}

/** Ends an inspection that failed or was aborted. */
export async function cleanUpInspection({ context, node, opened }: ProvisionRun): Promise<void> {
  await strategyOf(context, node, 'inspect')?.abort(opened.task);
}
