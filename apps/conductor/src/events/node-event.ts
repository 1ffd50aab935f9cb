import type { JsonObject } from '@ferric/core';

/** Noun-verb names of what can happen to a node. */
export const NODE_EVENT_TYPES = [
  'node-created', 'node-updated', 'node-deleted', 'port-created', 'port-updated', 'port-deleted',
  'portgroup-created', 'portgroup-updated', 'portgroup-deleted', 'volume-connector-created', 'volume-connector-updated', 'volume-connector-deleted',
  'volume-target-created', 'volume-target-updated', 'volume-target-deleted', 'allocated', 'deallocated',
  'power-requested', 'power-changed', 'power-observed', 'power-failed',
  'provision-state-changed', 'work-started', 'work-progressed', 'work-finished', 'work-failed',
  'step-started', 'step-finished', 'step-failed',
  'agent-looked-up', 'agent-reported', 'agent-refused', 'boot-script-served', 'boot-script-refused', 'boot-file-fetched', 'boot-file-refused',
  'medium-published', 'medium-fetched',
  'maintenance-set', 'maintenance-cleared', 'boot-device-set', 'boot-mode-set', 'secure-boot-set', 'console-set', 'indicator-set', 'nmi-injected', 'machine-change-failed',
  'vendor-method-called', 'vendor-method-failed', 'vif-attached', 'vif-detached', 'network-event-received',
] as const;
export type NodeEventType = (typeof NODE_EVENT_TYPES)[number];

export type Severity = 'INFO' | 'WARNING' | 'ERROR';

/** One entry of a node's history: append-only, never holds a secret. */
export interface NewNodeEvent {
  readonly nodeUuid: string;
  readonly type: NodeEventType;
  readonly severity: Severity;
  /** One sentence for people. */
  readonly message: string;
  /** Facts: power outcome and report, old and new state, step, attempt. */
  readonly details: JsonObject;
  /** Who asked: request id and user; the conductor's own name for what it does by itself. */
  readonly actor: string;
}

export interface NodeEvent extends NewNodeEvent {
  /** Grows by time over all nodes; what a stream resumes from. */
  readonly id: number;
  readonly uuid: string;
  readonly at: Date;
  /** Host name of the conductor that wrote it. */
  readonly conductor: string;
}
