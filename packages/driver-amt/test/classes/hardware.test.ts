import { expect, test } from 'vitest';
import {
  CIM_BIOSElement, CIM_BIOSFeature, CIM_Card, CIM_Chassis, CIM_Chip, CIM_ComputerSystemPackage, CIM_MediaAccessDevice, CIM_PhysicalMemory, CIM_Processor,
  CIM_SoftwareIdentity,
} from '../../src/client/classes/cim-hardware.js';
import { readInstance } from '../../src/client/classes/read-instance.js';
import { parseXml } from '../../src/client/wsman/xml/parse-xml.js';
import { expectContext, expectInstance, expectItems, fixtureText } from './fixtures.js';

test('the chassis', () => {
  expectInstance('recorded/cim/chassis/get.xml', CIM_Chassis, {
    ChassisPackageType: 'unknown',
    CreationClassName: 'CIM_Chassis',
    ElementName: 'Managed System Chassis',
    Manufacturer: 'Intel(R) Client Systems',
    Model: 'NUC9V7QNX',
    OperationalStatus: ['unknown'],
    PackageType: 'chassis',
    SerialNumber: 'JRQN0243007J',
    Tag: 'CIM_Chassis',
    Version: 'K47174-402',
  });
});

test('the base board', () => {
  expectInstance('recorded/cim/card/get.xml', CIM_Card, {
    CanBeFRUed: true,
    CreationClassName: 'CIM_Card',
    ElementName: 'Managed System Base Board',
    Manufacturer: 'Intel Corporation',
    Model: 'NUC9V7QNB',
    OperationalStatus: ['unknown'],
    PackageType: 'module or card',
    SerialNumber: 'KNQN0221020W',
    Tag: 'CIM_Card',
    Version: 'K47180-402',
  });
});

test('the package of the processor', () => {
  expectInstance('recorded/cim/chip/get.xml', CIM_Chip, {
    CanBeFRUed: true,
    CreationClassName: 'CIM_Chip',
    ElementName: 'Managed System Processor Chip',
    Manufacturer: 'Intel(R) Corporation',
    OperationalStatus: ['unknown'],
    Tag: 'CPU 0',
    Version: 'Intel(R) Core(TM) i7-9850H CPU @ 2.60GHz',
  });
});

test('the processor', () => {
  expectInstance('recorded/cim/physical/processor/get.xml', CIM_Processor, {
    CPUStatus: 'enabled',
    CreationClassName: 'CIM_Processor',
    CurrentClockSpeed: 2400,
    DeviceID: 'CPU 0',
    ElementName: 'Managed System CPU',
    EnabledState: 'enabled',
    ExternalBusClockSpeed: 100,
    Family: 'Intel Core i7',
    HealthState: 'unknown',
    MaxClockSpeed: 8300,
    OperationalStatus: ['unknown'],
    OtherFamilyDescription: '',
    RequestedState: 'not applicable',
    Role: 'Central',
    Stepping: '13',
    SystemCreationClassName: 'CIM_ComputerSystem',
    SystemName: 'ManagedSystem',
    UpgradeMethod: 'BGA1440',
  });
});

test('the BIOS', () => {
  expectInstance('recorded/cim/bios/element/get.xml', CIM_BIOSElement, {
    ElementName: 'Primary BIOS',
    Manufacturer: 'Intel Corp.',
    Name: 'Primary BIOS',
    OperationalStatus: ['unknown'],
    PrimaryBIOS: true,
    ReleaseDate: new Date(Date.UTC(2020, 7, 10)),
    SoftwareElementID: 'QNCFLX70.0054.2020.0810.2227',
    SoftwareElementState: 'executable',
    TargetOperatingSystem: 66,
    Version: 'QNCFLX70.0054.2020.0810.2227',
  });
  expectInstance('recorded/cim/bios/feature/get.xml', CIM_BIOSFeature, {
    Characteristics: [7, 11, 12, 27, 28, 29, 31],
    ElementName: 'Primary BIOS Features',
    IdentifyingNumber: 'M46580-303',
    Name: 'Primary BIOS Features',
    OperationalStatus: ['unknown'],
    ProductName: 'NUC12WSHv5',
    Vendor: 'Intel(R) Client Systems',
    Version: 'M46580-303',
  });
});

const memoryModule = {
  Capacity: 17179869184,
  ConfiguredMemoryClockSpeed: 2400,
  CreationClassName: 'CIM_PhysicalMemory',
  ElementName: 'Managed System Memory Chip',
  FormFactor: 'SODIMM',
  IsSpeedInMhz: true,
  Manufacturer: '859B',
  MaxMemorySpeed: 2400,
  MemoryType: 'DDR4',
  // The blank at the end is the firmware's.
  PartNumber: 'CT16G4SFD824A.M16FE ',
  Speed: 0,
};

