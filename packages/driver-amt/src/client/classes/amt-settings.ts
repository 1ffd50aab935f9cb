import { defineClass, listOf, required } from './class-table.js';
import { ENABLED_STATES, REQUESTED_STATES } from './value-names.js';
import { boolean, integer, named, reference, secretText, text } from './value-readers.js';

// Source: Intel AMT Implementation and Reference Guide, class reference of the classes named.

/** AMT_GeneralSettings.PowerSource. */
export const POWER_SOURCES = { 0: 'ac', 1: 'battery' } as const;

/** AMT_GeneralSettings.PrivacyLevel. */
export const PRIVACY_LEVELS = { 0: 'default', 1: 'enhanced', 2: 'extreme' } as const;

/** AMT_GeneralSettings.PreferredAddressFamily. */
export const ADDRESS_FAMILIES = { 0: 'ipv4', 1: 'ipv6' } as const;

/** IdleWakeTimeout in minutes, DDNSTTL in seconds, the other intervals in minutes, DHCPv6ConfigurationTimeout in seconds. */
export const AMT_GeneralSettings = defineClass('AMT_GeneralSettings', {
  AMTNetworkEnabled: boolean,
  DDNSPeriodicUpdateInterval: integer,
  DDNSTTL: integer,
  DDNSUpdateByDHCPServerEnabled: boolean,
  DDNSUpdateEnabled: boolean,
  DHCPSyncRequiresHostname: boolean,
  DHCPv6ConfigurationTimeout: integer,
  DigestRealm: text,
  DomainName: text,
  ElementName: text,
  HostName: text,
  HostOSFQDN: text,
  IdleWakeTimeout: integer,
  InstanceID: text,
  NetworkInterfaceEnabled: boolean,
  OemID: integer,
  PingResponseEnabled: boolean,
  PowerSource: named(POWER_SOURCES),
  PreferredAddressFamily: named(ADDRESS_FAMILIES),
  PresenceNotificationInterval: integer,
  PrivacyLevel: named(PRIVACY_LEVELS),
  RmcpPingResponseEnabled: boolean,
  SharedFQDN: boolean,
  ThunderboltDockEnabled: boolean,
  WsmanOnlyMode: boolean,
});

/** AMT_EthernetPortSettings.LinkPolicy: in which power states and on which power source the port may be up. */
export const LINK_POLICIES = { 1: 's0 on ac', 14: 'sx on ac', 16: 's0 on battery', 224: 'sx on battery' } as const;

/** AMT_EthernetPortSettings.LinkControl and LinkPreference. */
export const LINK_OWNERS = { 1: 'management engine', 2: 'host' } as const;

/** AMT_EthernetPortSettings.PhysicalConnectionType. */
export const PHYSICAL_CONNECTION_TYPES = {
  0: 'integrated lan', 1: 'discrete lan', 2: 'lan in a thunderbolt dock', 3: 'wireless lan',
} as const;

/** AMT_EthernetPortSettings.PhysicalNicMedium. */
export const PHYSICAL_NIC_MEDIA = { 0: 'smbus', 1: 'pcie' } as const;

/** AMT_EthernetPortSettings.WLANLinkProtectionLevel. */
export const WLAN_LINK_PROTECTION_LEVELS = { 0: 'override', 1: 'none', 2: 'passive', 3: 'high' } as const;

export const AMT_EthernetPortSettings = defineClass('AMT_EthernetPortSettings', {
  ConsoleTcpMaxRetransmissions: integer,
  DHCPEnabled: boolean,
  DefaultGateway: text,
  ElementName: text,
  IPAddress: text,
  InstanceID: required(text),
  IpSyncEnabled: boolean,
  LinkControl: named(LINK_OWNERS),
  LinkIsUp: boolean,
  LinkPolicy: listOf(named(LINK_POLICIES)),
  LinkPreference: named(LINK_OWNERS),
  MACAddress: text,
  PhysicalConnectionType: named(PHYSICAL_CONNECTION_TYPES),
  PhysicalNicMedium: named(PHYSICAL_NIC_MEDIA),
  PrimaryDNS: text,
  SecondaryDNS: text,
  SharedDynamicIP: boolean,
  SharedMAC: boolean,
  SharedStaticIp: boolean,
  SubnetMask: text,
  VLANTag: integer,
  WLANLinkProtectionLevel: named(WLAN_LINK_PROTECTION_LEVELS),
});

export const AMT_TLSSettingData = defineClass('AMT_TLSSettingData', {
  AcceptNonSecureConnections: boolean,
  ElementName: text,
  Enabled: required(boolean),
  InstanceID: required(text),
  MutualAuthentication: boolean,
  NonSecureConnectionsSupported: boolean,
  TrustedCN: listOf(text),
});

const serviceNames = { CreationClassName: text, ElementName: text, Name: text, SystemCreationClassName: text, SystemName: text } as const;

/** AMT_RedirectionService.EnabledState. */
export const REDIRECTION_STATES = { 32768: 'disabled', 32769: 'ide-r', 32770: 'sol', 32771: 'ide-r and sol' } as const;

