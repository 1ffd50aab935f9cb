import { Buffer } from 'node:buffer';
import type { AmtMachine } from '../machine/amt-machine.js';
import { type Fields, reference } from '../soap/value.js';
import { SoapFault } from '../soap/soap-fault.js';
import { type AmtClass, fixedClass, type Method, type PutRule, returns, SERVICE_KEYS } from './amt-class.js';

const INVALID_PARAMETER = 5;
/** PT_STATUS: the flash memory bears no more writes for now. Source: Intel AMT Implementation and Reference Guide, "Errors and Return Values". */
const FLASH_WRITE_LIMIT = 38;

/** A class with one instance made from the machine, some fields of which can be put and stay. */
function keptClass(name: string, keys: readonly string[], make: (machine: AmtMachine) => Fields, put?: PutRule, more: Partial<AmtClass> = {}): AmtClass {
  return {
    name, keys,
    instances: (machine) => [{ className: name, fields: machine.settings.read(name, '', make(machine)) }],
    ...(put === undefined ? {} : { put }),
    ...more,
  };
}

function generalSettings({ identity }: AmtMachine): Fields {
  return {
    AMTNetworkEnabled: 1, DDNSPeriodicUpdateInterval: 1440, DDNSTTL: 900, DDNSUpdateByDHCPServerEnabled: true, DDNSUpdateEnabled: false,
    DHCPSyncRequiresHostname: 1, DHCPv6ConfigurationTimeout: 0, DigestRealm: identity.realm, DomainName: identity.domainName,
    ElementName: 'Intel(r) AMT: General Settings', HostName: identity.hostName, HostOSFQDN: `${identity.hostName}.${identity.domainName}`,
    IdleWakeTimeout: 1, InstanceID: 'Intel(r) AMT: General Settings', NetworkInterfaceEnabled: true, PingResponseEnabled: true, PowerSource: 0,
    PreferredAddressFamily: 0, PresenceNotificationInterval: 0, PrivacyLevel: 0, RmcpPingResponseEnabled: true, SharedFQDN: true,
    ThunderboltDockEnabled: 0, WsmanOnlyMode: false,
  };
}

const GENERAL_WRITABLE = [
  'DDNSPeriodicUpdateInterval', 'DDNSTTL', 'DDNSUpdateByDHCPServerEnabled', 'DDNSUpdateEnabled', 'DHCPv6ConfigurationTimeout', 'DomainName', 'HostName',
  'HostOSFQDN', 'IdleWakeTimeout', 'PingResponseEnabled', 'PreferredAddressFamily', 'PresenceNotificationInterval', 'RmcpPingResponseEnabled', 'SharedFQDN',
  'ThunderboltDockEnabled', 'WsmanOnlyMode',
];

const WIRED = 'Intel(r) AMT Ethernet Port Settings 0';

/** A wired port, and a wireless one that is not there: both as recorded. */
function ethernetPorts({ identity }: AmtMachine): readonly Fields[] {
  return [
    {
      DHCPEnabled: true, DefaultGateway: '192.168.6.1', ElementName: 'Intel(r) AMT Ethernet Port Settings', IPAddress: identity.ipAddress, InstanceID: WIRED,
      IpSyncEnabled: true, LinkIsUp: true, LinkPolicy: [1, 14], MACAddress: identity.macAddress.replaceAll(':', '-'), PhysicalConnectionType: 0,
      PrimaryDNS: '192.168.6.1', SharedDynamicIP: true, SharedMAC: true, SharedStaticIp: false, SubnetMask: '255.255.255.0',
    },
    {
      ConsoleTcpMaxRetransmissions: 5, DHCPEnabled: true, ElementName: 'Intel(r) AMT Ethernet Port Settings',
      InstanceID: 'Intel(r) AMT Ethernet Port Settings 1', LinkControl: 2, LinkIsUp: false, LinkPreference: 2, MACAddress: '00-00-00-00-00-00',
      PhysicalConnectionType: 3, SharedMAC: true, WLANLinkProtectionLevel: 1,
    },
  ];
}

/** Instances with an InstanceID, some fields of which can be put and stay. */
function keptInstances(name: string, make: (machine: AmtMachine) => readonly Fields[]): AmtClass['instances'] {
  return (machine) => make(machine).map((fields) => ({ className: name, fields: machine.settings.read(name, String(fields['InstanceID']), fields) }));
}

const TLS_NETWORK = 'Intel(r) AMT 802.3 TLS Settings';
const TLS_LOCAL = 'Intel(r) AMT LMS TLS Settings';

function tlsSettings({ isTlsOn, generation }: AmtMachine): readonly Fields[] {
  const announced = generation >= 16 ? { NonSecureConnectionsSupported: false } : {};
  return [
    {
      AcceptNonSecureConnections: false, ElementName: TLS_NETWORK, Enabled: isTlsOn, InstanceID: TLS_NETWORK, MutualAuthentication: false, ...announced,
    },
    { AcceptNonSecureConnections: true, ElementName: TLS_LOCAL, Enabled: false, InstanceID: TLS_LOCAL, MutualAuthentication: false, ...announced },
  ];
}

