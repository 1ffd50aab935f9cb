import type { CompactSensorRecord, EntityReference, EventOnlySensorRecord, FullSensorRecord, SdrRecord, SensorKey } from './record-types.js';

/** One sensor: a record, or its share of a record that stands for several. */
export interface Sensor extends SensorKey, EntityReference {
  /** Without blanks at the end; `#<number>` when the record has none. Not unique. */
  readonly name: string;
  readonly sensorType: number;
  readonly eventReadingType: number;
  readonly record: FullSensorRecord | CompactSensorRecord | EventOnlySensorRecord;
}

const LETTERS = 26;
const LAST_SENSOR_NUMBER = 0xff;

/** A..Z, AA, AB, ...: 0 is A. Source: IPMI 1.5, table 37-2, byte 24. */
function alphabetic(value: number): string {
  const last = String.fromCharCode(0x41 + (value % LETTERS));
  return value < LETTERS ? last : `${alphabetic(Math.floor(value / LETTERS) - 1)}${last}`;
}

function sharedName(record: CompactSensorRecord | EventOnlySensorRecord, index: number): string {
  const value = record.nameModifierOffset + index;
  return `${record.name}${record.nameModifier === 'alphabetic' ? alphabetic(value) : String(value)}`;
}

function sensorOf(record: Sensor['record'], index: number, name: string, entityInstance: number): Sensor {
  const { ownerId, channel, lun, entityId, entityLogical, sensorType, eventReadingType } = record;
  const sensorNumber = record.sensorNumber + index;
  const shownName = name.trim() === '' ? `#${sensorNumber}` : name.trim();
  return { ownerId, channel, lun, sensorNumber, entityId, entityInstance, entityLogical, name: shownName, sensorType, eventReadingType, record };
}

/**
 * The sensors that a record stands for: one, or as many as it is shared by, with their names and numbers counted up.
 * Source: IPMI 1.5, table 37-2, bytes 24 and 25.
 */
export function expandSensorRecord(record: Sensor['record']): readonly Sensor[] {
  if (record.kind === 'full' || record.shareCount === 1) return [sensorOf(record, 0, record.name, record.entityInstance)];
  const count = Math.min(record.shareCount, LAST_SENSOR_NUMBER + 1 - record.sensorNumber);
  return Array.from({ length: count }, (_, index) => {
    const entityInstance = record.entityInstanceIncrements ? (record.entityInstance + index) & 0x7f : record.entityInstance;
    return sensorOf(record, index, sharedName(record, index), entityInstance);
  });
}

export function isSensorRecord(record: SdrRecord): record is Sensor['record'] {
  return record.kind === 'full' || record.kind === 'compact' || record.kind === 'event-only';
}

/** All sensors of a repository in the order of their records, those that only send events too. */
export function listSensors(records: readonly SdrRecord[]): readonly Sensor[] {
  return records.filter(isSensorRecord).flatMap(expandSensorRecord);
}

/** Finds sensors by who answers for them. */
export interface SensorDirectory {
  /** The channel is not looked at: events do not always carry it. */
  find(key: Pick<SensorKey, 'ownerId' | 'lun' | 'sensorNumber'>): Sensor | undefined;
}

/** Of two sensors with one key the first counts. */
export function indexSensors(records: readonly SdrRecord[]): SensorDirectory {
  const keyOf = (key: Pick<SensorKey, 'ownerId' | 'lun' | 'sensorNumber'>): number => (key.ownerId << 16) | (key.lun << 8) | key.sensorNumber;
  const sensors = new Map<number, Sensor>();
  for (const sensor of listSensors(records)) {
    if (!sensors.has(keyOf(sensor))) sensors.set(keyOf(sensor), sensor);
  }
  return { find: (key) => sensors.get(keyOf(key)) };
}
