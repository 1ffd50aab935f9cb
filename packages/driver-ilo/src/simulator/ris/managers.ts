import type { JsonObject } from '@ferric/core';
import type { VirtualDrive } from '../machine/media.js';
import type { UpdateState } from '../machine/firmware.js';
import { refuse } from '../outcome.js';
import { changeLicence, licenceName, showLicenceKey } from '../rest/licence-service.js';
import { ejectMedia, insertMedia } from '../rest/media-operation.js';
import { RESET_IN_PROGRESS } from '../rest/messages.js';
import { asObject, asText, type Resource, type RestAnswer, type RestContext } from '../rest/resource.js';
import { collection, collectionOf, href, resource } from './build.js';

const MEDIA = 'Managers/1/VirtualMedia';
const LICENCES = 'Managers/1/LicenseService';
const UPDATE = 'Managers/1/UpdateService';
const NETWORK = 'Managers/1/NetworkService';

/** iLO 4's words for how far an update is. */
const UPDATE_STATES: Readonly<Record<UpdateState, string>> = {
  Idle: 'IDLE', Uploading: 'UPLOADING', Verifying: 'PROGRESSING', Writing: 'PROGRESSING', Updating: 'PROGRESSING', Complete: 'COMPLETED', Error: 'ERROR',
};

function readManager(context: RestContext): JsonObject {
  const { machine } = context;
  const version = machine.firmware.component('ilo')?.version ?? machine.identity.firmwareVersion;
  const [major, minor] = version.split('.').map(Number);
  return resource(
    context,
    'Managers/1',
    'Manager.1.0.0',
    {
      AvailableActions: [{ Action: 'Reset' }],
      CommandShell: { ConnectTypesSupported: ['SSH', 'Oem'], Enabled: true, MaxConcurrentSessions: 9 },
      Description: 'Manager View',
      Firmware: { Current: { VersionString: `iLO 4 v${version}` } },
      GraphicalConsole: { ConnectTypesSupported: ['KVMIP'], Enabled: true, MaxConcurrentSessions: 10 },
      ManagerType: 'BMC',
      Model: 'iLO 4',
      Name: 'Manager',
      Oem: {
        Hp: {
          Firmware: { Current: { Date: machine.identity.facts.firmwareDate, DebugBuild: false, MajorVersion: major ?? 0, MinorVersion: minor ?? 0, VersionString: `iLO 4 v${version}` } },
          License: { LicenseKey: showLicenceKey(machine), LicenseString: licenceName(machine), LicenseType: 'Perpetual' },
          RequiredLoginForiLORBSU: machine.security.requiresRbsuLogin,
          Type: 'HpiLO.1.1.0',
          links: {
            LicenseService: href(context, LICENCES),
            UpdateService: href(context, UPDATE),
          },
        },
      },
      SerialConsole: { ConnectTypesSupported: ['SSH', 'IPMI', 'Oem'], Enabled: true, MaxConcurrentSessions: 13 },
      Status: { State: 'Enabled' },
      UUID: machine.identity.uuid.toLowerCase(),
    },
    {
      EthernetNICs: href(context, 'Managers/1/EthernetInterfaces'),
      Logs: href(context, 'Managers/1/LogServices'),
      ManagerForServers: [href(context, 'Systems/1')],
      NetworkService: href(context, NETWORK),
      VirtualMedia: href(context, MEDIA),
    },
  );
}

const DRIVES = { 1: 'floppy', 2: 'cdrom' } as const;

function driveOf({ machine }: RestContext, id: string): VirtualDrive | undefined {
  const kind = id === '1' || id === '2' ? DRIVES[id] : undefined;
  return kind === undefined ? undefined : machine.media[kind];
}

function readDrive(context: RestContext, id: string): JsonObject | undefined {
  const drive = driveOf(context, id);
  if (drive === undefined) return undefined;
  const isInserted = drive.image !== undefined;
  return resource(context, `${MEDIA}/${id}`, 'VirtualMedia.1.0.0', {
    ConnectedVia: isInserted ? 'URI' : 'NotConnected',
    Description: 'Virtual Removable Media',
    Id: id,
    Image: drive.image ?? '',
    ...(isInserted ? { ImageName: drive.image?.split('/').at(-1) ?? '' } : {}),
    Inserted: isInserted,
    MediaTypes: drive.kind === 'cdrom' ? ['CD', 'DVD'] : ['Floppy', 'USBStick'],
    Name: 'VirtualMedia',
    ...(drive.kind === 'cdrom' ? { Oem: { Hp: { BootOnNextServerReset: drive.bootsNext, Type: 'HpiLOVirtualMedia.1.1.0' } } } : {}),
    WriteProtected: drive.isWriteProtected,
  });
}

