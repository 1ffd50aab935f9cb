import { BOOT_DEVICES, type BiosSetting, type BootDevice, type BootDeviceName, type BootDeviceSetting } from '@ferric/core';
import { faults } from '../fault.js';
import type { ConductorContext } from './conductor-context.js';
import type { Requester } from './node-service.js';
import { openTask, type OpenTask } from './node-task.js';
import { memoryChanges } from './power-knowledge.js';
import { actorOf } from './requester.js';
import type { StoredNode } from './stored-node.js';

/** Opens the node for one call that a client waits for. */
function openForCall(context: ConductorContext, node: StoredNode, requester: Requester): Promise<OpenTask> {
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
  await context.store.write(async (transaction) => {
    const present = await transaction.nodes.getForUpdate(node.uuid);
    if (present !== undefined) await transaction.nodes.update(node.uuid, memoryChanges(present, opened.device));
    await transaction.events.append({
      nodeUuid: node.uuid,
      type: 'boot-device-set',
      severity: 'INFO',
      message: `Boot device ${device}, ${request.persistent ? 'for every boot' : 'for the next boot'}`,
      details: { device, persistent: request.persistent },
      actor: actorOf(requester),
    });
  });
}

export async function readBiosSettings(context: ConductorContext, node: StoredNode, requester: Requester): Promise<readonly BiosSetting[]> {
  await using opened = await openForCall(context, node, requester);
  return (await opened.device.bios?.read({ signal: requester.signal, timeoutMs: context.settings.deviceTimeoutMs })) ?? [];
}
