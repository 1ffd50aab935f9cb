import type { SensorReading } from '@ferric/core';
import type { RibclPowerReadings } from '../commands/power-readings.js';
import { attributeOf, childrenOf, elementAt, valueAt, type RibclElement } from '../wire/element.js';

type Status = SensorReading['status'];

/** Words of the report for how a part is, by what they begin with. The first that matches decides. */
const STATUSES: readonly (readonly [pattern: RegExp, status: Status])[] = [
  [/^(?:ok|good|normal|redundant|fully redundant)\b/i, 'ok'],
  [/^(?:degraded|caution|warning|mismatch|not redundant|non-redundant|predictive)\b/i, 'warning'],
  [/^(?:fail|critical|fatal|non-?recoverable|error)/i, 'critical'],
];
/** Words for a part that is not there. */
const ABSENT = /^not (?:installed|present)/i;

/** Units as they are called for sensors of any protocol. */
const UNIT_WORDS: Readonly<Record<string, string>> = {
  celsius: 'degrees C', fahrenheit: 'degrees F', percentage: 'percent', rpm: 'RPM', watts: 'Watts', volts: 'Volts',
};

const POWER_NAMES: Readonly<Record<keyof RibclPowerReadings, string>> = {
  present: 'Present power',
  average: 'Average power',
  maximum: 'Maximum power',
  minimum: 'Minimum power',
};

/**
 * Fans, temperatures, power supplies and the present power of a report of `readEmbeddedHealth`. Parts that are not installed are left out.
 * Source: HPE iLO 4 Scripting and Command Line Guide, GET_EMBEDDED_HEALTH.
 * @param at when the report was read
 */
export function readHealthSensors(report: RibclElement, at: Date): readonly SensorReading[] {
  return [
    ...childrenOf(elementAt(report, 'FANS'), 'FAN').flatMap((fan) => readMeasured(fan, 'fan', 'SPEED', at)),
    ...childrenOf(elementAt(report, 'TEMPERATURE'), 'TEMP').flatMap((sensor) => readMeasured(sensor, 'temperature', 'CURRENTREADING', at)),
    ...childrenOf(elementAt(report, 'POWER_SUPPLIES'), 'SUPPLY').flatMap((supply) => readSupply(supply, at)),
    ...readPresentPower(report, at),
  ];
}

/** The answer of `readPowerReadings` as sensors. */
export function powerSensors(readings: RibclPowerReadings, at: Date): readonly SensorReading[] {
  return (Object.keys(POWER_NAMES) as (keyof RibclPowerReadings)[]).map((key) => ({
    name: POWER_NAMES[key],
    kind: 'power',
    value: readings[key],
    unit: 'Watts',
    status: readings[key] === null ? 'unknown' : 'ok',
    at,
  }));
}

/** How a part is by the controller's word for it; also used for the summary of the report. */
export function healthStatus(word: string | undefined): Status {
  return STATUSES.find(([pattern]) => pattern.test(word ?? ''))?.[1] ?? 'unknown';
}

function readMeasured(element: RibclElement, kind: string, reading: string, at: Date): readonly SensorReading[] {
  const status = valueAt(element, 'STATUS');
  if (ABSENT.test(status ?? '')) return [];
  const measured = elementAt(element, reading);
  const value = numberOf(attributeOf(measured, 'VALUE'));
  const unit = written(attributeOf(measured, 'UNIT'));
  const upperWarning = numberOf(valueAt(element, 'CAUTION'));
  const upperCritical = numberOf(valueAt(element, 'CRITICAL'));
  const thresholds = { ...(upperWarning === null ? {} : { upperWarning }), ...(upperCritical === null ? {} : { upperCritical }) };
  return [{
    name: written(valueAt(element, 'LABEL')) ?? kind,
    kind,
    value,
    ...(unit === undefined ? {} : { unit: UNIT_WORDS[unit.toLowerCase()] ?? unit }),
    status: healthStatus(status),
    ...(Object.keys(thresholds).length === 0 ? {} : { thresholds }),
    at,
  }];
}

function readSupply(supply: RibclElement, at: Date): readonly SensorReading[] {
  const status = valueAt(supply, 'STATUS');
  const absent = valueAt(supply, 'PRESENT')?.toLowerCase() === 'no' || ABSENT.test(status ?? '');
  return absent ? [] : [{ name: written(valueAt(supply, 'LABEL')) ?? 'Power Supply', kind: 'power supply', value: status ?? null, status: healthStatus(status), at }];
}

/** `162 Watts` */
function readPresentPower(report: RibclElement, at: Date): readonly SensorReading[] {
  const text = valueAt(report, 'POWER_SUPPLIES', 'POWER_SUPPLY_SUMMARY', 'PRESENT_POWER_READING');
  if (text === undefined) return [];
  const value = numberOf(/^(\S+) Watts$/i.exec(text)?.[1]);
  return [{ name: POWER_NAMES.present, kind: 'power', value, unit: 'Watts', status: value === null ? 'unknown' : 'ok', at }];
}

/** Undefined for what is there and empty. */
function written(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^-?\d{1,9}(?:\.\d{1,6})?$/.test(text) ? Number(text) : null;
}
