import { requireBootFile, type BootFileRole } from './boot-files.js';
import type { BootNode } from './boot-node.js';
import { checkNumbers, type BootSettings } from './boot-settings.js';
import { checkCommandLine } from './checks/kernel-parameters.js';
import type { ScriptText } from './checks/script-text.js';
import { instanceBoot } from './instance-boot.js';
import { appendedParameters, namedParameters } from './kernel-arguments.js';
import { KERNEL_PLANS, urlOf, type BootScriptKind, type KernelPlan } from './kernel-plans.js';
import { dueNetworkBoot } from './network-boot.js';
import { diskScript } from './scripts/disk-script.js';
import { END_AGAIN, INITRD, isoScript, kernelScript } from './scripts/kernel-script.js';

/** What a script is made from. */
export interface BootScriptOptions {
  readonly node: BootNode;
  /** The API as this machine reaches it, which is best taken from its request: `http://192.0.2.1:6385`. */
  readonly apiUrl: string;
  /** From where the machine loads a file: an http, https or tftp URL, which anybody on its network will see. */
  readonly fileUrl: (role: BootFileRole) => string;
  readonly settings: BootSettings;
}

export interface BootScript {
  readonly kind: BootScriptKind;
  /** The answer to the machine, to be sent as it is: iPXE takes a body that begins with anything else for a program. */
  readonly script: string;
  /** Files that the machine will load after it. */
  readonly files: readonly BootFileRole[];
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
  const plan = KERNEL_PLANS[kind](options);
  for (const role of [plan.kernel, plan.ramdisk]) requireBootFile(node, role, settings);
  const script = kernelScript({
    attempts: settings.attempts,
    fileTimeoutMs: settings.fileTimeoutMs,
    kernelUrl: urlOf(plan.kernel, fileUrl),
    ramdiskUrl: urlOf(plan.ramdisk, fileUrl),
    commandLine: commandLine(plan, options, kernelParameters),
    ending: plan.ending,
  });
  return { kind, script, files: [plan.kernel, plan.ramdisk, ...plan.others] };
}

/** @param recorded parameters that the boot strategy recorded */
function commandLine(plan: KernelPlan, { node, settings }: BootScriptOptions, recorded: Readonly<Record<string, unknown>>): ScriptText {
  const appended = appendedParameters(node, settings);
  const named = namedParameters(plan.usual, recorded, appended.text);
  const parts = [...plan.first, appended.text, ...named, ...plan.last, INITRD];
  return checkCommandLine(parts, node.properties['cpu_arch'], appended.field);
}
