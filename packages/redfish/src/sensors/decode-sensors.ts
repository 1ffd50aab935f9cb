import type { Reader } from '../resource/readers.js';
import { reader } from '../resource/readers.js';
import type { Resource } from '../resource/resource.js';
import type { Sensor, SensorKind, SensorThresholds } from './sensor.js';

/** How one list of readings is read. */
interface ListRule {
  readonly list: string;
  readonly kind: SensorKind;
  /** Names of the property that holds the value, the first that is there counts. */
  readonly values: readonly string[];
  readonly unit: (fields: Reader) => string | undefined;
  /** Of power supplies and the like, which have a number in place of a name. */
  readonly fallbackName: string;
}

const fixed = (unit: string) => (): string => unit;

/** iLO calls fan speeds and their unit differently in old firmware. Source: schema Thermal; HPE iLO RESTful API, Thermal. */
const FAN_UNITS: Readonly<Record<string, string>> = { RPM: 'RPM', Percent: '%' };

function fanUnit(fields: Reader): string | undefined {
  const unit = fields.text('ReadingUnits') ?? fields.text('Units');
  return unit === undefined ? 'RPM' : ((Object.hasOwn(FAN_UNITS, unit) ? FAN_UNITS[unit] : undefined) ?? unit);
}

/** Source: schema Thermal. */
export const THERMAL_LISTS: readonly ListRule[] = [
  { list: 'Temperatures', kind: 'temperature', values: ['ReadingCelsius', 'CurrentReading'], unit: fixed('degrees C'), fallbackName: 'Temperature' },
  { list: 'Fans', kind: 'fan', values: ['Reading', 'CurrentReading'], unit: fanUnit, fallbackName: 'Fan' },
];

/** Source: schema Power. */
export const POWER_LISTS: readonly ListRule[] = [
  { list: 'PowerControl', kind: 'power', values: ['PowerConsumedWatts'], unit: fixed('W'), fallbackName: 'Power' },
  { list: 'PowerSupplies', kind: 'power supply', values: ['LastPowerOutputWatts', 'PowerOutputWatts'], unit: fixed('W'), fallbackName: 'Power supply' },
  { list: 'Voltages', kind: 'voltage', values: ['ReadingVolts'], unit: fixed('V'), fallbackName: 'Voltage' },
];

const THRESHOLDS: Readonly<Record<keyof SensorThresholds, readonly string[]>> = {
  lowerFatal: ['LowerThresholdFatal'],
  lowerCritical: ['LowerThresholdCritical'],
  lowerCaution: ['LowerThresholdNonCritical'],
  upperCaution: ['UpperThresholdNonCritical'],
  upperCritical: ['UpperThresholdCritical'],
  upperFatal: ['UpperThresholdFatal'],
};

/** The readings of a resource Thermal or Power. */
export function decodeSensorLists({ body, path }: Resource, rules: readonly ListRule[]): readonly Sensor[] {
  const resource = reader(body, path);
  return rules.flatMap((rule) => resource.children(rule.list).map((fields, index) => decodeListed(fields, rule, index)));
}

function decodeListed(fields: Reader, { kind, values, unit, fallbackName }: ListRule, index: number): Sensor {
  const status = fields.child('Status');
  const value = values.map((name) => fields.number(name)).find((found) => found !== undefined);
  const state = status.text('State');
  return {
    name: fields.text('Name') ?? fields.text('FanName') ?? `${fallbackName} ${index + 1}`,
    kind,
    // iLO gives 0 for a sensor that is not there.
    value: state === 'Absent' ? undefined : value,
    unit: unit(fields),
    health: status.text('HealthRollup') ?? status.text('Health'),
    state,
    thresholds: thresholdsOf((names) => names.map((name) => fields.number(name)).find((found) => found !== undefined && found !== 0)),
    context: fields.text('PhysicalContext') ?? fields.text('Context'),
  };
}

function thresholdsOf(numberOf: (names: readonly string[]) => number | undefined): SensorThresholds {
  const entries = Object.entries(THRESHOLDS).map(([threshold, names]) => [threshold, numberOf(names)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** Source: schema Sensor, ReadingType. */
const KINDS: Readonly<Record<string, SensorKind>> = {
  Temperature: 'temperature',
  Rotational: 'fan',
  Voltage: 'voltage',
  Current: 'current',
  Power: 'power',
};

/** Units of UCUM, as schema Sensor has them, in the words used here. */
const UNITS: Readonly<Record<string, string>> = { Cel: 'degrees C', '{rev}/min': 'RPM' };

/** Source: schema Sensor, Thresholds. */
const SENSOR_THRESHOLDS: Readonly<Record<keyof SensorThresholds, string>> = {
  lowerFatal: 'LowerFatal',
  lowerCritical: 'LowerCritical',
  lowerCaution: 'LowerCaution',
  upperCaution: 'UpperCaution',
  upperCritical: 'UpperCritical',
  upperFatal: 'UpperFatal',
};

/** A resource Sensor, one for each reading, of newer services. */
export function decodeSensor({ body, path }: Resource): Sensor {
  const fields = reader(body, path);
  const status = fields.child('Status');
  const limits = fields.child('Thresholds');
  const type = fields.text('ReadingType') ?? '';
  const unit = fields.text('ReadingUnits');
  const thresholds = Object.entries(SENSOR_THRESHOLDS).map(([threshold, name]) => [threshold, limits.child(name).number('Reading')] as const);
  return {
    name: fields.text('Name') ?? path,
    kind: (Object.hasOwn(KINDS, type) ? KINDS[type] : undefined) ?? 'other',
    value: fields.number('Reading'),
    unit: unit === undefined ? undefined : ((Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined) ?? unit),
    health: status.text('HealthRollup') ?? status.text('Health'),
    state: status.text('State'),
    thresholds: Object.fromEntries(thresholds.filter(([, value]) => value !== undefined)),
    context: fields.text('PhysicalContext'),
  };
}
