import type { JsonObject } from '@ferric/core';
import type { NewNodeEvent } from '../events/node-event.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { WORK_ENDED } from '../nodes/transitions.js';
import type { NodeUpdate } from '../store/store.js';
import type { WorkRun } from './journal.js';

/** What the end of work changes and tells. */
export interface Ending {
  readonly changes: NodeUpdate;
  readonly events: readonly NewNodeEvent[];
  /** Work goes on under the same key; the node stays reserved. */
  readonly goesOn?: boolean;
}

/** The node while it still belongs to this work; undefined when it was deleted or the work was given up. */
export async function ownNode(context: ConductorContext, run: Pick<WorkRun, 'nodeUuid' | 'key'>): Promise<StoredNode | undefined> {
  const node = await context.store.nodes.get(run.nodeUuid);
  return node?.work?.key === run.key ? node : undefined;
}

/** Writes the end of work in one transaction, if the node still belongs to it: running twice ends it once. */
export async function finishWork(
  context: ConductorContext,
  run: Pick<WorkRun, 'nodeUuid' | 'key'>,
  decide: (node: StoredNode) => Ending | Promise<Ending>,
): Promise<void> {
  await context.store.write(async (transaction) => {
    const node = await transaction.nodes.getForUpdate(run.nodeUuid);
    if (node?.work?.key !== run.key) return;
    const ending = await decide(node);
    await transaction.nodes.update(node.uuid, { ...ending.changes, ...(ending.goesOn === true ? {} : WORK_ENDED) });
    for (const event of ending.events) await transaction.events.append(event);
  });
}

/** Adds to the node's timeline while work runs. */
export async function tell(
  context: ConductorContext,
  run: Pick<WorkRun, 'nodeUuid'>,
  event: Pick<NewNodeEvent, 'type' | 'message'> & { readonly severity?: NewNodeEvent['severity']; readonly details?: JsonObject },
): Promise<void> {
  await context.store.write((transaction) =>
    transaction.events.append({ severity: 'INFO', details: {}, ...event, nodeUuid: run.nodeUuid, actor: context.hostname }),
  );
}
