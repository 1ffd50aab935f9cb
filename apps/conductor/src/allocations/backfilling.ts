import { faults } from '../fault.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { hasTraits, isCandidate, failureText, type Wish } from './picking.js';

/** What an allocation for a node that is in use already asks of that node. */
export type BackfillWish = Wish & { readonly uuid: string };

/** Why a node does not fit; undefined when it does. Clients match these texts. Source: Ironic, ironic/conductor/allocations.py (_do_backfill_allocation). */
const OBJECTIONS: readonly ((node: StoredNode, wish: BackfillWish) => string | undefined)[] = [
  (node) => (node.provisionState === 'active' ? undefined : `Node must be in the "active" state, but the current state is "${node.provisionState}"`),
  (node, { resourceClass }) =>
    resourceClass === null || node.resourceClass === resourceClass
      ? undefined
      : `Resource class ${node.resourceClass ?? 'None'} does not match the requested resource class ${resourceClass}`,
  (node, { traits }) =>
    hasTraits(node, traits) ? undefined : `List of traits ${listText(node.traits)} does not match the requested traits ${listText(traits)}`,
  (node, wish) =>
    isCandidate(node, wish) ? undefined : `Candidate nodes must be empty or contain the target node, but got ${listText(wish.candidateNodes)}`,
];

/**
 * Whether an allocation may be written down for a node that was deployed without one.
 * @throws RequestFault 400 naming everything that does not fit, 409 when the node has another instance.
 */
export function checkBackfill(node: StoredNode, wish: BackfillWish): void {
  const objections = OBJECTIONS.flatMap((objection) => objection(node, wish) ?? []);
  if (objections.length > 0) throw faults.invalid(failureText(wish.uuid, `Cannot backfill an allocation for node ${node.uuid}: ${objections.join('; ')}`));
  if (node.instanceUuid !== null && node.instanceUuid !== wish.uuid) throw faults.instanceUuidSet(node.uuid, node.instanceUuid);
}

/** As Ironic prints a list. */
function listText(items: readonly string[]): string {
  return `[${items.map((item) => `'${item}'`).join(', ')}]`;
}
