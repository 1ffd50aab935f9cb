import type { JsonObject } from '@ferric/core';
import { isAtLeast } from '../generations.js';
import { changeLicence, licenceName, showLicenceKey } from '../rest/licence-service.js';
import { RESET_IN_PROGRESS } from '../rest/messages.js';
import { asObject, asText, type Resource, type RestContext } from '../rest/resource.js';
import { collection, link, oem, OK, resource } from './build.js';

const NETWORK = 'Managers/1/NetworkProtocol';

function readManager(context: RestContext): JsonObject {
  const { machine } = context;
  const { identity, security } = machine;
  const { iloNumber } = identity.facts;
  const version = machine.firmware.component('ilo')?.version ?? identity.firmwareVersion;
  const name = `iLO ${iloNumber} v${version}`;
  const [major, minor] = version.split('.').map(Number);
  return resource(context, 'Managers/1', 'Manager', {
    Name: 'Manager',
    Actions: { '#Manager.Reset': { 'ResetType@Redfish.AllowableValues': ['ForceRestart', 'GracefulRestart'], target: context.href('Managers/1/Actions/Manager.Reset') } },
    CommandShell: { ConnectTypesSupported: ['SSH', 'Oem'], MaxConcurrentSessions: 9, ServiceEnabled: true },
    DateTime: machine.clock.now().toISOString().slice(0, 16).concat(':00Z'),
    EthernetInterfaces: link(context, 'Managers/1/EthernetInterfaces'),
    FirmwareVersion: name,
    GraphicalConsole: { ConnectTypesSupported: ['KVMIP'], MaxConcurrentSessions: 10, ServiceEnabled: true },
    Links: {
      ManagerForChassis: [link(context, 'Chassis/1')],
      ManagerForServers: [link(context, 'Systems/1')],
      ManagerInChassis: link(context, 'Chassis/1'),
    },
    LogServices: link(context, 'Managers/1/LogServices'),
    ManagerType: 'BMC',
    Model: `iLO ${iloNumber}`,
    NetworkProtocol: link(context, NETWORK),
    Oem: oem(context, 'HpeiLO', {
      Firmware: { Current: { Date: identity.facts.firmwareDate, DebugBuild: false, MajorVersion: major ?? 0, MinorVersion: minor ?? 0, VersionString: name } },
      IdleConnectionTimeoutMinutes: 30,
      License: { LicenseKey: showLicenceKey(machine), LicenseString: licenceName(machine), LicenseType: 'Perpetual' },
      Links: {
        LicenseService: link(context, 'Managers/1/LicenseService'),
        SecurityService: link(context, 'Managers/1/SecurityService'),
      },
      RIBCLEnabled: iloNumber === 5 && context.controller.behaviour.ribcl,
      RequireHostAuthentication: security.requiresHostAuthentication,
      RequiredLoginForiLORBSU: security.requiresRbsuLogin,
      VirtualNICEnabled: false,
      iLOSelfTestResults: [{ Notes: '', SelfTestName: 'NVRAMData', Status: 'OK' }],
    }),
    SerialConsole: { ConnectTypesSupported: ['SSH', 'IPMI', 'Oem'], MaxConcurrentSessions: 13, ServiceEnabled: true },
    Status: { ...OK },
    UUID: identity.uuid.toLowerCase(),
    VirtualMedia: link(context, 'Managers/1/VirtualMedia'),
  });
}

export const MANAGER_RESOURCES: readonly Resource[] = [
  { path: 'Managers', read: (context) => collection(context, 'Managers', 'ManagerCollection', ['Managers/1']) },
  {
    path: 'Managers/1',
    read: readManager,
    writable: ['Oem.Hpe.RequiredLoginForiLORBSU', 'Oem.Hpe.RequireHostAuthentication'],
    patch({ machine: { security }, caller }, body) {
      const wanted = asObject(asObject(body['Oem'])['Hpe']);
      return caller.perform('configure ilo', () => {
        if (wanted['RequiredLoginForiLORBSU'] !== undefined) security.requiresRbsuLogin = wanted['RequiredLoginForiLORBSU'] === true;
        if (wanted['RequireHostAuthentication'] !== undefined) security.requiresHostAuthentication = wanted['RequireHostAuthentication'] === true;
        return undefined;
      });
    },
  },
  {
    path: 'Managers/1/Actions/Manager.Reset',
    post({ controller, caller }) {
      const outcome = caller.perform('reset ilo', () => {
        controller.reset();
        return undefined;
      });
      return outcome ?? { status: 200, messages: [RESET_IN_PROGRESS] };
    },
  },
  {
    path: NETWORK,
    read: (context) =>
      resource(context, NETWORK, 'ManagerNetworkProtocol', {
        Name: 'Manager Network Service',
        HTTPS: { Port: 443, ProtocolEnabled: true },
        IPMI: { Port: 623, ProtocolEnabled: context.machine.security.isIpmiOn },
        Oem: oem(context, 'HpeiLOManagerNetworkService', {
          AlertMailEnabled: false,
          RemoteSyslogEnabled: false,
          WebProxyConfiguration: { ProxyPassword: null, ProxyPort: null, ProxyServer: '', ProxyUserName: '' },
        }),
        SSH: { Port: 22, ProtocolEnabled: true },
        VirtualMedia: { Port: 17_988, ProtocolEnabled: true },
      }),
    writable: ['IPMI.ProtocolEnabled'],
    patch: ({ machine, caller }, body) =>
      caller.perform('configure ilo', () => {
        machine.security.isIpmiOn = asObject(body['IPMI'])['ProtocolEnabled'] === true;
        return undefined;
      }),
  },
  { path: 'Managers/1/EthernetInterfaces', read: (context) => collection(context, 'Managers/1/EthernetInterfaces', 'EthernetInterfaceCollection', ['Managers/1/EthernetInterfaces/1']) },
  {
    path: 'Managers/1/EthernetInterfaces/1',
    read: (context) =>
      resource(context, 'Managers/1/EthernetInterfaces/1', 'EthernetInterface', {
        Name: 'Manager Dedicated Network Interface',
        HostName: `ILO${context.machine.identity.serialNumber}`,
        LinkStatus: 'LinkUp',
        MACAddress: '52:54:00:ff:00:01',
        SpeedMbps: 1000,
        Status: OK,
      }),
  },
  {
    path: 'Managers/1/LicenseService',
    read: (context) => collection(context, 'Managers/1/LicenseService', 'HpeiLOLicenseCollection', ['Managers/1/LicenseService/1']),
    post: ({ machine, caller }, body) => caller.perform('activate licence', () => changeLicence(machine, asText(body['LicenseKey']))),
  },
  {
    path: 'Managers/1/LicenseService/1',
    read: (context) =>
      resource(context, 'Managers/1/LicenseService/1', 'HpeiLOLicense', {
        Name: 'iLO License',
        License: licenceName(context.machine),
        LicenseKey: showLicenceKey(context.machine),
        LicenseType: 'Perpetual',
        LicenseInstallDate: context.machine.licence.installedAt.toISOString().slice(0, 10),
      }),
  },
];

/** Whether the iLO has the actions of the standard for virtual media. */
export function hasStandardMedia({ machine: { identity } }: RestContext): boolean {
  return identity.facts.iloNumber === 6 || isAtLeast(identity.firmwareVersion, '1.30');
}
