import type { FoundInventory, Port } from '@ferric/core';
import type { NewNodeEvent, NodeEvent } from '../events/node-event.js';
import type { StoredNode } from '../nodes/stored-node.js';

/**
 * Where a list starts, how it is ordered and how long it is. Among equals the order of creation decides, in the same direction.
 * Missing values come first when ascending and last when descending; text is ordered by its code points.
 */
export interface Page<Field extends string> {
  readonly sortKey: Field | 'id';
  readonly sortDirection: 'asc' | 'desc';
  readonly limit: number;
  /** UUID of the last row of the page before. */
  readonly marker?: string;
}

/** Filters of a node list; each that is given must hold. */
export interface NodeFilters {
  readonly instanceUuid?: string;
  readonly chassisUuid?: string;
  readonly associated?: boolean;
  readonly maintenance?: boolean;
  readonly provisionState?: string;
  readonly driver?: string;
  readonly resourceClass?: string;
  readonly fault?: string;
  readonly conductorGroup?: string;
  readonly owner?: string;
  readonly lessee?: string;
  /** Without regard to case. */
  readonly descriptionContains?: string;
  readonly retired?: boolean;
  /** Any of these. */
  readonly shard?: readonly string[];
  readonly sharded?: boolean;
  /** `owner or lessee`, as the `project` argument of the API means it. */
  readonly project?: string;
  readonly hasWork?: boolean;
  readonly reserved?: boolean;
}

/** Columns of a node that can be sorted by: every scalar field. */
export type NodeSortKey = ScalarKey<StoredNode>;
type ScalarKey<Fields> = string & keyof { [Key in keyof Fields as Fields[Key] extends string | number | boolean | Date | null ? Key : never]: true };

export interface PortFilters {
  readonly address?: string;
  readonly nodeUuid?: string;
  readonly portgroupUuid?: string;
  readonly nodeShards?: readonly string[];
  readonly descriptionContains?: string;
}

export type PortSortKey = ScalarKey<Port>;

/** Changes of a node; what is left out stays. `updatedAt` is set by the store. */
export type NodeUpdate = Partial<Omit<StoredNode, 'id' | 'uuid' | 'createdAt' | 'updatedAt'>>;

/** A node as it is created: the store numbers it. */
export type NewNode = Omit<StoredNode, 'id' | 'updatedAt'>;
export type NewPort = Omit<Port, 'updatedAt'>;
export type PortUpdate = Partial<Omit<Port, 'uuid' | 'createdAt' | 'updatedAt'>>;

/** Reading nodes. Whole records hold their secrets as {@link Secret}. */
export interface NodeReader {
  get(uuid: string): Promise<StoredNode | undefined>;
  getByName(name: string): Promise<StoredNode | undefined>;
  /** Only the named fields are read: a list of a thousand must not parse a thousand documents. Unknown marker: undefined. */
  list<Field extends keyof StoredNode>(
    filters: NodeFilters,
    page: Page<NodeSortKey>,
    fields: readonly Field[],
  ): Promise<readonly Pick<StoredNode, Field>[] | undefined>;
  count(filters: NodeFilters): Promise<number>;
}

export interface PortReader {
  get(uuid: string): Promise<Port | undefined>;
  list(filters: PortFilters, page: Page<PortSortKey>): Promise<readonly Port[] | undefined>;
  /** All ports of a node in order of creation. */
  ofNode(nodeUuid: string): Promise<readonly Port[]>;
  /** The ports that have any of these MAC addresses, in lower case with colons; in no particular order. */
  byAddresses(addresses: readonly string[]): Promise<readonly Port[]>;
}

export interface InventoryReader {
  /** What the last inspection of a node found; undefined before the first. */
  get(nodeUuid: string): Promise<FoundInventory | undefined>;
}

