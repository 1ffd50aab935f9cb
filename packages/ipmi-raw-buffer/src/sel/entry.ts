import { copyBytes, hasBit, requireBytes } from '../message/bytes.js';
import { decodeTimestamp, type SelTimestamp } from './timestamp.js';

/** Length of every entry. Source: IPMI 1.5, table 26-1. */
export const SEL_ENTRY_LENGTH = 16;

/** Who logged an event. Source: IPMI 1.5, table 26-1, bytes 8 and 9. */
export interface EventGenerator {
  /** Both bytes as they stand, the address in the low one. */
  readonly id: number;
  /** 8-bit form of a controller's address, or, when odd, the id of a software: the owner id of its sensors. */
  readonly ownerId: number;
  /** `bios`, `smi-handler`, `system-management-software`, `oem-software`, `remote-console`, `terminal-mode`. Source: IPMI 1.5, table 5-4. */
  readonly kind: GeneratorKind;
  readonly channel: number;
  readonly lun: number;
}

export type GeneratorKind =
  | 'controller' | 'bios' | 'smi-handler' | 'system-management-software' | 'oem-software' | 'remote-console' | 'terminal-mode' | 'unknown-software';

/** Records of type 0x02, and of all below 0xc0. */
export interface SystemEventEntry {
  readonly kind: 'system-event';
  readonly recordId: number;
  readonly recordType: number;
  readonly timestamp: SelTimestamp;
  readonly generator: EventGenerator;
  /** 4 for IPMI 1.5 and 2.0, 3 for 1.0. */
  readonly eventMessageRevision: number;
  readonly sensorType: number;
  readonly sensorNumber: number;
  readonly direction: 'assert' | 'deassert';
  readonly eventReadingType: number;
  /** Which state or threshold event: low nibble of the first byte of event data. */
  readonly offset: number;
  /** Three bytes. */
  readonly eventData: Uint8Array;
}

/** Types 0xc0..0xdf. */
export interface OemTimestampedEntry {
  readonly kind: 'oem-timestamped';
  readonly recordId: number;
  readonly recordType: number;
  readonly timestamp: SelTimestamp;
  readonly manufacturerId: number;
  /** Six bytes. */
  readonly data: Uint8Array;
}

/** Types 0xe0..0xff. */
export interface OemEntry {
  readonly kind: 'oem';
  readonly recordId: number;
  readonly recordType: number;
  /** Thirteen bytes. */
  readonly data: Uint8Array;
}

export type SelEntry = SystemEventEntry | OemTimestampedEntry | OemEntry;

/** Odd ids by their last value. Source: IPMI 1.5, table 5-4. */
const SOFTWARE: readonly { readonly last: number; readonly kind: GeneratorKind }[] = [
  { last: 0x1f, kind: 'bios' },
  { last: 0x3f, kind: 'smi-handler' },
  { last: 0x5f, kind: 'system-management-software' },
  { last: 0x7f, kind: 'oem-software' },
  { last: 0x8d, kind: 'remote-console' },
  { last: 0x8f, kind: 'terminal-mode' },
];

export function decodeEventGenerator(id: number): EventGenerator {
  const ownerId = id & 0xff;
  const isController = (ownerId & 1) === 0;
  const kind = isController ? 'controller' : (SOFTWARE.find(({ last }) => ownerId <= last)?.kind ?? 'unknown-software');
  return { id, ownerId, kind, channel: id >> 12, lun: (id >> 8) & 3 };
}

const FIRST_OEM_TIMESTAMPED = 0xc0;
const FIRST_OEM = 0xe0;

/** An entry of 16 bytes; more are ignored. Source: IPMI 1.5, section 26. @throws FerricError PROTOCOL_FAULT */
export function decodeSelEntry(bytes: Uint8Array): SelEntry {
  const entry = requireBytes('SEL entry', bytes, SEL_ENTRY_LENGTH);
  const recordId = entry.readUInt16LE(0);
  const recordType = entry.readUInt8(2);
  if (recordType >= FIRST_OEM) return { kind: 'oem', recordId, recordType, data: copyBytes(entry, 3, SEL_ENTRY_LENGTH) };
  const timestamp = decodeTimestamp(entry.readUInt32LE(3));
  if (recordType >= FIRST_OEM_TIMESTAMPED) {
    const data = copyBytes(entry, 10, SEL_ENTRY_LENGTH);
    return { kind: 'oem-timestamped', recordId, recordType, timestamp, manufacturerId: entry.readUIntLE(7, 3), data };
  }
  const type = entry.readUInt8(12);
  return {
    kind: 'system-event',
    recordId,
    recordType,
    timestamp,
    generator: decodeEventGenerator(entry.readUInt16LE(7)),
    eventMessageRevision: entry.readUInt8(9),
    sensorType: entry.readUInt8(10),
    sensorNumber: entry.readUInt8(11),
    direction: hasBit(type, 0x80) ? 'deassert' : 'assert',
    eventReadingType: type & 0x7f,
    offset: entry.readUInt8(13) & 0x0f,
    eventData: copyBytes(entry, 13, SEL_ENTRY_LENGTH),
  };
}
