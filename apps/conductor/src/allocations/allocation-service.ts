import type { Requester } from '../nodes/node-service.js';
import type { Allocation } from '../resources/allocation.js';
import type { RecordService } from '../resources/record-service.js';

/** A new allocation. `candidateNodes` are UUIDs or names. */
export interface AllocationCreation extends Partial<Allocation> {
  /** UUID or name of a deployed node that the allocation is written down for. Default: one is picked. */
  readonly node?: string;
}

/** What clients may do with allocations. All throw RequestFault. */
export interface AllocationService extends RecordService<Allocation> {
  /** Answers before a node is found, which happens in the background; an allocation that names its node has it at once. */
  create(creation: AllocationCreation, requester: Requester): Promise<Allocation>;
  /** The allocation of a node, which is named by UUID or name; 404 when it has none. */
  ofNode(identifier: string): Promise<Allocation>;
  deleteOfNode(identifier: string, requester: Requester): Promise<void>;
  /** Takes up what waits for a node and was left. To be called at start, and regularly. */
  resume(): Promise<void>;
}
