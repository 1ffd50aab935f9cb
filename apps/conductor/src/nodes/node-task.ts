import {
  FerricError, isEmptyImplementation, withFields,
  type DeviceContext, type JsonObject, type NodeChanges, type NodeView, type StrategyByInterface, type StrategyInterfaceName, type Task,
} from '@ferric/core';
import type { ConductorContext } from './conductor-context.js';
import { withInternalInfo, type RecordChanges } from './node-changes.js';
import { openNodeDevice, type NodeDevice } from './node-device.js';
import { restartOnce } from './restart-once.js';
import type { StoredNode } from './stored-node.js';

/** A task with everything it opened; disposing closes the device. */
export interface OpenTask extends AsyncDisposable {
  readonly task: Task;
  readonly device: NodeDevice;
  /** Shows the task a newer record of its node, and what was kept with it. */
  refresh(node: StoredNode, kept?: NodeChanges): void;
}

/** What the owner of a task lends it; a task that only looks needs neither. */
export interface TaskOwner {
  /** Tells of progress; called by strategies. */
  readonly report: (message: string, details: JsonObject) => void;
  /** Writes changes of the node and yields its new record. */
  readonly keep: (changes: RecordChanges, device: NodeDevice) => Promise<StoredNode>;
}

const ONLOOKER: TaskOwner = {
  report: () => undefined,
  keep: () => Promise.reject(new FerricError('INTERNAL', 'A strategy wanted to change a node while it was only asked to look at it')),
};

/** Opens the device of a node and wraps it for strategies. No I/O with the machine. */
export async function openTask(context: ConductorContext, node: StoredNode, signal: AbortSignal, owner: TaskOwner = ONLOOKER): Promise<OpenTask> {
  const atOpening = await context.store.ports.all({ nodeUuid: node.uuid });
  const keep = async (changes: RecordChanges): Promise<void> => refresh(await owner.keep(changes, device), changes);
  const lent: Pick<DeviceContext, 'keepDriverInfo' | 'beforeRestart'> = {
    keepDriverInfo: (driverInfo) => keep({ driverInfo }),
    beforeRestart: async () => strategyOf(context, node, 'deploy')?.beforeRestart?.(task),
  };
  const device = openNodeDevice(context.devices, node, atOpening, owner === ONLOOKER ? {} : lent);
  let ports = atOpening;
  let portgroups = await context.store.portgroups.all({ nodeUuid: node.uuid });
  let view = toView(node);
  const refresh: OpenTask['refresh'] = (newer, kept) => {
    view = toView(newer);
    ports = withInternalInfo(ports, kept?.portInfo);
    portgroups = withInternalInfo(portgroups, kept?.portgroupInfo);
  };
  const task: Task = {
    get node() {
      return view;
    },
    get ports() {
      return ports;
    },
    get portgroups() {
      return portgroups;
    },
    device: owner === ONLOOKER ? device : { ...device, power: restartOnce(device.power) },
    boot: strategyOf(context, node, 'boot'),
    network: strategyOf(context, node, 'network'),
    storage: strategyOf(context, node, 'storage'),
    services: context.services,
    clock: context.clock,
    logger: withFields(context.logger, { node: node.uuid }),
    signal,
    progress: (message, details = {}) => owner.report(message, details),
    keep,
  };
  return { task, device, refresh, [Symbol.asyncDispose]: () => device[Symbol.asyncDispose]() };
}

function toView(node: StoredNode): NodeView {
  const { reservation: _reservation, id: _id, work: _work, powerKnowledge: _knowledge, ...view } = node;
  return view;
}

/** The strategy behind an interface of the node; undefined for the empty implementation or a missing package. */
export function strategyOf<Name extends StrategyInterfaceName>(context: ConductorContext, node: StoredNode, name: Name): StrategyByInterface[Name] | undefined {
  const implementation = node.interfaces[name];
  return isEmptyImplementation(name, implementation) ? undefined : context.registry.strategy(name, implementation);
}
