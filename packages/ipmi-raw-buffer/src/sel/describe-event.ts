import { hexadecimal, hexadecimalText } from '../message/bytes.js';
import type { Sensor, SensorDirectory } from '../sdr/list-sensors.js';
import { convertReading } from '../sensors/conversion.js';
import { isInverse, recordConversion } from '../sensors/record-values.js';
import { sensorTypeName } from '../sensors/sensor-type-text.js';
import type { Severity } from '../sensors/state-meaning.js';
import { findStateMeaning, SENSOR_SPECIFIC_TYPE, stateMeaning, THRESHOLD_TYPE } from '../sensors/states.js';
import { unitText } from '../sensors/unit-text.js';
import type { OemEntry, OemTimestampedEntry, SelEntry, SystemEventEntry } from './entry.js';
import { findExtension } from './event-extension.js';

/** An entry in words. */
export interface EventDescription {
  /** The name in the sensor records, `#0x5b` when they do not have the sensor, null for entries of vendors. */
  readonly sensorName: string | null;
  readonly sensor: Sensor | null;
  /** `temperature`, `power supply`; null for entries of vendors. */
  readonly sensorType: string | null;
  /** What happened: `upper critical going high`. */
  readonly text: string;
  /** What the event data say beyond that: `reading 117 degrees C`, `cause: watchdog expiration`. */
  readonly details: readonly string[];
  /** `ok` for what is good news or none. */
  readonly severity: Severity;
  /** In the unit of the sensor; null when the event does not tell, or the records do not know how to convert it. */
  readonly reading: number | null;
  readonly threshold: number | null;
  readonly unit: string | null;
  /** All of it in one line. */
  readonly message: string;
}

/** How a byte of event data is meant. Source: IPMI 1.5, table 23-6. */
const USE = { unspecified: 0, standard: 1, oem: 2, extension: 3 } as const;
const UNSPECIFIED_BYTE = 0xff;
const UNSPECIFIED_NIBBLE = 0x0f;
const SEVERITY_TYPE = 0x07;

/** An entry in words; with the sensor records it gets the names and units of the sensors. Sources: IPMI 1.5, sections 23.7 and 36. */
export function describeSelEntry(entry: SelEntry, sensors?: SensorDirectory): EventDescription {
  return entry.kind === 'system-event' ? describeEvent(entry, sensors) : describeOem(entry);
}

function describeOem(entry: OemEntry | OemTimestampedEntry): EventDescription {
  const manufacturer = entry.kind === 'oem' ? '' : ` of manufacturer ${entry.manufacturerId}`;
  const text = `vendor record ${hexadecimal(entry.recordType)}${manufacturer}: ${hexadecimalText(entry.data)}`;
  const unknown = { sensorName: null, sensor: null, sensorType: null, details: [], reading: null, threshold: null, unit: null };
  return { ...unknown, text, severity: 'ok', message: text };
}

function describeEvent(entry: SystemEventEntry, sensors: SensorDirectory | undefined): EventDescription {
  const { ownerId, lun } = entry.generator;
  const sensor = sensors?.find({ ownerId, lun, sensorNumber: entry.sensorNumber }) ?? null;
  const sensorName = sensor?.name ?? `#${hexadecimal(entry.sensorNumber)}`;
  const sensorType = sensorTypeName(entry.sensorType);
  const facts = entry.eventReadingType === THRESHOLD_TYPE ? thresholdFacts(entry, sensor) : discreteFacts(entry);
  const what = `${facts.text} ${entry.direction === 'assert' ? 'asserted' : 'deasserted'}`;
  const message = `${sensorName} (${sensorType}): ${[what, ...facts.details].join('; ')}`;
  return { sensorName, sensor, sensorType, ...facts, message };
}

type EventFacts = Pick<EventDescription, 'text' | 'details' | 'severity' | 'reading' | 'threshold' | 'unit'>;

function eventBytes(entry: SystemEventEntry): { readonly secondUse: number; readonly thirdUse: number; readonly second: number; readonly third: number } {
  const [first = 0, second = UNSPECIFIED_BYTE, third = UNSPECIFIED_BYTE] = entry.eventData;
  return { secondUse: first >> 6, thirdUse: (first >> 4) & 3, second, third };
}

