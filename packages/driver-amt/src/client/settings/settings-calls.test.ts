import { inspect } from 'node:util';
import { FerricError } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { fixtureElement, fixtureItems } from '../../../test/classes/fixtures.js';
import { type ScriptedAnswer, scriptedWsman, xml } from '../../../test/scripted-wsman.js';
import { createSettingsCalls, type SettingsCalls } from './settings-calls.js';

const callsOf = (answers: Readonly<Record<string, ScriptedAnswer>>): SettingsCalls => createSettingsCalls(scriptedWsman(answers).wsman, { clock: createFakeClock() });

test('the general settings', async () => {
  expect(await callsOf({ 'get AMT_GeneralSettings': fixtureElement('recorded/amt/general/get.xml') }).readGeneral()).toEqual({
    hostName: 'Test Host Name',
    domainName: 'Test Domain Name',
    hostOsName: 'Test Host OS FQDN',
    digestRealm: 'Digest:F3EB554784E729164447A89F60B641C5',
    idleWakeTimeoutMs: 60_000,
    powerSource: 'ac',
    privacyLevel: 'default',
    preferredAddressFamily: 'ipv4',
    networkEnabled: true,
    networkInterfaceEnabled: true,
    pingAnswered: true,
    rmcpPingAnswered: true,
    wsmanOnly: false,
    sharedName: true,
    thunderboltDockEnabled: false,
  });
});

describe('the control mode', () => {
  const mode = (state: number, number: number): Promise<object> =>
    callsOf({
      'get AMT_SetupAndConfigurationService': xml(
        `<AMT_SetupAndConfigurationService><ProvisioningMode>${number}</ProvisioningMode><ProvisioningState>${state}</ProvisioningState></AMT_SetupAndConfigurationService>`,
      ),
    }).readControlMode();

  test('of the recorded device is admin control, and its one-time password is not shown', async () => {
    const calls = callsOf({ 'get AMT_SetupAndConfigurationService': fixtureElement('recorded/amt/setupandconfiguration/get.xml') });
    const controlMode = await calls.readControlMode();
    expect(controlMode).toEqual({ mode: 'admin control', zeroTouch: true });
    expect(inspect(controlMode)).not.toContain('AAAA');
  });

  test('is client control, not yet there, or a number without a name', async () => {
    expect(await mode(2, 4)).toEqual({ mode: 'client control' });
    expect(await mode(0, 1)).toEqual({ mode: 'not provisioned' });
    expect(await mode(1, 4)).toEqual({ mode: 'not provisioned' });
    expect(await mode(2, 9)).toEqual({ mode: 'unknown', modeNumber: 9 });
  });
});

describe('TLS', () => {
  test('of both interfaces', async () => {
    expect(await callsOf({ 'enumerate AMT_TLSSettingData': fixtureItems('recorded/amt/tls/settingdata/pull.xml') }).readTls()).toEqual({
      network: { enabled: false, mutual: false, plainAccepted: false },
      local: { enabled: false, mutual: false, plainAccepted: true },
    });
  });

  test('of newer firmware, with one trusted name', async () => {
    const network = xml(`<AMT_TLSSettingData><InstanceID>Intel(r) AMT 802.3 TLS Settings</InstanceID><Enabled>true</Enabled><MutualAuthentication>true</MutualAuthentication>
      <NonSecureConnectionsSupported>false</NonSecureConnectionsSupported><TrustedCN>console.example.com</TrustedCN></AMT_TLSSettingData>`);
    expect(await callsOf({ 'enumerate AMT_TLSSettingData': [network] }).readTls()).toEqual({
      network: { enabled: true, mutual: true, plainSupported: false, trustedNames: ['console.example.com'] },
    });
  });
});

describe('redirection', () => {
  test.each([
    [32768, { state: 'disabled', sol: false, ideRedirection: false }],
    [32769, { state: 'ide-r', sol: false, ideRedirection: true }],
    [32770, { state: 'sol', sol: true, ideRedirection: false }],
    [5, { state: 5, sol: false, ideRedirection: false }],
  ])('in state %d', async (state, expected) => {
    const service = xml(`<AMT_RedirectionService><EnabledState>${state}</EnabledState></AMT_RedirectionService>`);
    expect(await callsOf({ 'get AMT_RedirectionService': service }).readRedirection()).toEqual(expected);
  });

  test('of the recorded device', async () => {
    expect(await callsOf({ 'get AMT_RedirectionService': fixtureElement('recorded/amt/redirectionservice/get.xml') }).readRedirection()).toEqual({
      state: 'ide-r and sol', sol: true, ideRedirection: true, listening: true,
    });
  });
});

describe('the remote screen', () => {
  const accessPoint = fixtureElement('recorded/cim/kvm/get.xml');

  test('with its settings', async () => {
    const answers = { 'get CIM_KVMRedirectionSAP': accessPoint, 'get IPS_KVMRedirectionSettingData': fixtureElement('recorded/ips/kvmredirection/settings/get.xml') };
    expect(await callsOf(answers).readKvm()).toEqual({
      state: 'enabled but offline', enabled: true, allowedByFirmware: true, vncPortEnabled: false, consentRequired: true, consentTimeoutMs: 300_000,
      sessionTimeoutMs: 180_000, defaultScreen: 0,
    });
  });

  test('on firmware without them', async () => {
    expect(await callsOf({ 'get CIM_KVMRedirectionSAP': accessPoint }).readKvm()).toEqual({ state: 'enabled but offline', enabled: true });
    const refused = { 'get CIM_KVMRedirectionSAP': accessPoint, 'get IPS_KVMRedirectionSettingData': new FerricError('REFUSED', 'no') };
    await expect(callsOf(refused).readKvm()).rejects.toMatchObject({ code: 'REFUSED' });
  });

  test('switched off', async () => {
    const off = xml('<CIM_KVMRedirectionSAP><EnabledState>3</EnabledState></CIM_KVMRedirectionSAP>');
    expect(await callsOf({ 'get CIM_KVMRedirectionSAP': off }).readKvm()).toEqual({ state: 'disabled', enabled: false });
  });
});

