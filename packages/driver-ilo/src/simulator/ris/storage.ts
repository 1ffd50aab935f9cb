import type { Resource, RestContext } from '../rest/resource.js';
import { collection, href, OK, resource } from './build.js';

const ROOT = 'Systems/1/SmartStorage';
const CONTROLLER = `${ROOT}/ArrayControllers/0`;

const drivePath = (id: string): string => `${CONTROLLER}/DiskDrives/${id}`;

function readController(context: RestContext): ReturnType<typeof resource> {
  return resource(
    context,
    CONTROLLER,
    'HpSmartStorageArrayController.1.0.0',
    {
      AdapterType: 'SmartArray',
      CurrentOperatingMode: 'RAID',
      Description: 'HP Smart Storage Array Controller View',
      FirmwareVersion: { Current: { VersionString: context.machine.firmware.component('controller')?.version ?? '' } },
      Id: '0',
      Location: 'Slot 0',
      LocationFormat: 'PCISlot',
      Model: context.machine.identity.facts.controllerModel,
      Name: 'HpSmartStorageArrayController',
      SerialNumber: 'PDZVU0SIM00001',
      Status: OK,
    },
    { LogicalDrives: href(context, `${CONTROLLER}/LogicalDrives`), PhysicalDrives: href(context, `${CONTROLLER}/DiskDrives`) },
  );
}

/** Drives of iLO 4, which can only be looked at. */
export const STORAGE_RESOURCES: readonly Resource[] = [
  {
    path: ROOT,
    read: (context) =>
      resource(
        context,
        ROOT,
        'HpSmartStorage.1.0.0',
        { Description: 'HP Smart Storage', Id: '1', Name: 'HpSmartStorage', Status: { Health: 'OK' } },
        { ArrayControllers: href(context, `${ROOT}/ArrayControllers`), HostBusAdapters: href(context, `${ROOT}/HostBusAdapters`) },
      ),
  },
  { path: `${ROOT}/HostBusAdapters`, read: (context) => collection(context, `${ROOT}/HostBusAdapters`, 'HpSmartStorageHostBusAdapter.1', []) },
  { path: `${ROOT}/ArrayControllers`, read: (context) => collection(context, `${ROOT}/ArrayControllers`, 'HpSmartStorageArrayController.1', [CONTROLLER]) },
  { path: CONTROLLER, read: readController },
  {
    path: `${CONTROLLER}/DiskDrives`,
    read: (context) => collection(context, `${CONTROLLER}/DiskDrives`, 'HpSmartStorageDiskDrive.1', context.machine.storage.drives.map(({ id }) => drivePath(id))),
  },
  {
    path: `${CONTROLLER}/DiskDrives/{}`,
    read(context, id) {
      const drive = context.machine.storage.drives.find((each) => each.id === id);
      if (drive === undefined) return undefined;
      return resource(context, drivePath(id), 'HpSmartStorageDiskDrive.1.1.0', {
        CapacityMiB: drive.capacityMib,
        CurrentTemperatureCelsius: 25,
        Description: 'HP Smart Storage Disk Drive View',
        Id: id,
        InterfaceType: drive.interfaceType,
        Location: drive.location,
        LocationFormat: 'ControllerPort:Box:Bay',
        // This is how iLO 4 spells it. Source: proliantutils, ilo/ris.py.
        MediaType: drive.mediaType === 'SSD' ? 'SDD' : 'HDD',
        Model: drive.model,
        Name: 'HpSmartStorageDiskDrive',
        ...(drive.mediaType === 'HDD' ? { RotationalSpeedRpm: drive.rotationalSpeed } : {}),
        SerialNumber: drive.serialNumber,
        Status: OK,
      });
    },
  },
  {
    path: `${CONTROLLER}/LogicalDrives`,
    read: (context) =>
      collection(context, `${CONTROLLER}/LogicalDrives`, 'HpSmartStorageLogicalDrive.1', context.machine.storage.logicalDrives.map(({ number }) => `${CONTROLLER}/LogicalDrives/${number}`)),
  },
  {
    path: `${CONTROLLER}/LogicalDrives/{}`,
    read(context, number) {
      const drive = context.machine.storage.logicalDrives.find((each) => String(each.number) === number);
      if (drive === undefined) return undefined;
      const path = `${CONTROLLER}/LogicalDrives/${number}`;
      return resource(
        context,
        path,
        'HpSmartStorageLogicalDrive.1.2.0',
        {
          CapacityMiB: drive.capacityMib,
          Description: 'HP Smart Storage Logical Drive View',
          Id: number,
          LogicalDriveName: drive.name,
          LogicalDriveNumber: drive.number,
          LogicalDriveType: 'Data',
          Name: 'HpSmartStorageLogicalDrive',
          Raid: drive.level,
          Status: OK,
          StripeSizeBytes: 262_144,
          VolumeUniqueIdentifier: drive.uniqueIdentifier,
        },
        { DataDrives: href(context, `${path}/DataDrives`) },
      );
    },
  },
  {
    path: `${CONTROLLER}/LogicalDrives/{}/DataDrives`,
    read(context, number) {
      const { storage } = context.machine;
      const drive = storage.logicalDrives.find((each) => String(each.number) === number);
      if (drive === undefined) return undefined;
      const ids = storage.drives.filter(({ location }) => drive.drives.includes(location)).map(({ id }) => drivePath(id));
      return collection(context, `${CONTROLLER}/LogicalDrives/${number}/DataDrives`, 'HpSmartStorageDiskDrive.1', ids);
    },
  },
];
