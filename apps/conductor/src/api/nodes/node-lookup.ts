import type { StoredNode } from '../../nodes/stored-node.js';
import type { ApiDependencies } from '../dependencies.js';
import type { View } from '../table/field.js';
import { nodeIdentifier } from './node-names.js';

interface NodeCall {
  readonly parameters: Readonly<Record<string, string>>;
  readonly version: number;
  readonly base: string;
}

/** The node that the path names, as UUID or name. @throws RequestFault 404. */
export function identifierOf({ parameters, version }: NodeCall): string {
  return nodeIdentifier(parameters['node'] ?? '', version);
}

/** @throws RequestFault 404. */
export function findNode(api: ApiDependencies, call: NodeCall): Promise<StoredNode> {
  return api.nodes.find(identifierOf(call));
}

/** What showing a node needs besides the node. */
export function viewOf(api: ApiDependencies, { base }: { readonly base: string }): View {
  return { base, hostname: api.hostname, isSecretKey: api.isSecretKey };
}
