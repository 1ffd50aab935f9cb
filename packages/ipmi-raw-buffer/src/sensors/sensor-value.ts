import type { Sensor } from '../sdr/list-sensors.js';
import { entityName } from './entity-text.js';
import { isInverse, recordLimits, type SensorLimits, type SensorThresholds } from './record-values.js';
import type { RawSensorReading } from './sensor-commands.js';
import { sensorTypeName } from './sensor-type-text.js';
import { type Severity, worstSeverity } from './state-meaning.js';
import { assertedStates, type SensorState, THRESHOLD_TYPE } from './states.js';
import { crossedThresholds } from './threshold-names.js';
import { unitText } from './unit-text.js';

/**
 * Why a sensor has no reading or no value now.
 * `absent`: the controller does not know the sensor at the moment; `scanning-disabled`, `reading-unavailable`: it says so itself;
 * `no-value`: there is a raw reading, but no finite number for it; `software`: it belongs to a program, which cannot be asked;
 * `unreachable`: its controller does not answer; `refused`: any other failure.
 */
export type UnavailableReason = 'absent' | 'scanning-disabled' | 'reading-unavailable' | 'no-value' | 'software' | 'unreachable' | 'refused';

export interface Unavailability {
  readonly reason: UnavailableReason;
  /** One sentence for a person. */
  readonly text: string;
}

/** One sensor as it is now. */
export interface SensorValue {
  readonly sensor: Sensor;
  /** Not unique: owner, logical unit and number of `sensor` are. */
  readonly name: string;
  /** What it measures or watches: `temperature`, `fan`, `power supply`. */
  readonly type: string;
  /** The part of the machine that it belongs to: `processor`. */
  readonly entity: string;
  readonly kind: 'threshold' | 'discrete';
  /** Null when there is no valid reading. */
  readonly raw: number | null;
  /** In `unit`; null when there is no valid reading, and for sensors without numbers. */
  readonly value: number | null;
  /** `degrees C`; null for sensors without numbers. */
  readonly unit: string | null;
  /** As the controller judges it, hysteresis and all; `unknown` when there is no valid reading. */
  readonly status: Severity | 'unknown';
  /** Discrete: the asserted states. Threshold: the crossed thresholds. */
  readonly states: readonly SensorState[];
  /** Those that can be read, in `unit`. */
  readonly thresholds: SensorThresholds;
  /** What the record tells besides; null for sensors without numbers. */
  readonly limits: SensorLimits | null;
  /** Null when there is a value, or a state where the sensor has no numbers. */
  readonly unavailable: Unavailability | null;
}

/** What can be said of a sensor without reading it. */
export function unreadValue(sensor: Sensor, unavailable: Unavailability, thresholds: SensorThresholds = {}): SensorValue {
  const { record } = sensor;
  const hasNumbers = record.kind === 'full' && record.units.rawFormat !== 'none';
  return {
    sensor,
    name: sensor.name,
    type: sensorTypeName(sensor.sensorType),
    entity: entityName(sensor.entityId),
    kind: sensor.eventReadingType === THRESHOLD_TYPE ? 'threshold' : 'discrete',
    raw: null,
    value: null,
    unit: hasNumbers ? unitText(record.units) : null,
    status: 'unknown',
    states: [],
    thresholds,
    limits: hasNumbers ? recordLimits(record) : null,
    unavailable,
  };
}

const NO_VALUE: Unavailability = { reason: 'no-value', text: 'the reading has no finite value' };

/** A sensor with a valid reading. `value` is the converted reading, null where it has none. */
export function readValue(sensor: Sensor, reading: RawSensorReading, value: number | null, thresholds: SensorThresholds): SensorValue {
  const { record } = sensor;
  const unread = unreadValue(sensor, NO_VALUE, thresholds);
  const inverse = record.kind === 'full' && isInverse(record);
  const states = unread.kind === 'threshold' ? crossedThresholds(reading.states, inverse) : assertedStates(sensor, reading.states);
  const status = worstSeverity(states.map(({ severity }) => severity));
  const unavailable = unread.unit !== null && unread.kind === 'threshold' && value === null ? NO_VALUE : null;
  return { ...unread, raw: reading.raw, value, status, states, unavailable };
}
