import { invalidOptions, printValue } from '@ferric/core';
import type { RequestCarrier } from '../message/request.js';
import { askFor, type CommandOptions } from '../sdr/ask.js';
import { decodeAnswer, hasBit, requireBytes } from '../message/bytes.js';
import { decodeReadingFactors, type ReadingFactors } from '../sdr/reading-factors.js';
import type { RawThresholds } from '../sdr/record-types.js';
import { type ThresholdName, THRESHOLDS, thresholdsOfMask } from './threshold-names.js';

const SENSOR = 0x04;

/** What a sensor answers. Source: IPMI 1.5, section 29.14. */
export interface RawSensorReading {
  readonly raw: number;
  readonly eventsEnabled: boolean;
  /** False: the controller does not look at the sensor, and `raw` means nothing. */
  readonly scanningEnabled: boolean;
  /** The controller has no reading, for instance right after its start. */
  readonly unavailable: boolean;
  /** Threshold sensor: crossed thresholds in bits 0..5. Discrete sensor: states in bits 0..14. */
  readonly states: number;
}

/** Thresholds that can be read, raw. Source: IPMI 1.5, section 29.9. */
export type ReadableThresholds = Partial<RawThresholds>;

/** Raw counts. Source: IPMI 1.5, section 29.7. */
export interface RawHysteresis {
  readonly positive: number;
  readonly negative: number;
}

/** Source: IPMI 1.5, section 29.16. */
export interface SensorTypeReport {
  readonly sensorType: number;
  readonly eventReadingType: number;
}

/** Source: IPMI 1.5, section 29.11. */
export interface SensorEventEnable {
  readonly eventsEnabled: boolean;
  readonly scanningEnabled: boolean;
  /** Bits of the events, as in the masks of a sensor record. */
  readonly assertions: number;
  readonly deassertions: number;
}

/** The factors for one raw reading of a sensor without a formula. Source: IPMI 1.5, section 29.5. */
export interface ReadingFactorsReport {
  /** The next raw reading for which the factors are others. */
  readonly nextRaw: number;
  readonly factors: ReadingFactors;
}

/** The reply to Get Sensor Reading, after the completion code: two to four bytes. @throws FerricError PROTOCOL_FAULT */
export function decodeSensorReading(data: Uint8Array): RawSensorReading {
  const reading = requireBytes('Get Sensor Reading', data, 2);
  const flags = reading.readUInt8(1);
  return {
    raw: reading.readUInt8(0),
    eventsEnabled: hasBit(flags, 0x80),
    scanningEnabled: hasBit(flags, 0x40),
    unavailable: hasBit(flags, 0x20),
    // The top bit is reserved and may be set.
    states: ((reading[2] ?? 0) | ((reading[3] ?? 0) << 8)) & 0x7fff,
  };
}

/** The order of the six values in Get and Set Sensor Thresholds is that of their bits. */
export function decodeSensorThresholds(data: Uint8Array): ReadableThresholds {
  const thresholds = requireBytes('Get Sensor Thresholds', data, 1);
  const mask = thresholds.readUInt8(0);
  requireBytes('Get Sensor Thresholds', data, 1 + highestBit(mask & 0x3f));
  const readable = new Set(thresholdsOfMask(mask));
  const values: Partial<Record<ThresholdName, number>> = {};
  for (const [bit, { name }] of THRESHOLDS.entries()) {
    if (readable.has(name)) values[name] = thresholds.readUInt8(1 + bit);
  }
  return values;
}

/** 0 when no bit is set, 1 for bit 0. */
function highestBit(mask: number): number {
  return 32 - Math.clz32(mask);
}

/** @throws FerricError PROTOCOL_FAULT */
export function decodeSensorHysteresis(data: Uint8Array): RawHysteresis {
  const hysteresis = requireBytes('Get Sensor Hysteresis', data, 2);
  return { positive: hysteresis.readUInt8(0), negative: hysteresis.readUInt8(1) };
}

/** @throws FerricError PROTOCOL_FAULT */
export function decodeSensorType(data: Uint8Array): SensorTypeReport {
  const type = requireBytes('Get Sensor Type', data, 2);
  return { sensorType: type.readUInt8(0), eventReadingType: type.readUInt8(1) & 0x7f };
}

