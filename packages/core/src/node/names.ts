const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const LOGICAL_NAME = /^[A-Za-z0-9\-._~]{1,255}$/;

/**
 * Words that follow `/v1/nodes/` in paths and so cannot name a node.
 * Source: Ironic, ironic/api/controllers/v1/node.py (reserved names of NodesController and its sub-controllers).
 */
export const RESERVED_NODE_NAMES: ReadonlySet<string> = new Set([
  'maintenance', 'management', 'states', 'vendor_passthru', 'validate', 'detail', 'ports', 'portgroups', 'volume', 'traits', 'vifs',
  'bios', 'firmware', 'inventory', 'history', 'allocation', 'vmedia', 'children',
]);

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** 1-255 of `A-Za-z0-9-._~`, not a UUID and not a reserved word. */
export function isValidNodeName(text: string): boolean {
  return LOGICAL_NAME.test(text) && !isUuid(text) && !RESERVED_NODE_NAMES.has(text);
}
