import { reference, type Fields, type TimeValue } from '../soap/value.js';

// Hardware as recorded from a NUC; serial numbers of the chassis, and the GUID, are those of the simulated machine.

const time = (text: string): TimeValue => ({ kind: 'Datetime', text });

export const chassis = (serialNumber: string): Fields => ({
  ChassisPackageType: 0, CreationClassName: 'CIM_Chassis', ElementName: 'Managed System Chassis', Manufacturer: 'Intel(R) Client Systems',
  Model: 'NUC9V7QNX', OperationalStatus: 0, PackageType: 3, SerialNumber: serialNumber, Tag: 'CIM_Chassis', Version: 'K47174-402',
});

export const CARD: Fields = {
  CanBeFRUed: true, CreationClassName: 'CIM_Card', ElementName: 'Managed System Base Board', Manufacturer: 'Intel Corporation', Model: 'NUC9V7QNB',
  OperationalStatus: 0, PackageType: 9, SerialNumber: 'KNQN0221020W', Tag: 'CIM_Card', Version: 'K47180-402',
};

export const BIOS_ELEMENT: Fields = {
  ElementName: 'Primary BIOS', Manufacturer: 'Intel Corp.', Name: 'Primary BIOS', OperationalStatus: 0, PrimaryBIOS: true,
  ReleaseDate: time('2020-08-10T00:00:00Z'), SoftwareElementID: 'QNCFLX70.0054.2020.0810.2227', SoftwareElementState: 2, TargetOperatingSystem: 66,
  Version: 'QNCFLX70.0054.2020.0810.2227',
};

export const BIOS_FEATURE: Fields = {
  Characteristics: [7, 11, 12, 27, 28, 29, 31], ElementName: 'Primary BIOS Features', IdentifyingNumber: 'M46580-303', Name: 'Primary BIOS Features',
  OperationalStatus: 0, ProductName: 'NUC12WSHv5', Vendor: 'Intel(R) Client Systems', Version: 'M46580-303',
};

export const PROCESSOR: Fields = {
  CPUStatus: 1, CreationClassName: 'CIM_Processor', CurrentClockSpeed: 2400, DeviceID: 'CPU 0', ElementName: 'Managed System CPU', EnabledState: 2,
  ExternalBusClockSpeed: 100, Family: 198, HealthState: 0, MaxClockSpeed: 8300, OperationalStatus: 0, OtherFamilyDescription: '', RequestedState: 12,
  Role: 'Central', Stepping: 13, SystemCreationClassName: 'CIM_ComputerSystem', SystemName: 'ManagedSystem', UpgradeMethod: 52,
};

export const CHIP: Fields = {
  CanBeFRUed: true, CreationClassName: 'CIM_Chip', ElementName: 'Managed System Processor Chip', Manufacturer: 'Intel(R) Corporation',
  OperationalStatus: 0, Tag: 'CPU 0', Version: 'Intel(R) Core(TM) i7-9850H CPU @ 2.60GHz',
};

const memory = (bank: string, serialNumber: string, tag: string): Fields => ({
  BankLabel: bank, Capacity: 17_179_869_184, ConfiguredMemoryClockSpeed: 2400, CreationClassName: 'CIM_PhysicalMemory',
  ElementName: 'Managed System Memory Chip', FormFactor: 13, IsSpeedInMhz: true, Manufacturer: '859B', MaxMemorySpeed: 2400, MemoryType: 26,
  PartNumber: 'CT16G4SFD824A.M16FE ', SerialNumber: serialNumber, Speed: 0, Tag: tag,
});
export const MEMORY: readonly Fields[] = [memory('BANK 0', 'E0E8D670', '9876543210'), memory('BANK 2', 'E0E8D070', '9876543210 (#1)')];

const media = (deviceId: string, thousandBytes: number): Fields => ({
  Capabilities: 4, CreationClassName: 'CIM_MediaAccessDevice', DeviceID: deviceId, ElementName: 'Managed System Media Access Device', EnabledDefault: 2,
  EnabledState: 0, MaxMediaSize: thousandBytes, OperationalStatus: 0, RequestedState: 12, Security: 2, SystemCreationClassName: 'CIM_ComputerSystem',
  SystemName: 'ManagedSystem',
});
export const MEDIA: readonly Fields[] = [media('MEDIA DEV 0', 960_197_124), media('MEDIA DEV 1', 500_107_862)];

export const systemPackage = (platformGuid: string): Fields => ({
  Antecedent: reference('CIM_Chassis', { CreationClassName: 'CIM_Chassis', Tag: 'CIM_Chassis' }),
  Dependent: reference('CIM_ComputerSystem', { CreationClassName: 'CIM_ComputerSystem', Name: 'ManagedSystem' }),
  PlatformGUID: platformGuid,
});

/** Items of CIM_SoftwareIdentity, as recorded. */
export function softwareIdentities(version: string, build: string): readonly Fields[] {
  const values: readonly (readonly [string, string])[] = [
    ['Flash', version], ['Netstack', version], ['AMTApps', version], ['AMT', version], ['Sku', '16392'], ['VendorID', '8086'], ['Build Number', build],
    ['Recovery Version', version], ['Recovery Build Num', build], ['Legacy Mode', 'False'], ['AMT FW Core Version', version],
  ];
  return values.map(([id, text]) => ({ InstanceID: id, IsEntity: true, VersionString: text }));
}
