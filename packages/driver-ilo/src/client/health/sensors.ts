import type { SensorReading } from '@ferric/core';
import { findLink, readChassis, reader, readSensors, type Resource, type Sensor } from '@ferric/redfish';
import type { IloSensors } from '../ilo-client.js';
import type { Perform, RestCall } from '../operations/perform.js';
import { readEmbeddedHealth, readHealthSensors } from '../ribcl/index.js';

export function createSensors(perform: Perform): IloSensors {
  return {
    read: (options) =>
      perform('sensors', {
        rest: readRest,
        ribcl: async ({ run, clock }) => readHealthSensors(await run(readEmbeddedHealth()), clock.now()),
      }, options),
  };
}

async function readRest(call: RestCall): Promise<readonly SensorReading[]> {
  const { client, options, system, clock } = call;
  const readings: SensorReading[] = [];
  for (const chassis of await readChassis(client, await system(), options)) {
    const sensors = await readSensors(client, chassis, options);
    readings.push(...sensors.filter(({ state }) => state !== 'Absent').map((sensor) => toReading(sensor, clock.now())));
    if (!sensors.some(({ kind }) => kind === 'power')) readings.push(...(await readConsumption(call, chassis)));
  }
  return readings;
}

/** RIS tells the consumption of the whole server beside the lists. Source: HPE iLO 4 RESTful API, PowerMetrics. */
async function readConsumption({ client, options, clock }: RestCall, chassis: Resource): Promise<readonly SensorReading[]> {
  const path = findLink(chassis, 'PowerMetrics');
  if (path === undefined) return [];
  const { body } = await client.read(path, options);
  const value = reader(body, path).number('PowerConsumedWatts');
  return value === undefined ? [] : [{ name: 'Present power', kind: 'power', value, unit: 'Watts', status: 'ok', at: clock.now() }];
}

/** Units as they are called for sensors of any protocol. */
const UNITS: Readonly<Record<string, string>> = { '%': 'percent', V: 'Volts', W: 'Watts', A: 'Amps' };
const STATUSES: Readonly<Record<string, SensorReading['status']>> = { OK: 'ok', Warning: 'warning', Critical: 'critical' };

function toReading({ name, kind, value, unit, health, thresholds }: Sensor, at: Date): SensorReading {
  const { lowerCritical, lowerCaution, upperCaution, upperCritical } = thresholds;
  const limits = {
    ...(lowerCritical === undefined ? {} : { lowerCritical }),
    ...(lowerCaution === undefined ? {} : { lowerWarning: lowerCaution }),
    ...(upperCaution === undefined ? {} : { upperWarning: upperCaution }),
    ...(upperCritical === undefined ? {} : { upperCritical }),
  };
  return {
    name,
    kind,
    // A part without a measured value, such as a power supply, shows how it is.
    value: value ?? (kind === 'power supply' ? (health ?? null) : null),
    ...(unit === undefined || value === undefined ? {} : { unit: UNITS[unit] ?? unit }),
    status: STATUSES[health ?? ''] ?? 'unknown',
    ...(Object.keys(limits).length === 0 ? {} : { thresholds: limits }),
    at,
  };
}
