import type {
  CHASSIS_PACKAGE_TYPES, CIM_BIOSElement, CIM_Card, CIM_Chassis, CIM_Chip, CIM_ComputerSystem, CIM_MediaAccessDevice, CIM_PhysicalMemory, CIM_Processor,
  CIM_SoftwareIdentity, PROCESSOR_STATUSES,
} from '../classes/cim-hardware.js';
import type { InstanceOf } from '../classes/class-table.js';
import { present } from '../classes/present.js';
import type { MEMORY_FORM_FACTORS, MEMORY_TYPES, PROCESSOR_FAMILIES } from '../classes/smbios-names.js';
import type { ENABLED_STATES } from '../classes/value-names.js';
import type { Named } from '../classes/value-readers.js';
import { memoryMaker } from './memory-makers.js';

// Blank texts are left out: firmware fills fields that its tables do not have.

/** The machine as AMT sees it. */
export interface SystemPart {
  /** `ManagedSystem`: the same on every device. */
  readonly name: string;
  readonly description?: string;
  readonly state?: Named<typeof ENABLED_STATES>;
  /** Asset tags and the like, as the firmware writes them. */
  readonly identifiers?: readonly string[];
}

/** What stands on a part. */
export interface Nameplate {
  readonly manufacturer?: string;
  readonly model?: string;
  readonly version?: string;
  readonly serialNumber?: string;
}

export interface ChassisPart extends Nameplate {
  readonly type?: Named<typeof CHASSIS_PACKAGE_TYPES>;
}

export interface BiosPart {
  readonly manufacturer?: string;
  readonly version?: string;
  readonly releaseDate?: Date;
}

export interface ProcessorPart {
  /** `CPU 0`. */
  readonly id: string;
  readonly family?: Named<typeof PROCESSOR_FAMILIES>;
  readonly stepping?: string;
  readonly status?: Named<typeof PROCESSOR_STATUSES>;
  /** MHz. */
  readonly maximumSpeedMhz?: number;
  /** MHz, at the last boot. */
  readonly currentSpeedMhz?: number;
}

/** A processor's package. */
export interface ProcessorChip {
  /** `CPU 0`. */
  readonly id?: string;
  readonly manufacturer?: string;
  /** The brand string: `Intel(R) Core(TM) i7-9850H CPU @ 2.60GHz`. */
  readonly brand?: string;
}

export interface MemoryModule {
  /** The slot as the board's maker names it: `BANK 0`. */
  readonly slot?: string;
  /** Left out when the firmware does not know. Bytes. */
  readonly capacityBytes?: number;
  /** The maker's name where the code is known, else as the firmware writes it. */
  readonly manufacturer?: string;
  /** What the firmware writes: often the maker's number, such as `859B`. */
  readonly manufacturerCode?: string;
  readonly partNumber?: string;
  readonly serialNumber?: string;
  readonly formFactor?: Named<typeof MEMORY_FORM_FACTORS>;
  readonly type?: Named<typeof MEMORY_TYPES>;
  /** What the module can do. MHz. */
  readonly maximumSpeedMhz?: number;
  /** At what it runs. MHz. */
  readonly configuredSpeedMhz?: number;
}

/** A disk or another drive. */
export interface MediaDevice {
  /** `MEDIA DEV 0`. */
  readonly id: string;
  /** Left out when the firmware does not know. Bytes. */
  readonly capacityBytes?: number;
}

/** Versions of the management engine's firmware. */
export interface FirmwareVersions {
  /** `12.0.67`. */
  readonly amt?: string;
  readonly buildNumber?: string;
  /** The features that were sold with the machine, a set of bits as a decimal number. */
  readonly sku?: string;
  /** Every part by AMT's name for it: `Flash`, `Netstack`, `Recovery Version`. */
  readonly parts: Readonly<Record<string, string>>;
}

export function toSystem(instance: InstanceOf<typeof CIM_ComputerSystem>): SystemPart {
  return present({
    name: instance.Name,
    description: filled(instance.ElementName),
    state: instance.EnabledState,
    identifiers: instance.OtherIdentifyingInfo,
  });
}

export function toChassis(instance: InstanceOf<typeof CIM_Chassis>): ChassisPart {
  const type = instance.ChassisPackageType;
  return present({ ...toNameplate(instance), type: type === 'unknown' ? undefined : type });
}

export function toNameplate(instance: InstanceOf<typeof CIM_Card>): Nameplate {
  return present({
    manufacturer: filled(instance.Manufacturer),
    model: filled(instance.Model),
    version: filled(instance.Version),
    serialNumber: filled(instance.SerialNumber),
  });
}

export function toBios(instance: InstanceOf<typeof CIM_BIOSElement>): BiosPart {
  return present({ manufacturer: filled(instance.Manufacturer), version: filled(instance.Version), releaseDate: instance.ReleaseDate });
}

export function toProcessor(instance: InstanceOf<typeof CIM_Processor>): ProcessorPart {
  return present({
    id: instance.DeviceID,
    family: instance.Family,
    stepping: filled(instance.Stepping),
    status: instance.CPUStatus,
    maximumSpeedMhz: known(instance.MaxClockSpeed),
    currentSpeedMhz: known(instance.CurrentClockSpeed),
  });
}

export function toProcessorChip(instance: InstanceOf<typeof CIM_Chip>): ProcessorChip {
  return present({ id: filled(instance.Tag), manufacturer: filled(instance.Manufacturer), brand: filled(instance.Version) });
}

export function toMemoryModule(instance: InstanceOf<typeof CIM_PhysicalMemory>): MemoryModule {
  const code = filled(instance.Manufacturer);
  return present({
    slot: filled(instance.BankLabel),
    capacityBytes: known(instance.Capacity),
    manufacturer: code === undefined ? undefined : (memoryMaker(code) ?? code),
    manufacturerCode: code,
    partNumber: filled(instance.PartNumber),
    serialNumber: filled(instance.SerialNumber),
    formFactor: instance.FormFactor,
    type: instance.MemoryType,
    // Speed is in nanoseconds, and 0 where the firmware fills the field that replaced it. Source: CIM schema, CIM_PhysicalMemory.
    maximumSpeedMhz: instance.IsSpeedInMhz === true ? known(instance.MaxMemorySpeed) : undefined,
    configuredSpeedMhz: known(instance.ConfiguredMemoryClockSpeed),
  });
}

/** Source: CIM schema, CIM_MediaAccessDevice.MaxMediaSize: units of 1000 bytes. */
const MEDIA_SIZE_UNIT = 1000;

export function toMediaDevice(instance: InstanceOf<typeof CIM_MediaAccessDevice>): MediaDevice {
  const units = known(instance.MaxMediaSize);
  return present({ id: instance.DeviceID, capacityBytes: units === undefined ? undefined : units * MEDIA_SIZE_UNIT });
}

export function toFirmwareVersions(instances: readonly InstanceOf<typeof CIM_SoftwareIdentity>[]): FirmwareVersions {
  const parts = Object.fromEntries(instances.map(({ InstanceID, VersionString }) => [InstanceID, VersionString] as const));
  return present({ amt: parts['AMT'], buildNumber: parts['Build Number'], sku: parts['Sku'], parts });
}

/** The text without blanks around it; undefined when nothing is left. */
function filled(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === '' ? undefined : trimmed;
}

/** Firmware writes 0 for what it does not know. */
function known(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}
