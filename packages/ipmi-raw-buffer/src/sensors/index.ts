export { unitName, unitText } from './unit-text.js';
export { entityName } from './entity-text.js';
export { sensorTypeName } from './sensor-type-text.js';
export { linearizationName, linearize } from './linearization.js';
export { accuracyPercent, convertHysteresis, convertReading, convertTolerance, rawNumber } from './conversion.js';
export type { Conversion } from './conversion.js';
export type { Severity, StateMeaning } from './state-meaning.js';
export { assertedStates, findStateMeaning, stateMeaning } from './states.js';
export type { SensorState, StateSource } from './states.js';
export { thresholdsOfMask } from './threshold-names.js';
export type { ThresholdName } from './threshold-names.js';
export { convertThresholds, isInverse, isNonLinear, recordConversion, recordLimits, recordThresholds } from './record-values.js';
export type { SensorLimits, SensorThresholds } from './record-values.js';
export {
  decodeReadingFactorsReport, decodeSensorEventEnable, decodeSensorHysteresis, decodeSensorReading, decodeSensorThresholds, decodeSensorType,
  getSensorEventEnable, getSensorHysteresis, getSensorReading, getSensorReadingFactors, getSensorThresholds, getSensorType, setSensorHysteresis,
  setSensorThresholds,
} from './sensor-commands.js';
export type { RawHysteresis, RawSensorReading, ReadableThresholds, ReadingFactorsReport, SensorEventEnable, SensorTypeReport } from './sensor-commands.js';
export { createSensorCache } from './sensor-cache.js';
export type { SensorCache } from './sensor-cache.js';
export { readSensors } from './read-sensors.js';
export type { SensorReadOptions } from './read-sensors.js';
export { unreadValue, readValue } from './sensor-value.js';
export type { SensorValue, Unavailability, UnavailableReason } from './sensor-value.js';
