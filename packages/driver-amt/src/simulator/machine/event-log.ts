import { Buffer } from 'node:buffer';

/** One record of the event log. Source: Intel AMT Implementation and Reference Guide, "Read the Event Log", with recorded records. */
export interface EventRecord {
  /** Seconds since 1970 by the device's clock. */
  readonly time: number;
  readonly deviceAddress?: number;
  readonly sensorType: number;
  readonly eventType: number;
  readonly offset: number;
  readonly sourceType: number;
  readonly severity: number;
  readonly sensorNumber: number;
  readonly entity: number;
  readonly entityInstance: number;
  /** At most eight bytes; the rest is 0. */
  readonly data: readonly number[];
}

/** As recorded. */
export const EVENT_LOG_CAPACITY = 390;

/** Values of the platform event trap that the device's own events have, as recorded. */
const OWN = { sourceType: 0x68, eventType: 0x6f, sensorNumber: 0xff } as const;

/** Somebody failed to log in so many times in a row, as recorded. */
export const authenticationFailed = (time: number, failures: number): EventRecord => ({
  time, ...OWN, sensorType: 0x06, offset: 5, severity: 0x10, entity: 0x26, entityInstance: 0x61, data: [0xaa, Math.min(failures, 255)],
});

/** The firmware starts the system. Source: platform event trap 1.0, system firmware progress 13h. */
export const systemStarts = (time: number): EventRecord => ({
  time, ...OWN, sensorType: 0x0f, offset: 2, severity: 1, entity: 0x22, entityInstance: 0, data: [0x40, 0x13],
});

/** The log, which forgets its oldest records. */
export interface EventLog {
  /** The newest first, as the device gives them. */
  readonly records: readonly EventRecord[];
  isFrozen: boolean;
  add(record: EventRecord): void;
  clear(): void;
}

export function createEventLog(records: readonly EventRecord[] = []): EventLog {
  const kept = records.slice(0, EVENT_LOG_CAPACITY);
  const log: EventLog = {
    records: kept,
    isFrozen: false,
    add(record) {
      if (log.isFrozen) return;
      kept.unshift(record);
      if (kept.length > EVENT_LOG_CAPACITY) kept.pop();
    },
    clear: () => void kept.splice(0),
  };
  return log;
}

/** The 21 bytes of a record: little endian, unlike the audit log. */
export function encodeEvent(record: EventRecord): string {
  const bytes = Buffer.alloc(21);
  bytes.writeUInt32LE(record.time, 0);
  const { deviceAddress = 0xff, sensorType, eventType, offset, sourceType, severity, sensorNumber, entity, entityInstance, data } = record;
  bytes.set([deviceAddress, sensorType, eventType, offset, sourceType, severity, sensorNumber, entity, entityInstance, ...data.slice(0, 8)], 4);
  return bytes.toString('base64');
}
