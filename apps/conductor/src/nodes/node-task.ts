import { isEmptyImplementation, withFields, type Device, type JsonObject, type Port, type StrategyByInterface, type StrategyInterfaceName, type Task } from '@ferric/core';
import type { ConductorContext } from './conductor-context.js';
import { openNodeDevice, type NodeDevice } from './node-device.js';
import type { StoredNode } from './stored-node.js';

/** A task with everything it opened; disposing closes the device. */
export interface OpenTask extends AsyncDisposable {
  readonly task: Task;
  readonly device: NodeDevice;
  readonly ports: readonly Port[];
}

/** Tells of progress; called by strategies. */
export type ReportProgress = (message: string, details: JsonObject) => void;

/** Opens the device of a node and wraps it for strategies. No I/O with the machine. */
export async function openTask(context: ConductorContext, node: StoredNode, signal: AbortSignal, report: ReportProgress): Promise<OpenTask> {
  const ports = await context.store.ports.ofNode(node.uuid);
  const device = openNodeDevice(context.devices, node, ports);
  return {
    task: createTask(context, node, ports, device, signal, report),
    device,
    ports,
    [Symbol.asyncDispose]: () => device[Symbol.asyncDispose](),
  };
}

function createTask(
  context: ConductorContext,
  node: StoredNode,
  ports: readonly Port[],
  device: Device,
  signal: AbortSignal,
  report: ReportProgress,
): Task {
  const { reservation: _reservation, id: _id, work: _work, powerKnowledge: _knowledge, ...view } = node;
  return {
    node: view,
    ports,
    device,
    services: {},
    logger: withFields(context.logger, { node: node.uuid }),
    signal,
    progress: (message, details = {}) => report(message, details),
  };
}

/** The strategy behind an interface of the node; undefined for the empty implementation or a missing package. */
export function strategyOf<Name extends StrategyInterfaceName>(context: ConductorContext, node: StoredNode, name: Name): StrategyByInterface[Name] | undefined {
  const implementation = node.interfaces[name];
  return isEmptyImplementation(name, implementation) ? undefined : context.registry.strategy(name, implementation);
}

