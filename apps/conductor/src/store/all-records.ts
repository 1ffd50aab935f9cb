import type { Clock } from '@ferric/core';
import type { Database, DialectName } from './database.js';
import { NodeQueries } from './node-queries.js';
import { RecordQueries, RecordStatements } from './record-queries.js';
import { ALLOCATIONS } from './records/allocations.js';
import { CHASSIS } from './records/chassis.js';
import { DEPLOY_TEMPLATES } from './records/deploy-templates.js';
import { NODES } from './records/nodes.js';
import { PORTGROUPS } from './records/portgroups.js';
import { PORTS } from './records/ports.js';
import { VOLUME_CONNECTORS } from './records/volume-connectors.js';
import { VOLUME_TARGETS } from './records/volume-targets.js';
import type { NodeReader, RecordReaders, RecordWriter, RecordWriters } from './store.js';

/** Reading everything that is kept as records. */
export function recordReaders(database: Database): RecordReaders & { readonly nodes: NodeReader } {
  return {
    nodes: new NodeQueries(database),
    ports: new RecordQueries(PORTS, database),
    portgroups: new RecordQueries(PORTGROUPS, database),
    chassis: new RecordQueries(CHASSIS, database),
    allocations: new RecordQueries(ALLOCATIONS, database),
    deployTemplates: new RecordQueries(DEPLOY_TEMPLATES, database),
    volumeConnectors: new RecordQueries(VOLUME_CONNECTORS, database),
    volumeTargets: new RecordQueries(VOLUME_TARGETS, database),
  };
}

/** How a call of a transaction is run. */
export type RunCall = <T>(call: () => Promise<T>) => Promise<T>;

/** Reading and writing the same in a transaction; every call goes through `run`. */
export function recordWriters(database: Database, dialect: DialectName, clock: Clock, run: RunCall): RecordWriters {
  return {
    nodes: guarded(new RecordStatements(NODES, database, dialect, clock), run),
    ports: guarded(new RecordStatements(PORTS, database, dialect, clock), run),
    portgroups: guarded(new RecordStatements(PORTGROUPS, database, dialect, clock), run),
    chassis: guarded(new RecordStatements(CHASSIS, database, dialect, clock), run),
    allocations: guarded(new RecordStatements(ALLOCATIONS, database, dialect, clock), run),
    deployTemplates: guarded(new RecordStatements(DEPLOY_TEMPLATES, database, dialect, clock), run),
    volumeConnectors: guarded(new RecordStatements(VOLUME_CONNECTORS, database, dialect, clock), run),
    volumeTargets: guarded(new RecordStatements(VOLUME_TARGETS, database, dialect, clock), run),
  };
}

function guarded<Model, Filters>(writer: RecordWriter<Model, Filters>, run: RunCall): RecordWriter<Model, Filters> {
  return {
    get: (uuid) => run(() => writer.get(uuid)),
    list: (filters, page, fields) => run(() => writer.list(filters, page, fields)),
    all: (filters) => run(() => writer.all(filters)),
    one: (filters) => run(() => writer.one(filters)),
    count: (filters) => run(() => writer.count(filters)),
    insert: (record) => run(() => writer.insert(record)),
    getForUpdate: (uuid) => run(() => writer.getForUpdate(uuid)),
    update: (uuid, changes) => run(() => writer.update(uuid, changes)),
    delete: (uuid) => run(() => writer.delete(uuid)),
  };
}