/** Masks that are left out are 0. @throws FerricError PROTOCOL_FAULT */
export function decodeSensorEventEnable(data: Uint8Array): SensorEventEnable {
  const enable = requireBytes('Get Sensor Event Enable', data, 1);
  const flags = enable.readUInt8(0);
  const mask = (offset: number): number => ((enable[offset] ?? 0) | ((enable[offset + 1] ?? 0) << 8)) & 0x7fff;
  return { eventsEnabled: hasBit(flags, 0x80), scanningEnabled: hasBit(flags, 0x40), assertions: mask(1), deassertions: mask(3) };
}

/** @throws FerricError PROTOCOL_FAULT */
export function decodeReadingFactorsReport(data: Uint8Array): ReadingFactorsReport {
  const report = requireBytes('Get Sensor Reading Factors', data, 7);
  return { nextRaw: report.readUInt8(0), factors: decodeReadingFactors(report.subarray(1)) };
}

/** The options of a command to the sensor with this number. @throws what the carrier throws, and the errors of completion codes */
export async function getSensorReading(bmc: RequestCarrier, sensorNumber: number, options?: CommandOptions): Promise<RawSensorReading> {
  return askSensor(bmc, 'Get Sensor Reading', 0x2d, [sensorNumber], decodeSensorReading, options);
}

export async function getSensorThresholds(bmc: RequestCarrier, sensorNumber: number, options?: CommandOptions): Promise<ReadableThresholds> {
  return askSensor(bmc, 'Get Sensor Thresholds', 0x27, [sensorNumber], decodeSensorThresholds, options);
}

export async function getSensorHysteresis(bmc: RequestCarrier, sensorNumber: number, options?: CommandOptions): Promise<RawHysteresis> {
  return askSensor(bmc, 'Get Sensor Hysteresis', 0x25, [sensorNumber, 0xff], decodeSensorHysteresis, options);
}

export async function getSensorType(bmc: RequestCarrier, sensorNumber: number, options?: CommandOptions): Promise<SensorTypeReport> {
  return askSensor(bmc, 'Get Sensor Type', 0x2f, [sensorNumber], decodeSensorType, options);
}

export async function getSensorEventEnable(bmc: RequestCarrier, sensorNumber: number, options?: CommandOptions): Promise<SensorEventEnable> {
  return askSensor(bmc, 'Get Sensor Event Enable', 0x29, [sensorNumber], decodeSensorEventEnable, options);
}

/** The factors of a sensor without a formula, for one raw reading. */
export async function getSensorReadingFactors(bmc: RequestCarrier, sensorNumber: number, raw: number, options?: CommandOptions): Promise<ReadingFactorsReport> {
  return askSensor(bmc, 'Get Sensor Reading Factors', 0x23, [sensorNumber, raw], decodeReadingFactorsReport, options);
}

/**
 * Sets the named thresholds, raw; the others stay. A `SensorCache` of earlier readings keeps the old ones: go on with a new one.
 * Source: IPMI 1.5, section 29.8. @throws FerricError INVALID_OPTIONS for a value that is no byte
 */
export async function setSensorThresholds(bmc: RequestCarrier, sensorNumber: number, thresholds: ReadableThresholds, options?: CommandOptions): Promise<void> {
  let mask = 0;
  const values = THRESHOLDS.map(({ name }, bit) => {
    const value = thresholds[name];
    if (value === undefined) return 0;
    mask |= 1 << bit;
    return checkByte(name, value);
  });
  await askSensor(bmc, 'Set Sensor Thresholds', 0x26, [sensorNumber, mask, ...values], () => undefined, options);
}

/** Source: IPMI 1.5, section 29.6. @throws FerricError INVALID_OPTIONS for a value that is no byte */
export async function setSensorHysteresis(bmc: RequestCarrier, sensorNumber: number, hysteresis: RawHysteresis, options?: CommandOptions): Promise<void> {
  const values = [checkByte('positive', hysteresis.positive), checkByte('negative', hysteresis.negative)];
  await askSensor(bmc, 'Set Sensor Hysteresis', 0x24, [sensorNumber, 0xff, ...values], () => undefined, options);
}

async function askSensor<T>(
  bmc: RequestCarrier,
  step: string,
  command: number,
  body: readonly number[],
  decode: (data: Uint8Array) => T,
  options: CommandOptions = {},
): Promise<T> {
  const [sensorNumber = -1] = body;
  checkByte('sensorNumber', sensorNumber);
  return decodeAnswer(bmc, decode, await askFor(bmc, step, { netFn: SENSOR, command, data: Uint8Array.from(body) }, options));
}

function checkByte(field: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= 0xff) return value;
  throw invalidOptions('Sensor command', [{ field, problem: 'invalid', expected: 'a whole number from 0 to 255', received: printValue(value) }]);
}
