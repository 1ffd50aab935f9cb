import { revealSealed, type JsonObject, type NodeView, type Sealed } from '@ferric/core';

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

/** A capability of a deployment: the instance's, else the node's. Source: Ironic, ironic/drivers/modules/deploy_utils.py (parse_instance_info_capabilities). */
export function capabilityOf(node: Pick<NodeView, 'instanceInfo' | 'properties'>, name: string): string | undefined {
  return readCapabilities(node.instanceInfo['capabilities'])[name] ?? readCapabilities(node.properties['capabilities'] as Sealed | undefined)[name];
}
