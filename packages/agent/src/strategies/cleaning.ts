import type { DeployStrategy, StrategyStep } from '@ferric/core';
import { AGENT_WORK_OVER, bootTheAgent, expectRestart } from './agent-boot.js';
import { powerOffMachine } from './power-off.js';
import { ramdiskSteps } from './ramdisk-steps.js';
import type { AgentStrategySettings } from './settings.js';
import { AGENT_REPORTS, keepChanges, waitFor } from './task-helpers.js';

/** The part of a deploy strategy that cleans by the agent, with the steps that the agent offers. */
export function agentCleaning(
  settings: AgentStrategySettings,
  own: readonly StrategyStep[],
): Required<Pick<DeployStrategy, 'ramdiskSteps' | 'prepareCleaning' | 'tearDownCleaning' | 'beforeRestart'>> {
  return {
    ramdiskSteps: async (task, kind) => ramdiskSteps(task, settings, kind, own),
    beforeRestart: expectRestart,
    async prepareCleaning(task) {
      await keepChanges(task, await task.network?.connect(task, 'cleaning'));
      await bootTheAgent(task, settings, 'clean');
      return waitFor(AGENT_REPORTS);
    },
    async tearDownCleaning(task) {
      await powerOffMachine(task, settings);
      await keepChanges(task, await task.boot?.cleanUpRamdisk(task));
      await keepChanges(task, await task.network?.disconnect(task, 'cleaning'));
      return AGENT_WORK_OVER;
    },
  };
}
