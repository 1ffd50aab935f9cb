import { copyBytes, hasBit, requireBytes } from '../message/bytes.js';
import { decodeSdrName } from './name.js';
import type {
  ControllerCapabilities, DeviceRelativeAssociationRecord, EntityAssociationRecord, EntityReference, FruDeviceLocatorRecord,
  GenericDeviceLocatorRecord, McDeviceLocatorRecord, OemSdrRecord, SdrHeader,
} from './record-types.js';
import { decodeEntity } from './sensor-records.js';

/** Offsets of the entities that an association contains. */
const CONTAINED = [8, 10, 12, 14] as const;
const CONTAINED_RELATIVE = [10, 14, 18, 22] as const;

function associationFlags(flags: number): Pick<EntityAssociationRecord, 'range' | 'linked' | 'presenceAlwaysReadable'> {
  return { range: hasBit(flags, 0x80), linked: hasBit(flags, 0x40), presenceAlwaysReadable: hasBit(flags, 0x20) };
}

/** Entity 0 marks a place that is not used. */
const isUsed = (entity: EntityReference): boolean => entity.entityId !== 0;

/** A whole record of type 0x08. Source: IPMI 1.5, section 37.4. @throws FerricError PROTOCOL_FAULT */
export function decodeEntityAssociation(header: SdrHeader, bytes: Uint8Array): EntityAssociationRecord {
  const record = requireBytes('Entity association record', bytes, 16);
  return {
    ...header,
    kind: 'entity-association',
    ...decodeEntity(record.readUInt8(5), record.readUInt8(6)),
    ...associationFlags(record.readUInt8(7)),
    contained: CONTAINED.map((offset) => decodeEntity(record.readUInt8(offset), record.readUInt8(offset + 1))).filter(isUsed),
  };
}

/** A whole record of type 0x09. Source: IPMI 1.5, section 37.5. @throws FerricError PROTOCOL_FAULT */
export function decodeDeviceRelativeAssociation(header: SdrHeader, bytes: Uint8Array): DeviceRelativeAssociationRecord {
  const record = requireBytes('Device-relative entity association record', bytes, 26);
  return {
    ...header,
    kind: 'device-relative-entity-association',
    ...decodeEntity(record.readUInt8(5), record.readUInt8(6)),
    slaveAddress: record.readUInt8(7) & 0xfe,
    channel: record.readUInt8(8) >> 4,
    ...associationFlags(record.readUInt8(9)),
    contained: CONTAINED_RELATIVE.map((offset) => ({
      slaveAddress: record.readUInt8(offset) & 0xfe,
      channel: record.readUInt8(offset + 1) >> 4,
      ...decodeEntity(record.readUInt8(offset + 2), record.readUInt8(offset + 3)),
    })).filter(isUsed),
  };
}

/** A whole record of type 0x10. Source: IPMI 1.5, section 37.7. @throws FerricError PROTOCOL_FAULT */
export function decodeGenericDeviceLocator(header: SdrHeader, bytes: Uint8Array): GenericDeviceLocatorRecord {
  const record = requireBytes('Generic device locator record', bytes, 14);
  const slave = record.readUInt8(6);
  const bus = record.readUInt8(7);
  return {
    ...header,
    kind: 'generic-device-locator',
    accessAddress: record.readUInt8(5) & 0xfe,
    slaveAddress: slave & 0xfe,
    // The top bit of the channel stands in the byte before.
    channel: ((slave & 1) << 3) | (bus >> 5),
    lun: (bus >> 3) & 3,
    privateBus: bus & 7,
    addressSpan: record.readUInt8(8) & 7,
    deviceType: record.readUInt8(10),
    deviceTypeModifier: record.readUInt8(11),
    ...decodeEntity(record.readUInt8(12), record.readUInt8(13)),
    oem: record[14] ?? 0,
    ...decodeSdrName(record, 15),
  };
}

/** A whole record of type 0x11. Source: IPMI 1.5, section 37.8. @throws FerricError PROTOCOL_FAULT */
export function decodeFruDeviceLocator(header: SdrHeader, bytes: Uint8Array): FruDeviceLocatorRecord {
  const record = requireBytes('FRU device locator record', bytes, 14);
  const access = record.readUInt8(7);
  return {
    ...header,
    kind: 'fru-device-locator',
    accessAddress: record.readUInt8(5) & 0xfe,
    logical: hasBit(access, 0x80),
    fruDeviceId: record.readUInt8(6),
    lun: (access >> 3) & 3,
    privateBus: access & 7,
    channel: record.readUInt8(8) >> 4,
    deviceType: record.readUInt8(10),
    deviceTypeModifier: record.readUInt8(11),
    ...decodeEntity(record.readUInt8(12), record.readUInt8(13)),
    oem: record[14] ?? 0,
    ...decodeSdrName(record, 15),
  };
}

/** The byte that says what a controller does. Source: IPMI 1.5, table 37-9, byte 9. */
export function decodeControllerCapabilities(bits: number): ControllerCapabilities {
  return {
    chassis: hasBit(bits, 0x80),
    bridge: hasBit(bits, 0x40),
    eventGenerator: hasBit(bits, 0x20),
    eventReceiver: hasBit(bits, 0x10),
    fruInventory: hasBit(bits, 0x08),
    sel: hasBit(bits, 0x04),
    sdrRepository: hasBit(bits, 0x02),
    sensors: hasBit(bits, 0x01),
  };
}

/** A whole record of type 0x12. Source: IPMI 1.5, section 37.9. @throws FerricError PROTOCOL_FAULT */
export function decodeMcDeviceLocator(header: SdrHeader, bytes: Uint8Array): McDeviceLocatorRecord {
  const record = requireBytes('Management controller locator record', bytes, 14);
  const powerAndInitialization = record.readUInt8(7);
  return {
    ...header,
    kind: 'mc-device-locator',
    slaveAddress: record.readUInt8(5) & 0xfe,
    channel: record.readUInt8(6) & 0x0f,
    isStatic: hasBit(powerAndInitialization, 0x20),
    powerAndInitialization,
    capabilities: decodeControllerCapabilities(record.readUInt8(8)),
    ...decodeEntity(record.readUInt8(12), record.readUInt8(13)),
    oem: record[14] ?? 0,
    ...decodeSdrName(record, 15),
  };
}

/** A whole record of type 0xc0. Source: IPMI 1.5, section 37.12. @throws FerricError PROTOCOL_FAULT */
export function decodeOemRecord(header: SdrHeader, bytes: Uint8Array): OemSdrRecord {
  const record = requireBytes('OEM record', bytes, 8);
  return { ...header, kind: 'oem', manufacturerId: record.readUIntLE(5, 3), data: copyBytes(record, 8) };
}
