import { type CallOptions, errorCode } from '@ferric/core';
import {
  findLinks, isObject, oem, readIfThere, reader, readEthernetInterfaces, readMembers, readProcessors, readSimpleStorage, readStorage,
  type Processor, type RedfishClient, type Resource, type StorageController, type StorageUnit, valueOf,
} from '@ferric/redfish';
import type { IloNetworkPort } from '../ilo-client.js';

/** A disk, whatever shows it. */
export interface HardwareDisk {
  readonly kind: 'hdd' | 'ssd' | 'other';
  readonly gibibytes: number;
  readonly rpm: number | undefined;
  readonly isNvme: boolean;
}

export interface PciDevice {
  readonly path: string;
  readonly name: string;
  readonly classCode: number | undefined;
  readonly subclassCode: number | undefined;
  readonly vendorId: number | undefined;
}

/** What the storage of a server comes to. */
export interface StorageFacts {
  readonly disks: readonly HardwareDisk[];
  /** Of logical drives and volumes, in gibibytes. */
  readonly logicalGibibytes: readonly number[];
  readonly raidLevels: readonly string[];
  readonly hasRaidController: boolean;
}

/** `SDD` is how iLO 4 spells it. Source: proliantutils, ilo/ris.py. */
const DISK_KINDS: Readonly<Record<string, HardwareDisk['kind']>> = { HDD: 'hdd', SSD: 'ssd', SDD: 'ssd' };
const MIB_OF_GIB = 1024;
const BYTES_OF_GIB = 1024 ** 3;

/** What is not part of this controller's data model is undefined; everything else that goes wrong goes on. */
export async function ifOffered<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (['UNSUPPORTED', 'NOT_FOUND'].includes(errorCode(error))) return undefined;
    throw error;
  }
}

/** Members of all collections behind a link. From iLO 5 2.72 on the link to PCI devices is a list of one. */
export async function linkedMembers(client: RedfishClient, owner: Resource, name: string, options: CallOptions): Promise<readonly Resource[]> {
  const members: Resource[] = [];
  for (const path of findLinks(owner, name)) {
    const found = await ifOffered(() => readMembers(client, path, options));
    members.push(...(found ?? []));
  }
  return members;
}

export async function readPciDevices(client: RedfishClient, system: Resource, options: CallOptions): Promise<readonly PciDevice[]> {
  return (await linkedMembers(client, system, 'PCIDevices', options)).map(decodePciDevice);
}

export function decodePciDevice({ body, path }: Pick<Resource, 'body' | 'path'>): PciDevice {
  const fields = reader(body, path);
  return {
    path,
    name: fields.text('Name') ?? '',
    classCode: fields.integer('ClassCode'),
    subclassCode: fields.integer('SubclassCode'),
    vendorId: fields.integer('VendorID'),
  };
}

/** Display controllers. Source: PCI Code and ID Assignment Specification, base class 03h; proliantutils, redfish/resources/system/pci_device.py. */
export function isGpu({ classCode, subclassCode }: PciDevice): boolean {
  return classCode === 3 && subclassCode !== undefined && [0, 1, 2, 128].includes(subclassCode);
}

/** Everything about disks: HPE's own SmartStorage, Storage of the standard, and SimpleStorage where there is nothing else. */
export async function readAllStorage(client: RedfishClient, system: Resource, options: CallOptions): Promise<StorageFacts> {
  const smart = await readSmartStorage(client, system, options);
  const standard = (await ifOffered(() => readStorage(client, system, options))) ?? [];
  const own = [smart, ofStandard(standard)];
  const simple = own.some(({ disks }) => disks.length > 0) ? [] : ((await ifOffered(() => readSimpleStorage(client, system, options))) ?? []);
  const simpleDisks = simple.map(({ capacityBytes = 0 }): HardwareDisk => {
    const gibibytes = capacityBytes / BYTES_OF_GIB;
    return { kind: 'other', gibibytes, rpm: undefined, isNvme: false };
  });
  return {
    disks: [...own.flatMap(({ disks }) => disks), ...simpleDisks],
    logicalGibibytes: own.flatMap(({ logicalGibibytes }) => logicalGibibytes),
    raidLevels: own.flatMap(({ raidLevels }) => raidLevels),
    hasRaidController: own.some(({ hasRaidController }) => hasRaidController),
  };
}

/** Source: HPE iLO 5 RESTful API, HpeSmartStorage; the same with other names on iLO 4. */
async function readSmartStorage(client: RedfishClient, system: Resource, options: CallOptions): Promise<StorageFacts> {
  const [path] = findLinks(system, 'SmartStorage');
  const root = path === undefined ? undefined : await readIfThere(client, path, options);
  const controllers = root === undefined ? [] : await linkedMembers(client, root, 'ArrayControllers', options);
  const disks: HardwareDisk[] = [];
  const logicalGibibytes: number[] = [];
  const raidLevels: string[] = [];
  for (const controller of controllers) {
    const physical = [...(await linkedMembers(client, controller, 'PhysicalDrives', options))];
    disks.push(...physical.map(toDisk));
    for (const { body, path: at } of await linkedMembers(client, controller, 'LogicalDrives', options)) {
      const fields = reader(body, at);
      logicalGibibytes.push((fields.number('CapacityMiB') ?? 0) / MIB_OF_GIB);
      const level = fields.text('Raid');
      if (level !== undefined) raidLevels.push(level);
    }
  }
  return { disks, logicalGibibytes, raidLevels, hasRaidController: controllers.length > 0 };
}

