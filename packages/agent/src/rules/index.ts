export { createAgentToken, tokensMatch } from './agent-token.js';
export { AGENT_STATUSES, checkHeartbeat, heartbeatAction } from './heartbeat.js';
export type { AgentStatus, Heartbeat, HeartbeatAction, HeartbeatSettings, HeartbeatVerdict } from './heartbeat.js';
export { normalizeBootInterface, readInspection } from './inspection.js';
export type { InspectionReport } from './inspection.js';
export { DEFAULT_AGENT_LOOKUP_SETTINGS, lookupAllowed, lookupAnswer, readLookup, TOKEN_SINCE } from './lookup.js';
export type { AgentLookupSettings, LookupAnswer, LookupQuery } from './lookup.js';
export { nodeForAgent, portForAgent } from './node-for-agent.js';
