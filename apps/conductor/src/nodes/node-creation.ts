import { randomUUID } from 'node:crypto';
import { selectInterface, type HardwareTypeAlias, type InterfaceName, type NodeInterfaces, type ProvisionState } from '@ferric/core';
import { everyInterface, type Registry, type ResolvedHardwareType } from '../compose/registry.js';
import { faults } from '../fault.js';
import type { NewNode, Transaction } from '../store/store.js';
import type { NodeCreation } from './node-service.js';

/** First microversion (N of 1.N) whose new nodes start in `enroll`; before it they start `available`. */
const ENROLL_SINCE = 11;

/**
 * The record of a new node.
 * @throws RequestFault 400 for a driver that is not installed; INVALID_OPTIONS for an interface that cannot be used.
 */
export function newNode(registry: Registry, creation: NodeCreation, version: number, at: Date): NewNode {
  const resolved = resolveDriver(registry, creation.driver, creation.fields.conductorGroup ?? '');
  const provisionState: ProvisionState = version >= ENROLL_SINCE ? 'enroll' : 'available';
  return {
    ...EMPTY_NODE,
    ...creation.fields,
    uuid: creation.uuid ?? randomUUID(),
    driver: resolved.type.name,
    interfaces: chooseInterfaces(registry, resolved, creation.interfaces),
    provisionState,
    createdAt: at,
  };
}

/**
 * Makes sure that the chassis of a node exists, and that nobody deletes it before the transaction ends.
 * @throws RequestFault 400.
 */
export async function requireChassis(transaction: Pick<Transaction, 'chassis'>, chassisUuid: string | null | undefined): Promise<void> {
  if (chassisUuid === undefined || chassisUuid === null) return;
  if ((await transaction.chassis.getForUpdate(chassisUuid)) === undefined) throw faults.chassisNotFoundInBody(chassisUuid);
}

/** The hardware type that a client named, by name or alias. */
export function resolveDriver(registry: Registry, name: string, conductorGroup: string): ResolvedHardwareType {
  const resolved = registry.hardwareType(name);
  if (resolved === undefined) throw faults.noValidHost(name, conductorGroup);
  return resolved;
}

/** All thirteen interfaces: what the client named, else what the alias fixes, else the type's first that is installed. */
export function chooseInterfaces(
  registry: Registry,
  resolved: { readonly type: ResolvedHardwareType['type']; readonly alias?: HardwareTypeAlias },
  requested: Partial<Readonly<Record<InterfaceName, string | null>>>,
): NodeInterfaces {
  return everyInterface((name) => selectInterface(resolved.type, name, requested[name] ?? resolved.alias?.interfaces[name], registry.installed));
}

/** What a new node holds in the fields that its creator left out. */
export const EMPTY_NODE: Omit<NewNode, 'uuid' | 'driver' | 'interfaces' | 'provisionState' | 'createdAt'> = {
  name: null,
  driverInfo: {},
  driverInternalInfo: {},
  instanceInfo: {},
  instanceUuid: null,
  chassisUuid: null,
  properties: {},
  extra: {},
  networkData: {},
  resourceClass: null,
  conductorGroup: '',
  owner: null,
  lessee: null,
  description: null,
  shard: null,
  allocationUuid: null,
  traits: [],
  powerState: null,
  targetPowerState: null,
  targetProvisionState: null,
  provisionUpdatedAt: null,
  lastError: null,
  fault: null,
  maintenance: false,
  maintenanceReason: null,
  reservation: null,
  automatedClean: null,
  protected: false,
  protectedReason: null,
  retired: false,
  retiredReason: null,
  consoleEnabled: false,
  bootMode: null,
  secureBoot: null,
  cleanStep: {},
  deployStep: {},
  raidConfig: {},
  targetRaidConfig: {},
  inspectionStartedAt: null,
  inspectionFinishedAt: null,
  work: null,
  powerKnowledge: null,
};
