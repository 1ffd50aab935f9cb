import type { Strategy } from '@ferric/core';
import { createAgentInspect } from './agent-inspect.js';
import { createAgentRescue } from './agent-rescue.js';
import { createDirectDeploy } from './direct-deploy.js';
import { createOutOfBandInspect } from './out-of-band-inspect.js';
import { createRamdiskDeploy } from './ramdisk-deploy.js';
import { DEFAULT_AGENT_STRATEGY_SETTINGS, type AgentStrategySettings } from './settings.js';

export { AGENT_WORK_OVER, afterRestart } from './agent-boot.js';
export { DEFAULT_AGENT_STRATEGY_SETTINGS } from './settings.js';
export type { AddedPorts, AgentConnection, AgentStrategySettings } from './settings.js';

/**
 * The strategies that work through the deploy agent: deploy `direct` and `ramdisk`, inspect `agent`, rescue `agent`; and inspect `out-of-band`, which
 * works without it. What is left out of the settings has its default.
 */
export function createAgentStrategies(settings: Partial<AgentStrategySettings> = {}): readonly Strategy[] {
  const complete: AgentStrategySettings = { ...DEFAULT_AGENT_STRATEGY_SETTINGS, ...settings };
  return [
    createDirectDeploy(complete),
    createRamdiskDeploy(complete),
    createAgentInspect(complete),
    createOutOfBandInspect(),
    createAgentRescue(complete),
  ];
}
