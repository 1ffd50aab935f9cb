import type { BootModeName, BootStrategy, NodeChanges, RamdiskPurpose, Secret, Task } from '@ferric/core';
import { mediaDriverInfo } from './driver-info.js';
import { emptyDrives, requireDrives, setBootDevice } from './drives.js';
import { checkFirmware, expectedMode, prepareFirmware, prepareInstanceMode, releaseInstance, resumeSecureBoot, secureInstance, setAskedMode } from './firmware.js';
import { hidingKey } from './hidden.js';
import { carriesParameters, instancePlan, planNotices, ramdiskPlan } from './media-plan.js';
import { FORGET_MEDIA, readMediaRecord, type MediaRecord } from './media-record.js';
import { insertMedia, publishPlan, type PublishedMedia } from './publish-plan.js';
import type { VirtualMediaSettings } from './settings.js';
import { requirePorts, validate } from './validate.js';

/**
 * The boot interface `virtual-media`: the machine's controller shows it a CD that the conductor serves, or that a node names, and it boots from it.
 * Nothing of the network has to be set up for it. For every device with virtual media and a boot device.
 * Source: Ironic, ironic/drivers/modules/ilo/boot.py (IloVirtualMediaBoot), ironic/drivers/modules/redfish/boot.py (RedfishVirtualMediaBoot).
 */
export function createVirtualMediaBoot(settings: VirtualMediaSettings): BootStrategy {
  return {
    interface: 'boot',
    name: 'virtual-media',
    // Some controllers change neither firmware nor boot device while the machine starts.
    wantsMachineOff: true,
    properties: mediaDriverInfo,
    validate: async (task) => validate(task, settings),
    keepsSecrets: (task, purpose) => carriesParameters(task, purpose, settings),
    readyRamdisk: (task, purpose, parameters) => readyRamdisk(task, purpose, parameters, settings),
    prepareRamdisk: async (task, purpose, parameters) => (await readyRamdisk(task, purpose, parameters, settings))(),
    async cleanUpRamdisk(task) {
      const record = readMediaRecord(task.node);
      return record === undefined || record.purpose === 'instance' ? undefined : clear(task, record);
    },
    prepareInstance: async (task) => prepareInstance(task, settings),
    async cleanUpInstance(task) {
      await tryTo(task, 'Switching secure boot off', () => releaseInstance(task));
      const record = readMediaRecord(task.node);
      return record?.purpose === 'instance' ? clear(task, record) : undefined;
    },
  };
}

/** Checks everything and makes the media; the rest changes the machine. */
async function readyRamdisk(
  task: Task,
  purpose: RamdiskPurpose,
  parameters: Readonly<Record<string, string | Secret>>,
  settings: VirtualMediaSettings,
): Promise<() => Promise<undefined>> {
  const { signal, services: { media } } = task;
  requireDrives(task.device);
  checkFirmware(task);
  requirePorts(task, purpose);
  const needsApi = carriesParameters(task, purpose, settings);
  const apiUrl = needsApi ? await media.conductorUrl(task.node, { signal }) : 'http://conductor';
  const plan = ramdiskPlan({ task, purpose, apiUrl, parameters, settings });
  for (const notice of planNotices(task, plan, settings)) task.progress(notice);
  const expected = await expectedMode(task, purpose, settings);
  const publish = (bootMode: BootModeName | undefined): Promise<PublishedMedia> => publishPlan(task, { purpose, plan, bootMode });
  const others = readMediaRecord(task.node);
  // One set of media is served for a node. What a machine that still runs was started from, such as its instance, stays until it is off.
  const early = others === undefined || others.purpose === purpose ? await publish(expected) : undefined;
  return async () => {
    const bootMode = await prepareFirmware(task, purpose, settings);
    await insertMedia(task, early === undefined || bootMode !== expected ? await publish(bootMode) : early);
    await setBootDevice(task, 'cdrom', 'ramdisk');
    return undefined;
  };
}

async function prepareInstance(task: Task, settings: VirtualMediaSettings): Promise<NodeChanges | undefined> {
  const plan = instancePlan(task.node, settings);
  const { provisionState } = task.node;
  // A machine in use keeps what its owner gave it.
  const inUse = provisionState === 'active' || provisionState === 'adopting';
  if (plan === undefined) {
    const record = readMediaRecord(task.node);
    if (record !== undefined) await takeOut(task, record);
    if (inUse) return FORGET_MEDIA;
    await setAskedMode(task);
    await setBootDevice(task, 'disk', 'instance');
    await secureInstance(task);
    return FORGET_MEDIA;
  }
  requireDrives(task.device);
  const bootMode = inUse ? undefined : await prepareInstanceMode(task, settings);
  await insertMedia(task, await publishPlan(task, { purpose: 'instance', plan, bootMode }));
  if (inUse) return undefined;
  await setBootDevice(task, 'cdrom', 'instance');
  await secureInstance(task);
  return undefined;
}

/** Drives empty, nothing served. What is served goes first: it must not stay because a controller is away. */
async function takeOut(task: Task, { key }: MediaRecord): Promise<void> {
  await hidingKey(key, async () => {
    await task.services.media.withdraw(task.node);
    await emptyDrives(task);
  });
}

/** After work is over: the machine boots its disk again. A controller that is away does not keep a failure from ending; the record stays for the next time. */
async function clear(task: Task, { key }: MediaRecord): Promise<NodeChanges | undefined> {
  const withdrawn = await tryTo(task, 'Removing the virtual media from what is served', () => hidingKey(key, () => task.services.media.withdraw(task.node)));
  const cleared = await tryTo(task, 'Taking the virtual media out', () =>
    hidingKey(key, async () => {
      await emptyDrives(task);
      await setBootDevice(task, 'disk', 'instance');
      await resumeSecureBoot(task);
    }),
  );
  return withdrawn && cleared ? FORGET_MEDIA : undefined;
}

/** @returns whether it worked; a failure is told. An abort is no failure. */
async function tryTo(task: Task, what: string, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (task.signal.aborted) throw error;
    task.progress(`${what} did not work: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}
