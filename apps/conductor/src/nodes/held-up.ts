import { revealSealed, type JsonObject } from '@ferric/core';
import type { ConductorContext } from './conductor-context.js';
import type { Requester } from './node-service.js';
import { actorOf } from './requester.js';
import type { StoredNode } from './stored-node.js';

/** Key of driver_internal_info: work waits for a controller that does not answer. Tells what is held up, why, since when and until when. */
export const HELD_UP = 'held_up';

/** What holds the work on this node up; undefined when nothing does. What held other work up does not count. */
export function readHold({ driverInternalInfo, work }: StoredNode): JsonObject | undefined {
  const hold = revealSealed(driverInternalInfo[HELD_UP] ?? null) as JsonObject | null;
  return hold !== null && work !== null && hold['work'] === work.key ? hold : undefined;
}

/** Whether somebody asked to abort what is held up. */
export function isToBeGivenUp(node: StoredNode): boolean {
  return readHold(node)?.['abort'] === true;
}

/**
 * Asks the work on a node to give up waiting for its controller. It needs no lock, which that work has.
 * @returns false when nothing is held up
 */
export async function giveUpHeldWork({ store }: ConductorContext, uuid: string, requester: Requester): Promise<boolean> {
  return store.write(async (transaction) => {
    const node = await transaction.nodes.getForUpdate(uuid);
    const hold = node === undefined ? undefined : readHold(node);
    if (node === undefined || hold === undefined) return false;
    await transaction.nodes.update(uuid, { driverInternalInfo: { ...node.driverInternalInfo, [HELD_UP]: { ...hold, abort: true } } });
    await transaction.events.append({
      nodeUuid: uuid, type: 'work-progressed', severity: 'INFO', details: {}, actor: actorOf(requester),
      message: `${String(hold['what'])} is to be given up, by request`,
    });
    return true;
  });
}
