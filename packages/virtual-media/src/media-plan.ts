import { FerricError, invalidOptions, Secret, type NodeView, type RamdiskPurpose, type Task } from '@ferric/core';
import { appendedParameters, bootFileReference, instanceBoot, kernelBoot, ramdiskParameters, readReference, requireBootFile, type InstanceBoot, type KernelBoot, type KernelBootOptions } from '@ferric/ipxe-config';
import type { Delivery } from './delivery.js';
import type { VirtualMediaSettings } from './settings.js';

/** A ready-made ISO image, and what it is told by floppy where there is a drive for one. */
export interface IsoPlan {
  readonly kind: 'iso';
  /** From where: http, https or file:///. */
  readonly reference: string;
  /** The field or setting that names it. */
  readonly field: string;
  readonly parameters?: Readonly<Record<string, string | Secret>>;
}

/** A kernel with its ramdisk, for which a medium is made. */
export interface KernelMediaPlan extends KernelBoot {
  readonly kind: 'kernel';
  readonly bootloader: string | undefined;
}

export type MediaPlan = IsoPlan | KernelMediaPlan;

/** What is the same for all boots of a strategy. */
export interface PlanContext {
  readonly delivery: Delivery;
  readonly settings: VirtualMediaSettings;
}

/** Where the images of the agent are, by what it is booted for. */
const RAMDISK_ISOS = {
  deploy: { field: 'deploy_iso', setting: 'deployIso', kernel: 'deploy_kernel', ramdisk: 'deploy_ramdisk' },
  rescue: { field: 'rescue_iso', setting: 'rescueIso', kernel: 'rescue_kernel', ramdisk: 'rescue_ramdisk' },
} as const;

const isosFor = (purpose: RamdiskPurpose): (typeof RAMDISK_ISOS)[keyof typeof RAMDISK_ISOS] => RAMDISK_ISOS[purpose === 'rescue' ? 'rescue' : 'deploy'];

/**
 * The ready-made ISO image that a ramdisk boots from; undefined when a medium is made of kernel and ramdisk. The node's own fields come before
 * the settings, and an ISO image before kernel and ramdisk.
 * Throws INVALID_OPTIONS for a field that is no reference, and when nothing is named at all.
 */
export function ramdiskIso(node: NodeView, purpose: RamdiskPurpose, settings: VirtualMediaSettings): Pick<IsoPlan, 'reference' | 'field'> | undefined {
  const { field, setting, kernel, ramdisk } = isosFor(purpose);
  const named = isoField(node, field);
  const own = readReference(`driver_info.${named}`, node.driverInfo[named]);
  if (own !== undefined) return { reference: own, field: `driver_info.${named}` };
  const hasOwnKernel = [kernel, ramdisk].some((each) => ![undefined, null, ''].includes(node.driverInfo[each] as null));
  const preset = hasOwnKernel ? undefined : readReference(setting, settings[setting]);
  if (preset !== undefined) return { reference: preset, field: setting };
  if ([kernel, ramdisk].some((role) => bootFileReference(node, role, settings.boot) !== undefined)) return undefined;
  throw invalidOptions('Boot media', [
    { field: `driver_info.${field}`, problem: 'missing', expected: `an http, https or file:/// URL of an ISO image of the deploy agent; or ${kernel} and ${ramdisk}, of which a medium is made` },
  ]);
}

/** The field itself, or else one that has the hardware's name before it, as Ironic's older drivers had: `acme_deploy_iso`. */
function isoField({ driverInfo }: NodeView, field: string): string {
  return Object.hasOwn(driverInfo, field) ? field : (Object.keys(driverInfo).find((name) => name.endsWith(`_${field}`)) ?? field);
}

/** Whether the parameters of a ramdisk get to it: on the command line of a medium that is made for it, or on a floppy. */
export function carriesParameters({ node, device }: Pick<Task, 'node' | 'device'>, purpose: RamdiskPurpose, { delivery, settings }: PlanContext): boolean {
  return delivery.takesParameters(device) || ramdiskIso(node, purpose, settings) === undefined;
}

export interface RamdiskPlanOptions extends PlanContext {
  readonly task: Pick<Task, 'node' | 'ports' | 'device'>;
  readonly purpose: RamdiskPurpose;
  readonly apiUrl: string;
  readonly parameters: Readonly<Record<string, string | Secret>>;
}