function changeDrive(context: RestContext, body: JsonObject, id: string): RestAnswer {
  const drive = driveOf(context, id);
  const bootsNext = asObject(asObject(body['Oem'])['Hp'])['BootOnNextServerReset'];
  if (bootsNext !== undefined && drive !== undefined && body['Image'] === undefined) {
    return context.caller.perform('set media', () => {
      drive.bootsNext = bootsNext === true;
      return undefined;
    });
  }
  const isEjecting = body['Image'] === null || body['Image'] === '';
  return isEjecting ? ejectMedia(context, drive) : insertMedia(context, drive, body);
}

/** From iLO 4 2.30 on actions can be posted to the drive. Source: HPE ilorest, VirtualMediaCommand.py. */
function actOnDrive(context: RestContext, body: JsonObject, id: string): RestAnswer {
  const drive = driveOf(context, id);
  if (body['Action'] === 'InsertVirtualMedia') return insertMedia(context, drive, body);
  return body['Action'] === 'EjectVirtualMedia' ? ejectMedia(context, drive) : refuse('unknown action', String(body['Action']));
}

function resetIlo({ controller, caller }: RestContext): RestAnswer {
  const outcome = caller.perform('reset ilo', () => {
    controller.reset();
    return undefined;
  });
  return outcome ?? { status: 200, messages: [RESET_IN_PROGRESS] };
}

/** The iLO 4 itself: licence, virtual media, firmware. */
export const MANAGER_RESOURCES: readonly Resource[] = [
  { path: 'Managers', read: (context) => collection(context, 'Managers', 'Manager.1', ['Managers/1']) },
  {
    path: 'Managers/1',
    read: readManager,
    writable: ['Oem.Hp.RequiredLoginForiLORBSU'],
    patch: ({ machine, caller }, body) =>
      caller.perform('configure ilo', () => {
        machine.security.requiresRbsuLogin = asObject(asObject(body['Oem'])['Hp'])['RequiredLoginForiLORBSU'] === true;
        return undefined;
      }),
    post: (context, body) => (body['Action'] === 'Reset' ? resetIlo(context) : refuse('unknown action', String(body['Action']))),
  },
  { path: 'Managers/1/Actions/Manager.Reset', post: resetIlo },
  ...collectionOf(
    LICENCES,
    'HpiLOLicense.1',
    (context) => [
      resource(context, `${LICENCES}/1`, 'HpiLOLicense.1.0.0', {
        Id: '1', License: licenceName(context.machine), LicenseKey: showLicenceKey(context.machine), LicenseType: 'Perpetual', Name: 'iLO License',
      }),
    ],
    { post: ({ machine, caller }, body) => caller.perform('activate licence', () => changeLicence(machine, asText(body['LicenseKey']))) },
  ),
  {
    path: UPDATE,
    read(context) {
      const { firmware } = context.machine;
      return resource(context, UPDATE, 'HpiLOFirmwareUpdate.1.0.0', {
        AvailableActions: [{ Action: 'InstallFromURI' }],
        Name: 'Firmware Update',
        ProgressPercent: firmware.percent,
        State: UPDATE_STATES[firmware.state],
      });
    },
    post({ machine, caller }, body) {
      const image = asText(body['FirmwareURI']);
      if (body['Action'] !== 'InstallFromURI') return refuse('unknown action', String(body['Action']));
      return image === undefined ? refuse('missing property', 'FirmwareURI') : caller.perform('update firmware', () => machine.firmware.update(image));
    },
  },
  { path: 'Managers/1/EthernetInterfaces', read: (context) => collection(context, 'Managers/1/EthernetInterfaces', 'EthernetNetworkInterface.1', []) },
  {
    path: NETWORK,
    read: (context) =>
      resource(context, NETWORK, 'ManagerNetworkService.1.0.0', {
        HTTPS: { Port: 443, ProtocolEnabled: true },
        IPMI: { Port: 623, ProtocolEnabled: context.machine.security.isIpmiOn },
        Name: 'Manager Network Service',
        SSH: { Port: 22, ProtocolEnabled: true },
      }),
    writable: ['IPMI.ProtocolEnabled'],
    patch: ({ machine, caller }, body) =>
      caller.perform('configure ilo', () => {
        machine.security.isIpmiOn = asObject(body['IPMI'])['ProtocolEnabled'] === true;
        return undefined;
      }),
  },
  { path: MEDIA, read: (context) => collection(context, MEDIA, 'VirtualMedia.1', [`${MEDIA}/1`, `${MEDIA}/2`]) },
  { path: `${MEDIA}/{}`, read: readDrive, writable: ['Image', 'Oem.Hp.BootOnNextServerReset'], patch: changeDrive, post: actOnDrive },
  // Where early Redfish lists its actions.
  {
    path: `${MEDIA}/{}/Actions/Oem/Hp/HpiLOVirtualMedia.InsertVirtualMedia`,
    post: (context, body, id) => insertMedia(context, driveOf(context, id), body),
  },
  { path: `${MEDIA}/{}/Actions/Oem/Hp/HpiLOVirtualMedia.EjectVirtualMedia`, post: (context, _body, id) => ejectMedia(context, driveOf(context, id)) },
];
