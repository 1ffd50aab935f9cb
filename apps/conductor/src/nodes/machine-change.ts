import type { CallOptions, JsonObject } from '@ferric/core';
import type { NewNodeEvent, NodeEventType } from '../events/node-event.js';
import { describeFailure } from '../failure-text.js';
import type { NodeUpdate } from '../store/store.js';
import type { ConductorContext } from './conductor-context.js';
import type { NodeDevice } from './node-device.js';
import type { Requester } from './node-service.js';
import { openTask } from './node-task.js';
import { memoryChanges } from './power-knowledge.js';
import { actorOf } from './requester.js';
import type { StoredNode } from './stored-node.js';

/** A change of the machine that is accepted first and made afterwards. */
export interface MachineChange {
  /** For the log: `boot mode`. */
  readonly name: string;
  readonly event: NodeEventType;
  /** Longest time. Milliseconds. */
  readonly timeoutMs: number;
  /** Refuses what cannot be done at all, with the node's lock in hand. No I/O. @throws RequestFault */
  check(node: StoredNode, device: NodeDevice): void;
  /** Makes the change. @returns what it means for the record, and what the timeline shows. */
  make(device: NodeDevice, options: CallOptions): Promise<ChangeMade>;
  /** The whole sentence of last_error. */
  describeFailure(reason: string): string;
}

export interface ChangeMade {
  readonly changes: NodeUpdate;
  /** One sentence for people. */
  readonly message: string;
  readonly details: JsonObject;
}

/**
 * Takes the node's lock, checks, and makes the change when the client has its answer. What goes wrong then is told in last_error and in
 * the history.
 * @throws RequestFault 409 when the node stays locked, and what the check refuses.
 */
export async function changeMachine(context: ConductorContext, uuid: string, change: MachineChange, requester: Requester): Promise<void> {
  await using begun = new AsyncDisposableStack();
  const { node } = begun.use(await context.locks.acquire(uuid, requester.signal));
  const opened = begun.use(await openTask(context, node, new AbortController().signal));
  change.check(node, opened.device);
  await context.store.write((transaction) => transaction.nodes.update(uuid, { lastError: null }));
  const held = begun.move();
  context.background.run(`change of ${change.name}`, async (signal) => {
    await using _held = held;
    await makeChange(context, uuid, opened.device, change, signal, actorOf(requester));
  });
}

async function makeChange(
  context: ConductorContext, uuid: string, device: NodeDevice, change: MachineChange, signal: AbortSignal, actor: string,
): Promise<void> {
  try {
    const { changes, message, details } = await change.make(device, { signal, timeoutMs: change.timeoutMs });
    await write(context, uuid, device, changes, { type: change.event, severity: 'INFO', message, details, actor });
  } catch (error) {
    const message = change.describeFailure(describeFailure(error));
    await write(context, uuid, device, { lastError: message }, { type: 'machine-change-failed', severity: 'ERROR', message, details: { change: change.name }, actor });
  }
}

async function write(
  context: ConductorContext, uuid: string, device: NodeDevice, changes: NodeUpdate, event: Omit<NewNodeEvent, 'nodeUuid'>,
): Promise<void> {
  await context.store.write(async (transaction) => {
    const present = await transaction.nodes.getForUpdate(uuid);
    if (present === undefined) return;
    await transaction.nodes.update(uuid, { ...changes, ...memoryChanges(present, device) });
    await transaction.events.append({ ...event, nodeUuid: uuid });
  });
}
