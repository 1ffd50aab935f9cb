import { readAgentRecord } from '@ferric/agent';
import type { JsonObject } from '@ferric/core';
import type { NodeSettings } from '../nodes/conductor-context.js';
import type { StoredNode, WorkKind } from '../nodes/stored-node.js';

const TIMEOUTS: Readonly<Partial<Record<WorkKind, (settings: NodeSettings) => number>>> = {
  deploy: (settings) => settings.deployCallbackTimeoutMs,
  rebuild: (settings) => settings.deployCallbackTimeoutMs,
  clean: (settings) => settings.cleanCallbackTimeoutMs,
  inspect: (settings) => settings.inspectCallbackTimeoutMs,
  rescue: (settings) => settings.rescueCallbackTimeoutMs,
};

/** How long this kind of work waits for its machine. Milliseconds. Source of the default: Ironic, [conductor]deploy_callback_timeout and its siblings. */
export function waitTimeoutMs(settings: NodeSettings, kind: WorkKind): number {
  return TIMEOUTS[kind]?.(settings) ?? settings.deployCallbackTimeoutMs;
}

/** Whether the agent reported after this moment: a report that came while its node was locked is not lost. */
export function reportedSince(node: StoredNode, moment: Date): boolean {
  const { lastHeartbeatAt } = readAgentRecord(node);
  return lastHeartbeatAt !== undefined && lastHeartbeatAt > moment;
}

/** What is waited for, as `driver_internal_info.step_progress` shows it. */
export function waitingFacts(waitsFor: string, since: Date, timeoutMs: number): JsonObject {
  return { waiting_for: waitsFor, waiting_since: since.toISOString(), gives_up_at: new Date(since.getTime() + timeoutMs).toISOString() };
}
