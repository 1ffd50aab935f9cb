import type { Task } from '@ferric/core';
import { describeFailure } from '../failure-text.js';

/**
 * Takes all VIFs from a node whose instance goes. One that cannot be detached is told in the node's history and keeps nobody from the rest.
 * Source: Ironic, ironic/common/network.py (remove_vifs_from_node).
 */
export async function detachEveryVif(task: Task): Promise<void> {
  const { network } = task;
  if (network === undefined) return;
  for (const { id } of await network.listVifs(task)) {
    const changes = await network.detachVif(task, id).catch((error: unknown) => {
      if (task.signal.aborted) throw error;
      task.progress(`VIF ${id} could not be detached: ${describeFailure(error)}`, { vif: id });
      return undefined;
    });
    if (changes !== undefined) await task.keep(changes);
  }
}
