import type { ConductorContext } from './conductor-context.js';
import type { StoredNode } from './stored-node.js';

/** Whether cleaning is due when a node becomes available. */
export function shouldClean(context: ConductorContext, node: StoredNode): boolean {
  return node.automatedClean ?? context.settings.automatedClean;
}