test('the memory', () => {
  expectContext('recorded/cim/physical/memory/enumerate.xml', 'D6020000-0000-0000-0000-000000000000');
  expectItems('recorded/cim/physical/memory/pull.xml', CIM_PhysicalMemory, [
    { ...memoryModule, BankLabel: 'BANK 0', SerialNumber: 'E0E8D670', Tag: '9876543210' },
    { ...memoryModule, BankLabel: 'BANK 2', SerialNumber: 'E0E8D070', Tag: '9876543210 (#1)' },
  ]);
});

const mediaDevice = {
  Capabilities: ['supports writing'],
  CreationClassName: 'CIM_MediaAccessDevice',
  ElementName: 'Managed System Media Access Device',
  EnabledDefault: 'enabled',
  EnabledState: 'unknown',
  OperationalStatus: ['unknown'],
  RequestedState: 'not applicable',
  Security: 'unknown',
  SystemCreationClassName: 'CIM_ComputerSystem',
  SystemName: 'ManagedSystem',
};

test('the disks', () => {
  expectContext('recorded/cim/mediaaccess/enumerate.xml', 'CE020000-0000-0000-0000-000000000000');
  expectItems('recorded/cim/mediaaccess/pull.xml', CIM_MediaAccessDevice, [
    { ...mediaDevice, DeviceID: 'MEDIA DEV 0', MaxMediaSize: 960197124 },
    { ...mediaDevice, DeviceID: 'MEDIA DEV 1', MaxMediaSize: 500107862 },
  ]);
});

const chassisAndSystem = {
  Antecedent: { resource: 'CIM_Chassis', selectors: { CreationClassName: 'CIM_Chassis', Tag: 'CIM_Chassis' } },
  Dependent: { resource: 'CIM_ComputerSystem', selectors: { CreationClassName: 'CIM_ComputerSystem', Name: 'ManagedSystem' } },
};

test('the UUID, with the machine and its chassis', () => {
  expectInstance('recorded/cim/computer/systempackage/get.xml', CIM_ComputerSystemPackage, {
    ...chassisAndSystem,
    PlatformGUID: '13AEE355D2BFBB6117A088AEDD7037EA',
  });
  expectItems('recorded/cim/system/packaging/pull.xml', CIM_ComputerSystemPackage, [
    { ...chassisAndSystem, PlatformGUID: 'FA4EC1D8F1B1EA11BE6DC6D21730D800' },
  ]);
});

test('the UUID as AMT 15 sent it, in chunks', () => {
  const [, body = ''] = fixtureText('recorded/http/get-computersystempackage-amt15.http').split('\r\n\r\n');
  // A size, the chunk, and so on: the data stand on every other line.
  const document = body
    .split('\r\n')
    .filter((_line, index) => index % 2 === 1)
    .join('');
  const instance = parseXml(document).children.find(({ name }) => name === 'Body')?.children[0];
  expect(readInstance(CIM_ComputerSystemPackage, instance ?? expect.fail('empty body'))).toEqual({
    ...chassisAndSystem,
    PlatformGUID: '44454C4C4B0010428033B6C04F504633',
  });
});

test('the versions of the firmware', () => {
  expectContext('recorded/cim/software/identity/enumerate.xml', 'E2020000-0000-0000-0000-000000000000');
  expectItems('recorded/cim/software/identity/pull.xml', CIM_SoftwareIdentity, [
    { InstanceID: 'Flash', IsEntity: true, VersionString: '12.0.67' },
    { InstanceID: 'Netstack', IsEntity: true, VersionString: '12.0.67' },
    { InstanceID: 'AMTApps', IsEntity: true, VersionString: '12.0.67' },
    { InstanceID: 'AMT', IsEntity: true, VersionString: '12.0.67' },
    { InstanceID: 'Sku', IsEntity: true, VersionString: '16392' },
    { InstanceID: 'VendorID', IsEntity: true, VersionString: '8086' },
    { InstanceID: 'Build Number', IsEntity: true, VersionString: '1579' },
    { InstanceID: 'Recovery Version', IsEntity: true, VersionString: '12.0.67' },
    { InstanceID: 'Recovery Build Num', IsEntity: true, VersionString: '1579' },
    { InstanceID: 'Legacy Mode', IsEntity: true, VersionString: 'False' },
    { InstanceID: 'AMT FW Core Version', IsEntity: true, VersionString: '12.0.67' },
  ]);
});
