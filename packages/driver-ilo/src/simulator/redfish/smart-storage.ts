import type { JsonObject } from '@ferric/core';
import type { LogicalDrive, PhysicalDrive } from '../machine/storage.js';
import { messageId, SYSTEM_RESET_REQUIRED } from '../rest/messages.js';
import type { Resource, RestAnswer, RestContext } from '../rest/resource.js';
import { collection, link, OK, resource } from './build.js';

// iLO 5 only. Source: HPE iLO 5 RESTful API, SmartStorage and SmartStorageConfig.

const ROOT = 'Systems/1/SmartStorage';
const CONTROLLER = `${ROOT}/ArrayControllers/0`;
const CONFIG = 'systems/1/smartstorageconfig';

const exists = ({ machine }: RestContext): boolean => machine.identity.facts.iloNumber === 5;

function readController(context: RestContext): JsonObject {
  return resource(context, CONTROLLER, 'HpeSmartStorageArrayController', {
    Name: 'HpeSmartStorageArrayController',
    AdapterType: 'SmartArray',
    CurrentOperatingMode: 'Mixed',
    FirmwareVersion: { Current: { VersionString: context.machine.firmware.component('controller')?.version ?? '' } },
    InternalPortCount: 2,
    Links: {
      LogicalDrives: link(context, `${CONTROLLER}/LogicalDrives`),
      PhysicalDrives: link(context, `${CONTROLLER}/DiskDrives`),
      UnconfiguredDrives: link(context, `${CONTROLLER}/UnconfiguredDrives`),
    },
    Location: 'Slot 0',
    LocationFormat: 'PCISlot',
    Model: context.machine.identity.facts.controllerModel,
    SerialNumber: 'PEYHC0SIM00001 ',
    Status: OK,
  });
}

function showDrive(context: RestContext, drive: PhysicalDrive): JsonObject {
  return resource(context, `${CONTROLLER}/DiskDrives/${drive.id}`, 'HpeSmartStorageDiskDrive', {
    Name: 'HpeSmartStorageDiskDrive',
    BlockSizeBytes: 512,
    CapacityGB: Math.round((drive.capacityMib * 1_048_576) / 1e9),
    CapacityMiB: drive.capacityMib,
    CurrentTemperatureCelsius: 29,
    DiskDriveStatusReasons: [drive.erase],
    DiskDriveUse: context.machine.storage.unassigned.includes(drive) ? 'Raw' : 'Data',
    EncryptedDrive: false,
    FirmwareVersion: { Current: { VersionString: 'HPD3' } },
    InterfaceType: drive.interfaceType,
    Location: drive.location,
    LocationFormat: 'ControllerPort:Box:Bay',
    MaximumTemperatureCelsius: 40,
    MediaType: drive.mediaType,
    Model: drive.model,
    ...(drive.mediaType === 'HDD' ? { RotationalSpeedRpm: drive.rotationalSpeed } : {}),
    SerialNumber: drive.serialNumber,
    Status: OK,
  });
}

function showLogicalDrive(context: RestContext, drive: LogicalDrive): JsonObject {
  const path = `${CONTROLLER}/LogicalDrives/${drive.number}`;
  return resource(context, path, 'HpeSmartStorageLogicalDrive', {
    Name: 'HpeSmartStorageLogicalDrive',
    CapacityMiB: drive.capacityMib,
    InterfaceType: 'SAS',
    Links: { DataDrives: link(context, `${path}/DataDrives`) },
    LogicalDriveName: drive.name,
    LogicalDriveNumber: drive.number,
    LogicalDriveType: 'Data',
    MediaType: 'HDD',
    Raid: drive.level,
    Status: OK,
    StripeSizeBytes: 262_144,
    VolumeUniqueIdentifier: drive.uniqueIdentifier,
  });
}

const drivePaths = (drives: readonly PhysicalDrive[]): readonly string[] => drives.map(({ id }) => `${CONTROLLER}/DiskDrives/${id}`);

/** The configuration as the controller has it now. */
function configured(context: RestContext): JsonObject {
  const { storage } = context.machine;
  return {
    DataGuard: 'Strict',
    Location: 'Slot 0',
    LocationFormat: 'PCISlot',
    LogicalDrives: storage.logicalDrives.map((drive) => ({
      BlockSizeBytes: 512,
      CapacityBlocks: drive.capacityMib * 2048,
      CapacityGiB: Math.floor(drive.capacityMib / 1024),
      DataDrives: [...drive.drives],
      DriveLocationFormat: 'ControllerPort:Box:Bay',
      LogicalDriveName: drive.name,
      LogicalDriveNumber: drive.number,
      Raid: `Raid${drive.level}`,
      SpareDrives: [],
      StripSizeBytes: 262_144,
      VolumeUniqueIdentifier: drive.uniqueIdentifier,
    })),
    PhysicalDrives: storage.drives.map(({ location }) => ({ LegacyBootPriority: 'None', Location: location, LocationFormat: 'ControllerPort:Box:Bay' })),
    PowerModeAfterReboot: 'MaxPerformance',
    SurvivalPowerMode: 'Enabled',
  };
}

