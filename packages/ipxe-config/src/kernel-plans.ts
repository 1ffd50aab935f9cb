import { FerricError, type RamdiskPurpose } from '@ferric/core';
import { requireBootFile, type BootFileRole } from './boot-files.js';
import type { BootNode } from './boot-node.js';
import type { BootSettings } from './boot-settings.js';
import { checkForm } from './checks/fields.js';
import { line, type ScriptText } from './checks/script-text.js';
import { checkApiUrl, checkPublicUrl, checkUrl } from './checks/url.js';
import type { InstanceBoot } from './instance-boot.js';
import { BOOTIF, END_AGAIN, END_OFF } from './scripts/kernel-script.js';

/** What a machine can be given to boot: the agent, for its purpose, or an instance, by its kind. */
export type BootScriptKind = RamdiskPurpose | InstanceBoot;

/** Kinds that load a kernel. */
export type KernelKind = Exclude<BootScriptKind, 'disk' | 'iso'>;

/** What a plan is made from. */
export interface KernelContext {
  readonly node: BootNode;
  readonly apiUrl: string;
  /** From where the machine loads a file that its command line names. */
  readonly fileUrl: (role: BootFileRole) => string;
  readonly settings: BootSettings;
}

/** A kernel and its ramdisk, for one kind. */
export interface KernelPlan {
  readonly kernel: BootFileRole;
  readonly ramdisk: BootFileRole;
  /** Other files that the command line names. */
  readonly others: readonly BootFileRole[];
  readonly ending: readonly ScriptText[];
  /** The words before the operator's own. */
  readonly first: readonly ScriptText[];
  /** Parameters that the operator's own replace, by name. */
  readonly usual: Readonly<Record<string, ScriptText>>;
  /** The words after the operator's own. */
  readonly last: readonly ScriptText[];
}

type Plan = (context: KernelContext) => KernelPlan;

/** How each kind loads its kernel. */
export const KERNEL_PLANS: Readonly<Record<KernelKind, Plan>> = {
  deploy: agentPlan,
  clean: agentPlan,
  service: agentPlan,
  inspect(context) {
    const plan = agentPlan(context);
    const callback = line`${checkApiUrl(context.apiUrl)}/v1/continue_inspection`;
    return { ...plan, usual: { 'ipa-inspection-callback-url': callback, ...plan.usual } };
  },
  rescue: (context) => ({ ...agentPlan(context), kernel: 'rescue_kernel', ramdisk: 'rescue_ramdisk' }),
  partition: (context) => ({ ...instancePlan, first: [line`root=UUID=${rootUuid(context.node)}`, line`ro text`] }),
  ramdisk: () => ({ ...instancePlan, first: [line`root=/dev/ram0 text`] }),
  anaconda: anacondaPlan,
};

function agentPlan({ apiUrl }: KernelContext): KernelPlan {
  return {
    kernel: 'deploy_kernel',
    ramdisk: 'deploy_ramdisk',
    others: [],
    ending: END_OFF,
    first: [line`selinux=0`],
    usual: { 'ipa-api-url': checkApiUrl(apiUrl) },
    last: [BOOTIF],
  };
}

const instancePlan: KernelPlan = { kernel: 'kernel', ramdisk: 'ramdisk', others: [], ending: END_AGAIN, first: [], usual: {}, last: [] };

/** The installer's own files: its second stage when it is named, else a repository, which `image_source` names then. */
function anacondaPlan({ node, settings, fileUrl }: KernelContext): KernelPlan {
  const kickstart = line`inst.ks=${urlOf('ks', fileUrl)}`;
  const hasStage2 = node.instanceInfo['stage2'] !== undefined && node.instanceInfo['stage2'] !== null;
  const source = hasStage2
    ? line`inst.stage2=${urlOf('stage2', fileUrl)}`
    : line`inst.repo=${checkPublicUrl({ name: 'instance_info.image_source', value: node.instanceInfo['image_source'] }, ['http', 'https'])}`;
  const others: readonly BootFileRole[] = hasStage2 ? ['ks', 'stage2'] : ['ks'];
  for (const role of others) requireBootFile(node, role, settings);
  return { ...instancePlan, others, first: [line`text`], last: [kickstart, source] };
}

const UUID_OF_FILE_SYSTEM = /^[A-Za-z0-9-]{1,64}$/;

/** Which file system is the root, as whoever wrote the image recorded it under Ironic's name. */
function rootUuid(node: BootNode): ScriptText {
  const value = node.driverInternalInfo['root_uuid_or_disk_id'];
  if (value !== undefined && value !== null) {
    return checkForm({ name: 'driver_internal_info.root_uuid_or_disk_id', value }, UUID_OF_FILE_SYSTEM, 'the UUID of a file system');
  }
  throw new FerricError('CONFLICT', `Node ${node.uuid} has nothing to boot: the root file system of its partition image is not known`, {
    details: { node: node.uuid, field: 'driver_internal_info.root_uuid_or_disk_id' },
    hint: 'Deploy the node again, or let it boot from its disk with the capability boot_option: local.',
  });
}

/** The URL of a file, ready for a script. Throws INVALID_OPTIONS. */
export function urlOf(role: BootFileRole, fileUrl: KernelContext['fileUrl']): ScriptText {
  return checkUrl({ name: `URL of ${role}`, value: fileUrl(role) });
}
