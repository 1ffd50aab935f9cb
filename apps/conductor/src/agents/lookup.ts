import { createAgentToken, DEFAULT_AGENT_LOOKUP_SETTINGS, lookupAllowed, readAgentRecord, readLookup, TOKEN_SINCE, type LookupQuery } from '@ferric/agent';
import type { NewNodeEvent } from '../events/node-event.js';
import type { Requester } from '../nodes/node-service.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { agentEvent, badRequest, conductorFacts, noteSeldom, originOf, refuseUnknown, withFacts, type AgentParts } from './agent-parts.js';
import type { Lookup } from './agent-service.js';

const WHAT = 'lookup';

/**
 * Answers an agent that looks for its node. The first lookup of a boot makes the token and keeps it in the same transaction, so that
 * of two that come at the same time one gets it.
 * Source: Ironic, ironic/api/controllers/v1/ramdisk.py (LookupController) and ironic/conductor/manager.py (get_node_with_token).
 */
export async function answerLookup(parts: AgentParts, query: Readonly<Record<string, unknown>>, base: string, requester: Requester): Promise<Lookup> {
  const { context, settings } = parts;
  const asked = readQuery(query);
  const uuid = await findNodeUuid(parts, asked, requester);
  // Made out here: a transaction may run twice.
  const token = requester.version < TOKEN_SINCE ? undefined : createAgentToken();

  const found = await context.store.write(async (transaction) => {
    const node = await transaction.nodes.getForUpdate(uuid);
    if (node === undefined || !lookupAllowed(node.provisionState)) return { refused: node?.provisionState };
    const { token: given, embeddedToken } = readAgentRecord(node);
    const own = embeddedToken ?? token;
    const isFirst = given === undefined && own !== undefined;
    if (isFirst) {
      // Whoever asks says under which address, too. Where the agent has a token of its own to show, its report tells it.
      const facts = { agent_secret_token: own, ...(embeddedToken === undefined ? conductorFacts(base) : {}) };
      await transaction.nodes.update(uuid, { driverInternalInfo: withFacts(node, facts) });
      await transaction.events.append(lookupEvent(node, embeddedToken === undefined ? 'first' : 'first with its token', asked, requester));
    }
    // One that was laid into what the machine booted is known to its agent; whoever else asks must not learn it.
    return { node, isFirst, token: isFirst && embeddedToken === undefined ? own : ('already given' as const) };
  });

  if ('refused' in found) {
    throw refuseUnknown(parts, WHAT, found.refused === undefined ? 'the node is gone' : `node ${uuid} is in state ${found.refused}`, requester);
  }
  const { isFirst, ...answer } = found;
  if (token !== undefined && !isFirst) await noteSeldom(parts, `repeated lookup ${uuid}`, lookupEvent(answer.node, 'again', asked, requester));
  return { ...answer, settings: { ...DEFAULT_AGENT_LOOKUP_SETTINGS, heartbeatTimeoutSeconds: Math.round(settings.agentHeartbeatTimeoutMs / 1000) } };
}

function readQuery(query: Readonly<Record<string, unknown>>): LookupQuery {
  try {
    return readLookup(query);
  } catch (error) {
    throw badRequest(error);
  }
}

/** @throws RequestFault 404 unless exactly one node is meant. */
async function findNodeUuid(parts: AgentParts, { nodeUuid, addresses }: LookupQuery, requester: Requester): Promise<string> {
  if (nodeUuid !== undefined) return nodeUuid;
  const ports = await parts.context.store.ports.all({ addresses: addresses });
  const [uuid, ...others] = new Set(ports.map((port) => port.nodeUuid));
  if (uuid === undefined) throw refuseUnknown(parts, WHAT, `no node has a port with any of ${addresses.slice(0, 8).join(', ')}`, requester);
  if (others.length > 0) throw refuseUnknown(parts, WHAT, `the addresses belong to the nodes ${[uuid, ...others].join(', ')}`, requester);
  return uuid;
}

const LOOKUP_WORDS = {
  first: 'found its node and got its token',
  'first with its token': 'found its node; its token came with what it booted from',
  again: 'looked its node up once more and keeps its token; if it lost it, or is another machine, it gets none before the conductor restarts the machine',
} as const;

function lookupEvent(node: StoredNode, how: keyof typeof LOOKUP_WORDS, { nodeUuid, addresses }: LookupQuery, requester: Requester): NewNodeEvent {
  const message = `The deploy agent at ${originOf(requester)} ${LOOKUP_WORDS[how]}`;
  return agentEvent(node, requester, { type: 'agent-looked-up', message, details: { first: how !== 'again', by: nodeUuid === undefined ? 'addresses' : 'node_uuid', addresses: addresses.slice(0, 32) } });
}
