import { OFF_FOR_START } from '@ferric/agent';
import { FerricError, type JsonObject, type NodeChanges } from '@ferric/core';
import { endAllocation } from '../allocations/association.js';
import type { NewNodeEvent } from '../events/node-event.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import { HELD_UP } from '../nodes/held-up.js';
import { applyNodeChanges, keepFindings, type RecordChanges } from '../nodes/node-changes.js';
import type { NodeDevice } from '../nodes/node-device.js';
import { memoryChanges } from '../nodes/power-knowledge.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { WORK_ENDED } from '../nodes/transitions.js';
import type { NodeUpdate } from '../store/store.js';
import type { WorkRun } from './journal.js';

/** What the end of work, or a step on its way, changes and tells. */
export interface Ending {
  readonly changes: NodeUpdate;
  readonly events: readonly NewNodeEvent[];
  /** Work goes on under the same key or the one in `changes`; the node stays reserved. */
  readonly goesOn?: boolean;
  /** What a strategy found or changed besides the record of the node. */
  readonly found?: NodeChanges;
}

/** A run of work, as far as writing its results needs it. */
export type WorkIdentity = Pick<WorkRun, 'nodeUuid' | 'key'>;

/** The node while it still belongs to this work; undefined when it was deleted or the work was given up. */
export async function ownNode(context: ConductorContext, run: WorkIdentity): Promise<StoredNode | undefined> {
  const node = await context.store.nodes.get(run.nodeUuid);
  return node?.work?.key === run.key ? node : undefined;
}

/**
 * Writes the end of work in one transaction, if the node still belongs to it: running twice ends it once.
 * @returns the new record; undefined when the node does not belong to this work any more.
 */
export async function finishWork(
  context: ConductorContext,
  run: WorkIdentity,
  decide: (node: StoredNode) => Ending | Promise<Ending>,
): Promise<StoredNode | undefined> {
  return context.store.write(async (transaction) => {
    const node = await transaction.nodes.getForUpdate(run.nodeUuid);
    if (node?.work?.key !== run.key) return undefined;
    const { changes, events, goesOn = false, found } = await decide(node);
    await keepFindings(transaction, node, found, context.hostname, context.clock.now());
    const isOver = !goesOn || changes.work !== undefined;
    const updated = await transaction.nodes.update(node.uuid, { ...changes, ...(goesOn ? {} : WORK_ENDED), ...(isOver ? endOfNotes(node, changes) : {}) });
    // An allocation ends with the instance that it was for.
    if (node.allocationUuid !== null && changes.allocationUuid === null) await endAllocation(transaction, node, node.work.requestedBy);
    for (const event of events) await transaction.events.append(event);
    return updated;
  });
}

/** Notes of the work under way, by which it goes on after an outage or a crash: they must not be taken for those of other work. */
const NOTES: readonly string[] = [HELD_UP, OFF_FOR_START];

function endOfNotes(node: StoredNode, changes: NodeUpdate): NodeUpdate {
  const info = changes.driverInternalInfo ?? node.driverInternalInfo;
  if (!NOTES.some((key) => info[key] !== undefined)) return {};
  return { driverInternalInfo: Object.fromEntries(Object.entries(info).filter(([key]) => !NOTES.includes(key))) };
}

/**
 * Writes what a strategy or a device wants changed while work goes on, and what its drivers want remembered.
 * @throws ABORTED when the node does not belong to this work any more: whoever asked must stop.
 */
export async function keepChanges(context: ConductorContext, run: WorkIdentity, changes: RecordChanges | undefined, device: NodeDevice): Promise<StoredNode> {
  const updated = await finishWork(context, run, (node) => {
    const applied = applyNodeChanges(node, changes);
    return { goesOn: true, changes: { ...applied, ...memoryChanges({ ...node, ...applied }, device) }, events: [], ...(changes === undefined ? {} : { found: changes }) };
  });
  if (updated === undefined) throw new FerricError('ABORTED', `The work on node ${run.nodeUuid} was given up meanwhile`);
  return updated;
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
