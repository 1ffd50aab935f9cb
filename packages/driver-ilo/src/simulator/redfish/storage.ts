import type { JsonObject, JsonValue } from '@ferric/core';
import { RAID_LEVELS, type LogicalDrive, type PhysicalDrive } from '../machine/storage.js';
import { refuse } from '../outcome.js';
import { asList, asObject, asText, type Resource, type RestAnswer, type RestContext } from '../rest/resource.js';
import { collection, link, OK, resource } from './build.js';

// The standard schema: all drives of iLO 6; of iLO 5 only an empty collection unless there are NVMe drives.

const ID = 'DE00A000';
const STORAGE = `Systems/1/Storage/${ID}`;
const DRIVES = 'Chassis/DE00A000/Drives';

const isNew = ({ machine }: RestContext): boolean => machine.identity.facts.iloNumber === 6;

/** The drives that this schema shows. */
function drivesOf(context: RestContext): readonly PhysicalDrive[] {
  const { drives } = context.machine.storage;
  return isNew(context) ? drives : drives.filter(({ interfaceType }) => interfaceType === 'NVMe');
}

const drivePath = ({ id }: PhysicalDrive): string => `${DRIVES}/${id}`;
const volumePath = ({ number }: LogicalDrive): string => `${STORAGE}/Volumes/${number}`;

function readStorage(context: RestContext): JsonObject | undefined {
  const drives = drivesOf(context);
  if (drives.length === 0) return undefined;
  const { controllerModel } = context.machine.identity.facts;
  return resource(context, STORAGE, 'Storage', {
    Name: controllerModel,
    Drives: drives.map((drive) => link(context, drivePath(drive))),
    'Drives@odata.count': drives.length,
    Status: { ...OK, HealthRollup: 'OK' },
    StorageControllers: [{ Name: controllerModel, Model: controllerModel, MemberId: '0', FirmwareVersion: '52.24.3-4948', Status: OK }],
    Volumes: link(context, `${STORAGE}/Volumes`),
  });
}

function showDrive(context: RestContext, drive: PhysicalDrive): JsonObject {
  const isErasing = drive.erase === 'EraseInProgress';
  return resource(context, drivePath(drive), 'Drive', {
    Name: `${drive.capacityMib / 1024}GiB 12G ${drive.interfaceType} ${drive.mediaType}`,
    Actions: { '#Drive.SecureErase': { target: context.href(`${drivePath(drive)}/Actions/Drive.SecureErase`) } },
    BlockSizeBytes: 512,
    CapacityBytes: drive.capacityMib * 1_048_576,
    MediaType: drive.mediaType,
    Model: drive.model,
    ...(isErasing ? { Operations: [{ OperationName: 'Sanitize', PercentageComplete: 50 }] } : {}),
    PhysicalLocation: { PartLocation: { ServiceLabel: `Slot=14:Port=${drive.location.slice(0, 2)}:Box=1:Bay=${drive.location.split(':').at(-1) ?? ''}` } },
    Protocol: drive.interfaceType,
    Revision: 'HPD3',
    ...(drive.mediaType === 'HDD' ? { RotationSpeedRPM: drive.rotationalSpeed } : {}),
    SerialNumber: drive.serialNumber,
    Status: OK,
  });
}

function showVolume(context: RestContext, drive: LogicalDrive): JsonObject {
  const drives = context.machine.storage.drives.filter(({ location }) => drive.drives.includes(location));
  return resource(context, volumePath(drive), 'Volume', {
    Name: drive.name,
    DisplayName: drive.name,
    CapacityBytes: drive.capacityMib * 1_048_576,
    Identifiers: [{ DurableName: drive.uniqueIdentifier.toLowerCase(), DurableNameFormat: 'NAA' }],
    Links: { Drives: drives.map((each) => link(context, drivePath(each))) },
    RAIDType: raidType(drive.level),
    Status: OK,
    VolumeType: drive.drives.length > 1 ? 'Mirrored' : 'RawDevice',
  });
}

/** Names of the standard: `RAID10` is mirrored stripes, `1ADM` is a triple mirror. */
const raidType = (level: LogicalDrive['level']): string => (level === '1ADM' ? 'RAID1Triple' : level === '10ADM' ? 'RAID10Triple' : `RAID${level}`);

/** The last part of a link's path. */
const lastPart = (value: JsonValue): string => String(asObject(value)['@odata.id']).split('/').findLast((part) => part !== '') ?? '';

function createVolume(context: RestContext, body: JsonObject): RestAnswer {
  const { storage } = context.machine;
  const level = RAID_LEVELS.find((each) => raidType(each) === body['RAIDType']);
  if (level === undefined) return refuse('value not allowed', String(body['RAIDType']), 'RAIDType');
  const ids = asList(asObject(body['Links'])['Drives']).map(lastPart);
  const drives = ids.map((id) => storage.drives.find((drive) => drive.id === id)?.location ?? '');
  const bytes = body['CapacityBytes'];
  let created: LogicalDrive | undefined;
  const outcome = context.caller.perform('configure raid', () => {
    const name = asText(body['DisplayName']) ?? asText(body['Name']);
    const result = storage.create({
      level,
      drives,
      ...(typeof bytes === 'number' ? { capacityMib: Math.floor(bytes / 1_048_576) } : {}),
      ...(name === undefined ? {} : { name }),
    });
    if (typeof result === 'string') return refuse('value not allowed', result, 'Links/Drives');
    created = result;
    return undefined;
  });
  if (outcome !== undefined || created === undefined) return outcome;
  return { status: 201, headers: { Location: `${context.origin}${context.href(volumePath(created))}` }, body: showVolume(context, created) };
}

export const STORAGE_RESOURCES: readonly Resource[] = [
  { path: 'Systems/1/Storage', read: (context) => collection(context, 'Systems/1/Storage', 'StorageCollection', drivesOf(context).length === 0 ? [] : [STORAGE]) },
  { path: STORAGE, read: readStorage },
  {
    path: `${STORAGE}/Volumes`,
    read(context) {
      const volumes = isNew(context) ? context.machine.storage.logicalDrives : [];
      return collection(context, `${STORAGE}/Volumes`, 'VolumeCollection', volumes.map(volumePath));
    },
    post: createVolume,
  },
  {
    path: `${STORAGE}/Volumes/{}`,
    exists: isNew,
    read(context, number) {
      const drive = context.machine.storage.logicalDrives.find((each) => String(each.number) === number);
      return drive === undefined ? undefined : showVolume(context, drive);
    },
    remove({ machine, caller }, number) {
      return caller.perform('configure raid', () => {
        const drive = machine.storage.logicalDrives.find((each) => String(each.number) === number);
        if (drive !== undefined) machine.storage.remove(drive.uniqueIdentifier);
        return undefined;
      });
    },
  },
  {
    path: `${DRIVES}/{}`,
    read(context, id) {
      const drive = drivesOf(context).find((each) => each.id === id);
      return drive === undefined ? undefined : showDrive(context, drive);
    },
  },
  {
    path: `${DRIVES}/{}/Actions/Drive.SecureErase`,
    post({ machine, caller }, _body, id) {
      const drive = machine.storage.drives.find((each) => each.id === id);
      if (drive === undefined) return refuse('not there', id);
      return caller.perform('erase drives', () => {
        if (!machine.storage.unassigned.includes(drive)) return refuse('value not allowed', drive.location, 'Drive');
        machine.storage.erase([drive.location]);
        return undefined;
      });
    },
  },
];
