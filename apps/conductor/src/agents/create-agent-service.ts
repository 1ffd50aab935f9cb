import type { ConductorContext } from '../nodes/conductor-context.js';
import { createSeldom } from '../boot/seldom.js';
import type { AgentService, AgentSettings } from './agent-service.js';
import { takeHeartbeat } from './heartbeat.js';
import { takeInspection } from './inspection.js';
import { answerLookup } from './lookup.js';

/** The service of deploy agents on a store. */
export function createAgentService(context: ConductorContext, settings: AgentSettings): AgentService {
  const parts = { context, settings, seldom: createSeldom({ clock: context.clock }) };
  return {
    lookup: (query, base, requester) => answerLookup(parts, query, base, requester),
    heartbeat: (identifier, body, base, requester) => takeHeartbeat(parts, identifier, body, base, requester),
    continueInspection: (body, nodeUuid, requester) => takeInspection(parts, body, nodeUuid, requester),
  };
}
