import { invalidOptions, optionIssues, type BootModeName, type BootStrategy, type NodeChanges, type OptionIssue, type RamdiskPurpose, type Task } from '@ferric/core';
import { appendedParameters, bootFileReference, instanceBoot, readPersistence, requireBootFile } from '@ferric/ipxe-config';
import { mediaDriverInfo } from './driver-info.js';
import { emptyDrives, fillDrives, requireDrives, setBootDevice, type Insertion } from './drives.js';
import { checkFirmware, prepareFirmware, prepareInstanceMode, releaseInstance, secureInstance } from './firmware.js';
import { hidingKey } from './hidden.js';
import { bootloaderReference, carriesParameters, instancePlan, ramdiskIso, ramdiskPlan, type MediaPlan } from './media-plan.js';
import { FORGET_MEDIA, keepMediaRecord, readMediaRecord, type MediaPurpose, type MediaRecord } from './media-record.js';
import type { VirtualMediaSettings } from './settings.js';

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
    async prepareRamdisk(task, purpose, kernelParameters) {
      const { media } = task.services;
      requireDrives(task.device);
      checkFirmware(task);
      requirePorts(task, purpose);
      const needsApi = carriesParameters(task, purpose, settings);
      const apiUrl = needsApi ? await media.conductorUrl(task.node) : 'http://conductor';
      const plan = ramdiskPlan({ task, purpose, apiUrl, parameters: kernelParameters, settings });
      if (!needsApi) task.progress('The ISO image of the deploy agent gets no parameters: there is no virtual floppy, so it must know the address of the conductor by itself');
      const bootMode = await prepareFirmware(task, purpose, settings);
      await insertPlan(task, purpose, plan, bootMode);
      await setBootDevice(task, 'cdrom', 'ramdisk');
      return undefined;
    },
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

/** Serves what has to be served and puts it into the drives. */
async function insertPlan(task: Task, purpose: MediaPurpose, plan: MediaPlan, bootMode: BootModeName | undefined): Promise<void> {
  const key = await keepMediaRecord(task, purpose);
  await hidingKey(key, async () => {
    const { media } = task.services;
    const options = { signal: task.signal };
    const insertions: Insertion[] = [];
    if (plan.kind === 'iso') {
      if (plan.parameters !== undefined) {
        const floppy = await media.publish(task.node, key, { kind: 'parameters', parameters: plan.parameters }, options);
        insertions.push({ type: 'floppy', address: floppy.reveal() });
      }
      insertions.push({ type: 'cdrom', address: await media.address(task.node, plan.reference) });
    } else {
      const { kernel, ramdisk, commandLine, bootloader } = plan;
      const architecture = task.node.properties['cpu_arch'];
      task.progress('Making a medium of kernel and ramdisk');
      const medium = await media.publish(
        task.node, key,
        {
          kind: 'boot', kernel, ramdisk, commandLine,
          ...(bootloader === undefined ? {} : { bootloader }),
          ...(typeof architecture === 'string' ? { architecture } : {}),
          ...(bootMode === undefined ? {} : { bootMode }),
        },
        options,
      );
      insertions.push({ type: 'cdrom', address: medium.reveal() });
    }
    await fillDrives(task, requireDrives(task.device), insertions);
  });
}

async function prepareInstance(task: Task, settings: VirtualMediaSettings): Promise<NodeChanges | undefined> {
  const plan = instancePlan(task.node, settings);
  const { provisionState } = task.node;
  // A machine in use keeps what its owner gave it.
  const inUse = provisionState === 'active' || provisionState === 'adopting';
  if (plan === undefined) {
    if (readMediaRecord(task.node) !== undefined) await takeOut(task);
    if (inUse) return FORGET_MEDIA;
    await setBootDevice(task, 'disk', 'instance');
    await secureInstance(task);
    return FORGET_MEDIA;
  }
  requireDrives(task.device);
  await insertPlan(task, 'instance', plan, inUse ? undefined : await prepareInstanceMode(task, settings));
  if (inUse) return undefined;
  await setBootDevice(task, 'cdrom', 'instance');
  await secureInstance(task);
  return undefined;
}

/** Drives empty, nothing served. What is served goes first: it must not stay because a controller is away. */
async function takeOut(task: Task): Promise<void> {
  await task.services.media.withdraw(task.node);
  await emptyDrives(task);
}

/** After work is over: the machine boots its disk again. A controller that is away does not keep a failure from ending; the record stays for the next time. */
async function clear(task: Task, { key }: MediaRecord): Promise<NodeChanges | undefined> {
  await task.services.media.withdraw(task.node);
  const cleared = await tryTo(task, 'Taking the virtual media out', () =>
    hidingKey(key, async () => {
      await emptyDrives(task);
      await setBootDevice(task, 'disk', 'instance');
    }),
  );
  return cleared ? FORGET_MEDIA : undefined;
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

/** Fields of instance_info that name an image: without any, nothing is deployed yet and nothing can be missing. */
const IMAGE_FIELDS = ['image_source', 'kernel', 'ramdisk', 'boot_iso'] as const;

/** Tells everything that is missing or cannot be used, at once. */
function validate(task: Task, settings: VirtualMediaSettings): void {
  const { node, device } = task;
  const hasInstance = IMAGE_FIELDS.some((field) => ![undefined, null, ''].includes(node.instanceInfo[field] as null));
  const checks: readonly (() => unknown)[] = [
    () => requireDrives(device),
    () => checkFirmware(task),
    () => checkRamdisk(node, settings),
    () => bootFileReference(node, 'rescue_kernel', settings.boot),
    () => bootFileReference(node, 'rescue_ramdisk', settings.boot),
    () => bootloaderReference(node, settings),
    () => appendedParameters(node, settings.boot),
    () => readPersistence(node),
    () => mediaDriverInfo.parse({ external_http_url: node.driverInfo['external_http_url'] }),
    // The root of a partition image is known only after it was written.
    () => (hasInstance && instanceBoot(node) !== 'partition' ? instancePlan(node, settings) : undefined),
  ];
  const issues = checks.flatMap(issuesOf);
  if (issues.length > 0) throw invalidOptions('Virtual media', issues);
}

function checkRamdisk(node: Task['node'], settings: VirtualMediaSettings): void {
  if (ramdiskIso(node, 'deploy', settings) !== undefined) return;
  for (const role of ['deploy_kernel', 'deploy_ramdisk'] as const) requireBootFile(node, role, settings.boot);
}

function issuesOf(check: () => unknown): readonly OptionIssue[] {
  try {
    check();
    return [];
  } catch (error) {
    const issues = optionIssues(error);
    if (issues.length === 0) throw error;
    return issues;
  }
}

/** The agent is known by the MAC addresses of its machine; one that inspects may find the ports first. */
function requirePorts({ ports }: Task, purpose: RamdiskPurpose): void {
  if (ports.length > 0 || purpose === 'inspect') return;
  throw invalidOptions('Virtual media', [{ field: 'ports', problem: 'missing', expected: 'at least one port: by its MAC address the conductor knows the deploy agent on the machine' }]);
}
