import { FerricError, type RamdiskPurpose } from '@ferric/core';
import { requireBootFile, type BootFileRole } from './boot-files.js';
import type { BootNode } from './boot-node.js';
import { checkNumbers, type BootSettings } from './boot-settings.js';
import { checkForm } from './checks/fields.js';
import { checkCommandLine } from './checks/kernel-parameters.js';
import { line, type ScriptText } from './checks/script-text.js';
import { checkApiUrl, checkPublicUrl, checkUrl } from './checks/url.js';
import { instanceBoot, type InstanceBoot } from './instance-boot.js';
import { appendedParameters, namedParameters } from './kernel-arguments.js';
import { dueNetworkBoot } from './network-boot.js';
import { diskScript } from './scripts/disk-script.js';
import { BOOTIF, END_AGAIN, END_OFF, INITRD, isoScript, kernelScript } from './scripts/kernel-script.js';

/** What a script is made from. */
export interface BootScriptOptions {
  readonly node: BootNode;
  /** The API as this machine reaches it, which is best taken from its request: `http://192.0.2.1:6385`. */
  readonly apiUrl: string;
  /** From where the machine loads a file: an http, https or tftp URL, which anybody on its network will see. */
  readonly fileUrl: (role: BootFileRole) => string;
  readonly settings: BootSettings;
}

/** What a script boots: the agent, for its purpose, or an instance, by its kind. */
export type BootScriptKind = RamdiskPurpose | InstanceBoot;

export interface BootScript {
  readonly kind: BootScriptKind;
  /** The answer to the machine, to be sent as it is: iPXE takes a body that begins with anything else for a program. */
  readonly script: string;
  /** Files that the machine will load after it. */
  readonly files: readonly BootFileRole[];
}

/** What a kind needs besides the options. */
interface Context extends BootScriptOptions {
  /** Parameters that the boot strategy recorded. */
  readonly recorded: Readonly<Record<string, unknown>>;
}

/** A kernel and its ramdisk, for one kind. */
interface KernelPlan {
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

type Plan = (context: Context) => KernelPlan;

/** Kinds that load a kernel. */
const KERNEL_PLANS: Readonly<Record<Exclude<BootScriptKind, 'disk' | 'iso'>, Plan>> = {
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

function agentPlan({ apiUrl }: Context): KernelPlan {
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
function anacondaPlan({ node, settings, fileUrl }: Context): KernelPlan {
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

/**
 * The iPXE script for a node as it is now: what its boot strategy prepared, if its provision state admits it.
 * A pure function. Values that iPXE would read as anything but plain words are refused, never mended.
 *
 * Throws CONFLICT when the node has nothing to boot in its state, nothing is prepared, or it boots by another interface than `ipxe` and `pxe`;
 * INVALID_OPTIONS, naming the field, for a value that may not enter a script, a file that nobody named, or a command line too long for Linux.
 * Source: the specification "iPXE Dynamic Configuration".
 */
export function bootScript(options: BootScriptOptions): BootScript {
  const { node, settings, fileUrl } = options;
  checkNumbers(settings);
  const { purpose, kernelParameters } = dueNetworkBoot(node);
  const kind = purpose === 'instance' ? instanceBoot(node) : purpose;
  if (kind === 'disk') return { kind, script: diskScript(settings.localBootExitCode), files: [] };
  if (kind === 'iso') {
    requireBootFile(node, 'boot_iso', settings);
    return { kind, script: isoScript({ ...settings, isoUrl: urlOf('boot_iso', fileUrl), ending: END_AGAIN }), files: ['boot_iso'] };
  }
  const context: Context = { ...options, recorded: kernelParameters };
  const plan = KERNEL_PLANS[kind](context);
  for (const role of [plan.kernel, plan.ramdisk]) requireBootFile(node, role, settings);
  const script = kernelScript({
    attempts: settings.attempts,
    fileTimeoutMs: settings.fileTimeoutMs,
    kernelUrl: urlOf(plan.kernel, fileUrl),
    ramdiskUrl: urlOf(plan.ramdisk, fileUrl),
    commandLine: commandLine(plan, context),
    ending: plan.ending,
  });
  return { kind, script, files: [plan.kernel, plan.ramdisk, ...plan.others] };
}

function commandLine(plan: KernelPlan, { node, settings, recorded }: Context): ScriptText {
  const appended = appendedParameters(node, settings);
  const named = namedParameters(plan.usual, recorded, appended.text);
  const parts = [...plan.first, appended.text, ...named, ...plan.last, INITRD];
  return checkCommandLine(parts, node.properties['cpu_arch'], appended.field);
}

function urlOf(role: BootFileRole, fileUrl: BootScriptOptions['fileUrl']): ScriptText {
  return checkUrl({ name: `URL of ${role}`, value: fileUrl(role) });
}

