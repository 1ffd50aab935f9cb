import type { Clock } from '@ferric/core';
import { document, instant, text } from './column-codecs.js';
import type { ConductorRow, Database } from './database.js';
import type { ConductorRecord } from './store.js';

const plainText = text();
const driverList = document<readonly string[]>();
const time = instant();

export async function listConductors(database: Database): Promise<readonly ConductorRecord[]> {
  return (await database.selectFrom('conductors').selectAll().orderBy('hostname').execute()).map(rowToConductor);
}

/** Writes the record and its sign of life; the time of the first one stays. */
export async function announceConductor(
  database: Database,
  record: Pick<ConductorRecord, 'hostname' | 'conductorGroup' | 'drivers'>,
  clock: Clock,
): Promise<void> {
  const now = time.write(clock.now(), 'conductor/updated_at');
  const present = {
    conductor_group: plainText.write(record.conductorGroup, 'conductor/conductor_group'),
    drivers: driverList.write(record.drivers, 'conductor/drivers'),
    updated_at: now,
  };
  await database
    .insertInto('conductors')
    .values({ ...present, hostname: plainText.write(record.hostname, 'conductor/hostname'), created_at: now })
    .onConflict((conflict) => conflict.column('hostname').doUpdateSet(present))
    .execute();
}

export async function removeConductor(database: Database, hostname: string): Promise<void> {
  await database.deleteFrom('conductors').where('hostname', '=', hostname).execute();
}

function rowToConductor(row: ConductorRow): ConductorRecord {
  return {
    hostname: row.hostname,
    conductorGroup: row.conductor_group,
    drivers: driverList.read(row.drivers),
    createdAt: time.read(row.created_at),
    updatedAt: time.read(row.updated_at),
  };
}
