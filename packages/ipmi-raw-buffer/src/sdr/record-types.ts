import type { SdrName } from './name.js';
import type { ReadingFactors, SensorDirection } from './reading-factors.js';

/** What every record of the repository begins with. Source: IPMI 1.5, section 37. */
export interface SdrHeader {
  /** As it stands in the record; the repository may know the record under another number. */
  readonly recordId: number;
  /** 0x51 for IPMI 1.5 and 2.0. */
  readonly sdrVersion: number;
  readonly recordType: number;
  /** Bytes after the five of the header. */
  readonly bodyLength: number;
}

/** The part of the machine that a record belongs to. Source: IPMI 1.5, section 33.1 and table 37-12. */
export interface EntityReference {
  readonly entityId: number;
  /** 0..0x5f counted in the whole system, 0x60..0x7f in the controller that owns the record. */
  readonly entityInstance: number;
  /** A logical grouping, not a physical thing. */
  readonly entityLogical: boolean;
}

/** Who answers for a sensor, and under which number. Names are not unique; this is. */
export interface SensorKey {
  /** 8-bit form of the controller's address (0x20 is the BMC), or, when odd, the id of a software. */
  readonly ownerId: number;
  /** The bus on which the owner is, 0..15. */
  readonly channel: number;
  /** Logical unit of the owner, 0..3. */
  readonly lun: number;
  readonly sensorNumber: number;
}

/** Access to thresholds or hysteresis. `fixed`: there, but neither readable nor settable. */
export type SensorAccess = 'none' | 'readable' | 'settable' | 'fixed';

/** Source: IPMI 1.5, table 37-1, byte 12. */
export interface SensorCapabilities {
  readonly ignoreIfEntityAbsent: boolean;
  readonly autoRearm: boolean;
  readonly hysteresisAccess: SensorAccess;
  readonly thresholdAccess: SensorAccess;
  readonly eventControl: 'per-state' | 'entire-sensor' | 'global-disable' | 'none';
}

/** What is set up when the controller starts. Source: IPMI 1.5, table 37-1, byte 11. */
export interface SensorInitialization {
  readonly scanning: boolean;
  readonly events: boolean;
  readonly thresholds: boolean;
  readonly hysteresis: boolean;
  readonly type: boolean;
  readonly eventsOnAtPowerUp: boolean;
  readonly scanningOnAtPowerUp: boolean;
}

export type RawFormat = 'unsigned' | 'ones-complement' | 'twos-complement' | 'none';

/** Source: IPMI 1.5, table 37-1, bytes 21 to 23. */
export interface SensorUnits {
  /** How raw readings are numbers; `none`: the sensor has no number. */
  readonly rawFormat: RawFormat;
  /** 0 none, 1 per microsecond, 2 millisecond, 3 second, 4 minute, 5 hour, 6 day. */
  readonly rate: number;
  readonly modifier: 'none' | 'divide' | 'multiply' | 'reserved';
  readonly percentage: boolean;
  readonly baseUnit: number;
  readonly modifierUnit: number;
}

/** What the full and the compact sensor record share. */
interface ReadableSensorRecord extends SdrHeader, SensorKey, EntityReference, SdrName {
  readonly initialization: SensorInitialization;
  readonly capabilities: SensorCapabilities;
  readonly sensorType: number;
  /** 0x01 threshold, 0x02..0x0c generic, 0x6f specific to the sensor type, 0x70..0x7f of the vendor. */
  readonly eventReadingType: number;
  /** Bits of the events that are raised; for a threshold sensor bits 12..14 are lower comparisons that were returned. */
  readonly assertionMask: number;
  readonly deassertionMask: number;
  /** Discrete: states that can be read. Threshold: readable thresholds in the low byte, settable in the high byte. */
  readonly readingMask: number;
  readonly units: SensorUnits;
  readonly hysteresisPositive: number;
  readonly hysteresisNegative: number;
  readonly oem: number;
}

/** Raw values of the six thresholds. */
export interface RawThresholds {
  readonly lowerNonCritical: number;
  readonly lowerCritical: number;
  readonly lowerNonRecoverable: number;
  readonly upperNonCritical: number;
  readonly upperCritical: number;
  readonly upperNonRecoverable: number;
}

/** Type 0x01. Source: IPMI 1.5, section 37.1. */
export interface FullSensorRecord extends ReadableSensorRecord {
  readonly kind: 'full';
  /** 0..11 a formula, 0x70 and up: factors have to be asked for. */
  readonly linearization: number;
  readonly factors: ReadingFactors;
  /** Raw, or null when the record says that it is not specified. */
  readonly nominalReading: number | null;
  readonly normalMaximum: number | null;
  readonly normalMinimum: number | null;
  /** Raw. */
  readonly sensorMaximum: number;
  readonly sensorMinimum: number;
  readonly thresholds: RawThresholds;
}

/** How one record stands for several sensors. Source: IPMI 1.5, table 37-2, bytes 24 and 25. */
export interface RecordSharing {
  /** Sensors that the record stands for, 1..15. */
  readonly shareCount: number;
  readonly nameModifier: 'numeric' | 'alphabetic';
  /** 0..127. */
  readonly nameModifierOffset: number;
  readonly entityInstanceIncrements: boolean;
}

