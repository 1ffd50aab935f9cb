import { revealSealed, type Sealed } from '@ferric/core';
import type { BootNode } from './boot-node.js';
import { refuse } from './checks/fields.js';

/** How a deployed machine boots. */
export const INSTANCE_BOOTS = ['disk', 'partition', 'ramdisk', 'iso', 'anaconda'] as const;
export type InstanceBoot = (typeof INSTANCE_BOOTS)[number];

/** Values of the capability `boot_option`. Source: Ironic, ironic/common/... deploy_utils.py (SUPPORTED_CAPABILITIES). */
const BOOT_OPTIONS = ['local', 'netboot', 'ramdisk', 'kickstart'] as const;
type BootOption = (typeof BOOT_OPTIONS)[number];

/** What the decision looks at. */
interface InstanceFacts {
  readonly deployInterface: string;
  readonly bootOption: BootOption;
  readonly has: (field: string) => boolean;
  readonly isPartitionImage: boolean;
}

interface InstanceRule {
  readonly holds: (facts: InstanceFacts) => boolean;
  readonly boot: InstanceBoot;
}

const runsFromMemory = ({ deployInterface, bootOption, has }: InstanceFacts): boolean =>
  deployInterface === 'ramdisk' || bootOption === 'ramdisk' || (bootOption === 'local' && !has('image_source') && (has('boot_iso') || (has('kernel') && has('ramdisk'))));

/** The first rule that holds decides. */
const RULES: readonly InstanceRule[] = [
  { holds: ({ deployInterface, bootOption }) => deployInterface === 'anaconda' || bootOption === 'kickstart', boot: 'anaconda' },
  { holds: (facts) => runsFromMemory(facts) && facts.has('boot_iso'), boot: 'iso' },
  { holds: runsFromMemory, boot: 'ramdisk' },
  { holds: ({ bootOption, isPartitionImage }) => bootOption === 'netboot' && isPartitionImage, boot: 'partition' },
  { holds: () => true, boot: 'disk' },
];

/**
 * How the machine of this node boots what was deployed, from its deploy interface, the capability `boot_option` and what
 * `instance_info` names: `boot_iso`, or `kernel` and `ramdisk`, without an `image_source` are run from memory. A disk image boots
 * from the disk whatever `boot_option` says.
 * Source: Ironic, ironic/drivers/modules/deploy_utils.py (get_boot_option). Throws INVALID_OPTIONS for an unknown `boot_option`.
 */
export function instanceBoot(node: BootNode): InstanceBoot {
  const has = (field: string): boolean => isGiven(node.instanceInfo[field]);
  const facts: InstanceFacts = {
    deployInterface: node.interfaces.deploy,
    bootOption: readBootOption(node),
    has,
    isPartitionImage: has('image_type') ? node.instanceInfo['image_type'] === 'partition' : has('kernel') && has('ramdisk'),
  };
  return (RULES.find(({ holds }) => holds(facts)) as InstanceRule).boot;
}

function isGiven(value: Sealed | undefined): boolean {
  return value !== undefined && value !== null && value !== '';
}

function readBootOption(node: BootNode): BootOption {
  const value = readCapabilities(node)['boot_option'];
  if (value === undefined || value === null) return 'local';
  const option = BOOT_OPTIONS.find((known) => typeof value === 'string' && value.toLowerCase() === known);
  if (option === undefined) throw refuse({ name: 'instance_info.capabilities.boot_option', value }, `one of ${BOOT_OPTIONS.join(', ')}`);
  return option;
}

/** Capabilities of the instance: an object, the JSON of one, or `name:value,name:value`. */
function readCapabilities(node: BootNode): Readonly<Record<string, unknown>> {
  const value: unknown = revealSealed(node.instanceInfo['capabilities'] ?? {});
  const read = typeof value === 'string' ? (readJson(value) ?? readPairs(value)) : value;
  if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read as Record<string, unknown>;
  throw refuse({ name: 'instance_info.capabilities', value }, 'an object such as {"boot_option": "local"}');
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readPairs(text: string): unknown {
  const pairs = text.split(',').map((pair) => /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/.exec(pair));
  if (pairs.includes(null)) return undefined;
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']));
}
