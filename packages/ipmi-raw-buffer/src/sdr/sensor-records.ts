import { hasBit, requireBytes } from '../message/bytes.js';
import { decodeSdrName } from './name.js';
import { decodeReadingFactors, sensorDirection } from './reading-factors.js';
import type {
  CompactSensorRecord, EntityReference, EventOnlySensorRecord, FullSensorRecord, RawFormat, RecordSharing, SdrHeader, SensorAccess,
  SensorCapabilities, SensorInitialization, SensorKey, SensorUnits,
} from './record-types.js';

const ACCESS: readonly SensorAccess[] = ['none', 'readable', 'settable', 'fixed'];
const EVENT_CONTROL: readonly SensorCapabilities['eventControl'][] = ['per-state', 'entire-sensor', 'global-disable', 'none'];
const RAW_FORMATS: readonly RawFormat[] = ['unsigned', 'ones-complement', 'twos-complement', 'none'];
const UNIT_MODIFIERS: readonly SensorUnits['modifier'][] = ['none', 'divide', 'multiply', 'reserved'];

/** The instance byte of an entity has the mark of a logical entity at the top. */
export function decodeEntity(entityId: number, instance: number): EntityReference {
  return { entityId, entityInstance: instance & 0x7f, entityLogical: hasBit(instance, 0x80) };
}

/** Bytes 5 to 9 of the three sensor records. */
function decodeIdentity(record: Buffer): SensorKey & EntityReference {
  return {
    ownerId: record.readUInt8(5),
    channel: record.readUInt8(6) >> 4,
    lun: record.readUInt8(6) & 3,
    sensorNumber: record.readUInt8(7),
    ...decodeEntity(record.readUInt8(8), record.readUInt8(9)),
  };
}

function decodeInitialization(bits: number): SensorInitialization {
  return {
    scanning: hasBit(bits, 0x40),
    events: hasBit(bits, 0x20),
    thresholds: hasBit(bits, 0x10),
    hysteresis: hasBit(bits, 0x08),
    type: hasBit(bits, 0x04),
    eventsOnAtPowerUp: hasBit(bits, 0x02),
    scanningOnAtPowerUp: hasBit(bits, 0x01),
  };
}

function decodeCapabilities(bits: number): SensorCapabilities {
  return {
    ignoreIfEntityAbsent: hasBit(bits, 0x80),
    autoRearm: hasBit(bits, 0x40),
    hysteresisAccess: ACCESS[(bits >> 4) & 3] ?? 'none',
    thresholdAccess: ACCESS[(bits >> 2) & 3] ?? 'none',
    eventControl: EVENT_CONTROL[bits & 3] ?? 'none',
  };
}

function decodeUnits(record: Buffer): SensorUnits {
  const bits = record.readUInt8(20);
  return {
    rawFormat: RAW_FORMATS[bits >> 6] ?? 'none',
    rate: (bits >> 3) & 7,
    modifier: UNIT_MODIFIERS[(bits >> 1) & 3] ?? 'none',
    percentage: hasBit(bits, 0x01),
    baseUnit: record.readUInt8(21),
    modifierUnit: record.readUInt8(22),
  };
}

function decodeSharing(count: number, modifier: number): RecordSharing {
  return {
    // A count of 0 means the one sensor that is named.
    shareCount: Math.max(1, count & 0x0f),
    nameModifier: ((count >> 4) & 3) === 1 ? 'alphabetic' : 'numeric',
    nameModifierOffset: modifier & 0x7f,
    entityInstanceIncrements: hasBit(modifier, 0x80),
  };
}

type ReadableField =
  | 'initialization' | 'capabilities' | 'sensorType' | 'eventReadingType' | 'assertionMask' | 'deassertionMask' | 'readingMask' | 'units';

/** Bytes 5 to 22, which the full and the compact record share. */
function decodeReadable(record: Buffer): SensorKey & EntityReference & Pick<FullSensorRecord, ReadableField> {
  return {
    ...decodeIdentity(record),
    initialization: decodeInitialization(record.readUInt8(10)),
    capabilities: decodeCapabilities(record.readUInt8(11)),
    sensorType: record.readUInt8(12),
    eventReadingType: record.readUInt8(13) & 0x7f,
    assertionMask: record.readUInt16LE(14),
    deassertionMask: record.readUInt16LE(16),
    readingMask: record.readUInt16LE(18),
    units: decodeUnits(record),
  };
}

/** A whole record of type 0x01, header and all. Source: IPMI 1.5, section 37.1. @throws FerricError PROTOCOL_FAULT */
export function decodeFullSensor(header: SdrHeader, bytes: Uint8Array): FullSensorRecord {
  const record = requireBytes('Full sensor record', bytes, 44);
  const specified = record.readUInt8(30);
  const whenSpecified = (bit: number, offset: number): number | null => (hasBit(specified, bit) ? record.readUInt8(offset) : null);
  return {
    ...header,
    kind: 'full',
    ...decodeReadable(record),
    linearization: record.readUInt8(23) & 0x7f,
    factors: decodeReadingFactors(record.subarray(24, 30)),
    nominalReading: whenSpecified(0x01, 31),
    normalMaximum: whenSpecified(0x02, 32),
    normalMinimum: whenSpecified(0x04, 33),
    sensorMaximum: record.readUInt8(34),
    sensorMinimum: record.readUInt8(35),
    thresholds: {
      upperNonRecoverable: record.readUInt8(36),
      upperCritical: record.readUInt8(37),
      upperNonCritical: record.readUInt8(38),
      lowerNonRecoverable: record.readUInt8(39),
      lowerCritical: record.readUInt8(40),
      lowerNonCritical: record.readUInt8(41),
    },
    hysteresisPositive: record.readUInt8(42),
    hysteresisNegative: record.readUInt8(43),
    oem: record[46] ?? 0,
    ...decodeSdrName(record, 47),
  };
}

/** A whole record of type 0x02. Source: IPMI 1.5, section 37.2. @throws FerricError PROTOCOL_FAULT */
export function decodeCompactSensor(header: SdrHeader, bytes: Uint8Array): CompactSensorRecord {
  const record = requireBytes('Compact sensor record', bytes, 27);
  return {
    ...header,
    kind: 'compact',
    ...decodeReadable(record),
    ...decodeSharing(record.readUInt8(23), record.readUInt8(24)),
    direction: sensorDirection(record.readUInt8(23) >> 6),
    hysteresisPositive: record.readUInt8(25),
    hysteresisNegative: record.readUInt8(26),
    oem: record[30] ?? 0,
    ...decodeSdrName(record, 31),
  };
}

/** A whole record of type 0x03. Source: IPMI 1.5, section 37.3. @throws FerricError PROTOCOL_FAULT */
export function decodeEventOnlySensor(header: SdrHeader, bytes: Uint8Array): EventOnlySensorRecord {
  const record = requireBytes('Event-only sensor record', bytes, 14);
  return {
    ...header,
    kind: 'event-only',
    ...decodeIdentity(record),
    sensorType: record.readUInt8(10),
    eventReadingType: record.readUInt8(11) & 0x7f,
    ...decodeSharing(record.readUInt8(12), record.readUInt8(13)),
    direction: sensorDirection(record.readUInt8(12) >> 6),
    oem: record[15] ?? 0,
    ...decodeSdrName(record, 16),
  };
}
