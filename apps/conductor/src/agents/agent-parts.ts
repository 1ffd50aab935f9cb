import { FerricError, type SealedObject } from '@ferric/core';
import type { Seldom } from '../boot/seldom.js';
import type { NewNodeEvent } from '../events/node-event.js';
import { faults, RequestFault } from '../fault.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import type { Requester } from '../nodes/node-service.js';
import { actorOf } from '../nodes/requester.js';
import type { StoredNode } from '../nodes/stored-node.js';
import type { AgentSettings } from './agent-service.js';

/** What the parts of the agent service share. */
export interface AgentParts {
  readonly context: ConductorContext;
  readonly settings: AgentSettings;
  /** Decides which of many refusals is told. */
  readonly seldom: Seldom;
}

/** Where a request came from, for people. */
export function originOf({ address }: Requester): string {
  return address ?? 'an unknown address';
}

/** Tells the log, once per address and minute, why an agent got the bare 404 that must not tell. */
export function refuseUnknown({ context, seldom }: AgentParts, what: string, reason: string, requester: Requester): RequestFault {
  if (seldom.first(`${what} ${originOf(requester)}`)) {
    context.logger.warn({ requestId: requester.requestId, address: originOf(requester), reason }, `The ${what} of an agent was refused`);
  }
  return faults.agentResourceNotFound();
}

/** A refusal of the pure rules in the words that they chose. */
export function badRequest(error: unknown): unknown {
  return FerricError.is(error) && error.code === 'INVALID_OPTIONS' ? new RequestFault(400, error.message, { cause: error }) : error;
}

/** The record with facts of its agent merged in. */
export function withFacts({ driverInternalInfo }: StoredNode, facts: SealedObject): SealedObject {
  return { ...driverInternalInfo, ...facts };
}

/** Under which address an agent reached the conductor. It comes from a header of the request: anything may stand there, and what is no address is no fact. */
export function conductorFacts(base: string): SealedObject {
  return /^https?:\/\/[\w.:[\]-]+(\/[\w./-]*)?$/.test(base) && URL.canParse(base) ? { agent_conductor_url: base } : {};
}

/** Writes an event that anybody can cause, at most once per key and minute. It never fails what is answered. @returns whether it was its turn. */
export async function noteSeldom({ context, seldom }: AgentParts, key: string, event: NewNodeEvent): Promise<boolean> {
  if (!seldom.first(key)) return false;
  await context.store
    .write((transaction) => transaction.events.append(event))
    .catch((error: unknown) => context.logger.error({ node: event.nodeUuid, type: event.type, error }, 'An event could not be written into the history'));
  return true;
}

/** An event of a node that an agent caused. */
export function agentEvent(node: StoredNode, requester: Requester, event: Pick<NewNodeEvent, 'type' | 'message'> & Partial<NewNodeEvent>): NewNodeEvent {
  return { nodeUuid: node.uuid, severity: 'INFO', actor: actorOf(requester), ...event, details: { address: requester.address ?? null, ...event.details } };
}