export interface EventReader {
  /** Events after this id, oldest first; of one node and of one severity when given. */
  after(
    id: number,
    options: { readonly nodeUuid?: string; readonly limit: number; readonly severity?: NodeEvent['severity'] },
  ): Promise<readonly NodeEvent[]>;
  /** Newest events of a node, oldest of them first. */
  latest(nodeUuid: string, options: { readonly limit: number; readonly severity?: NodeEvent['severity'] }): Promise<readonly NodeEvent[]>;
  get(nodeUuid: string, uuid: string): Promise<NodeEvent | undefined>;
  lastId(): Promise<number>;
}

/**
 * What a write transaction can do. Reads inside it see its own writes.
 * A call that fails dooms the whole transaction, even when the work catches the failure: {@link Store.write} rejects with it.
 */
export interface Transaction {
  readonly nodes: NodeReader & {
    /** @throws RequestFault 409 when name, uuid or instance_uuid is taken. */
    insert(node: NewNode): Promise<StoredNode>;
    /** The record for writing: locked against other conductors until the transaction ends. */
    getForUpdate(uuid: string): Promise<StoredNode | undefined>;
    /** @throws RequestFault 409 when name or instance_uuid is taken, 404 when there is no such node. */
    update(uuid: string, changes: NodeUpdate): Promise<StoredNode>;
    /** Deletes the node, its ports and its inventory; its events stay until they age out. @throws RequestFault 404 when there is no such node. */
    delete(uuid: string): Promise<void>;
  };
  readonly ports: PortReader & {
    /** @throws RequestFault 409 when address, uuid or name is taken, 400 when the node does not exist. */
    insert(port: NewPort): Promise<Port>;
    /** @throws RequestFault as `insert`, and 404 when there is no such port. */
    update(uuid: string, changes: PortUpdate): Promise<Port>;
    /** @throws RequestFault 404 when there is no such port. */
    delete(uuid: string): Promise<void>;
  };
  readonly inventories: InventoryReader & {
    /** Keeps what an inspection found, in place of what the one before found. @throws RequestFault 404 when there is no such node. */
    put(nodeUuid: string, found: FoundInventory): Promise<void>;
  };
  readonly events: {
    /** Adds to the history. Events are numbered when the work is done, so they cannot be read inside the transaction. */
    append(event: NewNodeEvent): Promise<void>;
  };
}

/** A conductor process that serves this store. */
export interface ConductorRecord {
  readonly hostname: string;
  readonly conductorGroup: string;
  readonly drivers: readonly string[];
  readonly createdAt: Date;
  /** Last sign of life. */
  readonly updatedAt: Date;
}

/** The one place where facts are kept. SQLite for one conductor, PostgreSQL for several. */
export interface Store extends AsyncDisposable {
  readonly dialect: 'sqlite' | 'postgresql';
  readonly nodes: NodeReader;
  readonly ports: PortReader;
  readonly inventories: InventoryReader;
  readonly events: EventReader;
  readonly conductors: {
    list(): Promise<readonly ConductorRecord[]>;
    /** Writes this conductor's record and its sign of life. */
    announce(record: Pick<ConductorRecord, 'hostname' | 'conductorGroup' | 'drivers'>): Promise<void>;
    remove(hostname: string): Promise<void>;
  };
  /**
   * Runs `work` in one transaction: all of it or nothing; resolves when it is on the disk. Committed events are handed to
   * {@link Store.onCommitted} listeners afterwards.
   *
   * The work must await nothing but its transaction: on SQLite all writes go through one writer and wait for it, on PostgreSQL
   * it holds row locks. It has a time limit. It must have no effect but through the transaction, since PostgreSQL may have it
   * run again after a deadlock.
   * @throws what the work throws; INTERNAL when it is too slow or starts another write; BUSY when too many writes wait;
   * ABORTED when the store is closed.
   */
  write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** Tells of events that were committed by this process, in the order of their numbers. */
  onCommitted(listener: (events: readonly NodeEvent[]) => void): Disposable;
  /** Deletes events older than the date, and those beyond `keepPerNode` of each node. Returns how many. */
  pruneEvents(options: { readonly before: Date; readonly keepPerNode: number }): Promise<number>;
  /** Answers when the database does; for /readyz. */
  ping(): Promise<void>;
}