/** Type 0x02. Source: IPMI 1.5, section 37.2. */
export interface CompactSensorRecord extends ReadableSensorRecord, RecordSharing {
  readonly kind: 'compact';
  readonly direction: SensorDirection;
}

/** Type 0x03: a sensor that sends events and cannot be read. Source: IPMI 1.5, section 37.3. */
export interface EventOnlySensorRecord extends SdrHeader, SensorKey, EntityReference, SdrName, RecordSharing {
  readonly kind: 'event-only';
  readonly sensorType: number;
  readonly eventReadingType: number;
  readonly direction: SensorDirection;
  readonly oem: number;
}

/** Type 0x08. Source: IPMI 1.5, section 37.4. */
export interface EntityAssociationRecord extends SdrHeader, EntityReference {
  readonly kind: 'entity-association';
  /** The contained entities are ranges: first and last, twice. */
  readonly range: boolean;
  /** Further records continue this one. */
  readonly linked: boolean;
  /** The presence sensor of the container can be read whether it is there or not. */
  readonly presenceAlwaysReadable: boolean;
  /** Empty places are left out. */
  readonly contained: readonly EntityReference[];
}

/** Type 0x09. Source: IPMI 1.5, section 37.5. */
export interface DeviceRelativeAssociationRecord extends SdrHeader, EntityReference {
  readonly kind: 'device-relative-entity-association';
  readonly slaveAddress: number;
  readonly channel: number;
  readonly range: boolean;
  readonly linked: boolean;
  readonly presenceAlwaysReadable: boolean;
  readonly contained: readonly (EntityReference & { readonly slaveAddress: number; readonly channel: number })[];
}

/** Type 0x10. Source: IPMI 1.5, section 37.7. */
export interface GenericDeviceLocatorRecord extends SdrHeader, EntityReference, SdrName {
  readonly kind: 'generic-device-locator';
  /** Controller through which the device is reached, 8-bit form. */
  readonly accessAddress: number;
  /** Of the device on its bus, 8-bit form. */
  readonly slaveAddress: number;
  readonly channel: number;
  readonly lun: number;
  readonly privateBus: number;
  readonly addressSpan: number;
  readonly deviceType: number;
  readonly deviceTypeModifier: number;
  readonly oem: number;
}

/** Type 0x11. Source: IPMI 1.5, section 37.8. */
export interface FruDeviceLocatorRecord extends SdrHeader, EntityReference, SdrName {
  readonly kind: 'fru-device-locator';
  /** Controller that answers for the device, 8-bit form. */
  readonly accessAddress: number;
  /** Logical: a FRU device id for Read FRU. Otherwise an EEPROM, and this is its address on the private bus. */
  readonly logical: boolean;
  readonly fruDeviceId: number;
  readonly lun: number;
  readonly privateBus: number;
  readonly channel: number;
  readonly deviceType: number;
  /** With device type 0x10: 0 unspecified, 1 memory module (no FRU format), 2 FRU inventory. */
  readonly deviceTypeModifier: number;
  readonly oem: number;
}

/** What a management controller does. Source: IPMI 1.5, table 37-9, byte 9, and table 17-2, byte 7. */
export interface ControllerCapabilities {
  readonly chassis: boolean;
  readonly bridge: boolean;
  readonly eventGenerator: boolean;
  readonly eventReceiver: boolean;
  readonly fruInventory: boolean;
  readonly sel: boolean;
  readonly sdrRepository: boolean;
  readonly sensors: boolean;
}

/** Type 0x12. Source: IPMI 1.5, section 37.9. */
export interface McDeviceLocatorRecord extends SdrHeader, EntityReference, SdrName {
  readonly kind: 'mc-device-locator';
  /** 8-bit form. */
  readonly slaveAddress: number;
  readonly channel: number;
  /** True: always there. False: it may be absent. */
  readonly isStatic: boolean;
  /** Byte 7 as it stands: power state notification and initialisation. */
  readonly powerAndInitialization: number;
  readonly capabilities: ControllerCapabilities;
  readonly oem: number;
}

/** Type 0xc0. Source: IPMI 1.5, section 37.12. */
export interface OemSdrRecord extends SdrHeader {
  readonly kind: 'oem';
  /** Private enterprise number of IANA: 343 is Intel. */
  readonly manufacturerId: number;
  readonly data: Uint8Array;
}

/** A record of a type that is not decoded, of another version, or that could not be decoded. */
export interface RawSdrRecord extends SdrHeader {
  readonly kind: 'other';
  /** What follows the header. */
  readonly data: Uint8Array;
}

export type SensorRecord = FullSensorRecord | CompactSensorRecord | EventOnlySensorRecord;

export type SdrRecord =
  | SensorRecord
  | EntityAssociationRecord
  | DeviceRelativeAssociationRecord
  | GenericDeviceLocatorRecord
  | FruDeviceLocatorRecord
  | McDeviceLocatorRecord
  | OemSdrRecord
  | RawSdrRecord;
