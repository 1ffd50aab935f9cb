import type { Sensor } from '../sdr/list-sensors.js';
import type { ReadingFactors } from '../sdr/reading-factors.js';
import type { ReadableThresholds } from './sensor-commands.js';

/** What was asked of one sensor and does not change from reading to reading. */
export interface CachedSensor {
  /** Undefined: not known yet. Null: the controller does not tell. */
  thresholds?: ReadableThresholds | null;
  /** By raw reading; null: the controller does not tell. At most 256. */
  readonly factors: Map<number, ReadingFactors | null>;
}

/** Thresholds and factors of one BMC's sensors, kept from one reading to the next. Make a new one when the records change or thresholds were set. */
export interface SensorCache {
  /** Of the sensor, made when it is first asked for. */
  of(sensor: Sensor): CachedSensor;
}

/** More sensors than any BMC has; from here on nothing is kept. */
const MAXIMUM_SENSORS = 4096;

export function createSensorCache(): SensorCache {
  const sensors = new Map<string, CachedSensor>();
  return {
    of({ channel, ownerId, lun, sensorNumber }) {
      const key = `${channel}:${ownerId}:${lun}:${sensorNumber}`;
      const known = sensors.get(key);
      if (known !== undefined) return known;
      const fresh: CachedSensor = { factors: new Map() };
      if (sensors.size < MAXIMUM_SENSORS) sensors.set(key, fresh);
      return fresh;
    },
  };
}
