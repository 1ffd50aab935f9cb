import { defineClass, listOf, required } from './class-table.js';
import { MEMORY_FORM_FACTORS, MEMORY_TYPES, PROCESSOR_FAMILIES, PROCESSOR_SOCKETS } from './smbios-names.js';
import {
  ENABLED_DEFAULTS, ENABLED_STATES, HEALTH_STATES, OPERATIONAL_STATUSES, PACKAGE_TYPES, REQUESTED_STATES,
} from './value-names.js';
import { boolean, datetime, integer, named, reference, text } from './value-readers.js';

// What the machine is made of. Source: CIM schema of the DMTF, the classes by name; Intel AMT Implementation and Reference Guide, "Hardware Asset".

const operationalStatus = listOf(named(OPERATIONAL_STATUSES));

/** The machine (Name `ManagedSystem`) or the management engine (`Intel(r) AMT`). */
export const CIM_ComputerSystem = defineClass('CIM_ComputerSystem', {
  CreationClassName: text,
  Dedicated: listOf(integer),
  ElementName: text,
  EnabledState: named(ENABLED_STATES),
  HealthState: named(HEALTH_STATES),
  IdentifyingDescriptions: listOf(text),
  Name: required(text),
  NameFormat: text,
  OperationalStatus: operationalStatus,
  OtherIdentifyingInfo: listOf(text),
  PrimaryOwnerContact: text,
  PrimaryOwnerName: text,
  RequestedState: named(REQUESTED_STATES),
  ResetCapability: integer,
  Roles: listOf(text),
});

/** Ties the machine to its chassis, and tells its UUID in the byte order of SMBIOS. */
export const CIM_ComputerSystemPackage = defineClass('CIM_ComputerSystemPackage', {
  Antecedent: reference,
  Dependent: reference,
  PlatformGUID: required(text),
});

/** CIM_Chassis.ChassisPackageType. */
export const CHASSIS_PACKAGE_TYPES = {
  0: 'unknown', 1: 'other', 2: 'SMBIOS reserved', 3: 'desktop', 4: 'low profile desktop', 5: 'pizza box', 6: 'mini tower', 7: 'tower', 8: 'portable',
  9: 'laptop', 10: 'notebook', 11: 'hand held', 12: 'docking station', 13: 'all in one', 14: 'sub notebook', 15: 'space-saving', 16: 'lunch box',
  17: 'main system chassis', 18: 'expansion chassis', 19: 'sub chassis', 20: 'bus expansion chassis', 21: 'peripheral chassis', 22: 'storage chassis',
  23: 'rack mount chassis', 24: 'sealed-case PC', 25: 'multi-system chassis', 26: 'Compact PCI', 27: 'Advanced TCA', 28: 'blade enclosure',
} as const;

/** Enough of a chassis, card or chip to find it again. */
const packaging = {
  CanBeFRUed: boolean,
  CreationClassName: text,
  ElementName: text,
  Manufacturer: text,
  Model: text,
  OperationalStatus: operationalStatus,
  PackageType: named(PACKAGE_TYPES),
  SerialNumber: text,
  Tag: text,
  Version: text,
} as const;

/** The machine as its maker sells it. */
export const CIM_Chassis = defineClass('CIM_Chassis', { ...packaging, ChassisPackageType: named(CHASSIS_PACKAGE_TYPES) });

/** The base board. */
export const CIM_Card = defineClass('CIM_Card', packaging);

/** A processor's package; Version is its brand string. */
export const CIM_Chip = defineClass('CIM_Chip', packaging);

/** CIM_SoftwareElement.SoftwareElementState. */
export const SOFTWARE_ELEMENT_STATES = { 0: 'deployable', 1: 'installable', 2: 'executable', 3: 'running' } as const;

export const CIM_BIOSElement = defineClass('CIM_BIOSElement', {
  ElementName: text,
  Manufacturer: text,
  Name: text,
  OperationalStatus: operationalStatus,
  PrimaryBIOS: boolean,
  ReleaseDate: datetime,
  SoftwareElementID: text,
  SoftwareElementState: named(SOFTWARE_ELEMENT_STATES),
  TargetOperatingSystem: integer,
  Version: text,
});

