import type { StoredNode } from '../../src/nodes/stored-node.js';
import type { NodeFilters, NodeSortKey, Page } from '../../src/store/store.js';

const has = (value: unknown): boolean => value !== null;
const folded = (text: string): string => text.normalize('NFC').toLowerCase();

/** What each filter means, said in plain code. */
const TESTS: { readonly [Filter in keyof Required<NodeFilters>]: (node: StoredNode, value: Required<NodeFilters>[Filter]) => boolean } = {
  instanceUuid: (node, value) => node.instanceUuid === value,
  chassisUuid: (node, value) => node.chassisUuid === value,
  associated: (node, value) => has(node.instanceUuid) === value,
  maintenance: (node, value) => node.maintenance === value,
  provisionState: (node, value) => node.provisionState === value,
  driver: (node, value) => node.driver === value,
  resourceClass: (node, value) => node.resourceClass === value,
  fault: (node, value) => node.fault === value,
  conductorGroup: (node, value) => node.conductorGroup === value,
  owner: (node, value) => node.owner === value,
  lessee: (node, value) => node.lessee === value,
  descriptionContains: (node, value) => node.description !== null && folded(node.description).includes(folded(value)),
  retired: (node, value) => node.retired === value,
  shard: (node, value) => node.shard !== null && value.includes(node.shard),
  sharded: (node, value) => has(node.shard) === value,
  project: (node, value) => node.owner === value || node.lessee === value,
  hasWork: (node, value) => has(node.work) === value,
  reserved: (node, value) => has(node.reservation) === value,
};

/** A list of nodes as the store should give it, without a database. */
export function modelList(nodes: readonly StoredNode[], filters: NodeFilters, page: Page<NodeSortKey>): readonly string[] | undefined {
  const direction = page.sortDirection === 'asc' ? 1 : -1;
  const sorted = nodes.toSorted((one, other) => direction * (compare(one[page.sortKey], other[page.sortKey]) || one.id - other.id));
  const marker = page.marker === undefined ? -1 : sorted.findIndex((node) => node.uuid === page.marker);
  if (page.marker !== undefined && marker === -1) return undefined;
  return sorted
    .slice(marker + 1)
    .filter((node) => modelMatches(node, filters))
    .slice(0, page.limit)
    .map((node) => node.uuid);
}

export function modelMatches(node: StoredNode, filters: NodeFilters): boolean {
  const tests = TESTS as Record<string, (node: StoredNode, value: unknown) => boolean>;
  return Object.entries(filters).every(([filter, value]) => tests[filter]?.(node, value));
}

function compare(one: unknown, other: unknown): number {
  if (one === null || other === null) return Number(one !== null) - Number(other !== null);
  if (typeof one === 'string' && typeof other === 'string') return Buffer.compare(Buffer.from(one), Buffer.from(other));
  return Number(one) - Number(other);
}
