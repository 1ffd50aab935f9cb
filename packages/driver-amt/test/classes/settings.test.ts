import { expect, test } from 'vitest';
import {
  AMT_EnvironmentDetectionSettingData, AMT_EthernetPortSettings, AMT_GeneralSettings, AMT_RedirectionService, AMT_SetupAndConfigurationService,
  AMT_SystemPowerScheme, AMT_TLSSettingData, AMT_UserInitiatedConnectionService, CIM_KVMRedirectionSAP, CIM_RedirectionService,
  IPS_KVMRedirectionSettingData, IPS_ScreenSettingData,
} from '../../src/client/classes/amt-settings.js';
import { readReturnValue } from '../../src/client/classes/return-value.js';
import { expectContext, expectInstance, expectItems, fixtureElement } from './fixtures.js';

test('the general settings', () => {
  expectContext('recorded/amt/general/enumerate.xml', '14000000-0000-0000-0000-000000000000');
  expectInstance('recorded/amt/general/get.xml', AMT_GeneralSettings, {
    AMTNetworkEnabled: true,
    DDNSPeriodicUpdateInterval: 1440,
    DDNSTTL: 900,
    DDNSUpdateByDHCPServerEnabled: true,
    DDNSUpdateEnabled: false,
    DHCPSyncRequiresHostname: true,
    DHCPv6ConfigurationTimeout: 0,
    DigestRealm: 'Digest:F3EB554784E729164447A89F60B641C5',
    DomainName: 'Test Domain Name',
    ElementName: 'Intel(r) AMT: General Settings',
    HostName: 'Test Host Name',
    HostOSFQDN: 'Test Host OS FQDN',
    IdleWakeTimeout: 1,
    InstanceID: 'Intel(r) AMT: General Settings',
    NetworkInterfaceEnabled: true,
    PingResponseEnabled: true,
    PowerSource: 'ac',
    PreferredAddressFamily: 'ipv4',
    PresenceNotificationInterval: 0,
    PrivacyLevel: 'default',
    RmcpPingResponseEnabled: true,
    SharedFQDN: true,
    ThunderboltDockEnabled: false,
    WsmanOnlyMode: false,
  });
});

test('the network ports: wired, and a wireless one that is not there', () => {
  expectContext('recorded/amt/ethernetport/enumerate.xml', '7700000-0000-0000-0000-000000000000');
  expectItems('recorded/amt/ethernetport/pull.xml', AMT_EthernetPortSettings, [
    {
      DHCPEnabled: true,
      DefaultGateway: '192.168.6.1',
      ElementName: 'Intel(r) AMT Ethernet Port Settings',
      InstanceID: 'Intel(r) AMT Ethernet Port Settings 0',
      IpSyncEnabled: true,
      LinkIsUp: true,
      LinkPolicy: ['s0 on ac', 'sx on ac'],
      MACAddress: '00-be-43-d8-22-a4',
      PhysicalConnectionType: 'integrated lan',
      PrimaryDNS: '192.168.6.1',
      SharedDynamicIP: true,
      SharedMAC: true,
      SharedStaticIp: false,
      SubnetMask: '255.255.255.0',
    },
    {
      ConsoleTcpMaxRetransmissions: 5,
      DHCPEnabled: true,
      ElementName: 'Intel(r) AMT Ethernet Port Settings',
      InstanceID: 'Intel(r) AMT Ethernet Port Settings 1',
      LinkControl: 'host',
      LinkIsUp: false,
      LinkPreference: 'host',
      MACAddress: '00-00-00-00-00-00',
      PhysicalConnectionType: 'wireless lan',
      SharedMAC: true,
      WLANLinkProtectionLevel: 'none',
    },
  ]);
});

test('a network port after Put', () => {
  expectInstance('recorded/amt/ethernetport/put.xml', AMT_EthernetPortSettings, {
    DHCPEnabled: true,
    DefaultGateway: '192.168.0.1',
    ElementName: 'Intel(r) AMT Ethernet Port Settings',
    IPAddress: '192.168.0.24',
    InstanceID: 'Intel(r) AMT Ethernet Port Settings 0',
    IpSyncEnabled: true,
    LinkIsUp: true,
    LinkPolicy: ['s0 on ac', 'sx on ac', 's0 on battery'],
    MACAddress: 'a4-ae-11-1e-46-53',
    PhysicalConnectionType: 'integrated lan',
    PrimaryDNS: '68.105.28.11',
    SecondaryDNS: '68.105.29.11',
    SharedDynamicIP: true,
    SharedMAC: true,
    SharedStaticIp: true,
    SubnetMask: '255.255.255.0',
  });
});

const networkTls = {
  AcceptNonSecureConnections: false,
  ElementName: 'Intel(r) AMT 802.3 TLS Settings',
  Enabled: false,
  InstanceID: 'Intel(r) AMT 802.3 TLS Settings',
  MutualAuthentication: false,
};

test('TLS at both interfaces', () => {
  expectContext('recorded/amt/tls/settingdata/enumerate.xml', 'CA000000-0000-0000-0000-000000000000');
  expectItems('recorded/amt/tls/settingdata/pull.xml', AMT_TLSSettingData, [
    networkTls,
    {
      AcceptNonSecureConnections: true,
      ElementName: 'Intel(r) AMT LMS TLS Settings',
      Enabled: false,
      InstanceID: 'Intel(r) AMT LMS TLS Settings',
      MutualAuthentication: false,
    },
  ]);
  expectInstance('recorded/amt/tls/settingdata/put.xml', AMT_TLSSettingData, networkTls);
});

