import { type Clock, errorCode } from '@ferric/core';
import type { StoredNode } from '../nodes/stored-node.js';

type RecordState = Pick<StoredNode, 'uuid' | 'updatedAt'>;

/** How long credentials that were refused are not tried again when nobody changes the node. Milliseconds. */
const REST_MS = 3_600_000;

/** Nodes whose controller refused the credentials. Trying them again and again would lock the account at the controller. */
export interface RefusedLogins {
  /** Takes note of what a reading of the node gave. */
  note(node: RecordState, result: PromiseSettledResult<unknown>): void;
  /** False while the record of the node is the one with which the controller refused, for an hour at most. */
  mayAsk(node: RecordState): boolean;
  /** Forgets the nodes that are not there any more. */
  keepOnly(uuids: ReadonlySet<string>): void;
}

export function createRefusedLogins(clock: Clock): RefusedLogins {
  const refused = new Map<string, { readonly updatedAt: number | undefined; readonly restUntil: number }>();
  return {
    note({ uuid, updatedAt }, result) {
      if (result.status === 'rejected' && errorCode(result.reason) === 'AUTH_FAILED') {
        refused.set(uuid, { updatedAt: updatedAt?.getTime(), restUntil: clock.monotonicMs() + REST_MS });
      } else {
        refused.delete(uuid);
      }
    },
    mayAsk({ uuid, updatedAt }) {
      const last = refused.get(uuid);
      return last === undefined || last.updatedAt !== updatedAt?.getTime() || clock.monotonicMs() >= last.restUntil;
    },
    keepOnly(uuids) {
      for (const uuid of refused.keys()) if (!uuids.has(uuid)) refused.delete(uuid);
    },
  };
}
