import { faults } from '../../fault.js';
import type { Allocation } from '../../resources/allocation.js';
import { document, instant, optional, text, type Codecs } from '../column-codecs.js';
import type { RecordDefinition } from '../record-queries.js';
import { createRecordRows } from '../record-rows.js';

const CODECS: Codecs<Allocation> = {
  uuid: text(),
  name: optional(text()),
  nodeUuid: optional(text()),
  resourceClass: optional(text()),
  state: text(),
  candidateNodes: document(),
  traits: document(),
  owner: optional(text()),
  extra: document(),
  lastError: optional(text()),
  createdAt: instant(),
  updatedAt: optional(instant()),
};

export interface AllocationFilters {
  readonly name?: string;
  readonly nodeUuid?: string;
  readonly resourceClass?: string;
  readonly state?: string;
  readonly owner?: string;
}

export const ALLOCATIONS: RecordDefinition<'allocations', Allocation, AllocationFilters> = {
  table: 'allocations',
  rows: createRecordRows<Allocation>({ name: 'allocation', codecs: CODECS, documents: ['candidateNodes', 'traits', 'extra'] }),
  conditions: {
    name: (row, value) => row('name', '=', value),
    nodeUuid: (row, value) => row('node_uuid', '=', value),
    resourceClass: (row, value) => row('resource_class', '=', value),
    state: (row, value) => row('state', '=', value),
    owner: (row, value) => row('owner', '=', value),
  },
  notFound: faults.allocationNotFound,
  faults: (allocation) => ({
    'allocations.uuid': () => faults.allocationUuidTaken(allocation.uuid ?? ''),
    'allocations.name': () => faults.allocationNameTaken(allocation.name ?? ''),
    'allocations.node_uuid': () => faults.nodeAllocated(allocation.nodeUuid ?? ''),
  }),
};