/** Characteristics stay numbers: the schema of the DMTF and the tables of SMBIOS number them differently, and firmware does not say which it sends. */
export const CIM_BIOSFeature = defineClass('CIM_BIOSFeature', {
  CharacteristicDescriptions: listOf(text),
  Characteristics: listOf(integer),
  ElementName: text,
  IdentifyingNumber: text,
  Name: text,
  OperationalStatus: operationalStatus,
  ProductName: text,
  Vendor: text,
  Version: text,
});

/** CIM_Processor.CPUStatus. */
export const PROCESSOR_STATUSES = {
  0: 'unknown', 1: 'enabled', 2: 'disabled by user', 3: 'disabled by BIOS', 4: 'idle', 7: 'other',
} as const;

/** Clock speeds in MHz. */
export const CIM_Processor = defineClass('CIM_Processor', {
  CPUStatus: named(PROCESSOR_STATUSES),
  CreationClassName: text,
  CurrentClockSpeed: integer,
  DeviceID: required(text),
  ElementName: text,
  EnabledState: named(ENABLED_STATES),
  ExternalBusClockSpeed: integer,
  Family: named(PROCESSOR_FAMILIES),
  HealthState: named(HEALTH_STATES),
  MaxClockSpeed: integer,
  OperationalStatus: operationalStatus,
  OtherFamilyDescription: text,
  RequestedState: named(REQUESTED_STATES),
  Role: text,
  Stepping: text,
  SystemCreationClassName: text,
  SystemName: text,
  UpgradeMethod: named(PROCESSOR_SOCKETS),
});

/** Capacity in bytes, speeds in MHz where IsSpeedInMhz is true. */
export const CIM_PhysicalMemory = defineClass('CIM_PhysicalMemory', {
  BankLabel: text,
  Capacity: integer,
  ConfiguredMemoryClockSpeed: integer,
  CreationClassName: text,
  ElementName: text,
  FormFactor: named(MEMORY_FORM_FACTORS),
  IsSpeedInMhz: boolean,
  Manufacturer: text,
  MaxMemorySpeed: integer,
  MemoryType: named(MEMORY_TYPES),
  PartNumber: text,
  SerialNumber: text,
  Speed: integer,
  Tag: text,
});

/** CIM_MediaAccessDevice.Capabilities. */
export const MEDIA_CAPABILITIES = {
  0: 'unknown', 1: 'other', 2: 'sequential access', 3: 'random access', 4: 'supports writing', 5: 'encryption', 6: 'compression',
  7: 'supports removable media', 8: 'manual cleaning', 9: 'automatic cleaning', 10: 'SMART notification', 11: 'supports dual-sided media',
  12: 'ejection prior to drive dismount not required',
} as const;

/** CIM_MediaAccessDevice.Security. */
export const MEDIA_SECURITIES = {
  1: 'other', 2: 'unknown', 3: 'none', 4: 'read only', 5: 'locked out', 6: 'boot bypass', 7: 'boot bypass and read only',
} as const;

/** MaxMediaSize in units of 1000 bytes. */
export const CIM_MediaAccessDevice = defineClass('CIM_MediaAccessDevice', {
  Capabilities: listOf(named(MEDIA_CAPABILITIES)),
  CreationClassName: text,
  DeviceID: required(text),
  ElementName: text,
  EnabledDefault: named(ENABLED_DEFAULTS),
  EnabledState: named(ENABLED_STATES),
  MaxMediaSize: integer,
  OperationalStatus: operationalStatus,
  RequestedState: named(REQUESTED_STATES),
  Security: named(MEDIA_SECURITIES),
  SystemCreationClassName: text,
  SystemName: text,
});

/** One version of the firmware's parts, by InstanceID: `AMT`, `Sku`, `Build Number`. */
export const CIM_SoftwareIdentity = defineClass('CIM_SoftwareIdentity', {
  InstanceID: required(text),
  IsEntity: boolean,
  VersionString: required(text),
});
