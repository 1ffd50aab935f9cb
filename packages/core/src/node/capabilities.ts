import { BOOT_MODES, type BootModeName } from '../device/boot.js';
import type { JsonObject } from '../json.js';
import { revealSealed, type Sealed } from '../secrets/masking.js';
import type { NodeView } from './node.js';

/** Capabilities of a node or of its instance: `boot_mode:uefi,disk_label:gpt` or an object. What is neither counts as none. */
export function readCapabilities(value: Sealed | undefined): Readonly<Record<string, string>> {
  const clear = revealSealed(value ?? null);
  if (typeof clear === 'string') {
    const pairs = clear.split(',').map((pair) => pair.split(':').map((part) => part.trim()));
    return Object.fromEntries(pairs.flatMap(([name, ...rest]) => (name === undefined || name === '' || rest.length === 0 ? [] : [[name, rest.join(':')]])));
  }
  if (typeof clear !== 'object' || clear === null || Array.isArray(clear)) return {};
  return Object.fromEntries(Object.entries(clear as JsonObject).flatMap(([name, each]) => (typeof each === 'string' ? [[name, each]] : [])));
}

/** The capability of a node with one value changed; the others and their order stay. */
export function withCapability(text: Sealed | undefined, name: string, value: string): string {
  return Object.entries({ ...readCapabilities(text), [name]: value }).map((pair) => pair.join(':')).join(',');
}

type NodeWithCapabilities = Pick<NodeView, 'instanceInfo' | 'properties'>;

/** A capability of a deployment: the instance's, else the node's. Source: Ironic, ironic/drivers/modules/deploy_utils.py (parse_instance_info_capabilities). */
export function capabilityOf(node: NodeWithCapabilities, name: string): string | undefined {
  return readCapabilities(node.instanceInfo['capabilities'])[name] ?? readCapabilities(node.properties['capabilities'] as Sealed | undefined)[name];
}

/**
 * Whether the instance shall run with UEFI's secure boot. The node's own capability of that name does not count: an inspection writes it down for
 * machines that have secure boot. Source: Ironic, ironic/drivers/modules/boot_mode_utils.py (is_secure_boot_requested).
 */
export function asksForSecureBoot({ instanceInfo }: Pick<NodeView, 'instanceInfo'>): boolean {
  return readCapabilities(instanceInfo['capabilities'])['secure_boot']?.toLowerCase() === 'true';
}

/**
 * The firmware mode that somebody asked for: UEFI where secure boot shall be on, else that of the instance or of a capability; undefined when nobody did.
 * Source: Ironic, ironic/drivers/modules/boot_mode_utils.py (get_boot_mode_for_deploy).
 */
export function askedBootMode(node: NodeWithCapabilities): BootModeName | undefined {
  if (asksForSecureBoot(node)) return 'uefi';
  const asked = node.instanceInfo['deploy_boot_mode'] ?? capabilityOf(node, 'boot_mode');
  return BOOT_MODES.find((mode) => mode === asked);
}
