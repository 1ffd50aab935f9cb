import type { SensorReading, Sensors } from '@ferric/core';
import { readSensors, type SensorThresholds, type SensorValue } from '@ferric/ipmi-raw-buffer';
import { partOf } from './ipmi-answers.js';
import type { IpmiMachine } from './ipmi-machine.js';

/** Some hundred exchanges, and the records of a slow BMC take a minute when they are read for the first time. Milliseconds. */
const CALL_MS = 180_000;

/** The sensors of one machine, those that send events only left out. One that cannot be read has no value and does not keep the others back. */
export function createIpmiSensors(machine: IpmiMachine): Sensors {
  return {
    read: (options) =>
      machine.perform({ what: 'read sensors', timeoutMs: CALL_MS }, options, async (call) => {
        const { repository, sensors } = await call.records();
        const own = machine.bridge.at(-1);
        const values = await readSensors(call.bmc, repository.records, {
          ...partOf(call), cache: sensors, clock: machine.clock, ...(own === undefined ? {} : { ownAddress: own.address }),
        });
        const at = machine.clock.now();
        return values.map((value) => toReading(value, at));
      }),
  };
}

const STATUSES: Readonly<Record<SensorValue['status'], SensorReading['status']>> = {
  ok: 'ok', warning: 'warning', critical: 'critical', nonrecoverable: 'critical', unknown: 'unknown',
};

/** One value in the words of the contract. */
function toReading(value: SensorValue, at: Date): SensorReading {
  const thresholds = toThresholds(value.thresholds);
  const name = value.name === '' ? `#${value.sensor.sensorNumber}` : value.name;
  return {
    name,
    kind: value.type,
    value: valueOf(value),
    ...(value.unit === null || value.unit === '' ? {} : { unit: value.unit }),
    status: STATUSES[value.status],
    ...(Object.keys(thresholds).length === 0 ? {} : { thresholds }),
    at,
  };
}

/** Of a sensor without numbers the states that it shows, as text; none of them is a value too. */
function valueOf({ value, unit, raw, states, unavailable }: SensorValue): number | string | null {
  if (unavailable !== null || raw === null) return null;
  if (unit !== null) return value;
  return states.map(({ text }) => text).join(', ');
}

/** Where a machine has no critical limit but one beyond repair, that is the critical one. */
function toThresholds(thresholds: SensorThresholds): NonNullable<SensorReading['thresholds']> {
  const lowerCritical = thresholds.lowerCritical ?? thresholds.lowerNonRecoverable;
  const upperCritical = thresholds.upperCritical ?? thresholds.upperNonRecoverable;
  return {
    ...(lowerCritical === undefined ? {} : { lowerCritical }),
    ...(thresholds.lowerNonCritical === undefined ? {} : { lowerWarning: thresholds.lowerNonCritical }),
    ...(thresholds.upperNonCritical === undefined ? {} : { upperWarning: thresholds.upperNonCritical }),
    ...(upperCritical === undefined ? {} : { upperCritical }),
  };
}
