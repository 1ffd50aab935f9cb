import type { StoredNode } from '../../src/nodes/stored-node.js';
import type { NodeFilters, Page, SortKey } from '../../src/store/store.js';

const has = (value: unknown): boolean => value !== null;
const folded = (text: string): string => text.normalize('NFC').toLowerCase();

/** What each filter means, said in plain code. */
const TESTS: { readonly [Filter in keyof Required<NodeFilters>]: (node: StoredNode, value: Required<NodeFilters>[Filter]) => boolean } = {
  name: (node, value) => node.name === value,
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
  powerKnown: (node, value) => has(node.powerState) === value,
};

/** A list of nodes as the store should give it, without a database. */
export function modelList(nodes: readonly StoredNode[], filters: NodeFilters, page: Page<SortKey<StoredNode>>): readonly string[] | undefined {
  return modelPage(nodes, (node) => modelMatches(node, filters), page);
}

/** The same of records of any kind, in the order of their creation. */
export function modelPage<Model extends { readonly uuid: string }>(
  records: readonly Model[],
  matches: (record: Model) => boolean,
  page: Page<string>,
): readonly string[] | undefined {
  const direction = page.sortDirection === 'asc' ? 1 : -1;
  const key = page.sortKey as keyof Model;
  const numbered = records.map((record, number) => ({ record, number }));
  const sorted = numbered.toSorted((one, other) => {
    const order = page.sortKey === 'id' ? 0 : compare(one.record[key], other.record[key]);
    return direction * (order || one.number - other.number);
  });
  const marker = page.marker === undefined ? -1 : sorted.findIndex(({ record }) => record.uuid === page.marker);
  if (page.marker !== undefined && marker === -1) return undefined;
  return sorted
    .slice(marker + 1)
    .map(({ record }) => record)
    .filter(matches)
    .slice(0, page.limit)
    .map(({ uuid }) => uuid);
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
