export { AGENT_FORGOTTEN, AGENT_KEYS, OFF_FOR_START, readAgentRecord } from './agent-record.js';
export type { AgentKey, AgentRecord } from './agent-record.js';
export {
  AGENT_STEP_KINDS, collectSystemLogs, COMMAND_STATUSES, createAgentClient, executeBootcInstall, executeCleanStep, executedStep, executeDeployStep,
  executeServiceStep, finalizeRescue, getCleanSteps, getDeploySteps, getHardwareInfo, getPartitionUuids, getServiceSteps, installBootloader, lockdown,
  powerOff, prepareImage, readAgentSteps, resultOf, runImage, setNodeInfo, sync,
} from './client/index.js';
export type {
  Agent, AgentClientOptions, AgentCommand, AgentCommandName, AgentStep, AgentStepKind, AgentSteps, BootcInstall, CommandParameters, CommandStatus,
  CommandSubject, PartitionUuids, StepCall,
} from './client/index.js';
export {
  AGENT_STATUSES, checkHeartbeat, createAgentToken, DEFAULT_AGENT_LOOKUP_SETTINGS, heartbeatAction, lookupAllowed, lookupAnswer,
  logicalDisks, narrowRaidTarget, nodeForAgent, normalizeBootInterface, portForAgent, raidFound, readInspection, readLookup, TOKEN_SINCE, tokensMatch,
} from './rules/index.js';
export { AGENT_WORK_OVER, afterRestart, createAgentStrategies, DEFAULT_AGENT_STRATEGY_SETTINGS } from './strategies/index.js';
export type { AddedPorts, AgentConnection, AgentStrategySettings } from './strategies/index.js';
export type {
  AgentLookupSettings, AgentStatus, Heartbeat, HeartbeatAction, HeartbeatSettings, HeartbeatVerdict, InspectionReport, LookupAnswer, LookupQuery, WantedVolumes,
} from './rules/index.js';