/** What a ramdisk boots from. Throws INVALID_OPTIONS, and CONFLICT for a secret that cannot get to it. */
export function ramdiskPlan({ task, purpose, apiUrl, parameters, delivery, settings }: RamdiskPlanOptions): MediaPlan {
  const { node, ports, device } = task;
  const iso = ramdiskIso(node, purpose, settings);
  const options: KernelBootOptions = { node, kind: purpose, apiUrl, settings: settings.boot, parameters: { ...delivery.parameters, ...ownCard(ports), ...parameters } };
  if (iso === undefined) return kernelPlan(node, kernelBoot(options), settings);
  if (delivery.takesParameters(device)) return { kind: 'iso', ...iso, parameters: ramdiskParameters(options) };
  if (Object.values(parameters).some((value) => Secret.is(value))) {
    throw new FerricError('INTERNAL', 'A secret was given to a ramdisk that boots from a ready-made ISO image, and there is no drive for a floppy', { details: { node: node.uuid } });
  }
  return { kind: 'iso', ...iso };
}

/** What an operator should know of how the parameters get to a ramdisk, or do not. */
export function planNotices({ node }: Pick<Task, 'node'>, plan: MediaPlan, settings: VirtualMediaSettings): readonly string[] {
  if (plan.kind === 'kernel') return [];
  if (plan.parameters === undefined) {
    return ['The ISO image of the deploy agent gets no parameters: there is no virtual floppy, so it must know the address of the conductor by itself'];
  }
  const { text, field } = appendedParameters(node, settings.boot);
  const quoted = [...text.matchAll(/(?:^| )(ipa-[^=" ]+)=[^" ]*"/g)].map(([, name]) => name);
  return quoted.length === 0 ? [] : [`${quoted.join(', ')} of ${field} cannot be told to the deploy agent: on a floppy there are no values in double quotes`];
}

/**
 * What tells the agent which network card is its own, where there is one only.
 * Source: Ironic, ironic/drivers/modules/ilo/boot.py (prepare_ramdisk).
 */
function ownCard(ports: Task['ports']): Readonly<Record<string, string>> {
  const [port, ...others] = ports.filter(({ pxeEnabled }) => pxeEnabled);
  return port === undefined || others.length > 0 ? {} : { BOOTIF: port.address };
}

function kernelPlan(node: NodeView, boot: KernelBoot, settings: VirtualMediaSettings): KernelMediaPlan {
  const commandLine = boot.commandLine.reveal();
  if (/['\\]/.test(commandLine)) {
    const expected = "without \"'\" and \"\\\", which the boot loader of UEFI machines passes on changed; leave them out";
    throw invalidOptions('Boot media', [{ field: 'kernel_append_params', problem: 'invalid', expected }]);
  }
  return { kind: 'kernel', ...boot, bootloader: bootloaderReference(node, settings) };
}

/** The boot loader for UEFI that a node or the settings name. Throws INVALID_OPTIONS. */
export function bootloaderReference(node: NodeView, settings: VirtualMediaSettings): string | undefined {
  return readReference('driver_info.bootloader', node.driverInfo['bootloader']) ?? readReference('bootloader', settings.bootloader);
}

/** Instances that boot from a medium all their life. */
type MediaInstance = Exclude<InstanceBoot, 'disk' | 'anaconda'>;

/**
 * What an instance boots from; undefined: its disk.
 * Throws INVALID_OPTIONS for an instance that only a boot from the network can install, and for files that are missing.
 */
export function instancePlan(node: NodeView, settings: VirtualMediaSettings): MediaPlan | undefined {
  const kind = instanceBoot(node);
  if (kind === 'disk') return undefined;
  if (kind === 'anaconda') {
    throw invalidOptions('Boot media', [{ field: 'boot_interface', problem: 'invalid', expected: 'ipxe for the anaconda installer, which finds its kickstart file by network' }]);
  }
  return INSTANCE_PLANS[kind](node, settings);
}

const kernelInstance = (kind: 'ramdisk' | 'partition') => (node: NodeView, settings: VirtualMediaSettings): MediaPlan =>
  // An instance does not call the conductor.
  kernelPlan(node, kernelBoot({ node, kind, apiUrl: 'http://conductor', settings: settings.boot, parameters: {} }), settings);

const INSTANCE_PLANS: Readonly<Record<MediaInstance, (node: NodeView, settings: VirtualMediaSettings) => MediaPlan>> = {
  iso: (node, settings) => ({ kind: 'iso', reference: requireBootFile(node, 'boot_iso', settings.boot), field: 'instance_info.boot_iso' }),
  ramdisk: kernelInstance('ramdisk'),
  partition: kernelInstance('partition'),
};
