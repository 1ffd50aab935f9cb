import type { ConductorContext } from '../nodes/conductor-context.js';
import { openTask } from '../nodes/node-task.js';
import { memoryChanges, readingChanges } from '../nodes/power-knowledge.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { requireValid } from '../nodes/validation.js';
import type { NodeUpdate } from '../store/store.js';
import { finishWork, ownNode } from './finish.js';
import type { WorkHandler } from './journal.js';
import { provisionEnding } from './provision-ending.js';

/** enroll -> manageable: the controller must be reachable and tell the power state, and the verify steps must pass. */
export function verifyWork(context: ConductorContext): WorkHandler {
  return async (run) => {
    const node = await ownNode(context, run);
    if (node === undefined) return;
    let remembered = (_current: StoredNode): NodeUpdate => ({});
    try {
      await requireValid(context, node, ['power'], 'power');
      await using opened = await openTask(context, node, run.signal, () => undefined);
      remembered = (current) => memoryChanges(current, opened.device);
      const options = { signal: run.signal, timeoutMs: context.settings.deviceTimeoutMs };
      const reading = await opened.device.power.read(options);
      for (const step of opened.device.steps ?? []) if (step.kind === 'verify' && step.priority > 0) await step.run({}, options);
      const bootMode = await opened.device.bootMode?.read(options);
      const secureBoot = await opened.device.secureBoot?.read(options);
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
      const reason = `Failed to get power state for node ${node.uuid}. Error: ${error instanceof Error ? error.message : String(error)}`;
      await finishWork(context, run, (current) => provisionEnding(context, current, ['fail'], remembered(current), reason));
    }
  };
}