describe('network ports', () => {
  const ports = (content: string): Promise<readonly object[]> =>
    callsOf({ 'enumerate AMT_EthernetPortSettings': [xml(`<AMT_EthernetPortSettings>${content}</AMT_EthernetPortSettings>`)] }).readNetworkPorts();

  test('after Put', async () => {
    expect(await callsOf({ 'enumerate AMT_EthernetPortSettings': [fixtureElement('recorded/amt/ethernetport/put.xml')] }).readNetworkPorts()).toMatchObject([
      { macAddress: 'a4:ae:11:1e:46:53', ipAddress: '192.168.0.24', secondaryDns: '68.105.29.11', linkPolicy: ['s0 on ac', 'sx on ac', 's0 on battery'] },
    ]);
  });

  test('of firmware that does not tell how they are built in', async () => {
    expect(await ports('<InstanceID>Intel(r) AMT Ethernet Port Settings 0</InstanceID>')).toEqual([{ id: 'Intel(r) AMT Ethernet Port Settings 0', kind: 'wired' }]);
    expect(await ports('<InstanceID>Intel(r) AMT Ethernet Port Settings 1</InstanceID>')).toEqual([{ id: 'Intel(r) AMT Ethernet Port Settings 1', kind: 'wireless' }]);
  });

  test('without an address have none', async () => {
    const content = '<InstanceID>x 0</InstanceID><MACAddress>00-00-00-00-00-00</MACAddress><IPAddress>0.0.0.0</IPAddress><PrimaryDNS></PrimaryDNS><VLANTag>0</VLANTag>';
    expect(await ports(content)).toEqual([{ id: 'x 0', kind: 'wired' }]);
    expect(await ports('<InstanceID>x 0</InstanceID><MACAddress>what?</MACAddress><LinkPolicy>224</LinkPolicy>')).toEqual([
      { id: 'x 0', kind: 'wired', linkPolicy: ['sx on battery'] },
    ]);
  });

  test('in a dock are wired, and a tag is told', async () => {
    expect(await ports('<InstanceID>x 2</InstanceID><PhysicalConnectionType>2</PhysicalConnectionType><VLANTag>40</VLANTag>')).toEqual([
      { id: 'x 2', kind: 'wired', connection: 'lan in a thunderbolt dock', vlan: 40 },
    ]);
  });
});

describe('power packages', () => {
  const schemes = fixtureItems('recorded/amt/systempowerscheme/pull.xml');
  const packages = [
    { id: 'SCHEME 0', description: 'Mobile: ON in S0', guidBase64: 'djmXEQtWUEOIcJgS85G1YA==' },
    { id: 'SCHEME 1', description: 'Mobile: ON in S0, ME Wake in S3, S4-5 (AC only)', guidBase64: 'MIAN7gnAeEOvKHhootu+Og==' },
  ];
  const setting = (className: string, id: string, isCurrent: number) =>
    xml(`<CIM_ElementSettingData><IsCurrent>${isCurrent}</IsCurrent><SettingData><ReferenceParameters><ResourceURI>urn:x/${className}</ResourceURI>
      <SelectorSet><Selector Name="InstanceID">${id}</Selector></SelectorSet></ReferenceParameters></SettingData></CIM_ElementSettingData>`);

  test('and the one in force', async () => {
    const settings = [setting('AMT_GeneralSettings', 'SCHEME 0', 1), setting('AMT_SystemPowerScheme', 'SCHEME 0', 2), setting('AMT_SystemPowerScheme', 'SCHEME 1', 1)];
    const calls = callsOf({ 'enumerate AMT_SystemPowerScheme': schemes, 'enumerate CIM_ElementSettingData': settings });
    expect(await calls.readPowerPackages()).toEqual({ packages, current: packages[1] });
  });

  test('on a device that does not tell which', async () => {
    expect(await callsOf({ 'enumerate AMT_SystemPowerScheme': schemes }).readPowerPackages()).toEqual({ packages });
    expect(await callsOf({ 'enumerate AMT_SystemPowerScheme': schemes, 'enumerate CIM_ElementSettingData': [] }).readPowerPackages()).toEqual({ packages });
  });
});

test('the detection of the environment, also when it is off', async () => {
  const recorded = fixtureElement('recorded/amt/environmentdetection/get.xml');
  expect(await callsOf({ 'get AMT_EnvironmentDetectionSettingData': recorded }).readEnvironmentDetection()).toEqual({
    algorithm: 'local domains',
    domains: ['b332bb28-ef3a-43b0-b998-342285ac1e26.com', 'test.com'],
  });
  const off = xml('<AMT_EnvironmentDetectionSettingData/>');
  expect(await callsOf({ 'get AMT_EnvironmentDetectionSettingData': off }).readEnvironmentDetection()).toEqual({ domains: [] });
});

test.each([
  [32768, 'disabled', false, false],
  [32769, 'bios', true, false],
  [32770, 'operating system', false, true],
  [32771, 'bios and operating system', true, true],
  [1, 1, false, false],
])('connections of the user in state %d', async (number, state, fromBios, fromOperatingSystem) => {
  const service = xml(`<AMT_UserInitiatedConnectionService><EnabledState>${number}</EnabledState></AMT_UserInitiatedConnectionService>`);
  expect(await callsOf({ 'get AMT_UserInitiatedConnectionService': service }).readUserConnection()).toEqual({ state, fromBios, fromOperatingSystem });
});
