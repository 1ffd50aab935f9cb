import type { FullSensorRecord } from '../sdr/record-types.js';
import { accuracyPercent, type Conversion, convertHysteresis, convertReading, convertTolerance } from './conversion.js';
import { FIRST_NON_LINEAR, INVERSE } from './linearization.js';
import type { ReadableThresholds } from './sensor-commands.js';
import { mirrorThreshold, type ThresholdName, thresholdsOfMask } from './threshold-names.js';

/** Limits in the unit of the sensor; those that it does not have are left out. */
export type SensorThresholds = Partial<Readonly<Record<ThresholdName, number>>>;

/** What the record tells about a sensor, in its unit. Null where the record does not tell. */
export interface SensorLimits {
  readonly nominal: number | null;
  readonly normalMaximum: number | null;
  readonly normalMinimum: number | null;
  /** Null too when the limit is that of the raw format and so says nothing. */
  readonly sensorMaximum: number | null;
  readonly sensorMinimum: number | null;
  readonly hysteresisPositive: number | null;
  readonly hysteresisNegative: number | null;
  /** The value may be off by so much, plus and minus. */
  readonly tolerance: number | null;
  /** In percent of the value. */
  readonly accuracyPercent: number | null;
}

/** The raw bytes at the ends of the formats: a sensor limit that stands there was not filled in. */
const FORMAT_MAXIMUM = { unsigned: 0xff, 'ones-complement': 0x7f, 'twos-complement': 0x7f, none: -1 } as const;
const FORMAT_MINIMUM = { unsigned: 0x00, 'ones-complement': 0x80, 'twos-complement': 0x80, none: -1 } as const;

/** True for a sensor whose factors have to be asked for. Source: IPMI 1.5, table 37-1, byte 24. */
export function isNonLinear(record: FullSensorRecord): boolean {
  return record.linearization >= FIRST_NON_LINEAR;
}

/** True when a high raw reading is a low value, so that upper and lower thresholds change places. Source: IPMI 1.5, section 36.5. */
export function isInverse(record: Pick<FullSensorRecord, 'linearization'>): boolean {
  return record.linearization === INVERSE;
}

/** How the record says that raw bytes are converted; null for a sensor without numbers or without a formula. */
export function recordConversion(record: FullSensorRecord): Conversion | null {
  if (record.units.rawFormat === 'none' || isNonLinear(record)) return null;
  return { rawFormat: record.units.rawFormat, linearization: record.linearization, factors: record.factors };
}

/** The copy of the thresholds that the record holds, those that it says can be read. Source: IPMI 1.5, table 37-1, bytes 19 and 37 to 42. */
export function recordThresholds(record: FullSensorRecord): ReadableThresholds {
  const names = record.capabilities.thresholdAccess === 'none' ? [] : thresholdsOfMask(record.readingMask & 0x3f);
  return Object.fromEntries(names.map((name) => [name, record.thresholds[name]]));
}

/** Thresholds in the unit of the sensor, under the names that hold for its values. */
export function convertThresholds(
  raw: ReadableThresholds,
  inverse: boolean,
  convert: (raw: number) => number | null,
): SensorThresholds {
  const values: Partial<Record<ThresholdName, number>> = {};
  for (const [name, rawValue] of Object.entries(raw) as [ThresholdName, number][]) {
    const value = convert(rawValue);
    if (value !== null) values[inverse ? mirrorThreshold(name) : name] = value;
  }
  return values;
}

/** The limits of a record in the unit of the sensor. */
export function recordLimits(record: FullSensorRecord): SensorLimits {
  const conversion = recordConversion(record);
  const { rawFormat } = record.units;
  const convert = (raw: number | null): number | null => (raw === null || conversion === null ? null : convertReading(raw, conversion));
  const hysteresis = (raw: number): number | null =>
    conversion === null || record.capabilities.hysteresisAccess === 'none' ? null : convertHysteresis(raw, conversion);
  // Under an inverse formula the larger raw byte is the smaller value.
  const ends = (larger: number | null, smaller: number | null): readonly [number | null, number | null] =>
    isInverse(record) ? [convert(smaller), convert(larger)] : [convert(larger), convert(smaller)];
  const [normalMaximum, normalMinimum] = ends(record.normalMaximum, record.normalMinimum);
  const [sensorMaximum, sensorMinimum] = ends(
    record.sensorMaximum === FORMAT_MAXIMUM[rawFormat] ? null : record.sensorMaximum,
    record.sensorMinimum === FORMAT_MINIMUM[rawFormat] ? null : record.sensorMinimum,
  );
  return {
    nominal: convert(record.nominalReading),
    normalMaximum,
    normalMinimum,
    sensorMaximum,
    sensorMinimum,
    hysteresisPositive: hysteresis(record.hysteresisPositive),
    hysteresisNegative: hysteresis(record.hysteresisNegative),
    tolerance: conversion === null ? null : convertTolerance(conversion),
    accuracyPercent: conversion === null ? null : accuracyPercent(record.factors),
  };
}
