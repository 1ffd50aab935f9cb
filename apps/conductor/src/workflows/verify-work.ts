import { orderSteps, type CallOptions, type Step } from '@ferric/core';
import { describeFailure } from '../failure-text.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import { openTask } from '../nodes/node-task.js';
import { memoryChanges, readingChanges } from '../nodes/power-knowledge.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { requireValid } from '../nodes/validation.js';
import type { NodeUpdate } from '../store/store.js';
import { finishWork, ownNode } from './finish.js';
import { StepFailure, type WorkHandler } from './journal.js';
import { provisionEnding } from './provision-ending.js';

/** enroll -> manageable: the controller must be reachable and tell the power state, and the verify steps must pass. */
export function verifyWork(context: ConductorContext): WorkHandler {
  return async (run) => {
    const node = await ownNode(context, run);
    if (node === undefined) return;
    let remembered = (_current: StoredNode): NodeUpdate => ({});
    try {
      await requireValid(context, node, ['power'], 'power');
      await using opened = await openTask(context, node, run.signal);
      remembered = (current) => memoryChanges(current, opened.device);
      const options = { signal: run.signal, timeoutMs: context.settings.deviceTimeoutMs };
      const reading = await opened.device.power.read(options);
      await runVerifySteps(opened.device.steps ?? [], options);
      // Nice to know, and no reason to keep a machine out: not every firmware tells.
      const bootMode = await opened.device.bootMode?.read(options).catch(() => undefined);
      const secureBoot = await opened.device.secureBoot?.read(options).catch(() => undefined);
      await finishWork(context, run, (current) =>
        provisionEnding(context, current, ['done'], {
          ...readingChanges(reading),
          ...remembered(current),
          ...(bootMode === undefined ? {} : { bootMode }),
          ...(secureBoot === undefined ? {} : { secureBoot }),
        }),
      );
    } catch (error) {
      if (run.signal.aborted) throw error;
      const text = describeFailure(error);
      const reason = error instanceof StepFailure ? `Failed to verify node ${node.uuid}: ${text}` : `Failed to get power state for node ${node.uuid}. Error: ${text}`;
      await finishWork(context, run, (current) => provisionEnding(context, current, ['fail'], remembered(current), reason));
    }
  };
}

async function runVerifySteps(steps: readonly Step[], options: CallOptions): Promise<void> {
  for (const step of orderSteps(steps.filter(({ kind }) => kind === 'verify'))) {
    const title = `${step.interface}.${step.name}`;
    await step.run({}, options).catch((error: unknown) => {
      throw new StepFailure(title, `verify step ${title}: ${describeFailure(error)}`, { cause: error });
    });
  }
}
