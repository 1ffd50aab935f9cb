import type { JsonObject } from '@ferric/core';

/** States of an allocation. Source: ironic/common/states.py. */
export const ALLOCATION_STATES = ['allocating', 'active', 'error'] as const;
export type AllocationState = (typeof ALLOCATION_STATES)[number];

/** A wish for a node, and the node that it was given. Source: ironic/objects/allocation.py. */
export interface Allocation {
  readonly uuid: string;
  readonly name: string | null;
  /** Null until a node is found. */
  readonly nodeUuid: string | null;
  readonly resourceClass: string | null;
  readonly state: AllocationState;
  /** UUIDs of the nodes to choose from; empty: any. */
  readonly candidateNodes: readonly string[];
  /** What the node must be able to do. */
  readonly traits: readonly string[];
  readonly owner: string | null;
  readonly extra: JsonObject;
  readonly lastError: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date | null;
}

/** What a new allocation holds in the fields that its creator left out. */
export const EMPTY_ALLOCATION: Omit<Allocation, 'uuid' | 'createdAt' | 'updatedAt'> = {
  name: null,
  nodeUuid: null,
  resourceClass: null,
  state: 'allocating',
  candidateNodes: [],
  traits: [],
  owner: null,
  extra: {},
  lastError: null,
};
