import type { JsonObject, StepSequence, StrategyStep, Task } from '@ferric/core';
import { agentConnection } from './connection.js';
import { cachedOffer, offerBeforeRestart, type OfferedStep } from './offered-steps.js';
import { raidOrder } from './raid-steps.js';
import { loadOffer, resumeStep, startStep, type AgentStepCall } from './run-agent-step.js';
import type { AgentStrategySettings } from './settings.js';

/**
 * The steps that the agent of this boot offers, besides those that the strategy has itself. None before an agent has reported;
 * those of the one before while a step has the machine restarted.
 * @param own the strategy's own steps, which stand for the agent's of the same name
 */
export async function ramdiskSteps(
  task: Task, settings: AgentStrategySettings, kind: StepSequence, own: readonly StrategyStep[],
): Promise<readonly StrategyStep[]> {
  const known = cachedOffer(kind, task.node);
  const offer = known === undefined && agentConnection(task) === undefined ? offerBeforeRestart(kind, task.node) : await loadOffer(task, settings, kind);
  return (offer?.steps ?? [])
    .filter((step) => !own.some((each) => each.kind === kind && each.interface === step.interface && each.name === step.name))
    .map((step) => strategyStep(settings, kind, { ...step, priority: priorityOf(step, kind, settings) }));
}

/** Priorities that an operator may set. Source: Ironic, ironic/conf/deploy.py (erase_devices_priority, erase_devices_metadata_priority). */
const PRIORITY_SETTINGS: Readonly<Record<string, 'eraseDevicesPriority' | 'eraseDevicesMetadataPriority'>> = {
  erase_devices: 'eraseDevicesPriority',
  erase_devices_metadata: 'eraseDevicesMetadataPriority',
};

function priorityOf(step: OfferedStep, kind: StepSequence, settings: AgentStrategySettings): number {
  const setting = kind === 'clean' && step.interface === 'deploy' ? PRIORITY_SETTINGS[step.name] : undefined;
  return (setting === undefined ? undefined : settings[setting]) ?? step.priority;
}

function strategyStep(settings: AgentStrategySettings, kind: StepSequence, step: OfferedStep): StrategyStep {
  const call = (args: JsonObject): AgentStepCall => ({
    kind,
    interface: step.interface,
    name: step.name,
    waitsFor: `the deploy agent to finish ${kind} step ${step.interface}.${step.name}`,
    configDrive: false,
    once: false,
    node: (task) => raidOrder(task, step, args)?.node ?? task.node,
    step(task) {
      const told = raidOrder(task, step, args)?.args ?? args;
      return {
        interface: step.interface,
        step: step.name,
        priority: step.priority,
        abortable: step.abortable,
        ...(Object.keys(told).length === 0 ? {} : { args: told }),
      };
    },
  });
  return {
    kind,
    interface: step.interface,
    name: step.name,
    priority: step.priority,
    abortable: step.abortable,
    requiresRamdisk: true,
    arguments: step.arguments,
    run: (task, args) => startStep(task, settings, call(args)),
    resume: (task, args) => resumeStep(task, settings, call(args)),
  };
}
