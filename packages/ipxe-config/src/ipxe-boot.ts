import { RAMDISK_PURPOSES, type BootDeviceName, type BootStrategy, type NodeChanges, type RamdiskPurpose, type Secret, type Task } from '@ferric/core';
import { bootFileReference, requireBootFile, BOOT_FILE_ROLES, type BootFileRole } from './boot-files.js';
import type { BootNode } from './boot-node.js';
import { checkNumbers, type BootSettings } from './boot-settings.js';
import { checkAll, missing, refuse } from './checks/fields.js';
import { checkOpenParameter } from './checks/kernel-parameters.js';
import { bootDriverInfo, readPersistence, type Persistence } from './driver-info.js';
import { instanceBoot, type InstanceBoot } from './instance-boot.js';
import { appendedParameters } from './kernel-arguments.js';
import { FORGET_NETWORK_BOOT, readNetworkBoot, recordNetworkBoot, type BootInterfaceName } from './network-boot.js';

export interface IpxeBootOptions {
  /** `ipxe`, or `pxe` for nodes that come from Ironic with that name: both boot by iPXE scripts. */
  readonly name: BootInterfaceName;
  readonly settings: BootSettings;
}

/** Files of the agent, by what it is booted for. */
const RAMDISK_FILES: Readonly<Record<RamdiskPurpose, readonly BootFileRole[]>> = {
  deploy: ['deploy_kernel', 'deploy_ramdisk'],
  clean: ['deploy_kernel', 'deploy_ramdisk'],
  inspect: ['deploy_kernel', 'deploy_ramdisk'],
  service: ['deploy_kernel', 'deploy_ramdisk'],
  rescue: ['rescue_kernel', 'rescue_ramdisk'],
};

/** Files of an instance, and what it boots from; an anaconda installation also needs its kickstart file. */
const INSTANCES: Readonly<Record<InstanceBoot, { readonly files: readonly BootFileRole[]; readonly device: BootDeviceName }>> = {
  disk: { files: [], device: 'disk' },
  partition: { files: ['kernel', 'ramdisk'], device: 'pxe' },
  ramdisk: { files: ['kernel', 'ramdisk'], device: 'pxe' },
  iso: { files: ['boot_iso'], device: 'pxe' },
  anaconda: { files: ['kernel', 'ramdisk', 'ks'], device: 'pxe' },
};

/** How long a boot device is set for, by `force_persistent_boot_device`: true is for good. */
export const BOOT_DEVICE_PERSISTENCE: Readonly<Record<Persistence, { readonly ramdisk: boolean; readonly instance: boolean }>> = {
  Default: { ramdisk: false, instance: true },
  Always: { ramdisk: true, instance: true },
  Never: { ramdisk: false, instance: false },
};

/** Fields of instance_info that name an image: without any, nothing is deployed yet and nothing can be missing. */
const IMAGE_FIELDS = ['image_source', 'kernel', 'ramdisk', 'boot_iso', 'stage2', 'ks_template'] as const;

/**
 * The boot interfaces `ipxe` and `pxe`: they record in `driver_internal_info.network_boot` what the machine shall boot, from which
 * `bootScript` makes its script, and set the boot device where the hardware has one. Nothing is written to any file.
 * Throws INVALID_OPTIONS for settings out of range.
 */
export function createIpxeBoot({ name, settings }: IpxeBootOptions): BootStrategy {
  checkNumbers(settings);
  return {
    interface: 'boot',
    name,
    properties: bootDriverInfo(name),
    validate: async (task) => validate(task, settings),

    async prepareRamdisk(task, purpose, kernelParameters) {
      const open = requireRamdisk(task.node, purpose, kernelParameters, settings);
      await setBootDevice(task, 'pxe', 'ramdisk');
      return recordNetworkBoot(purpose, open);
    },

    async cleanUpRamdisk({ node }) {
      const prepared = readNetworkBoot(node);
      return prepared === undefined || prepared.purpose === 'instance' ? undefined : FORGET_NETWORK_BOOT;
    },

    async prepareInstance(task) {
      const { node } = task;
      const { files, device } = INSTANCES[instanceBoot(node)];
      checkAll([...files.map((role) => () => requireBootFile(node, role, settings)), () => appendedParameters(node, settings)]);
      // A machine in use keeps the boot order that its owner gave it.
      if (node.provisionState !== 'active' && node.provisionState !== 'adopting') await setBootDevice(task, device, 'instance');
      return recordNetworkBoot('instance');
    },

    async cleanUpInstance({ node }): Promise<NodeChanges | undefined> {
      return readNetworkBoot(node)?.purpose === 'instance' ? FORGET_NETWORK_BOOT : undefined;
    },
  };
}

/** Tells everything that is missing or cannot enter a script, at once. */
function validate({ node, ports }: Task, settings: BootSettings): void {
  checkAll([
    () => requirePort(ports),
    ...RAMDISK_FILES.deploy.map((role) => () => requireBootFile(node, role, settings)),
    ...BOOT_FILE_ROLES.filter((role) => !RAMDISK_FILES.deploy.includes(role)).map((role) => () => bootFileReference(node, role, settings)),
    () => appendedParameters(node, settings),
    () => readPersistence(node),
    () => requireInstance(node, settings),
  ]);
}

/**
 * A machine is told by the MAC address it asks from, and the agent on it, too: with no port nobody would find its node.
 * (A DHCP server that names the node's UUID itself would get a script, but its agent would stay unknown.)
 */
function requirePort(ports: Task['ports']): void {
  if (!ports.some(({ pxeEnabled }) => pxeEnabled)) {
    throw missing('ports', 'at least one port with pxe_enabled, whose address is the MAC address that the machine boots from; the machine is recognised by it');
  }
}

function requireInstance(node: BootNode, settings: BootSettings): void {
  const given = IMAGE_FIELDS.filter((field) => ![undefined, null, ''].includes(node.instanceInfo[field] as null));
  const kind = instanceBoot(node);
  if (given.length === 0) return;
  if (given.includes('image_source') && given.includes('boot_iso')) {
    throw refuse({ name: 'instance_info.boot_iso', value: node.instanceInfo['boot_iso'] }, 'left out when image_source is given: there can be one of them');
  }
  checkAll(INSTANCES[kind].files.map((role) => () => requireBootFile(node, role, settings)));
}

/** @returns the parameters, none of which is a secret */
function requireRamdisk(
  node: BootNode, purpose: RamdiskPurpose, kernelParameters: Readonly<Record<string, string | Secret>>, settings: BootSettings,
): Readonly<Record<string, string>> {
  if (!RAMDISK_PURPOSES.includes(purpose)) throw refuse({ name: 'purpose', value: purpose }, `one of ${RAMDISK_PURPOSES.join(', ')}`);
  checkAll([
    ...RAMDISK_FILES[purpose].map((role) => () => requireBootFile(node, role, settings)),
    () => appendedParameters(node, settings),
    ...Object.entries(kernelParameters).map(([name, value]) => () => checkOpenParameter(name, { name: 'kernelParameters', value })),
  ]);
  return kernelParameters as Readonly<Record<string, string>>;
}

/** Hardware without a boot device boots in the order of its firmware: network first, and the script sends it to its disk. */
async function setBootDevice({ node, device, signal }: Task, name: BootDeviceName, boots: 'ramdisk' | 'instance'): Promise<void> {
  const persistent = BOOT_DEVICE_PERSISTENCE[readPersistence(node)][boots];
  if (device.bootDevice?.supported.has(name) !== true) return;
  await device.bootDevice.set(name, { persistent }, { signal });
}
