import { FerricError, RAMDISK_PURPOSES, revealSealed, type NodeChanges, type ProvisionState, type RamdiskPurpose } from '@ferric/core';
import type { BootNode } from './boot-node.js';

/** What the boot strategy made ready: the agent for a purpose, or what was deployed. */
export type BootPurpose = RamdiskPurpose | 'instance';

/** The boot strategy's record in `driver_internal_info.network_boot`. */
export interface NetworkBoot {
  readonly purpose: BootPurpose;
  /** Parameters besides the usual ones, by name. Not checked yet. */
  readonly kernelParameters: Readonly<Record<string, unknown>>;
}

const RECORD = 'network_boot';
const PURPOSES: readonly string[] = [...RAMDISK_PURPOSES, 'instance'];

/** Boot interfaces of this package. */
export const BOOT_INTERFACES = ['ipxe', 'pxe'] as const;
export type BootInterfaceName = (typeof BOOT_INTERFACES)[number];

/** The record of a node; undefined when nothing is prepared. */
export function readNetworkBoot(node: BootNode): NetworkBoot | undefined {
  const record: unknown = revealSealed(node.driverInternalInfo[RECORD] ?? null);
  if (typeof record !== 'object' || record === null) return undefined;
  const { purpose, kernel_parameters: kernelParameters } = record as Record<string, unknown>;
  if (typeof purpose !== 'string' || !PURPOSES.includes(purpose)) return undefined;
  const isNamed = typeof kernelParameters === 'object' && kernelParameters !== null;
  return { purpose: purpose as BootPurpose, kernelParameters: isNamed ? (kernelParameters as Record<string, unknown>) : {} };
}

/** The change that records what is prepared. */
export function recordNetworkBoot(purpose: BootPurpose, kernelParameters: Readonly<Record<string, string>> = {}): NodeChanges {
  return { driverInternalInfo: { [RECORD]: { purpose, kernel_parameters: kernelParameters } } };
}

/** The change that forgets it. */
export const FORGET_NETWORK_BOOT: NodeChanges = { driverInternalInfo: { [RECORD]: null } };

/** The machine may boot the instance while the node is not active yet: its last deploy step switches it on. */
const DEPLOYING = ['deploy', 'instance'] as const;
const SERVICING = ['service', 'instance'] as const;

/**
 * What a machine may be given in each state, if that is what was prepared. An empty list: nothing.
 * Source: the specification "iPXE Dynamic Configuration"; for the other states, the files that Ironic writes.
 */
export const BOOTS_IN_STATE: Readonly<Record<ProvisionState, readonly BootPurpose[]>> = {
  enroll: [],
  verifying: [],
  manageable: [],
  inspecting: ['inspect'],
  'inspect wait': ['inspect'],
  'inspect failed': [],
  adopting: ['instance'],
  'adopt failed': [],
  available: [],
  deploying: DEPLOYING,
  'wait call-back': DEPLOYING,
  'deploy hold': DEPLOYING,
  'deploy failed': [],
  active: ['instance'],
  deleting: [],
  error: [],
  cleaning: ['clean'],
  'clean wait': ['clean'],
  'clean hold': ['clean'],
  'clean failed': [],
  rescuing: ['rescue'],
  'rescue wait': ['rescue'],
  rescue: ['rescue'],
  'rescue failed': [],
  unrescuing: ['instance'],
  'unrescue failed': [],
  servicing: SERVICING,
  'service wait': SERVICING,
  'service hold': SERVICING,
  'service failed': [],
};

/** What the machine of this node boots by network now. Throws CONFLICT when that is nothing. */
export function dueNetworkBoot(node: BootNode): NetworkBoot {
  const { boot } = node.interfaces;
  if (!(BOOT_INTERFACES as readonly string[]).includes(boot)) {
    throw nothingToBoot(node, `its boot interface is ${boot}`, `Set boot_interface to ${BOOT_INTERFACES.join(' or ')} to boot it by network.`);
  }
  const admitted = BOOTS_IN_STATE[node.provisionState];
  if (admitted.length === 0) throw nothingToBoot(node, 'no machine boots by network in this state', 'Deploy, clean, inspect or rescue the node.');
  const prepared = readNetworkBoot(node);
  if (prepared === undefined) throw nothingToBoot(node, 'nothing was prepared yet', 'Wait until its work has prepared the boot, then restart the machine.');
  if (admitted.includes(prepared.purpose)) return prepared;
  throw nothingToBoot(node, `what was prepared is for "${prepared.purpose}"`, 'Wait until its work has prepared the boot, then restart the machine.');
}

function nothingToBoot(node: BootNode, reason: string, hint: string): FerricError {
  return new FerricError('CONFLICT', `Node ${node.uuid} has nothing to boot in state "${node.provisionState}": ${reason}`, {
    details: { node: node.uuid, state: node.provisionState, bootInterface: node.interfaces.boot },
    hint,
  });
}