export const AMT_RedirectionService = defineClass('AMT_RedirectionService', {
  ...serviceNames,
  AccessLog: listOf(text),
  EnabledState: required(named(REDIRECTION_STATES)),
  ListenerEnabled: boolean,
});

/** The service behind KVM. */
export const CIM_RedirectionService = defineClass('CIM_RedirectionService', {
  ...serviceNames,
  EnabledState: named(ENABLED_STATES),
  MaxCurrentEnabledSAPs: integer,
  RedirectionServiceType: listOf(integer),
  RequestedState: named(REQUESTED_STATES),
  SharingMode: integer,
});

export const CIM_KVMRedirectionSAP = defineClass('CIM_KVMRedirectionSAP', {
  ...serviceNames,
  EnabledState: required(named(ENABLED_STATES)),
  KVMProtocol: integer,
  RequestedState: named(REQUESTED_STATES),
});

/** OptInPolicyTimeout in seconds, SessionTimeout in minutes. */
export const IPS_KVMRedirectionSettingData = defineClass('IPS_KVMRedirectionSettingData', {
  BackToBackFbMode: boolean,
  DefaultScreen: integer,
  ElementName: text,
  EnabledByMEBx: boolean,
  GreyscalePixelFormatSupported: boolean,
  InitialDecimationModeForLowRes: integer,
  InstanceID: text,
  Is5900PortEnabled: boolean,
  OptInPolicy: boolean,
  OptInPolicyTimeout: integer,
  RFBPassword: secretText,
  SessionTimeout: integer,
  ZlibControlSupported: boolean,
});

/** One entry per screen in each list; -1 where there is none. */
export const IPS_ScreenSettingData = defineClass('IPS_ScreenSettingData', {
  ElementName: text,
  InstanceID: text,
  IsActive: listOf(boolean),
  PrimaryIndex: integer,
  QuadraryIndex: integer,
  ResolutionX: listOf(integer),
  ResolutionY: listOf(integer),
  SecondaryIndex: integer,
  TertiaryIndex: integer,
  UpperLeftX: listOf(integer),
  UpperLeftY: listOf(integer),
});

/** A power package: in which states of the machine the management engine runs. SchemeGUID is base64, as Intel's list of power packages shows it. */
export const AMT_SystemPowerScheme = defineClass('AMT_SystemPowerScheme', {
  Description: required(text),
  ElementName: text,
  InstanceID: required(text),
  SchemeGUID: text,
});

/** CIM_ElementSettingData.IsCurrent. */
export const SETTING_IS_CURRENT = { 0: 'unknown', 1: 'is current', 2: 'is not current' } as const;

/** CIM_ElementSettingData.IsNext. */
export const SETTING_IS_NEXT = { 0: 'unknown', 1: 'is next', 2: 'is not next', 3: 'is next for single use' } as const;

/** Which of several settings is in force, such as the power package. */
export const CIM_ElementSettingData = defineClass('CIM_ElementSettingData', {
  IsCurrent: named(SETTING_IS_CURRENT),
  IsDefault: integer,
  IsNext: named(SETTING_IS_NEXT),
  ManagedElement: reference,
  SettingData: required(reference),
});

/** AMT_EnvironmentDetectionSettingData.DetectionAlgorithm. */
export const DETECTION_ALGORITHMS = { 0: 'local domains', 1: 'remote url' } as const;

/** How the device finds out whether it is inside the network of its owner. */
export const AMT_EnvironmentDetectionSettingData = defineClass('AMT_EnvironmentDetectionSettingData', {
  DetectionAlgorithm: named(DETECTION_ALGORITHMS),
  DetectionIPv6LocalPrefixes: listOf(text),
  DetectionStrings: listOf(text),
  ElementName: text,
  InstanceID: text,
});

/** AMT_UserInitiatedConnectionService.EnabledState: from where the user may ask for help. */
export const USER_CONNECTION_STATES = {
  32768: 'disabled', 32769: 'bios', 32770: 'operating system', 32771: 'bios and operating system',
} as const;

export const AMT_UserInitiatedConnectionService = defineClass('AMT_UserInitiatedConnectionService', {
  ...serviceNames,
  EnabledState: required(named(USER_CONNECTION_STATES)),
});

/** AMT_SetupAndConfigurationService.ProvisioningMode. */
export const PROVISIONING_MODES = { 1: 'admin control', 4: 'client control' } as const;

/** AMT_SetupAndConfigurationService.ProvisioningState. */
export const PROVISIONING_STATES = { 0: 'before provisioning', 1: 'provisioning', 2: 'provisioned' } as const;

/** AMT_SetupAndConfigurationService.PasswordModel. */
export const PASSWORD_MODELS = { 0: 'coupled', 1: 'separate', 2: 'separate hash' } as const;

export const AMT_SetupAndConfigurationService = defineClass('AMT_SetupAndConfigurationService', {
  ...serviceNames,
  EnabledState: named(ENABLED_STATES),
  PasswordModel: named(PASSWORD_MODELS),
  ProvisioningMode: named(PROVISIONING_MODES),
  ProvisioningServerOTP: secretText,
  ProvisioningState: required(named(PROVISIONING_STATES)),
  RequestedState: named(REQUESTED_STATES),
  ZeroTouchConfigurationEnabled: boolean,
});
