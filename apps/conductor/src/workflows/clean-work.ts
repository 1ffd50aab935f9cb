import { AGENT_KEYS } from '@ferric/agent';
import type { ProvisionEvent } from '@ferric/core';
import type { ConductorContext } from '../nodes/conductor-context.js';
import { strategyOf } from '../nodes/node-task.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { requireValid } from '../nodes/validation.js';
import { ABORT_AFTER_STEP } from '../nodes/waiting-states.js';
import { ABORTED_WHILE_HELD_UP } from './controller-outage.js';
import { StepFailure, type WorkHandler } from './journal.js';
import { leaveInOrder, provisionWork, runPart, withoutKeys, type ProvisionRun } from './provision-work.js';
import { planBeforeRamdisk, resumeSequence, runFromStart, waitVerdict, type NodeSequence } from './sequence-work.js';
import { SEQUENCE_KEYS } from './step-plan.js';
import type { SequenceEnd } from './step-sequence.js';

const FORGOTTEN_AFTER_CLEANING = [...SEQUENCE_KEYS.clean, ...AGENT_KEYS];

/** A retired machine does not become available again. Source: Ironic, admin guide, "Node retirement". */
export function afterCleaning(node: StoredNode, manual: boolean): ProvisionEvent {
  return manual || node.retired ? 'manage' : 'done';
}

/** cleaning -> available after automated, -> manageable after manual cleaning, by way of as many waits as its steps need. */
export function cleanWork(context: ConductorContext): WorkHandler {
  return provisionWork(
    context,
    async (provision) => {
      const manual = provision.run.input['manual'] === true;
      const end = await clean(provision, manual);
      if (end.next !== 'done') return waitVerdict(end);
      return {
        events: [afterCleaning(provision.node, manual)],
        changes: (node) => ({ cleanStep: {}, lastError: null, driverInternalInfo: withoutKeys(node, FORGOTTEN_AFTER_CLEANING) }),
      };
    },
    {
      describe: (node, reason) => {
        const forgotten = { cleanStep: {}, driverInternalInfo: withoutKeys(node, FORGOTTEN_AFTER_CLEANING) };
        // A request that cannot be planned says nothing of the machine, which stays in service.
        if (reason.startsWith('Cannot clean')) return { reason, changes: forgotten };
        const told = `Failed to clean node ${node.uuid}: ${reason}`;
        // As the verb does it in `clean wait`: whoever aborts knows that nothing is wrong with the machine.
        if (reason.includes(ABORTED_WHILE_HELD_UP)) return { reason: told, changes: forgotten };
        return {
          reason: told,
          changes: { ...forgotten, maintenance: true, maintenanceReason: reason, fault: 'clean failure' },
        };
      },
      cleanUp: cleanUpCleaning,
    },
  );
}

async function clean(provision: ProvisionRun, manual: boolean): Promise<SequenceEnd> {
  const { context, node, opened, run } = provision;
  const strategy = strategyOf(context, node, 'deploy');
  const withRamdisk = run.input['disableRamdisk'] !== true;
  const sequence: NodeSequence = { provision, kind: 'clean', strategy, manual, usesRamdisk: withRamdisk && strategy?.ramdiskSteps !== undefined };
  const end = run.input['resume'] === true ? await resumeSequence(sequence, () => refuseIfAborted(opened.task.node.driverInternalInfo)) : await begin(sequence, withRamdisk);
  if (end.next === 'done') {
    await runPart(provision, 'tear down cleaning', async () => ({ changes: (await strategy?.tearDownCleaning(opened.task)) ?? {} }));
  }
  return end;
}

async function begin(sequence: NodeSequence, withRamdisk: boolean): Promise<SequenceEnd> {
  const { provision, strategy } = sequence;
  await requireValid(provision.context, provision.node, ['power', 'network'], 'power and network');
  const planned = planBeforeRamdisk(sequence);
  if (withRamdisk && strategy !== undefined) {
    const { next, waitsFor } = await runPart(provision, 'prepare cleaning', () => strategy.prepareCleaning(provision.opened.task));
    if (next === 'wait') return { next, waitsFor };
  }
  return runFromStart(sequence, planned);
}

function refuseIfAborted(info: StoredNode['driverInternalInfo']): void {
  if (info[ABORT_AFTER_STEP] === true) throw new StepFailure('abort', 'By request, the cleaning was aborted after the step that could not be');
}

/** Ends a cleaning that failed or was aborted. */
export async function cleanUpCleaning(provision: ProvisionRun): Promise<void> {
  const { context, node, opened } = provision;
  await leaveInOrder(provision, () => strategyOf(context, node, 'deploy')?.tearDownCleaning(opened.task));
}