function readConfig(context: RestContext): JsonObject {
  const { raidPlan, identity } = context.machine;
  return resource(context, CONFIG, 'SmartStorageConfig', {
    '@Redfish.Settings': {
      '@odata.type': '#Settings.v1_0_0.Settings',
      ETag: '',
      Messages: raidPlan.messages.map((key) => ({
        MessageId: messageId({ registry: 'Base', key }, identity.facts.iloNumber).replace(/^Base\.[\d.]+\./, 'SmartStorageMessages.2.0.0.'),
      })),
      SettingsObject: link(context, `${CONFIG}/settings`),
      Time: raidPlan.appliedAt?.toISOString() ?? '',
    },
    Name: 'SmartStorageConfig',
    ...configured(context),
  });
}

function writeConfig({ machine, caller }: RestContext, body: JsonObject): RestAnswer {
  const outcome = caller.perform(body['Actions'] === undefined ? 'configure raid' : 'erase drives', () => {
    machine.raidPlan.write(body);
    return undefined;
  });
  return outcome ?? { status: 200, messages: [SYSTEM_RESET_REQUIRED] };
}

export const SMART_STORAGE_RESOURCES: readonly Resource[] = [
  {
    path: ROOT,
    exists,
    read: (context) =>
      resource(context, ROOT, 'HpeSmartStorage', {
        Name: 'HpeSmartStorage',
        Links: { ArrayControllers: link(context, `${ROOT}/ArrayControllers`), HostBusAdapters: link(context, `${ROOT}/HostBusAdapters`) },
        Status: { Health: 'OK' },
      }),
  },
  { path: `${ROOT}/HostBusAdapters`, exists, read: (context) => collection(context, `${ROOT}/HostBusAdapters`, 'HpeSmartStorageHostBusAdapterCollection', []) },
  { path: `${ROOT}/ArrayControllers`, exists, read: (context) => collection(context, `${ROOT}/ArrayControllers`, 'HpeSmartStorageArrayControllerCollection', [CONTROLLER]) },
  { path: CONTROLLER, exists, read: readController },
  {
    path: `${CONTROLLER}/DiskDrives`,
    exists,
    read: (context) => collection(context, `${CONTROLLER}/DiskDrives`, 'HpeSmartStorageDiskDriveCollection', drivePaths(context.machine.storage.drives)),
  },
  {
    path: `${CONTROLLER}/DiskDrives/{}`,
    exists,
    read(context, id) {
      const drive = context.machine.storage.drives.find((each) => each.id === id);
      return drive === undefined ? undefined : showDrive(context, drive);
    },
  },
  {
    path: `${CONTROLLER}/UnconfiguredDrives`,
    exists,
    read: (context) => collection(context, `${CONTROLLER}/UnconfiguredDrives`, 'HpeSmartStorageDiskDriveCollection', drivePaths(context.machine.storage.unassigned)),
  },
  {
    path: `${CONTROLLER}/LogicalDrives`,
    exists,
    read: (context) =>
      collection(
        context,
        `${CONTROLLER}/LogicalDrives`,
        'HpeSmartStorageLogicalDriveCollection',
        context.machine.storage.logicalDrives.map(({ number }) => `${CONTROLLER}/LogicalDrives/${number}`),
      ),
  },
  {
    path: `${CONTROLLER}/LogicalDrives/{}`,
    exists,
    read(context, number) {
      const drive = context.machine.storage.logicalDrives.find((each) => String(each.number) === number);
      return drive === undefined ? undefined : showLogicalDrive(context, drive);
    },
  },
  {
    path: `${CONTROLLER}/LogicalDrives/{}/DataDrives`,
    exists,
    read(context, number) {
      const { storage } = context.machine;
      const drive = storage.logicalDrives.find((each) => String(each.number) === number);
      if (drive === undefined) return undefined;
      const drives = storage.drives.filter(({ location }) => drive.drives.includes(location));
      return collection(context, `${CONTROLLER}/LogicalDrives/${number}/DataDrives`, 'HpeSmartStorageDiskDriveCollection', drivePaths(drives));
    },
  },
  { path: CONFIG, exists, read: readConfig },
  {
    path: `${CONFIG}/settings`,
    exists,
    read: (context) =>
      resource(context, `${CONFIG}/settings`, 'SmartStorageConfig', { Name: 'SmartStorageConfig', ...configured(context), ...context.machine.raidPlan.pending }),
    writable: ['*'],
    patch: writeConfig,
    put: writeConfig,
  },
];