function toDisk({ body, path }: Resource): HardwareDisk {
  const fields = reader(body, path);
  return {
    kind: DISK_KINDS[fields.text('MediaType') ?? ''] ?? 'other',
    gibibytes: (fields.number('CapacityMiB') ?? 0) / MIB_OF_GIB,
    rpm: fields.number('RotationalSpeedRpm'),
    isNvme: /^NVMe/i.test(fields.text('InterfaceType') ?? ''),
  };
}

/** Names of controllers that make arrays; others, such as those for NVMe disks, show their disks only. */
const RAID_CONTROLLER = /smart array|\b(?:MR|SR)\d|RAID/i;

function makesArrays({ model, name, raidTypes }: StorageController): boolean {
  return raidTypes.length > 0 || RAID_CONTROLLER.test(`${model ?? ''} ${name ?? ''}`);
}

function ofStandard(units: readonly StorageUnit[]): StorageFacts {
  const drives = units.flatMap((unit) => unit.drives);
  const volumes = units.flatMap((unit) => unit.volumes);
  return {
    disks: drives.map(({ mediaType, capacityBytes = 0, rotationSpeedRpm, protocol }) => ({
      kind: DISK_KINDS[mediaType ?? ''] ?? 'other',
      gibibytes: capacityBytes / BYTES_OF_GIB,
      rpm: rotationSpeedRpm,
      isNvme: /^NVMe/i.test(protocol ?? ''),
    })),
    logicalGibibytes: volumes.map(({ capacityBytes = 0 }) => capacityBytes / BYTES_OF_GIB),
    raidLevels: volumes.flatMap(({ raidType }) => raidType?.replace(/^RAID/i, '') ?? []),
    hasRaidController: units.flatMap(({ controllers }) => controllers).some(makesArrays),
  };
}

/**
 * The size of the disk that a system would be written to, less one so that an image of this size surely fits: the largest logical drive, else the
 * largest disk; 0 when there is none.
 */
export function localGigabytes({ logicalGibibytes, disks }: StorageFacts): number {
  const sizes = logicalGibibytes.length > 0 ? logicalGibibytes : disks.map(({ gibibytes }) => gibibytes);
  return sizes.length === 0 ? 0 : Math.max(0, Math.floor(Math.max(...sizes)) - 1);
}

/** Logical processors, and what they are. Undefined where the controller does not tell. */
export interface CpuFacts {
  readonly threads: number | undefined;
  /** `x86_64`, `aarch64`. */
  readonly architecture: string | undefined;
}

export async function readCpus(client: RedfishClient, system: Resource, options: CallOptions): Promise<CpuFacts> {
  // RIS counts its processors where Redfish has the link to them.
  const processors = (await ifOffered(() => readProcessors(client, system, options))) ?? [];
  const counts = processors.flatMap(({ threads }) => threads ?? []);
  return {
    threads: counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0),
    architecture: processors.flatMap(architectureOf)[0],
  };
}

/** Words of ProcessorArchitecture and InstructionSet, and what they are called elsewhere. Source: schema Processor. */
const ARCHITECTURES: readonly (readonly [pattern: RegExp, name: string])[] = [[/x86-?64|^x86$/i, 'x86_64'], [/ARM-?A64|AArch64|^ARM$/i, 'aarch64']];

function architectureOf({ instructionSet, architecture }: Processor): readonly string[] {
  const words = [instructionSet, architecture].filter((each) => each !== undefined);
  const found = words.flatMap((each) => ARCHITECTURES.find(([pattern]) => pattern.test(each))?.[1] ?? []);
  return found.slice(0, 1);
}

/** Ports with a link; all of them when the controller knows of none, as while the server is off, or tells nothing about links (iLO 4). */
export async function readPorts(client: RedfishClient, system: Resource, options: CallOptions): Promise<readonly IloNetworkPort[]> {
  const all = (await ifOffered(() => readEthernetInterfaces(client, system, options))) ?? [];
  const named = all.flatMap(({ macAddress, id, path, health, state }) => {
    const number = id ?? path.replace(/\/+$/, '').split('/').at(-1) ?? '';
    return macAddress === undefined ? [] : [{ name: `Port ${number}`, macAddress, isUp: health === 'OK' && state === 'Enabled' }];
  });
  const up = named.filter(({ isUp }) => isUp);
  return (up.length > 0 ? up : named).map(({ name, macAddress }) => ({ name, macAddress }));
}

/** The vendor's version of the ROM, which Redfish repeats in other words. */
export function romVersion({ body, path }: Resource): string | undefined {
  const bios = valueOf(oem(body), 'Bios');
  return isObject(bios) ? reader(bios, path, 'Oem.Bios.').child('Current').text('VersionString') : undefined;
}
