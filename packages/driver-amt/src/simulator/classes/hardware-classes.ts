import { BIOS_ELEMENT, BIOS_FEATURE, CARD, chassis, CHIP, MEDIA, MEMORY, PROCESSOR, softwareIdentities, systemPackage } from '../data/hardware-data.js';
import type { AmtMachine } from '../machine/amt-machine.js';
import { type AmtClass, fixedClass, type Instance } from './amt-class.js';

const PACKAGE_KEYS = ['CreationClassName', 'Tag'] as const;
const DEVICE_KEYS = ['SystemCreationClassName', 'SystemName', 'CreationClassName', 'DeviceID'] as const;
const dated = { dated: true } as const;

const chassisOf = ({ identity }: AmtMachine): Instance => ({ className: 'CIM_Chassis', fields: chassis(identity.serialNumber) });
const packageOf = ({ identity }: AmtMachine): Instance => ({ className: 'CIM_ComputerSystemPackage', fields: systemPackage(identity.platformGuid) });

export const HARDWARE_CLASSES: readonly AmtClass[] = [
  { name: 'CIM_Chassis', keys: PACKAGE_KEYS, dated: true, instances: (machine) => [chassisOf(machine)] },
  fixedClass('CIM_Card', PACKAGE_KEYS, [CARD], dated),
  { name: 'CIM_PhysicalPackage', keys: PACKAGE_KEYS, dated: true, instances: (machine) => [chassisOf(machine), { className: 'CIM_Card', fields: CARD }] },
  fixedClass('CIM_BIOSElement', ['Name', 'Version', 'SoftwareElementID', 'SoftwareElementState', 'TargetOperatingSystem'], [BIOS_ELEMENT], dated),
  fixedClass('CIM_BIOSFeature', ['Name', 'IdentifyingNumber', 'Vendor', 'ProductName', 'Version'], [BIOS_FEATURE], dated),
  fixedClass('CIM_Processor', DEVICE_KEYS, [PROCESSOR], dated),
  fixedClass('CIM_Chip', PACKAGE_KEYS, [CHIP], dated),
  fixedClass('CIM_PhysicalMemory', PACKAGE_KEYS, MEMORY, dated),
  fixedClass('CIM_MediaAccessDevice', DEVICE_KEYS, MEDIA, dated),
  { name: 'CIM_ComputerSystemPackage', keys: [], instances: (machine) => [packageOf(machine)] },
  { name: 'CIM_SystemPackaging', keys: [], instances: (machine) => [packageOf(machine)] },
  {
    name: 'CIM_SoftwareIdentity', keys: ['InstanceID'], dated: true,
    instances: ({ traits }) => softwareIdentities(traits.version, traits.build).map((fields) => ({ className: 'CIM_SoftwareIdentity', fields })),
  },
];
