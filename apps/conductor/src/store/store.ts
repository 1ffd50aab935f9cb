import type { FoundInventory, Port, Portgroup } from '@ferric/core';
import type { NewNodeEvent, NodeEvent } from '../events/node-event.js';
import type { StoredNode } from '../nodes/stored-node.js';
import type { Allocation } from '../resources/allocation.js';
import type { Chassis } from '../resources/chassis.js';
import type { DeployTemplate } from '../resources/deploy-template.js';
import type { VolumeConnector, VolumeTarget } from '../resources/volume.js';
import type { NewRecord, RecordUpdate } from './record-rows.js';
import type { AllocationFilters } from './records/allocations.js';
import type { ChassisFilters } from './records/chassis.js';
import type { DeployTemplateFilters } from './records/deploy-templates.js';
import type { PortFilters } from './records/ports.js';
import type { PortgroupFilters } from './records/portgroups.js';
import type { VolumeConnectorFilters } from './records/volume-connectors.js';
import type { VolumeTargetFilters } from './records/volume-targets.js';

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
  readonly name?: string;
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
  /** Whether its power state was ever read. */
  readonly powerKnown?: boolean;
}

/** Fields of a record that lists can be sorted by: every scalar one. */
export type SortKey<Fields> = string & keyof { [Key in keyof Fields as Fields[Key] extends string | number | boolean | Date | null ? Key : never]: true };

/** Reading one kind of record. Whole records hold their secrets as {@link Secret}. */
export interface RecordReader<Model, Filters> {
  get(uuid: string): Promise<Model | undefined>;
  /**
   * A page of the records that meet the filters. Only the named fields are read (default: all): a list of a thousand must not
   * parse a thousand documents. Unknown marker: undefined.
   */
  list<Field extends keyof Model & string = keyof Model & string>(
    filters: Filters,
    page: Page<SortKey<Model>>,
    fields?: readonly Field[],
  ): Promise<readonly Pick<Model, Field>[] | undefined>;
  /** Every record that meets the filters, in order of creation. For filters that few records can meet. */
  all(filters: Filters): Promise<readonly Model[]>;
  /** The record that meets the filters. For filters that one record can meet at most. */
  one(filters: Filters): Promise<Model | undefined>;
  count(filters: Filters): Promise<number>;
}

/** Reading and writing one kind of record in a transaction. */
export interface RecordWriter<Model, Filters> extends RecordReader<Model, Filters> {
  /** @throws RequestFault 409 when a unique value is taken, 400 or 404 when it refers to a record that does not exist. */
  insert(record: NewRecord<Model>): Promise<Model>;
  /** The record for writing: locked against other conductors until the transaction ends. */
  getForUpdate(uuid: string): Promise<Model | undefined>;
  /** @throws RequestFault as `insert`, and 404 when there is no such record. */
  update(uuid: string, changes: RecordUpdate<Model>): Promise<Model>;
  /**
   * Deletes a record. A node takes its ports, port groups, volumes and inventory with it; its events stay until they age out.
   * @throws RequestFault 404 when there is no such record.
   */
  delete(uuid: string): Promise<void>;
}

/** A node as it is created: the store numbers it. */
export type NewNode = NewRecord<StoredNode>;
export type NodeUpdate = RecordUpdate<StoredNode>;
export type NewPort = NewRecord<Port>;

export interface NodeReader extends RecordReader<StoredNode, NodeFilters> {
  getByName(name: string): Promise<StoredNode | undefined>;
  /** How many nodes each shard has, by name; null: those without one. In alphabetical order. */
  countByShard(): Promise<readonly { readonly shard: string | null; readonly count: number }[]>;
}

/** Everything that is kept as records, and what each kind is filtered by. */
interface Records {
  nodes: [StoredNode, NodeFilters];
  ports: [Port, PortFilters];
  portgroups: [Portgroup, PortgroupFilters];
  chassis: [Chassis, ChassisFilters];
  allocations: [Allocation, AllocationFilters];
  deployTemplates: [DeployTemplate, DeployTemplateFilters];
  volumeConnectors: [VolumeConnector, VolumeConnectorFilters];
  volumeTargets: [VolumeTarget, VolumeTargetFilters];
}
export type RecordReaders = { readonly [Name in keyof Records]: RecordReader<Records[Name][0], Records[Name][1]> };
export type RecordWriters = { readonly [Name in keyof Records]: RecordWriter<Records[Name][0], Records[Name][1]> };

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
export interface Transaction extends RecordWriters {
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
export interface Store extends RecordReaders, AsyncDisposable {
  readonly dialect: 'sqlite' | 'postgresql';
  readonly nodes: NodeReader;
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
