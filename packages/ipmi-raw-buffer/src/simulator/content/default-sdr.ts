import type { VirtualReading } from '../options.js';
import { compactSensorRecord, controllerLocatorRecord, fruLocatorRecord, fullSensorRecord } from './sdr-builders.js';

/** Numbers of tables 37-6 (entities), 36-3 (sensor types) and 37-15 (units). Source: IPMI 1.5. */
const ENTITY = { processor: 3, systemBoard: 7, memory: 32, powerSupply: 10, chassis: 23, fan: 29, airInlet: 55, controller: 46 } as const;
const TYPE = { temperature: 1, voltage: 2, current: 3, fan: 4, intrusion: 5, processor: 7, powerSupply: 8, powerUnit: 9, otherUnits: 11, memory: 12, log: 16, watchdog: 35 } as const;
const UNIT = { celsius: 1, volt: 4, ampere: 5, watt: 6, revolutionsPerMinute: 18 } as const;

/** Controllers, sensors and FRU devices of a small server. */
export const DEFAULT_SDR: readonly Uint8Array[] = [
  controllerLocatorRecord({ id: 1, address: 0x20, channel: 0, capabilities: 0xdf, name: 'Virtual BMC', entityId: ENTITY.controller, entityInstance: 1 }),
  fruLocatorRecord({ id: 2, fruId: 0, name: 'Builtin FRU', entityId: ENTITY.systemBoard, entityInstance: 1 }),
  fullSensorRecord({
    id: 3, number: 1, name: 'Inlet Temp', sensorType: TYPE.temperature, unit: UNIT.celsius, format: "two's complement", nominal: 22, hysteresis: 2,
    entityId: ENTITY.airInlet, entityInstance: 1,
    thresholds: { lowerCritical: 0xf6, lowerNonCritical: 0x00, upperNonCritical: 38, upperCritical: 42, upperNonRecoverable: 46 },
  }),
  fullSensorRecord({
    id: 4, number: 2, name: 'CPU1 Temp', sensorType: TYPE.temperature, unit: UNIT.celsius, entityId: ENTITY.processor, entityInstance: 1, nominal: 45,
    thresholds: { upperNonCritical: 85, upperCritical: 95, upperNonRecoverable: 100 },
  }),
  fullSensorRecord({
    id: 5, number: 3, name: 'CPU2 Temp', sensorType: TYPE.temperature, unit: UNIT.celsius, entityId: ENTITY.processor, entityInstance: 2, nominal: 45,
    thresholds: { upperNonCritical: 85, upperCritical: 95, upperNonRecoverable: 100 },
  }),
  fullSensorRecord({
    id: 6, number: 4, name: '+12V', sensorType: TYPE.voltage, unit: UNIT.volt, m: 63, resultExponent: -3, entityId: ENTITY.systemBoard, entityInstance: 1, nominal: 190,
    thresholds: { lowerCritical: 171, lowerNonCritical: 176, upperNonCritical: 205, upperCritical: 210 },
  }),
  fullSensorRecord({
    id: 7, number: 5, name: '+5V', sensorType: TYPE.voltage, unit: UNIT.volt, m: 24, b: 100, bExponent: 1, resultExponent: -3, nominal: 166,
    entityId: ENTITY.systemBoard, entityInstance: 1,
    thresholds: { lowerCritical: 146, lowerNonCritical: 152, upperNonCritical: 181, upperCritical: 187 },
  }),
  fullSensorRecord({
    id: 8, number: 6, name: '+3.3V', sensorType: TYPE.voltage, unit: UNIT.volt, m: 16, resultExponent: -3, entityId: ENTITY.systemBoard, entityInstance: 1,
    thresholds: { lowerCritical: 186, lowerNonCritical: 193, upperNonCritical: 219, upperCritical: 227 }, nominal: 206,
  }),
  fullSensorRecord({
    id: 9, number: 7, name: 'Fan 1', sensorType: TYPE.fan, unit: UNIT.revolutionsPerMinute, resultExponent: 2, entityId: ENTITY.fan, entityInstance: 1,
    thresholds: { lowerCritical: 8, lowerNonCritical: 12 }, nominal: 54,
  }),
  fullSensorRecord({
    id: 10, number: 8, name: 'Fan 2', sensorType: TYPE.fan, unit: UNIT.revolutionsPerMinute, resultExponent: 2, entityId: ENTITY.fan, entityInstance: 2,
    thresholds: { lowerCritical: 8, lowerNonCritical: 12 }, nominal: 54,
  }),
  fullSensorRecord({
    id: 11, number: 9, name: 'PS1 Input', sensorType: TYPE.otherUnits, unit: UNIT.watt, m: 4, entityId: ENTITY.powerSupply, entityInstance: 1,
    thresholds: { upperNonCritical: 200, upperCritical: 225 },
  }),
  fullSensorRecord({
    id: 12, number: 10, name: 'PS1 Current', sensorType: TYPE.current, unit: UNIT.ampere, m: 5, resultExponent: -2, entityId: ENTITY.powerSupply, entityInstance: 1,
    thresholds: { upperNonCritical: 160, upperCritical: 180 },
  }),
  compactSensorRecord({ id: 13, number: 0x20, name: 'CPU1 Status', sensorType: TYPE.processor, states: 0x0583, entityId: ENTITY.processor, entityInstance: 1 }),
  compactSensorRecord({ id: 14, number: 0x21, name: 'Memory', sensorType: TYPE.memory, states: 0x0063, entityId: ENTITY.memory, entityInstance: 1 }),
  compactSensorRecord({ id: 15, number: 0x22, name: 'PS1 Status', sensorType: TYPE.powerSupply, states: 0x000f, entityId: ENTITY.powerSupply, entityInstance: 1 }),
  compactSensorRecord({ id: 16, number: 0x23, name: 'PS2 Status', sensorType: TYPE.powerSupply, states: 0x000f, entityId: ENTITY.powerSupply, entityInstance: 2 }),
  compactSensorRecord({ id: 17, number: 0x24, name: 'PS Redundancy', sensorType: TYPE.powerUnit, eventType: 0x0b, states: 0x0003, entityId: ENTITY.chassis, entityInstance: 1 }),
  compactSensorRecord({ id: 18, number: 0x25, name: 'Intrusion', sensorType: TYPE.intrusion, states: 0x0001, entityId: ENTITY.chassis, entityInstance: 1 }),
  compactSensorRecord({ id: 19, number: 0x26, name: 'Event Log', sensorType: TYPE.log, states: 0x0034, entityId: ENTITY.controller, entityInstance: 1 }),
  compactSensorRecord({ id: 20, number: 0x27, name: 'Watchdog', sensorType: TYPE.watchdog, states: 0x010f, entityId: ENTITY.controller, entityInstance: 1 }),
];

/** Present values of these sensors: 23, 41 and 43 degrees, 11.97, 4.984 and 3.296 V, 5400 and 5500 revolutions, 112 W, 0.5 A, all well. */
export const DEFAULT_READINGS: Readonly<Record<number, VirtualReading>> = {
  1: { raw: 23 },
  2: { raw: 41 },
  3: { raw: 43 },
  4: { raw: 190 },
  5: { raw: 166 },
  6: { raw: 206 },
  7: { raw: 54 },
  8: { raw: 55 },
  9: { raw: 28 },
  10: { raw: 10 },
  0x20: { states: 1 << 7 },
  0x21: { states: 1 << 6 },
  0x22: { states: 1 << 0 },
  0x23: { states: 1 << 0 },
  0x24: { states: 1 << 0 },
  0x25: { states: 0 },
  0x26: { states: 0 },
  0x27: { states: 0 },
};
