import type { BootNode } from './boot-node.js';
import type { BootSettings } from './boot-settings.js';
import { missing, readText, refuse } from './checks/fields.js';

/** Files that a machine loads while it boots by network, by what they are to it. */
export const BOOT_FILE_ROLES = [
  'deploy_kernel', 'deploy_ramdisk', 'rescue_kernel', 'rescue_ramdisk', 'kernel', 'ramdisk', 'boot_iso', 'stage2', 'ks',
] as const;
export type BootFileRole = (typeof BOOT_FILE_ROLES)[number];

/** Where a role's reference is found. */
interface Source {
  readonly document: 'driver_info' | 'instance_info';
  readonly field: string;
  readonly setting?: 'deployKernel' | 'deployRamdisk' | 'rescueKernel' | 'rescueRamdisk';
  readonly description: string;
}

const SOURCES: Readonly<Record<BootFileRole, Source>> = {
  deploy_kernel: { document: 'driver_info', field: 'deploy_kernel', setting: 'deployKernel', description: 'the kernel of the deploy agent' },
  deploy_ramdisk: { document: 'driver_info', field: 'deploy_ramdisk', setting: 'deployRamdisk', description: 'the ramdisk of the deploy agent' },
  rescue_kernel: { document: 'driver_info', field: 'rescue_kernel', setting: 'rescueKernel', description: 'the kernel for rescuing' },
  rescue_ramdisk: { document: 'driver_info', field: 'rescue_ramdisk', setting: 'rescueRamdisk', description: 'the ramdisk for rescuing' },
  kernel: { document: 'instance_info', field: 'kernel', description: 'the kernel of the instance' },
  ramdisk: { document: 'instance_info', field: 'ramdisk', description: 'the ramdisk of the instance' },
  boot_iso: { document: 'instance_info', field: 'boot_iso', description: 'the ISO image that the instance boots' },
  stage2: { document: 'instance_info', field: 'stage2', description: 'the second stage of the anaconda installer' },
  ks: { document: 'instance_info', field: 'ks_template', description: 'the kickstart file of the anaconda installer' },
};

const REFERENCE = 'an http, https or file:/// URL';

/**
 * Where the file comes from for this node: `http://...`, `https://...` or `file:///...`; undefined when nobody named one.
 * It may hold a secret (a user name and password of a server): it is for whoever fetches the file, never for a script.
 * Throws INVALID_OPTIONS for anything else than such a URL.
 */
export function bootFileReference(node: BootNode, role: BootFileRole, settings: BootSettings): string | undefined {
  const { document, field, setting } = SOURCES[role];
  const documents = { driver_info: node.driverInfo, instance_info: node.instanceInfo };
  return readReference(`${document}.${field}`, documents[document][field]) ?? (setting === undefined ? undefined : readReference(setting, settings[setting]));
}

/**
 * Where a file comes from, as {@link bootFileReference} yields it, for a field or a setting of another package; undefined when it is empty.
 * Throws INVALID_OPTIONS naming `name`.
 */
export function readReference(name: string, value: unknown): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : checkReference(name, value);
}

/** As {@link bootFileReference}, for a file that has to be there. Throws INVALID_OPTIONS naming the field. */
export function requireBootFile(node: BootNode, role: BootFileRole, settings: BootSettings): string {
  const { document, field, setting, description } = SOURCES[role];
  const reference = bootFileReference(node, role, settings);
  const otherwise = setting === undefined ? '' : `, for the conductor has none of its own (${setting})`;
  if (reference === undefined) throw missing(`${document}.${field}`, `${REFERENCE} of ${description}${otherwise}`);
  return reference;
}

function checkReference(name: string, value: unknown): string {
  const text = readText({ name, value });
  const problem = referenceProblem(text);
  if (problem !== undefined) throw refuse({ name, value }, problem);
  return text;
}

/** Why a text is no reference to a file, as words that fit behind "must be"; undefined when it is one. */
export function referenceProblem(text: string): string | undefined {
  const written = /^[\x21-\x7e]+$/.test(text) && /^(?:https?:\/\/[^/]|file:\/\/\/)/i.test(text) && URL.canParse(text);
  return written ? undefined : `${REFERENCE} without blanks; images of an image service cannot be named by their id`;
}
