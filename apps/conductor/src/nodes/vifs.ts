import { isEmptyImplementation, type NetworkStrategy, type NodeChanges, type Task, type Vif, type VifRequest } from '@ferric/core';
import type { NewNodeEvent } from '../events/node-event.js';
import { faults } from '../fault.js';
import type { ConductorContext } from './conductor-context.js';
import { applyNodeChanges, keepFindings } from './node-changes.js';
import type { NodeDevice } from './node-device.js';
import type { Requester } from './node-service.js';
import { openTask, strategyOf } from './node-task.js';
import { memoryChanges } from './power-knowledge.js';
import { actorOf } from './requester.js';
import type { StoredNode } from './stored-node.js';

/** The VIFs of a node. Source: Ironic, ConductorManager.vif_list. */
export async function listVifs(context: ConductorContext, node: StoredNode): Promise<readonly Vif[]> {
  const network = networkOf(context, node);
  if (network === undefined) return [];
  await using opened = await openTask(context, node, AbortSignal.timeout(context.settings.deviceTimeoutMs));
  await network.validate(opened.task);
  return await network.listVifs(opened.task);
}

/** Attaches a VIF under the node's lock. The `noop` network takes everything and keeps nothing. Source: Ironic, ConductorManager.vif_attach. */
export async function attachVif(context: ConductorContext, node: StoredNode, request: VifRequest, requester: Requester): Promise<void> {
  const { id, portUuid, portgroupUuid } = request;
  const wished = { ...(portUuid === undefined ? {} : { port: portUuid }), ...(portgroupUuid === undefined ? {} : { portgroup: portgroupUuid }) };
  await changeVifs(context, node, { type: 'vif-attached', message: `VIF ${id} attached`, details: { vif: id, ...wished } }, requester, (network, task) =>
    network.attachVif(task, request),
  );
}

/** Detaches a VIF under the node's lock. */
export async function detachVif(context: ConductorContext, node: StoredNode, id: string, requester: Requester): Promise<void> {
  await changeVifs(context, node, { type: 'vif-detached', message: `VIF ${id} detached`, details: { vif: id } }, requester, (network, task) =>
    network.detachVif(task, id),
  );
}

/** Undefined for `noop`. */
function networkOf(context: ConductorContext, node: StoredNode): NetworkStrategy | undefined {
  if (isEmptyImplementation('network', node.interfaces.network)) return undefined;
  const network = strategyOf(context, node, 'network');
  if (network === undefined) throw faults.unsupported(node.driver, 'network');
  return network;
}

type VifEvent = Pick<NewNodeEvent, 'type' | 'message' | 'details'>;

/** The client does not end this by leaving: what a network did must be written down. */
async function changeVifs(
  context: ConductorContext,
  { uuid }: StoredNode,
  event: VifEvent,
  requester: Requester,
  change: (network: NetworkStrategy, task: Task) => Promise<NodeChanges | undefined>,
): Promise<void> {
  const actor = actorOf(requester);
  await using lock = await context.locks.acquire(uuid, requester.signal);
  const network = networkOf(context, lock.node);
  if (network === undefined) return;
  await using opened = await openTask(context, lock.node, AbortSignal.timeout(context.settings.deviceTimeoutMs), {
    report: (message, details) => context.background.run('progress', () => tell(context, { nodeUuid: uuid, message, details, actor })),
    keep: (changes, device) => write(context, uuid, changes, device, actor),
  });
  await network.validate(opened.task);
  await write(context, uuid, await change(network, opened.task), opened.device, actor, event);
}

async function tell({ store }: ConductorContext, event: Omit<NewNodeEvent, 'severity' | 'type'>): Promise<void> {
  await store.write((transaction) => transaction.events.append({ ...event, type: 'work-progressed', severity: 'INFO' }));
}

function write(
  context: ConductorContext, uuid: string, changes: NodeChanges | undefined, device: NodeDevice, actor: string, event?: VifEvent,
): Promise<StoredNode> {
  return context.store.write(async (transaction) => {
    const present = await transaction.nodes.getForUpdate(uuid);
    if (present === undefined) throw faults.nodeNotFound(uuid);
    await keepFindings(transaction, present, changes, actor, context.clock.now());
    const applied = applyNodeChanges(present, changes);
    const update = { ...applied, ...memoryChanges({ ...present, ...applied }, device) };
    if (event !== undefined) await transaction.events.append({ ...event, nodeUuid: uuid, severity: 'INFO', actor });
    return Object.keys(update).length === 0 ? present : transaction.nodes.update(uuid, update);
  });
}
