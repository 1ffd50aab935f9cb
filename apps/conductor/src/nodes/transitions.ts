import { randomUUID } from 'node:crypto';
import { transition, type JsonObject, type ProvisionEvent, type ProvisionState } from '@ferric/core';
import type { NewNodeEvent } from '../events/node-event.js';
import type { NodeUpdate } from '../store/store.js';
import type { StoredNode, Work, WorkKind } from './stored-node.js';

/** A change of provision state as record changes and the event that tells of it. */
export interface StateChange {
  readonly changes: NodeUpdate;
  readonly event: NewNodeEvent;
}

/** Applies events one after the other; undefined when one of them is not known in its state. */
export function changeState(
  node: StoredNode,
  events: readonly ProvisionEvent[],
  at: Date,
  actor: string,
  options: { readonly target?: ProvisionState; readonly reason?: string } = {},
): StateChange | undefined {
  let position = { state: node.provisionState, target: node.targetProvisionState };
  for (const event of events) {
    const next = transition(position, event, options.target);
    if (next === undefined) return undefined;
    position = next;
  }
  return {
    changes: { provisionState: position.state, targetProvisionState: position.target, provisionUpdatedAt: at },
    event: {
      nodeUuid: node.uuid,
      type: 'provision-state-changed',
      severity: options.reason === undefined ? 'INFO' : 'ERROR',
      message: `${node.provisionState} -> ${position.state}${options.reason === undefined ? '' : `: ${options.reason}`}`,
      details: { from: node.provisionState, to: position.state, target: position.target, event: events.at(-1) ?? null },
      actor,
    },
  };
}

/** Promises work: the changes that reserve the node for it. */
export function promiseWork(kind: WorkKind, input: JsonObject, at: Date, actor: string, hostname: string): { readonly work: Work; readonly changes: NodeUpdate } {
  const work: Work = { kind, key: randomUUID(), input, requestedAt: at, requestedBy: actor };
  return { work, changes: { work, reservation: hostname, lastError: null } };
}

/** The changes that end work and give the node back. */
export const WORK_ENDED: NodeUpdate = { work: null, reservation: null };