function thresholdFacts(entry: SystemEventEntry, sensor: Sensor | null): EventFacts {
  const { secondUse, thirdUse, second, third } = eventBytes(entry);
  const record = sensor?.record.kind === 'full' ? sensor.record : null;
  const conversion = record === null ? null : recordConversion(record);
  const convert = (raw: number, isGiven: boolean): number | null => (isGiven && conversion !== null ? convertReading(raw, conversion) : null);
  const reading = convert(second, secondUse === USE.standard);
  const threshold = convert(third, thirdUse === USE.standard);
  const unit = record === null || conversion === null ? null : unitText(record.units);
  const offset = record !== null && isInverse(record) ? mirrorOffset(entry.offset) : entry.offset;
  const details = [
    measured('reading', reading, unit) ?? unexplained('reading', secondUse, second),
    measured('threshold', threshold, unit) ?? unexplained('threshold', thirdUse, third),
  ].filter((detail) => detail !== null);
  return { text: stateMeaning(entry, offset).text, details, severity: thresholdSeverity(entry, offset), reading, threshold, unit };
}

/** The event as values see it, where a high raw reading is a low value: lower going low is upper going high. */
function mirrorOffset(offset: number): number {
  const isLower = offset < 6;
  const isGoingLow = offset % 2 === 0;
  return isLower === isGoingLow ? offset + (isLower ? 7 : -7) : offset + (isLower ? 5 : -5);
}

/** Going out of bounds is bad when it is asserted, coming back into them when it is taken back. Source: IPMI 1.5, table 36-2, type 0x01. */
function thresholdSeverity(entry: SystemEventEntry, offset: number): Severity {
  const outward = offset < 6 ? offset % 2 === 0 : offset % 2 === 1;
  if (outward === (entry.direction === 'deassert')) return 'ok';
  return stateMeaning(entry, outward ? offset : offset ^ 1).severity;
}

function measured(label: string, value: number | null, unit: string | null): string | null {
  return value === null ? null : `${label} ${Number(value.toPrecision(6))} ${unit ?? ''}`.trimEnd();
}

/** A byte that nobody can explain, in hexadecimal; null when it says nothing. */
function unexplained(label: string, use: number, value: number): string | null {
  if (use === USE.unspecified || value === UNSPECIFIED_BYTE) return null;
  return use === USE.standard ? `${label} ${hexadecimal(value)} raw` : `${use === USE.oem ? 'OEM ' : ''}event data ${hexadecimal(value)}`;
}

function discreteFacts(entry: SystemEventEntry): EventFacts {
  const { secondUse, thirdUse, second, third } = eventBytes(entry);
  const extension = entry.eventReadingType === SENSOR_SPECIFIC_TYPE ? findExtension(entry.sensorType, entry.offset) : {};
  const explained = (use: number, decode: ((value: number, offset: number) => string | null) | undefined, value: number): string | null =>
    use === USE.extension ? (decode?.(value, entry.offset) ?? unexplained('', use, value)) : unexplained('', use, value);
  const details = [
    secondUse === USE.standard ? previousState(entry, second & 0x0f) : explained(secondUse, extension.second, second),
    // A third byte of standard use does not exist for discrete events.
    thirdUse === USE.standard ? null : explained(thirdUse, extension.third, third),
  ].filter((detail) => detail !== null);
  const severity = entry.direction === 'deassert' ? 'ok' : (statedSeverity(secondUse, second) ?? stateMeaning(entry, entry.offset).severity);
  return { text: stateMeaning(entry, entry.offset).text, details, severity, reading: null, threshold: null, unit: null };
}

function previousState(entry: SystemEventEntry, offset: number): string | null {
  return offset === UNSPECIFIED_NIBBLE ? null : `previous state: ${stateMeaning(entry, offset).text}`;
}

/** The severity that the event itself tells, in the states of type 0x07, of which 0xf is none. Source: IPMI 1.5, table 23-6. */
function statedSeverity(use: number, second: number): Severity | undefined {
  if (use !== USE.standard) return undefined;
  return findStateMeaning({ eventReadingType: SEVERITY_TYPE, sensorType: 0 }, second >> 4)?.severity;
}
