import type { Allocation } from '../resources/allocation.js';
import type { StoredNode } from '../nodes/stored-node.js';
import type { NodeFilters } from '../store/store.js';

/** What an allocation asks of a node. */
export type Wish = Pick<Allocation, 'name' | 'resourceClass' | 'traits' | 'candidateNodes' | 'owner'>;
/** A node as far as picking one looks at it. */
export type Candidate = Pick<StoredNode, 'uuid' | 'name' | 'traits'>;

/**
 * The nodes that may be given away, as far as the store can tell. `resourceClass` is null only for an allocation that
 * names its node, which is not picked.
 * Source: Ironic, ironic/conductor/allocations.py (_candidate_nodes).
 */
export function wishFilters({ resourceClass, owner }: Wish): NodeFilters {
  return {
    resourceClass: resourceClass ?? '',
    provisionState: 'available',
    maintenance: false,
    associated: false,
    powerKnown: true,
    ...(owner === null ? {} : { project: owner }),
  };
}

/** Whether a node can be given to the allocation: the same rules for one node, looked at under its lock. */
export function isSuitable(node: StoredNode, wish: Wish): boolean {
  return (
    node.provisionState === 'available' &&
    !node.maintenance &&
    node.instanceUuid === null &&
    node.allocationUuid === null &&
    node.powerState !== null &&
    node.resourceClass === wish.resourceClass &&
    (wish.owner === null || node.owner === wish.owner || node.lessee === wish.owner) &&
    isCandidate(node, wish) &&
    hasTraits(node, wish.traits)
  );
}

/** Whether the allocation leaves this node in the choice. */
export function isCandidate({ uuid }: Pick<StoredNode, 'uuid'>, { candidateNodes }: Pick<Wish, 'candidateNodes'>): boolean {
  return candidateNodes.length === 0 || candidateNodes.includes(uuid);
}

export function hasTraits(node: Pick<StoredNode, 'traits'>, traits: readonly string[]): boolean {
  return traits.every((trait) => node.traits.includes(trait));
}

/**
 * The order in which candidates are tried: any, so that allocations at the same time do not all try the same node; but
 * first the one that has the name of the allocation.
 * @param randomBelow a whole number from 0 up to, but not including, its argument.
 */
export function orderOfTrial(candidates: readonly Candidate[], name: string | null, randomBelow: (limit: number) => number): readonly Candidate[] {
  const order = shuffled(candidates, randomBelow);
  const namesake = name === null ? undefined : order.find((candidate) => candidate.name === name);
  return namesake === undefined ? order : [namesake, ...order.filter((candidate) => candidate !== namesake)];
}

function shuffled<Item>(items: readonly Item[], randomBelow: (limit: number) => number): readonly Item[] {
  const rest = [...items];
  return items.flatMap((_item, taken) => rest.splice(randomBelow(items.length - taken), 1));
}

/** Why an allocation got no node. Clients match these texts. Source: Ironic, ironic/conductor/allocations.py. */
export const UNFULFILLED = {
  noNode: ({ resourceClass, candidateNodes }: Wish): string =>
    `${candidateNodes.length > 0 ? 'none of the requested nodes are available and match' : 'no available nodes match'} the resource class ${resourceClass ?? 'None'}`,
  noTraits: ({ traits }: Wish): string => `no suitable nodes have the requested traits ${traits.join(', ')}`,
  allTaken: (): string => 'all nodes were filtered out during reservation',
  allLocked: (count: number): string => `could not reserve any of ${count} suitable nodes`,
} as const;

/** The whole text, as `last_error` shows it. Source: recorded exchange 118. */
export function failureText(allocationUuid: string, reason: string): string {
  return `Failed to process allocation ${allocationUuid}: ${reason}.`;
}
