/**
 * A client for the deploy agent ironic-python-agent, of use without a conductor.
 * @packageDocumentation
 */
export { COMMAND_STATUSES } from './agent.js';
export type { Agent, AgentCommand, AgentCommandName, CommandParameters, CommandStatus } from './agent.js';
export { createAgentClient } from './agent-client.js';
export type { AgentClientOptions } from './agent-client-options.js';
export { AGENT_STEP_KINDS, executedStep, readAgentSteps } from './agent-steps.js';
export type { AgentStep, AgentStepKind, AgentSteps } from './agent-steps.js';
export {
  collectSystemLogs, executeBootcInstall, executeCleanStep, executeDeployStep, executeServiceStep, finalizeRescue, getCleanSteps, getDeploySteps,
  getHardwareInfo, getPartitionUuids, getServiceSteps, installBootloader, lockdown, powerOff, prepareImage, resultOf, runImage, setNodeInfo, sync,
} from './commands.js';
export type { BootcInstall, CommandSubject, PartitionUuids, StepCall } from './commands.js';
