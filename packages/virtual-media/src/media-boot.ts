import type { BootModeName, BootStrategy, NodeChanges, RamdiskPurpose, Secret, Task } from '@ferric/core';
import { checkAddress } from './addresses.js';
import { setBootDevice } from './boot-device.js';
import type { Delivery } from './delivery.js';
import { mediaDriverInfo } from './driver-info.js';
import {
  checkFirmware, expectedMode, prepareFirmware, prepareInstanceMode, releaseInstance, resumeSecureBoot, secureInstance, setAskedMode, type FirmwareRules,
} from './firmware.js';
import { hidingKey } from './hidden.js';
import { carriesParameters, instancePlan, planNotices, ramdiskPlan, type PlanContext } from './media-plan.js';
import { FORGET_MEDIA, readMediaRecord, type MediaRecord } from './media-record.js';
import { publishPlan, type PublishedMedia } from './publish-plan.js';
import { requirePorts, validate } from './validate.js';

/** A boot strategy whose machines load an image from the conductor, or from where a node says, in this way of delivery. */
export function createMediaBoot(context: PlanContext): BootStrategy {
  const { delivery } = context;
  return {
    interface: 'boot',
    name: delivery.name,
    // Some controllers change neither firmware nor boot device while the machine starts.
    wantsMachineOff: true,
    properties: mediaDriverInfo(delivery),
    validate: (task) => validate(task, context),
    keepsSecrets: (task, purpose) => carriesParameters(task, purpose, context),
    readyRamdisk: (task, purpose, parameters) => readyRamdisk(task, purpose, parameters, context),
    prepareRamdisk: async (task, purpose, parameters) => (await readyRamdisk(task, purpose, parameters, context))(),
    async cleanUpRamdisk(task) {
      const record = readMediaRecord(task.node);
      return record === undefined || record.purpose === 'instance' ? undefined : clear(task, delivery, record);
    },
    prepareInstance: async (task) => prepareInstance(task, context),
    async cleanUpInstance(task) {
      await tryTo(task, 'Switching secure boot off', () => releaseInstance(task));
      const record = readMediaRecord(task.node);
      return record?.purpose === 'instance' ? clear(task, delivery, record) : undefined;
    },
  };
}

/** Checks everything and makes the media; the rest changes the machine. */
async function readyRamdisk(
  task: Task,
  purpose: RamdiskPurpose,
  parameters: Readonly<Record<string, string | Secret>>,
  context: PlanContext,
): Promise<() => Promise<undefined>> {
  const { signal, services: { media } } = task;
  const { delivery, settings } = context;
  delivery.check(task.device);
  checkFirmware(task, delivery.mode);
  requirePorts(task, purpose);
  const needsApi = carriesParameters(task, purpose, context);
  const apiUrl = needsApi ? await media.conductorUrl(task.node, { signal }) : 'http://conductor';
  const plan = ramdiskPlan({ task, purpose, apiUrl, parameters, ...context });
  await checkAddress(task, plan, delivery);
  for (const notice of planNotices(task, plan, settings)) task.progress(notice);
  const expected = await expectedMode(task, purpose, firmwareRules(context));
  const publish = (bootMode: BootModeName | undefined): Promise<PublishedMedia> => publishPlan(task, { purpose, plan, bootMode });
  const others = readMediaRecord(task.node);
  // One set of media is served for a node. What a machine that still runs was started from, such as its instance, stays until it is off.
  const early = others === undefined || others.purpose === purpose ? await publish(expected) : undefined;
  return async () => {
    const bootMode = await prepareFirmware(task, purpose, firmwareRules(context));
    await put(task, delivery, early === undefined || bootMode !== expected ? await publish(bootMode) : early);
    await setBootDevice(task, delivery.bootDevice, 'ramdisk');
    return undefined;
  };
}

async function prepareInstance(task: Task, context: PlanContext): Promise<NodeChanges | undefined> {
  const { delivery, settings } = context;
  const plan = instancePlan(task.node, settings);
  const { provisionState } = task.node;
  // A machine in use keeps what its owner gave it.
  const inUse = provisionState === 'active' || provisionState === 'adopting';
  if (plan === undefined) {
    const record = readMediaRecord(task.node);
    if (record !== undefined) await takeOut(task, delivery, record);
    if (inUse) return FORGET_MEDIA;
    await setAskedMode(task);
    await setBootDevice(task, 'disk', 'instance');
    await secureInstance(task);
    return FORGET_MEDIA;
  }
  delivery.check(task.device);
  await checkAddress(task, plan, delivery);
  const bootMode = inUse ? undefined : await prepareInstanceMode(task, firmwareRules(context));
  await put(task, delivery, await publishPlan(task, { purpose: 'instance', plan, bootMode }));
  if (inUse) return undefined;
  await setBootDevice(task, delivery.bootDevice, 'instance');
  await secureInstance(task);
  return undefined;
}

const firmwareRules = ({ delivery, settings }: PlanContext): FirmwareRules => ({ required: delivery.mode, settings });

/** Gives the machine what it boots from. */
async function put(task: Task, delivery: Delivery, { key, addresses }: PublishedMedia): Promise<void> {
  await hidingKey(key, () => delivery.put(task, addresses));
}

/** Nothing to boot from, nothing served. What is served goes first: it must not stay because a controller is away. */
async function takeOut(task: Task, delivery: Delivery, { key }: MediaRecord): Promise<void> {
  await hidingKey(key, async () => {
    await task.services.media.withdraw(task.node);
    await delivery.takeOut(task);
  });
}

/** After work is over: the machine boots its disk again. A controller that is away does not keep a failure from ending; the record stays for the next time. */
async function clear(task: Task, delivery: Delivery, { key }: MediaRecord): Promise<NodeChanges | undefined> {
  const withdrawn = await tryTo(task, 'Removing the boot media from what is served', () => hidingKey(key, () => task.services.media.withdraw(task.node)));
  const cleared = await tryTo(task, 'Taking the boot media out', () =>
    hidingKey(key, async () => {
      await delivery.takeOut(task);
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
