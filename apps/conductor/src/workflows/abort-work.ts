import { describeFailure } from '../failure-text.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import { openTask } from '../nodes/node-task.js';
import type { NodeUpdate } from '../store/store.js';
import { cleanUpCleaning } from './clean-work.js';
import { cleanUpDeployment } from './deploy-work.js';
import { finishWork, ownNode } from './finish.js';
import { cleanUpInspection } from './inspect-work.js';
import type { WorkHandler } from './journal.js';
import { ownerOf, type ProvisionRun } from './provision-work.js';
import { cleanUpRescue } from './rescue-work.js';

/** How what was aborted is ended, by the state that the abort led to. */
const CLEAN_UPS: Readonly<Record<string, (provision: ProvisionRun) => Promise<void>>> = {
  'deploy failed': cleanUpDeployment,
  'clean failed': cleanUpCleaning,
  'inspect failed': cleanUpInspection,
  'rescue failed': cleanUpRescue,
};

/** Leaves the machine in order after an abort; the node is in its failed state already. */
export function abortWork(context: ConductorContext): WorkHandler {
  return async (run) => {
    const node = await ownNode(context, run);
    if (node === undefined) return;
    try {
      await using opened = await openTask(context, node, run.signal, ownerOf(context, run));
      await CLEAN_UPS[node.provisionState]?.({ context, run, opened, node });
      await finish({});
    } catch (error) {
      if (run.signal.aborted) throw error;
      await finish({ lastError: `${node.lastError ?? 'Aborted'}. Besides, the machine could not be left in order: ${describeFailure(error)}` });
    }

    async function finish(changes: NodeUpdate): Promise<void> {
      await finishWork(context, run, (current) => ({
        changes: { ...changes, deployStep: {}, cleanStep: {} },
        events: [
          {
            nodeUuid: current.uuid, type: changes.lastError === undefined ? 'work-finished' : 'work-failed', actor: current.work?.requestedBy ?? context.hostname,
            severity: changes.lastError === undefined ? 'INFO' : 'ERROR', details: {},
            message: changes.lastError ?? 'The machine was left in order after the abort',
          },
        ],
      }));
    }
  };
}
