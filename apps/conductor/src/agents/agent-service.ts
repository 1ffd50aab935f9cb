import type { AgentLookupSettings, LookupAnswer } from '@ferric/agent';
import type { JsonObject } from '@ferric/core';
import type { Requester } from '../nodes/node-service.js';

/** What deploy agents ask of the conductor. They have no account: whoever reaches the port may ask. All throw {@link RequestFault}. */
export interface AgentService {
  /**
   * Tells an agent which node it is, and its token once per boot.
   * @param query as it came
   * @param base address under which the agent reached the conductor
   * @throws RequestFault 400 for a query that names nothing, else the same 404 for everything that is not to be told.
   */
  lookup(query: Readonly<Record<string, unknown>>, base: string, requester: Requester): Promise<Lookup>;
  /**
   * Writes down what an agent reports, and makes the work go on that waited for it.
   * @param identifier UUID or name of the node
   * @param base address under which the agent reached the conductor
   * @throws RequestFault 400 for what is refused, 404 for an unknown node.
   */
  heartbeat(identifier: string, body: unknown, base: string, requester: Requester): Promise<void>;
  /**
   * Takes what an agent found on a machine that is being inspected.
   * @param nodeUuid of the node, where the agent knows it
   * @returns the UUID of the node.
   * @throws RequestFault 400 for a body that is no report, 409 while the node is worked on, else the same 404 for everything.
   */
  continueInspection(body: JsonObject, nodeUuid: string | undefined, requester: Requester): Promise<string>;
}

/** What an agent is told, but for links. */
export interface Lookup {
  readonly node: LookupAnswer['node'];
  readonly token: LookupAnswer['token'];
  readonly settings: AgentLookupSettings;
}

export interface AgentSettings {
  /** Longest time between two reports of an agent. Milliseconds. */
  readonly agentHeartbeatTimeoutMs: number;
  /** Whether an agent whose own API has no TLS is refused. */
  readonly agentRequireTls: boolean;
}
