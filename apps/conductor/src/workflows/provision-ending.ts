import type { ProvisionEvent } from '@ferric/core';
import { FerricError } from '@ferric/core';
import type { ConductorContext } from '../nodes/conductor-context.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { changeState } from '../nodes/transitions.js';
import type { NodeUpdate } from '../store/store.js';
import type { Ending } from './finish.js';

/** The end of provisioning work: events in order, with more changes of the record. */
export function provisionEnding(
  context: ConductorContext,
  node: StoredNode,
  events: readonly ProvisionEvent[],
  changes: NodeUpdate = {},
  reason?: string,
): Ending {
  const actor = node.work?.requestedBy ?? context.hostname;
  const change = changeState(node, events, context.clock.now(), actor, reason === undefined ? {} : { reason });
  if (change === undefined) {
    throw new FerricError('INTERNAL', `Event ${events.join(', ')} is not possible in state ${node.provisionState} of node ${node.uuid}`);
  }
  return { changes: { ...change.changes, ...changes, ...(reason === undefined ? {} : { lastError: reason }) }, events: [change.event] };
}
