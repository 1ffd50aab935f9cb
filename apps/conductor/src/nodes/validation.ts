import {
  DEVICE_INTERFACES,
  FerricError,
  isEmptyImplementation,
  WORKING_EMPTY_IMPLEMENTATIONS,
  type DeviceInterfaceName,
  type InterfaceName,
  type StrategyInterfaceName,
} from '@ferric/core';
import { requireDriver } from '../compose/registry.js';
import { faults } from '../fault.js';
import type { ConductorContext } from './conductor-context.js';
import { deviceContext, deviceMemoryOf, driverInfoFor } from './node-device.js';
import type { InterfaceVerdict } from './node-service.js';
import { openTask, strategyOf } from './node-task.js';
import type { StoredNode } from './stored-node.js';

/** Interfaces in the order in which Ironic 21.4 reports them; vendor methods are judged when they are called. */
const VALIDATED_INTERFACES = [
  'boot', 'deploy', 'management', 'network', 'power', 'bios', 'console', 'inspect', 'raid', 'rescue', 'storage',
] as const satisfies readonly InterfaceName[];

/** Judges every interface of a node. No contact with the machine. */
export async function validateNode(context: ConductorContext, node: StoredNode): Promise<Readonly<Record<string, InterfaceVerdict>>> {
  const verdicts = await Promise.all(VALIDATED_INTERFACES.map(async (name) => [name, await judge(context, node, name)] as const));
  return Object.fromEntries(verdicts);
}

/**
 * Checks the interfaces that an operation needs.
 * @throws RequestFault 400 with the first reason.
 */
export async function requireValid(context: ConductorContext, node: StoredNode, names: readonly InterfaceName[], operation: string): Promise<void> {
  for (const name of names) {
    const verdict = await judge(context, node, name);
    if (verdict.result === false) throw faults.failedValidation(node.uuid, operation, verdict.reason ?? `the ${name} interface is not usable`);
  }
}

async function judge(context: ConductorContext, node: StoredNode, name: InterfaceName): Promise<InterfaceVerdict> {
  try {
    if (isEmptyImplementation(name, node.interfaces[name])) {
      if (WORKING_EMPTY_IMPLEMENTATIONS.has(name)) return { result: true };
      throw faults.unsupported(node.driver, name);
    }
    await (isDeviceInterface(name) ? validateDriver(context, node, name) : validateStrategy(context, node, name));
    return { result: true };
  } catch (error) {
    if (FerricError.is(error) || error instanceof Error) return { result: false, reason: error.message };
    throw error;
  }
}

async function validateDriver(context: ConductorContext, node: StoredNode, name: DeviceInterfaceName): Promise<void> {
  const driver = requireDriver(context.registry, name, node.interfaces[name]);
  if (driver === undefined) return;
  const info = driver.driverInfo.parse(driverInfoFor(driver, node));
  const given = deviceContext(context.devices, node, await context.store.ports.all({ nodeUuid: node.uuid }));
  driver.validate?.(info, { ...given, memory: deviceMemoryOf(node, driver.name) }, name);
}

async function validateStrategy(context: ConductorContext, node: StoredNode, name: StrategyInterfaceName): Promise<void> {
  const strategy = strategyOf(context, node, name);
  if (strategy === undefined) throw faults.unsupported(node.driver, name);
  await using opened = await openTask(context, node, AbortSignal.timeout(context.settings.deviceTimeoutMs));
  await strategy.validate(opened.task);
}

function isDeviceInterface(name: InterfaceName): name is DeviceInterfaceName {
  return (DEVICE_INTERFACES as readonly string[]).includes(name);
}
