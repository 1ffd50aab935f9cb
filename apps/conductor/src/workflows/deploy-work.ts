import { AGENT_KEYS } from '@ferric/agent';
import { faults } from '../fault.js';
import { detachEveryVif } from '../networks/detach-every-vif.js';
import { shouldClean } from '../nodes/cleaning-policy.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import { strategyOf } from '../nodes/node-task.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { requireValid } from '../nodes/validation.js';
import type { NodeUpdate } from '../store/store.js';
import { afterCleaning } from './clean-work.js';
import type { WorkHandler } from './journal.js';
import { leaveInOrder, provisionWork, runPart, withoutKeys, type ProvisionRun } from './provision-work.js';
import { planBeforeRamdisk, resumeSequence, runFromStart, waitVerdict, type NodeSequence } from './sequence-work.js';
import { SEQUENCE_KEYS } from './step-plan.js';
import type { SequenceEnd } from './step-sequence.js';

const FORGOTTEN_AFTER_DEPLOYMENT = [...SEQUENCE_KEYS.deploy, ...AGENT_KEYS];

/** deploying -> active, by way of as many waits as its steps need. Rebuilding is the same on a node that was deployed before. */
export function deployWork(context: ConductorContext): WorkHandler {
  return provisionWork(
    context,
    async (provision) => {
      const end = await deploy(provision);
      if (end.next !== 'done') return waitVerdict(end);
      return { events: ['done'], changes: (node) => ({ deployStep: {}, lastError: null, driverInternalInfo: withoutKeys(node, FORGOTTEN_AFTER_DEPLOYMENT) }) };
    },
    {
      describe: (node, reason) => ({
        reason: `Failed to deploy node ${node.uuid}: ${reason}`, changes: { driverInternalInfo: withoutKeys(node, SEQUENCE_KEYS.deploy) },
      }),
      cleanUp: cleanUpDeployment,
    },
  );
}

async function deploy(provision: ProvisionRun): Promise<SequenceEnd> {
  const { context, node, opened, run } = provision;
  const strategy = strategyOf(context, node, 'deploy');
  if (strategy === undefined) throw faults.unsupported(node.driver, 'deploy');
  const sequence: NodeSequence = { provision, kind: 'deploy', strategy, manual: false, usesRamdisk: strategy.ramdiskSteps !== undefined };
  if (run.input['resume'] === true) return resumeSequence(sequence);
  const planned = planBeforeRamdisk(sequence);
  await runPart(provision, 'prepare', async () => ({ changes: (await strategy.prepare(opened.task)) ?? {} }));
  return runFromStart(sequence, planned);
}

/** Ends a deployment that failed or was aborted. The strategy knows whether its machine must not go on to run. */
export async function cleanUpDeployment(provision: ProvisionRun): Promise<void> {
  const { context, node, opened } = provision;
  await leaveInOrder(provision, () => strategyOf(context, node, 'deploy')?.cleanUp(opened.task));
}

/** deleting -> cleaning, which is work of its own with its own failures; or through it at once when no cleaning is due. */
export function undeployWork(context: ConductorContext): WorkHandler {
  return provisionWork(
    context,
    async (provision) => {
      const { node, opened } = provision;
      const strategy = strategyOf(context, node, 'deploy');
      if (strategy === undefined) throw faults.unsupported(node.driver, 'deploy');
      await requireValid(context, node, ['power'], 'power');
      await runPart(provision, 'clean up', async () => ({ changes: (await strategy.cleanUp(opened.task)) ?? {} }));
      await runPart(provision, 'tear down', () => strategy.tearDown(opened.task));
      await detachEveryVif(opened.task);
      const changes = (current: StoredNode): NodeUpdate => ({ ...FORGOTTEN_INSTANCE, driverInternalInfo: withoutKeys(current, FORGOTTEN_AFTER_DEPLOYMENT) });
      return shouldClean(context, node) ? { events: ['clean'], next: 'clean', changes } : { events: ['clean', afterCleaning(node, false)], changes };
    },
    { describe: (node, reason) => ({ reason: `Failed to tear down node ${node.uuid}: ${reason}` }) },
  );
}

/** What a node forgets when its instance goes. Source: Ironic, ConductorManager._do_node_tear_down. */
const FORGOTTEN_INSTANCE: NodeUpdate = {
  instanceInfo: {},
  instanceUuid: null,
  allocationUuid: null,
  deployStep: {},
  cleanStep: {},
  lastError: null,
};
