import { Secret } from '@ferric/core';
import { requireBootFile, type BootFileRole } from './boot-files.js';
import type { BootNode } from './boot-node.js';
import type { BootSettings } from './boot-settings.js';
import { checkCommandLine, checkKernelParameter, parameterNames } from './checks/kernel-parameters.js';
import { appendedParameters, namedParameters, type ParameterSource } from './kernel-arguments.js';
import { KERNEL_PLANS, type KernelKind, type KernelPlan } from './kernel-plans.js';

/** A kernel that is booted without iPXE, such as from a CD that is made for one machine. */
export interface KernelBootOptions {
  readonly node: BootNode;
  readonly kind: Exclude<KernelKind, 'anaconda'>;
  /** The API as this machine reaches it: `http://192.0.2.1:6385`. */
  readonly apiUrl: string;
  readonly settings: BootSettings;
  /** Besides the usual ones, which they replace by name. Who may read them is the caller's business: a Secret may be among them. */
  readonly parameters: Readonly<Record<string, string | Secret>>;
}

/** What such a boot needs. */
export interface KernelBoot {
  /** References as `bootFileReference` yields them. */
  readonly kernel: string;
  readonly ramdisk: string;
  /** Words with one blank between two, in printable ASCII. */
  readonly commandLine: Secret;
}

const SOURCE: ParameterSource = { field: 'kernelParameters', mayBeSecret: true };

/** What boot loaders on a medium put before the command line, with room for longer names: ISOLINUX `BOOT_IMAGE=/vmlinuz initrd=/initrd `, GRUB the first of them. */
const LOADER_RESERVE = 64;

/**
 * Kernel, ramdisk and command line of a boot without iPXE. What iPXE alone knows is left out: `BOOTIF`, which the caller may give, and `initrd`.
 * Throws INVALID_OPTIONS as `bootScript`, and for a file that nobody named.
 */
export function kernelBoot(options: KernelBootOptions): KernelBoot {
  const { node, settings, parameters } = options;
  const plan = planOf(options);
  const appended = appendedParameters(node, settings);
  const named = namedParameters(plan.usual, parameters, appended.text, SOURCE);
  const commandLine = checkCommandLine([...plan.first, appended.text, ...named], node.properties['cpu_arch'], appended.field, { reserve: LOADER_RESERVE });
  return { kernel: requireBootFile(node, plan.kernel, settings), ramdisk: requireBootFile(node, plan.ramdisk, settings), commandLine: new Secret(commandLine) };
}

/**
 * The parameters that a ramdisk reads which has a command line of its own already: those of the agent, and what the operator appended for the agent.
 * Throws INVALID_OPTIONS for a value that is no word.
 */
export function ramdiskParameters(options: KernelBootOptions): Readonly<Record<string, string | Secret>> {
  const { node, settings, parameters } = options;
  const { text } = appendedParameters(node, settings);
  const ofOperator = Object.fromEntries(text.split(' ').flatMap(agentParameter));
  for (const [name, value] of Object.entries(parameters)) checkKernelParameter(name, { name: SOURCE.field, value }, SOURCE);
  const taken = parameterNames(text);
  const usual = Object.entries(planOf(options).usual).filter(([name]) => !taken.has(name));
  return { ...Object.fromEntries(usual), ...ofOperator, ...parameters };
}

/** A word that is a parameter of the agent; the others are for its kernel, which has a command line already. */
function agentParameter(word: string): readonly (readonly [name: string, value: string])[] {
  const [, name, value] = /^(ipa-[^=]+)=([^"]*)$/.exec(word) ?? [];
  return name === undefined || value === undefined ? [] : [[name, value]];
}

function planOf({ kind, node, apiUrl, settings }: KernelBootOptions): KernelPlan {
  return KERNEL_PLANS[kind]({ node, apiUrl, settings, fileUrl: (role: BootFileRole) => requireBootFile(node, role, settings) });
}