const redirection = {
  CreationClassName: 'AMT_RedirectionService',
  ElementName: 'Intel(r) AMT Redirection Service',
  EnabledState: 'ide-r and sol',
  ListenerEnabled: true,
  Name: 'Intel(r) AMT Redirection Service',
  SystemCreationClassName: 'CIM_ComputerSystem',
  SystemName: 'Intel(r) AMT',
};

test('redirection', () => {
  expectInstance('recorded/amt/redirectionservice/get.xml', AMT_RedirectionService, redirection);
  expectInstance('recorded/amt/redirectionservice/put.xml', AMT_RedirectionService, redirection);
  expect(readReturnValue('RequestStateChange', fixtureElement('recorded/amt/redirectionservice/requeststatechange.xml'))).toBe(0);
  expectInstance('recorded/cim/redirectionservice/get.xml', CIM_RedirectionService, {
    CreationClassName: 'CIM_RedirectionService',
    ElementName: 'Intel(r) ME KVM Redirection Service',
    EnabledState: 'disabled',
    MaxCurrentEnabledSAPs: 1,
    Name: 'Intel(r) AMT KVM Redirection Service',
    RedirectionServiceType: [3],
    RequestedState: 'not applicable',
    SharingMode: 3,
    SystemCreationClassName: 'CIM_ComputerSystem',
    SystemName: 'Intel(r) AMT',
  });
});

test('the remote screen', () => {
  expectInstance('recorded/cim/kvm/get.xml', CIM_KVMRedirectionSAP, {
    CreationClassName: 'CIM_KVMRedirectionSAP',
    ElementName: 'KVM Redirection Service Access Point',
    EnabledState: 'enabled but offline',
    KVMProtocol: 4,
    Name: 'KVM Redirection Service Access Point',
    RequestedState: 'enabled',
    SystemCreationClassName: 'CIM_ComputerSystem',
    SystemName: 'ManagedSystem',
  });
  expectInstance('recorded/ips/kvmredirection/settings/get.xml', IPS_KVMRedirectionSettingData, {
    BackToBackFbMode: false,
    DefaultScreen: 0,
    ElementName: 'Intel(r) KVM Redirection Settings',
    EnabledByMEBx: true,
    InstanceID: 'Intel(r) KVM Redirection Settings',
    Is5900PortEnabled: false,
    OptInPolicy: true,
    OptInPolicyTimeout: 300,
    RFBPassword: { secret: '' },
    SessionTimeout: 3,
  });
  expectItems('recorded/ips/screensetting/pull.xml', IPS_ScreenSettingData, [
    {
      ElementName: 'test',
      InstanceID: 'Intel(r) Screen Settings',
      IsActive: [true, true, false, false],
      PrimaryIndex: 1,
      QuadraryIndex: 4,
      ResolutionX: [1920, 1920, 0, 0],
      ResolutionY: [1080, 1080, 0, 0],
      SecondaryIndex: 2,
      TertiaryIndex: 3,
      UpperLeftX: [0, 1920, -1, -1],
      UpperLeftY: [0, 0, -1, -1],
    },
  ]);
});

const scheme0 = {
  Description: 'Mobile: ON in S0',
  ElementName: 'Intel(r) AMT Power Scheme',
  InstanceID: 'SCHEME 0',
  SchemeGUID: 'djmXEQtWUEOIcJgS85G1YA==',
};

test('the power packages', () => {
  expectInstance('recorded/amt/systempowerscheme/get.xml', AMT_SystemPowerScheme, scheme0);
  expectItems('recorded/amt/systempowerscheme/pull.xml', AMT_SystemPowerScheme, [
    scheme0,
    {
      Description: 'Mobile: ON in S0, ME Wake in S3, S4-5 (AC only)',
      ElementName: 'Intel(r) AMT Power Scheme',
      InstanceID: 'SCHEME 1',
      SchemeGUID: 'MIAN7gnAeEOvKHhootu+Og==',
    },
  ]);
});

test('the detection of the environment', () => {
  expectInstance('recorded/amt/environmentdetection/get.xml', AMT_EnvironmentDetectionSettingData, {
    DetectionAlgorithm: 'local domains',
    DetectionStrings: ['b332bb28-ef3a-43b0-b998-342285ac1e26.com', 'test.com'],
    ElementName: 'Intel(r) AMT Environment Detection Settings',
    InstanceID: 'Intel(r) AMT Environment Detection Settings',
  });
});

test('the connections that a user asks for', () => {
  expectInstance('recorded/amt/userinitiatedconnection/get.xml', AMT_UserInitiatedConnectionService, {
    CreationClassName: 'AMT_UserInitiatedConnectionService',
    ElementName: 'Intel(r) AMT User Initiated Connection Service',
    EnabledState: 'bios and operating system',
    Name: 'Intel(r) AMT User Initiated Connection Service',
    SystemCreationClassName: 'CIM_ComputerSystem',
    SystemName: 'Intel(r) AMT',
  });
});

test('the state of provisioning', () => {
  expectInstance('recorded/amt/setupandconfiguration/get.xml', AMT_SetupAndConfigurationService, {
    CreationClassName: 'AMT_SetupAndConfigurationService',
    ElementName: 'Intel(r) AMT Setup and Configuration Service',
    EnabledState: 'not applicable',
    Name: 'Intel(r) AMT Setup and Configuration Service',
    PasswordModel: 'separate',
    ProvisioningMode: 'admin control',
    ProvisioningServerOTP: { secret: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' },
    ProvisioningState: 'provisioned',
    RequestedState: 'not applicable',
    SystemCreationClassName: 'CIM_ComputerSystem',
    SystemName: 'Intel(r) AMT',
    ZeroTouchConfigurationEnabled: true,
  });
  expect(readReturnValue('Unprovision', fixtureElement('edited/amt/setupandconfiguration/unprovision.xml'))).toBe(0);
});
