import type { Port, Portgroup } from '@ferric/core';
import type { Generated, Kysely } from 'kysely';
import type { Allocation } from '../resources/allocation.js';
import type { Chassis } from '../resources/chassis.js';
import type { DeployTemplate } from '../resources/deploy-template.js';
import type { VolumeConnector, VolumeTarget } from '../resources/volume.js';
import type { NewEventRow } from './event-rows.js';
import type { NodeRow } from './node-rows.js';
import type { RecordRow } from './record-rows.js';

/** A row of the table `conductors`. */
export interface ConductorRow {
  hostname: string;
  conductor_group: string;
  /** JSON list of hardware types. */
  drivers: string;
  created_at: string;
  updated_at: string;
}

/** A row of the table `node_inventories`. */
export interface InventoryRow {
  node_uuid: string;
  /** JSON documents. */
  inventory: string;
  plugin_data: string;
  created_at: string;
  updated_at: string | null;
}

/** The tables of both databases. The migrations make them; this tells the compiler how they look. */
export interface Tables {
  nodes: Omit<NodeRow, 'id'> & { id: Generated<number> };
  ports: RecordRow<Port, 'description'>;
  portgroups: RecordRow<Portgroup>;
  chassis: RecordRow<Chassis>;
  allocations: RecordRow<Allocation>;
  deploy_templates: RecordRow<DeployTemplate>;
  volume_connectors: RecordRow<VolumeConnector>;
  volume_targets: RecordRow<VolumeTarget>;
  node_events: NewEventRow & { id: Generated<number> };
  conductors: ConductorRow;
  node_inventories: Omit<InventoryRow, 'updated_at'> & { updated_at: Generated<string | null> };
}

/** Whatever queries can be run on: a pool, a connection or a transaction. */
export type Database = Kysely<Tables>;

export type DialectName = 'sqlite' | 'postgresql';
