import { FerricError } from '@ferric/core';
import { type Named, nameOf } from '../classes/value-readers.js';
import { describeEvent } from './describe-event.js';
import { EVENT_ENTITIES, EVENT_SENSOR_TYPES, EVENT_SEVERITIES } from './event-names.js';
import { recordBytes, recordTime } from './record-bytes.js';

/** One event, as the firmware of the machine or the management engine reported it. */
export interface EventRecord {
  /** By the clock of the device, read as UTC though many keep local time; null when it had no time. */
  readonly at: Date | null;
  /** One sentence. */
  readonly message: string;
  readonly severity: Named<typeof EVENT_SEVERITIES>;
  /** What noticed it. */
  readonly sensor: Named<typeof EVENT_SENSOR_TYPES>;
  /** What it happened to. */
  readonly entity: Named<typeof EVENT_ENTITIES>;
  readonly entityInstance: number;
  /** The bytes as they are, for what the sentence leaves out. */
  readonly deviceAddress: number;
  readonly sensorType: number;
  readonly sensorNumber: number;
  readonly eventType: number;
  readonly eventOffset: number;
  readonly sourceType: number;
  /** Eight bytes. */
  readonly data: Uint8Array;
}

/** Source: Intel AMT Implementation and Reference Guide, class reference of AMT_MessageLog, EVENT_DATA. */
const EVENT_BYTES = 21;
const EVENT_DATA_BYTES = 8;

/**
 * Decodes one record of the event log.
 * @throws PROTOCOL_FAULT unless it has 21 bytes
 */
export function decodeEventRecord(bytes: Uint8Array): EventRecord {
  if (bytes.length !== EVENT_BYTES) {
    throw new FerricError('PROTOCOL_FAULT', `A record of the event log has ${bytes.length} bytes, expected ${EVENT_BYTES}`, {
      details: { record: 'event log record', bytes: bytes.length },
    });
  }
  const record = recordBytes('A record of the event log', bytes);
  // In the order of the record.
  const seconds = record.u32('little');
  const deviceAddress = record.u8();
  const sensorType = record.u8();
  const eventType = record.u8();
  const eventOffset = record.u8();
  const sourceType = record.u8();
  const severity = record.u8();
  const sensorNumber = record.u8();
  const entity = record.u8();
  const entityInstance = record.u8();
  const data = record.take(EVENT_DATA_BYTES);
  return {
    at: recordTime(seconds),
    message: describeEvent({ sensorType, offset: eventOffset, data }),
    severity: nameOf(EVENT_SEVERITIES, severity),
    sensor: nameOf(EVENT_SENSOR_TYPES, sensorType),
    entity: nameOf(EVENT_ENTITIES, entity),
    entityInstance,
    deviceAddress,
    sensorType,
    sensorNumber,
    eventType,
    eventOffset,
    sourceType,
    data,
  };
}
