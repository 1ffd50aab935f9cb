import {
  BOOT_DEVICES, type BiosSetting, type BootDevice, type BootDeviceName, type BootDeviceSetting, type FirmwareComponent, type ProvisionState,
} from '@ferric/core';
import type { NewNodeEvent } from '../events/node-event.js';
import { faults } from '../fault.js';
import { maskMediaKeys } from '../media/media-address.js';
import type { ConductorContext } from './conductor-context.js';
import type { Requester } from './node-service.js';
import { openTask, type OpenTask } from './node-task.js';
import { memoryChanges } from './power-knowledge.js';
import { actorOf } from './requester.js';
import type { StoredNode } from './stored-node.js';

/** Opens the node for one call that a client waits for. */
export function openForCall(context: ConductorContext, node: StoredNode, requester: Requester): Promise<OpenTask> {
  const limit = AbortSignal.timeout(context.settings.deviceTimeoutMs);
  return openTask(context, node, requester.signal === undefined ? limit : AbortSignal.any([requester.signal, limit]));
}

function requireBootDevice(node: StoredNode, opened: OpenTask): BootDevice {
  const { bootDevice } = opened.device;
  if (bootDevice === undefined) throw faults.unsupported(node.driver, 'management');
  return bootDevice;
}

export async function readBootDevice(context: ConductorContext, node: StoredNode, requester: Requester): Promise<BootDeviceSetting> {
  await using opened = await openForCall(context, node, requester);
  return await requireBootDevice(node, opened).read({ signal: requester.signal, timeoutMs: context.settings.deviceTimeoutMs });
}

export async function supportedBootDevices(context: ConductorContext, node: StoredNode): Promise<readonly BootDeviceName[]> {
  await using opened = await openTask(context, node, new AbortController().signal);
  return [...requireBootDevice(node, opened).supported];
}

/** Sets the boot device under the node's lock. */
export async function setBootDevice(
  context: ConductorContext,
  node: StoredNode,
  request: { readonly device: string; readonly persistent: boolean },
  requester: Requester,
): Promise<void> {
  await using lock = await context.locks.acquire(node.uuid, requester.signal);
  await using opened = await openForCall(context, lock.node, requester);
  const bootDevice = requireBootDevice(node, opened);
  const device = BOOT_DEVICES.find((each) => each === request.device);
  if (device === undefined || !bootDevice.supported.has(device)) throw faults.invalidBootDevice(request.device);
  await bootDevice.set(device, { persistent: request.persistent }, { signal: requester.signal, timeoutMs: context.settings.deviceTimeoutMs });
  const message = `Boot device ${device}, ${request.persistent ? 'for every boot' : 'for the next boot'}`;
  await writeManaged(context, node, opened, { type: 'boot-device-set', message, details: { device, persistent: request.persistent } }, requester);
}

/** Sends a non-maskable interrupt under the node's lock. Source: Ironic, InjectNmiController; recorded exchange 083. */
export async function injectNmi(context: ConductorContext, node: StoredNode, requester: Requester): Promise<void> {
  await using lock = await context.locks.acquire(node.uuid, requester.signal);
  await using opened = await openForCall(context, lock.node, requester);
  const { nmi } = opened.device;
  if (nmi === undefined) throw faults.unsupported(node.driver, 'inject_nmi');
  await nmi.inject({ signal: requester.signal, timeoutMs: context.settings.deviceTimeoutMs });
  await writeManaged(context, node, opened, { type: 'nmi-injected', message: 'A non-maskable interrupt was sent', details: {} }, requester);
}

/** Writes what a call that a client waited for did, and what the drivers want remembered. */
export async function writeManaged(
  context: ConductorContext, node: StoredNode, opened: OpenTask, event: Pick<NewNodeEvent, 'type' | 'message' | 'details'>, requester: Requester,
): Promise<void> {
  await context.store.write(async (transaction) => {
    const present = await transaction.nodes.getForUpdate(node.uuid);
    if (present !== undefined) await transaction.nodes.update(node.uuid, memoryChanges(present, opened.device));
    await transaction.events.append({ ...event, nodeUuid: node.uuid, severity: 'INFO', actor: actorOf(requester) });
  });
}

/** States of a node whose machine nobody has spoken to yet. Ironic knows of no settings then, since it reads them when the node is verified. */
const UNVERIFIED_STATES: ReadonlySet<ProvisionState> = new Set(['enroll', 'verifying']);

export async function readFirmwareComponents(context: ConductorContext, node: StoredNode, requester: Requester): Promise<readonly FirmwareComponent[]> {
  if (UNVERIFIED_STATES.has(node.provisionState)) return [];
  await using opened = await openForCall(context, node, requester);
  return (await opened.device.firmware?.read({ signal: requester.signal, timeoutMs: context.settings.deviceTimeoutMs })) ?? [];
}

export async function readBiosSettings(context: ConductorContext, node: StoredNode, requester: Requester): Promise<readonly BiosSetting[]> {
  if (UNVERIFIED_STATES.has(node.provisionState)) return [];
  await using opened = await openForCall(context, node, requester);
  const settings = (await opened.device.bios?.read({ signal: requester.signal, timeoutMs: context.settings.deviceTimeoutMs })) ?? [];
  // The address that firmware boots from is one of them, and may be that of a medium.
  return settings.map((setting) => (typeof setting.value === 'string' ? { ...setting, value: maskMediaKeys(setting.value) } : setting));
}