const service = (className: string, name: string, more: Fields): Fields => {
  const fields: Fields = {
    CreationClassName: className, ElementName: name, Name: name, SystemCreationClassName: 'CIM_ComputerSystem', SystemName: 'Intel(r) AMT', ...more,
  };
  return Object.fromEntries(Object.entries(fields).toSorted(([one], [other]) => (one < other ? -1 : 1)));
};

/** Sets EnabledState to what is asked for, if it is one of these. */
function stateChange(className: string, states: readonly number[], shown: (state: number) => Fields): Method {
  return {
    parameters: ['RequestedState', 'TimeoutPeriod'],
    required: ['RequestedState'],
    changes: true,
    call({ settings, flash }, input) {
      const state = input.number('RequestedState');
      if (!states.includes(state)) return returns(INVALID_PARAMETER);
      if (!flash.write()) return returns(FLASH_WRITE_LIMIT);
      return returns(0, () => settings.write(className, '', shown(state)));
    },
  };
}

const getUuid: Method = {
  parameters: [],
  changes: false,
  call: ({ identity }) => ({ output: { UUID: Buffer.from(identity.platformGuid, 'hex').toString('base64'), ReturnValue: 0 } }),
};
/** What was put counts at once in this simulator; the ports stay as they are. */
const commitChanges: Method = { parameters: [], changes: true, call: () => returns(0) };

function setupService({ controlMode }: AmtMachine): Fields {
  return service('AMT_SetupAndConfigurationService', 'Intel(r) AMT Setup and Configuration Service', {
    EnabledState: 5, PasswordModel: 1, ProvisioningMode: controlMode === 'admin' ? 1 : 4, ProvisioningServerOTP: Buffer.alloc(32).toString('base64'),
    ProvisioningState: 2, RequestedState: 12, ZeroTouchConfigurationEnabled: true,
  });
}

const SCHEMES: readonly Fields[] = [
  { Description: 'Mobile: ON in S0', ElementName: 'Intel(r) AMT Power Scheme', InstanceID: 'SCHEME 0', SchemeGUID: 'djmXEQtWUEOIcJgS85G1YA==' },
  {
    Description: 'Mobile: ON in S0, ME Wake in S3, S4-5 (AC only)', ElementName: 'Intel(r) AMT Power Scheme', InstanceID: 'SCHEME 1',
    SchemeGUID: 'MIAN7gnAeEOvKHhootu+Og==',
  },
];

const CERTIFICATE = { InstanceID: 'Intel(r) AMT Certificate: Handle: 0' };
const CONTEXT = 'AMT_TLSCredentialContext';
const COLLECTION = 'Intel(r) AMT:TLSProtocolEndpoint Instances Collection';

function certificates({ certificate }: AmtMachine): readonly Fields[] {
  if (certificate === undefined) return [];
  return [{
    ElementName: 'Intel(r) AMT Certificate', ...CERTIFICATE, Issuer: `CN=${certificate.name}`, ReadOnlyCertificate: true,
    Subject: `CN=${certificate.name}`, TrustedRootCertficate: false, X509Certificate: Buffer.from(certificate.der).toString('base64'),
  }];
}

/** Which certificate TLS shows. It can be taken away and made again; the ports go on showing it. */
const credentialContext: AmtClass = {
  name: CONTEXT, keys: ['ElementInContext', 'ElementProvidingContext'],
  instances({ settings, certificate }) {
    const isThere = settings.read(CONTEXT, '', { exists: certificate !== undefined })['exists'] === true;
    const fields: Fields = {
      ElementInContext: reference('AMT_PublicKeyCertificate', CERTIFICATE),
      ElementProvidingContext: reference('AMT_TLSProtocolEndpointCollection', { ElementName: COLLECTION }),
    };
    return isThere ? [{ className: CONTEXT, fields }] : [];
  },
  create({ settings, certificate }, input) {
    const picked = input.reference('ElementInContext');
    if (input.reference('ElementProvidingContext')?.resource !== 'AMT_TLSProtocolEndpointCollection') {
      throw new SoapFault('InvalidRepresentation', { detail: 'MissingValues' });
    }
    const isOurs = certificate !== undefined && picked?.resource === 'AMT_PublicKeyCertificate' && picked.selectors['InstanceID'] === CERTIFICATE.InstanceID;
    if (!isOurs) throw new SoapFault('InvalidRepresentation', { detail: 'InvalidValues' });
    return {
      reference: reference(CONTEXT, { ElementInContext: CERTIFICATE.InstanceID, ElementProvidingContext: COLLECTION }),
      apply: () => settings.write(CONTEXT, '', { exists: true }),
    };
  },
  remove: ({ settings }) => () => settings.write(CONTEXT, '', { exists: false }),
};

