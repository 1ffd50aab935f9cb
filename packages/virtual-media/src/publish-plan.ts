import type { BootModeName, Secret, Task } from '@ferric/core';
import type { MediaAddresses } from './delivery.js';
import { hidingKey } from './hidden.js';
import type { KernelMediaPlan, MediaPlan } from './media-plan.js';
import { keepMediaRecord, type MediaPurpose } from './media-record.js';

/** Media that are served, for a machine that is not told of them yet. */
export interface PublishedMedia {
  /** Under which they are served. */
  readonly key: Secret;
  readonly addresses: MediaAddresses;
}

export interface PublishOptions {
  readonly purpose: MediaPurpose;
  readonly plan: MediaPlan;
  /** The mode that the machine boots in, where somebody can tell. */
  readonly bootMode: BootModeName | undefined;
}

/** Makes and serves what has to be served. The machine is left alone. Throws as `publish` and `address` of the services. */
export async function publishPlan(task: Task, { purpose, plan, bootMode }: PublishOptions): Promise<PublishedMedia> {
  const key = await keepMediaRecord(task, purpose);
  const { media } = task.services;
  const options = { signal: task.signal };
  const addresses = await hidingKey(key, async (): Promise<MediaAddresses> => {
    if (plan.kind === 'kernel') return { boot: await makeMedium(task, key, plan, bootMode) };
    const boot = await media.address(task.node, plan.reference, options);
    if (plan.parameters === undefined) return { boot };
    const floppy = await media.publish(task.node, key, { kind: 'parameters', parameters: plan.parameters }, options);
    return { boot, parameters: floppy.reveal() };
  });
  return { key, addresses };
}

async function makeMedium(task: Task, key: Secret, { kernel, ramdisk, commandLine, bootloader }: KernelMediaPlan, bootMode: BootModeName | undefined): Promise<string> {
  const architecture = task.node.properties['cpu_arch'];
  task.progress('Making a medium of kernel and ramdisk');
  const medium = await task.services.media.publish(
    task.node, key,
    {
      kind: 'boot', kernel, ramdisk, commandLine,
      ...(bootloader === undefined ? {} : { bootloader }),
      ...(typeof architecture === 'string' ? { architecture } : {}),
      ...(bootMode === undefined ? {} : { bootMode }),
    },
    { signal: task.signal },
  );
  return medium.reveal();
}
