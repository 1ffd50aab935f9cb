import { delay, type InspectStrategy, type Task } from '@ferric/core';
import { AGENT_WORK_OVER, bootTheAgent } from './agent-boot.js';
import { agentConnection } from './connection.js';
import { readFindings } from './inspection-findings.js';
import { powerOffMachine } from './power-off.js';
import { isPowerAssumed } from './power.js';
import type { AgentStrategySettings } from './settings.js';
import { keepChanges, requireBoot, waitFor } from './task-helpers.js';

/** Inspects by the agent: it is booted and sends what it finds. Source: Ironic, ironic/drivers/modules/inspector/agent.py. */
export function createAgentInspect(settings: AgentStrategySettings): InspectStrategy {
  return {
    interface: 'inspect',
    name: 'agent',
    validate: async (task) => requireBoot(task).validate(task),
    async inspect(task) {
      await keepChanges(task, await task.network?.connect(task, 'inspection'));
      await bootTheAgent(task, settings, 'inspect');
      return waitFor('the deploy agent to send what it found on the machine');
    },
    async resume(task, found) {
      const changes = readFindings(task.node, found, settings.addPorts);
      const ports = changes.ports ?? [];
      task.progress(`The deploy agent has sent what it found: ${Object.keys(changes.properties ?? {}).length} properties, ${ports.length} ports`);
      if (settings.powerOffAfterInspection && (await isPowerAssumed(task))) await waitForAgent(task, settings);
      await end(task, settings, settings.powerOffAfterInspection);
      return { next: 'done', changes: { ...changes, ...AGENT_WORK_OVER } };
    },
    async abort(task) {
      await end(task, settings, true);
      await task.keep(AGENT_WORK_OVER);
    },
  };
}

async function end(task: Task, settings: AgentStrategySettings, off: boolean): Promise<void> {
  if (off) await powerOffMachine(task, settings);
  await keepChanges(task, await task.boot?.cleanUpRamdisk(task));
  await keepChanges(task, await task.network?.disconnect(task, 'inspection'));
}

const LOOK_PAUSE_MS = 500;

/** What was found comes before the agent's first heartbeat, and nothing but the agent can switch off a machine whose power is only assumed. */
async function waitForAgent(task: Task, settings: AgentStrategySettings): Promise<void> {
  const endsAt = task.clock.monotonicMs() + settings.firstHeartbeatWaitMs;
  while (agentConnection(task) === undefined && task.clock.monotonicMs() < endsAt) {
    await delay(LOOK_PAUSE_MS, { signal: task.signal, clock: task.clock });
    // Shows what others wrote meanwhile.
    await task.keep({});
  }
}