const SCREENS: Fields = {
  ElementName: 'test', InstanceID: 'Intel(r) Screen Settings', IsActive: [true, true, false, false], PrimaryIndex: 1, QuadraryIndex: 4,
  ResolutionX: [1920, 1920, 0, 0], ResolutionY: [1080, 1080, 0, 0], SecondaryIndex: 2, TertiaryIndex: 3, UpperLeftX: [0, 1920, -1, -1],
  UpperLeftY: [0, 0, -1, -1],
};

const REDIRECTION_STATES = [32_768, 32_769, 32_770, 32_771];

export const SETTINGS_CLASSES: readonly AmtClass[] = [
  keptClass('AMT_GeneralSettings', ['InstanceID'], generalSettings, { writable: GENERAL_WRITABLE }),
  {
    name: 'AMT_EthernetPortSettings', keys: ['InstanceID'], instances: keptInstances('AMT_EthernetPortSettings', ethernetPorts),
    put: {
      writable: [
        'DHCPEnabled', 'DefaultGateway', 'IPAddress', 'IpSyncEnabled', 'LinkControl', 'LinkPolicy', 'LinkPreference', 'PrimaryDNS', 'SharedStaticIp',
        'SubnetMask',
      ],
      hidden: ['SecondaryDNS'],
    },
  },
  {
    name: 'AMT_TLSSettingData', keys: ['InstanceID'], instances: keptInstances('AMT_TLSSettingData', tlsSettings),
    put: { writable: ['AcceptNonSecureConnections', 'Enabled', 'MutualAuthentication'], hidden: ['TrustedCN'] },
  },
  keptClass('AMT_SetupAndConfigurationService', SERVICE_KEYS, setupService, undefined, {
    dated: true, methods: { GetUuid: getUuid, CommitChanges: commitChanges },
  }),
  keptClass(
    'AMT_RedirectionService', SERVICE_KEYS,
    () => service('AMT_RedirectionService', 'Intel(r) AMT Redirection Service', { EnabledState: 32_771, ListenerEnabled: true }),
    { writable: ['EnabledState', 'ListenerEnabled'] },
    { dated: true, methods: { RequestStateChange: stateChange('AMT_RedirectionService', REDIRECTION_STATES, (state) => ({ EnabledState: state })) } },
  ),
  keptClass(
    'CIM_KVMRedirectionSAP', SERVICE_KEYS,
    () => ({
      ...service('CIM_KVMRedirectionSAP', 'KVM Redirection Service Access Point', { EnabledState: 6, KVMProtocol: 4, RequestedState: 2 }),
      SystemName: 'ManagedSystem',
    }),
    undefined,
    {
      since: 6, dated: true,
      methods: { RequestStateChange: stateChange('CIM_KVMRedirectionSAP', [2, 3], (state) => ({ EnabledState: state === 2 ? 6 : 3, RequestedState: state })) },
    },
  ),
  fixedClass(
    'CIM_RedirectionService', SERVICE_KEYS,
    [{
      ...service('CIM_RedirectionService', 'Intel(r) AMT KVM Redirection Service', {
        EnabledState: 3, MaxCurrentEnabledSAPs: 1, RedirectionServiceType: 3, RequestedState: 12, SharingMode: 3,
      }),
      ElementName: 'Intel(r) ME KVM Redirection Service',
    }],
    { since: 6, dated: true },
  ),
  fixedClass('IPS_KVMRedirectionSettingData', ['InstanceID'], [{
    BackToBackFbMode: false, DefaultScreen: 0, ElementName: 'Intel(r) KVM Redirection Settings', EnabledByMEBx: true,
    InstanceID: 'Intel(r) KVM Redirection Settings', Is5900PortEnabled: false, OptInPolicy: true, OptInPolicyTimeout: 300, RFBPassword: '', SessionTimeout: 3,
  }], { since: 6 }),
  fixedClass('IPS_ScreenSettingData', ['InstanceID'], [SCREENS], { since: 9 }),
  fixedClass('AMT_EnvironmentDetectionSettingData', ['InstanceID'], [{
    DetectionAlgorithm: 0, DetectionStrings: ['b332bb28-ef3a-43b0-b998-342285ac1e26.com', 'test.com'],
    ElementName: 'Intel(r) AMT Environment Detection Settings', InstanceID: 'Intel(r) AMT Environment Detection Settings',
  }]),
  fixedClass('AMT_UserInitiatedConnectionService', SERVICE_KEYS, [
    service('AMT_UserInitiatedConnectionService', 'Intel(r) AMT User Initiated Connection Service', { EnabledState: 32_771 }),
  ], { dated: true }),
  fixedClass('AMT_SystemPowerScheme', ['InstanceID'], SCHEMES, { firstIfNotPicked: true }),
  {
    name: 'AMT_PublicKeyCertificate', keys: ['InstanceID'],
    instances: (machine) => certificates(machine).map((fields) => ({ className: 'AMT_PublicKeyCertificate', fields })),
  },
  credentialContext,
];
