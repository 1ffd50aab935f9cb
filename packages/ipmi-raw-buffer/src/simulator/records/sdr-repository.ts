import { byteAt, readWord, word } from '../wire/bytes.js';

/** One record as it is read: id, version, type, body length, body. */
export interface StoredRecord {
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** A sensor that the BMC itself has. */
export interface StoredSensor {
  readonly number: number;
  readonly kind: 'full' | 'compact' | 'event-only';
  readonly sensorType: number;
  readonly eventType: number;
  /** The record that describes it; sensors of one shared record have the same. */
  readonly record: Uint8Array;
}

/** Records that many BMCs may share. */
export interface SdrRepository {
  readonly records: readonly StoredRecord[];
  /** The place of a record in `records` by its id. */
  readonly places: ReadonlyMap<number, number>;
  /** Sensors of the BMC by {@link sensorKey}. */
  readonly sensors: ReadonlyMap<number, StoredSensor>;
}

/** Length of a record's header. Source: IPMI 1.5, section 37. */
const RECORD_HEADER_LENGTH = 5;
const BMC_OWNER = 0x20;
const EVENT_TYPE_THRESHOLD = 0x01;

/** Sensors are told apart by logical unit and number. Source: IPMI 1.5, section 29.3. */
export function sensorKey(lun: number, number: number): number {
  return (lun << 8) | number;
}

export function hasThresholds({ kind, eventType }: StoredSensor): boolean {
  return kind === 'full' && eventType === EVENT_TYPE_THRESHOLD;
}

/** Whether the bytes are one record. */
export function isRecord(bytes: Uint8Array): boolean {
  return bytes.length >= RECORD_HEADER_LENGTH && bytes.length === RECORD_HEADER_LENGTH + byteAt(bytes, 4);
}

/** Gives free ids to records whose id is 0, and lists their sensors. */
export function createSdrRepository(given: readonly Uint8Array[]): SdrRepository {
  const taken = new Set(given.map((bytes) => readWord(bytes, 0)));
  let free = 1;
  const records = given.map((bytes): StoredRecord => {
    const own = readWord(bytes, 0);
    if (own !== 0) return { id: own, bytes: Uint8Array.from(bytes) };
    while (taken.has(free)) free += 1;
    taken.add(free);
    return { id: free, bytes: Uint8Array.of(...word(free), ...bytes.subarray(2)) };
  });
  const sensors = new Map<number, StoredSensor>();
  for (const { bytes } of records) {
    for (const [key, sensor] of sensorsOf(bytes)) sensors.set(key, sensor);
  }
  return { records, places: new Map(records.map(({ id }, place) => [id, place])), sensors };
}

const KINDS: Readonly<Record<number, StoredSensor['kind']>> = { 0x01: 'full', 0x02: 'compact', 0x03: 'event-only' };

/** Sources: IPMI 1.5, sections 37.1 to 37.3. */
function sensorsOf(record: Uint8Array): readonly (readonly [number, StoredSensor])[] {
  const kind = KINDS[byteAt(record, 3)];
  if (kind === undefined || byteAt(record, 5) !== BMC_OWNER) return [];
  const lun = byteAt(record, 6) & 3;
  const first = byteAt(record, 7);
  const [typeAt, eventTypeAt] = kind === 'event-only' ? [10, 11] : [12, 13];
  const shareAt = { full: undefined, compact: 23, 'event-only': 12 }[kind];
  const count = shareAt === undefined ? 1 : Math.max(1, byteAt(record, shareAt) & 0x0f);
  return Array.from({ length: count }, (_, index) => [
    sensorKey(lun, first + index),
    { number: first + index, kind, sensorType: byteAt(record, typeAt), eventType: byteAt(record, eventTypeAt) & 0x7f, record },
  ]);
}
