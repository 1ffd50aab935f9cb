import type { JsonObject, Node, PowerReading } from '@ferric/core';

/** What the conductor does in the background for a node. */
export const WORK_KINDS = ['power', 'verify', 'clean', 'adopt', 'deploy', 'rebuild', 'undeploy', 'inspect', 'rescue', 'unrescue', 'abort'] as const;
export type WorkKind = (typeof WORK_KINDS)[number];

/**
 * Work that was promised to a client. It is written in the same transaction as the state change that asks for it, so
 * that a crash can never part the two; the key makes starting it twice the same as starting it once.
 */
export interface Work {
  readonly kind: WorkKind;
  /** Unique; the idempotency key of the workflow run. */
  readonly key: string;
  /** What the work needs to know; no secrets. */
  readonly input: JsonObject;
  readonly requestedAt: Date;
  /** Request id and user, for the timeline. */
  readonly requestedBy: string;
}

/** How the power state is known; the API shows only the state itself, the timeline shows this. */
export interface PowerKnowledge {
  readonly source: PowerReading['source'];
  readonly detail: string | null;
  readonly at: Date;
  /** Failed attempts to read it, in a row. */
  readonly failures: number;
}

/** A node as the conductor keeps it: Ironic's record and what only the conductor needs. */
export interface StoredNode extends Node {
  /** Order of creation; the default sort key. */
  readonly id: number;
  /** The work under way; the node is reserved while it is set. */
  readonly work: Work | null;
  readonly powerKnowledge: PowerKnowledge | null;
}
