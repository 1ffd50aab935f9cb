import type { StrategyResult, Task } from '@ferric/core';
import { AGENT_WORK_OVER } from './agent-boot.js';
import { powerOffMachine } from './power-off.js';
import type { AgentStrategySettings } from './settings.js';
import { keepChanges } from './task-helpers.js';

/** Ends an instance: the machine off, as well as can be, and nothing left that would boot it. */
export async function tearDownInstance(task: Task, settings: AgentStrategySettings): Promise<StrategyResult> {
  await powerOffMachine(task, settings);
  await keepChanges(task, await task.boot?.cleanUpInstance(task));
  await keepChanges(task, await task.storage?.detachVolumes(task));
  await keepChanges(task, await task.network?.disconnect(task, 'tenant'));
  return { next: 'done', changes: AGENT_WORK_OVER };
}
