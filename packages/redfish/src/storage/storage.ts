import { type CallOptions, FerricError } from '@ferric/core';
import type { RedfishClient, RedfishReply, RequestBody } from '../client/client-types.js';
import { within } from '../client/within.js';
import { findLink, findLinks, requireLink } from '../resource/links.js';
import { reader } from '../resource/readers.js';
import type { Resource } from '../resource/resource.js';
import { readIfThere, readMembers } from '../walk/collection.js';

/** A disk controller with what hangs on it. Source: schemas Storage, Drive, Volume. */
export interface StorageUnit {
  readonly resource: Resource;
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly controllers: readonly StorageController[];
  readonly drives: readonly Drive[];
  readonly volumes: readonly Volume[];
  /** Path that takes new volumes; undefined when there can be none. */
  readonly volumesPath: string | undefined;
}

export interface StorageController {
  readonly name: string | undefined;
  readonly model: string | undefined;
  readonly firmwareVersion: string | undefined;
  readonly raidTypes: readonly string[];
}

export interface Drive {
  readonly path: string;
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly capacityBytes: number | undefined;
  /** `HDD`, `SSD`, `SMR`. */
  readonly mediaType: string | undefined;
  /** `SATA`, `SAS`, `NVMe`, ... */
  readonly protocol: string | undefined;
  readonly rotationSpeedRpm: number | undefined;
  readonly serialNumber: string | undefined;
  readonly model: string | undefined;
  readonly health: string | undefined;
}

export interface Volume {
  readonly path: string;
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly capacityBytes: number | undefined;
  /** `RAID1`, ... */
  readonly raidType: string | undefined;
  /** World wide names and the like. */
  readonly identifiers: readonly string[];
  readonly drivePaths: readonly string[];
  readonly health: string | undefined;
}

/** All disk controllers of a system with their drives and volumes. Empty when the service does not show any. */
export async function readStorage(client: RedfishClient, system: Resource, options?: CallOptions): Promise<readonly StorageUnit[]> {
  return within(client, options, 'storage', async (call) => {
    const path = findLink(system, 'Storage');
    const units: StorageUnit[] = [];
    for (const resource of path === undefined ? [] : await readMembers(client, path, call)) units.push(await readUnit(client, resource, call));
    return units;
  });
}

async function readUnit(client: RedfishClient, resource: Resource, call: CallOptions): Promise<StorageUnit> {
  const fields = reader(resource.body, resource.path);
  const volumesPath = findLink(resource, 'Volumes');
  const drives: Drive[] = [];
  for (const path of findLinks(resource, 'Drives')) {
    const drive = await readIfThere(client, path, call);
    if (drive !== undefined) drives.push(decodeDrive(drive));
  }
  return {
    resource,
    id: fields.text('Id'),
    name: fields.text('Name'),
    controllers: await readControllers(client, resource, call),
    drives,
    volumes: volumesPath === undefined ? [] : (await readMembers(client, volumesPath, call)).map(decodeVolume),
    volumesPath,
  };
}

/** Inline in older services, a collection in newer ones. */
async function readControllers(client: RedfishClient, resource: Resource, call: CallOptions): Promise<readonly StorageController[]> {
  const inline = reader(resource.body, resource.path).children('StorageControllers');
  const collection = inline.length > 0 ? undefined : findLink(resource, 'Controllers');
  const found = collection === undefined ? inline : (await readMembers(client, collection, call)).map(({ body, path }) => reader(body, path));
  return found.map((fields) => ({
    name: fields.text('Name'),
    model: fields.text('Model'),
    firmwareVersion: fields.text('FirmwareVersion'),
    raidTypes: fields.texts('SupportedRAIDTypes'),
  }));
}

export function decodeDrive({ body, path }: Resource): Drive {
  const fields = reader(body, path);
  return {
    path,
    id: fields.text('Id'),
    name: fields.text('Name'),
    capacityBytes: fields.number('CapacityBytes'),
    mediaType: fields.text('MediaType'),
    protocol: fields.text('Protocol'),
    rotationSpeedRpm: fields.number('RotationSpeedRPM'),
    serialNumber: fields.text('SerialNumber'),
    model: fields.text('Model'),
    health: fields.child('Status').text('Health'),
  };
}

/** `VolumeType` is what `RAIDType` was called before. Source: schema Volume. */
const RAID_BY_VOLUME_TYPE: Readonly<Record<string, string>> = {
  NonRedundant: 'RAID0',
  Mirrored: 'RAID1',
  StripedWithParity: 'RAID5',
  SpannedMirrors: 'RAID10',
  SpannedStripesWithParity: 'RAID50',
};

export function decodeVolume(resource: Resource): Volume {
  const { body, path } = resource;
  const fields = reader(body, path);
  const former = fields.text('VolumeType') ?? '';
  return {
    path,
    id: fields.text('Id'),
    name: fields.text('Name'),
    capacityBytes: fields.number('CapacityBytes'),
    raidType: fields.text('RAIDType') ?? (Object.hasOwn(RAID_BY_VOLUME_TYPE, former) ? RAID_BY_VOLUME_TYPE[former] : undefined),
    identifiers: fields.children('Identifiers').flatMap((identifier) => identifier.text('DurableName') ?? []),
    drivePaths: findLinks(resource, 'Drives'),
    health: fields.child('Status').text('Health'),
  };
}

/** Makes a volume; the answer may carry a task, see `waitForTask`. @param volume its properties, such as `RAIDType`, `CapacityBytes` and `Links.Drives` */
export async function createVolume(client: RedfishClient, unit: StorageUnit, volume: RequestBody, options?: CallOptions): Promise<RedfishReply> {
  if (unit.volumesPath === undefined) {
    throw new FerricError('UNSUPPORTED', `${unit.resource.path} can have no volumes`, { details: { resource: unit.resource.path } });
  }
  return client.post(unit.volumesPath, volume, options);
}

/** Deletes a volume with all that is on it; the answer may carry a task. */
export async function deleteVolume(client: RedfishClient, volume: Volume, options?: CallOptions): Promise<RedfishReply> {
  return client.remove(volume.path, options);
}

/** A disk as services show it that have no controller to tell of. Source: schema SimpleStorage. */
export interface SimpleDevice {
  readonly name: string | undefined;
  readonly capacityBytes: number | undefined;
  readonly model: string | undefined;
  readonly health: string | undefined;
}

/** The devices of SimpleStorage. @throws UNSUPPORTED when the system has none */
export async function readSimpleStorage(client: RedfishClient, system: Resource, options?: CallOptions): Promise<readonly SimpleDevice[]> {
  const members = await readMembers(client, requireLink(system, 'SimpleStorage'), options);
  const devices = members.flatMap(({ body, path }) => reader(body, path).children('Devices'));
  return devices.map((device) => ({
    name: device.text('Name'),
    capacityBytes: device.number('CapacityBytes'),
    model: device.text('Model'),
    health: device.child('Status').text('Health'),
  }));
}
