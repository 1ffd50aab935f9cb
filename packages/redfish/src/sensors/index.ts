export { decodeSensor, decodeSensorLists, POWER_LISTS, THERMAL_LISTS } from './decode-sensors.js';
export { readChassis, readSensors } from './read-sensors.js';
export type { Sensor, SensorKind, SensorThresholds } from './sensor.js';
