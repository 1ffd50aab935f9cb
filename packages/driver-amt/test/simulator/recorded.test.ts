import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type AmtDevice, type Generation, startAmtDevice } from '../../src/simulator/index.js';
import { callDevice, type Caller, type Reply } from './support/caller.js';
import { action, reference } from './support/envelopes.js';

// The device answers what real ones answered: documents are compared whole, but for white space that the recordings gained on their way, ids, and
// what is the machine's own.

const recorded = (name: string): string => readFileSync(new URL(`../fixtures/recorded/${name}.xml`, import.meta.url), 'utf8');

function normal(xml: string): string {
  return xml
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?= ?"/g, '="')
    .replaceAll(/> </g, '><')
    .replaceAll(/> (\S)/g, '>$1')
    .replaceAll(/(<b:MessageID>uuid:00000000-8086-8086-8086-)[\dA-F]{12}/g, '$1ID')
    .replaceAll(/(<b:RelatesTo>)[^<]*/g, '$1ID')
    .replaceAll(/(<\w:EnumerationContext>)[\dA-F]{7,8}(-0000-0000-0000-000000000000)/g, '$1ID$2')
    .replaceAll(/<(\w+:\w+)\/>/g, '<$1></$1>');
}

/** Takes the values of some fields out. */
const without = (...names: readonly string[]) => (xml: string): string =>
  names.reduce((text, name) => text.replaceAll(new RegExp(`(<\\w+:${name}>)[^<]*`, 'g'), '$1'), xml);

async function machineOf(generation: Generation): Promise<AmtDevice> {
  const device = await startAmtDevice({ generation, macAddress: '00:be:43:d8:22:a4', platformGuid: '13AEE355D2BFBB6117A088AEDD7037EA' });
  device.machine.power.power.state.power = 'power on';
  return device;
}

interface Case {
  readonly file: string;
  readonly generation: Generation;
  readonly ask: (caller: Caller) => Promise<Reply>;
  /** What is not compared. */
  readonly own?: (xml: string) => string;
}

const get = (file: string, resource: string, generation: Generation = 12): Case => ({ file, generation, ask: (caller) => caller.get(resource) });
const pull = (file: string, resource: string, generation: Generation = 12): Case => ({ file, generation, ask: (caller) => caller.enumerate(resource) });
const enumerate = (file: string, resource: string): Case => ({
  file, generation: 12,
  ask: (caller) => caller.call({ action: action.enumerate, resource, body: '<n:Enumerate xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration"/>' }),
});
const invoke = (file: string, resource: string, method: string, input: Record<string, string | number> | string = {}): Case => ({
  file, generation: 12, ask: (caller) => caller.invoke(resource, method, input),
});

const SYSTEM = reference('CIM_ComputerSystem', { CreationClassName: 'CIM_ComputerSystem', Name: 'ManagedSystem' });

const CASES: readonly Case[] = [
  get('cim/associatedpower/managementservice/get', 'CIM_AssociatedPowerManagementService'),
  enumerate('cim/associatedpower/managementservice/enumerate', 'CIM_AssociatedPowerManagementService'),
  pull('cim/service/availabletoelement/pull', 'CIM_ServiceAvailableToElement'),
  get('cim/power/managementservice/get', 'CIM_PowerManagementService'),
  get('cim/power/capabilities/get', 'CIM_PowerManagementCapabilities'),
  invoke(
    'cim/power/managementservice/requestpowerstatechange', 'CIM_PowerManagementService', 'RequestPowerStateChange',
    `<r:PowerState>10</r:PowerState><r:ManagedElement>${SYSTEM}</r:ManagedElement>`,
  ),
  get('ips/power/managementservice/get', 'IPS_PowerManagementService'),
  invoke(
    'ips/power/managementservice/requestospowersavingstatechange', 'IPS_PowerManagementService', 'RequestOSPowerSavingStateChange',
    `<r:OSPowerSavingState>2</r:OSPowerSavingState><r:ManagedElement>${SYSTEM}</r:ManagedElement>`,
  ),
  get('amt/boot/capabilities/get', 'AMT_BootCapabilities', 12),
  get('amt/boot/settingdata/get', 'AMT_BootSettingData', 16),
  pull('amt/boot/settingdata/pull', 'AMT_BootSettingData', 16),
  invoke('cim/boot/service/requeststatechange', 'CIM_BootService', 'RequestStateChange', { RequestedState: 32_769 }),
  { ...get('cim/chassis/get', 'CIM_Chassis'), own: without('SerialNumber') },
  get('cim/card/get', 'CIM_Card'),
  get('cim/chip/get', 'CIM_Chip'),
  get('cim/bios/element/get', 'CIM_BIOSElement'),
  get('cim/bios/feature/get', 'CIM_BIOSFeature'),
  get('cim/physical/processor/get', 'CIM_Processor'),
  pull('cim/physical/memory/pull', 'CIM_PhysicalMemory'),
  pull('cim/mediaaccess/pull', 'CIM_MediaAccessDevice'),
  get('cim/computer/systempackage/get', 'CIM_ComputerSystemPackage'),
  { ...pull('cim/system/packaging/pull', 'CIM_SystemPackaging'), own: without('PlatformGUID') },
  pull('cim/software/identity/pull', 'CIM_SoftwareIdentity', 12),
  { ...get('amt/general/get', 'AMT_GeneralSettings'), own: without('DigestRealm', 'DomainName', 'HostName', 'HostOSFQDN') },
  { ...pull('amt/ethernetport/pull', 'AMT_EthernetPortSettings'), own: (xml) => xml.replaceAll(/<h:IPAddress>[^<]*<\/h:IPAddress>/g, '') },
  pull('amt/tls/settingdata/pull', 'AMT_TLSSettingData'),
  {
    file: 'amt/tls/settingdata/put', generation: 12,
    ask: (caller) => caller.put('AMT_TLSSettingData', {
      AcceptNonSecureConnections: false, ElementName: 'Intel(r) AMT 802.3 TLS Settings', Enabled: false,
      InstanceID: 'Intel(r) AMT 802.3 TLS Settings', MutualAuthentication: false,
    }, { InstanceID: 'Intel(r) AMT 802.3 TLS Settings' }),
  },
  get('amt/redirectionservice/get', 'AMT_RedirectionService'),
  invoke('amt/redirectionservice/requeststatechange', 'AMT_RedirectionService', 'RequestStateChange', { RequestedState: 32_771 }),
  get('amt/setupandconfiguration/get', 'AMT_SetupAndConfigurationService'),
  get('amt/systempowerscheme/get', 'AMT_SystemPowerScheme'),
  pull('amt/systempowerscheme/pull', 'AMT_SystemPowerScheme'),
  get('amt/timesynchronization/get', 'AMT_TimeSynchronizationService'),
  { ...invoke('amt/timesynchronization/getlowaccuracytimesynch', 'AMT_TimeSynchronizationService', 'GetLowAccuracyTimeSynch'), own: without('Ta0') },
  invoke('amt/timesynchronization/sethighaccuracytimesynch', 'AMT_TimeSynchronizationService', 'SetHighAccuracyTimeSynch', { Ta0: 1, Tm1: 1_704_586_865, Tm2: 1_704_586_866 }),
  get('amt/alarmclock/get', 'AMT_AlarmClockService'),
  invoke('amt/alarmclock/addalarm', 'AMT_AlarmClockService', 'AddAlarm',
    '<r:AlarmTemplate xmlns:o="http://intel.com/wbem/wscim/1/ips-schema/1/IPS_AlarmClockOccurrence" xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/common">' +
    '<o:InstanceID>one</o:InstanceID><o:StartTime><p:Datetime>2040-01-01T00:00:00Z</p:Datetime></o:StartTime><o:DeleteOnCompletion>true</o:DeleteOnCompletion></r:AlarmTemplate>'),
  get('amt/environmentdetection/get', 'AMT_EnvironmentDetectionSettingData'),
  get('amt/userinitiatedconnection/get', 'AMT_UserInitiatedConnectionService'),
  { ...get('amt/messagelog/get', 'AMT_MessageLog'), own: without('CurrentNumberOfRecords', 'PercentageNearFull') },
  invoke('amt/messagelog/positiontofirstrecord', 'AMT_MessageLog', 'PositionToFirstRecord'),
  { ...get('amt/auditlog/get', 'AMT_AuditLog'), own: without('CurrentNumberOfRecords', 'PercentageFree', 'Datetime') },
  invoke('amt/auditlog/readrecords', 'AMT_AuditLog', 'ReadRecords', { StartIndex: 1 }),
  get('cim/kvm/get', 'CIM_KVMRedirectionSAP'),
  get('cim/redirectionservice/get', 'CIM_RedirectionService'),
  get('ips/kvmredirection/settings/get', 'IPS_KVMRedirectionSettingData'),
  pull('ips/screensetting/pull', 'IPS_ScreenSettingData'),
  get('ips/optin/get', 'IPS_OptInService'),
  invoke('ips/optin/canceloptin', 'IPS_OptInService', 'CancelOptIn'),
  invoke('ips/optin/sendoptincode', 'IPS_OptInService', 'SendOptInCode', { OptInCode: 123_456 }),
  enumerate('ips/alarmclock/enumerate', 'IPS_AlarmClockOccurrence'),
  get('faults/destination-unreachable', 'CIM_Toaster'),
];

describe('answers as recorded', () => {
  test.each(CASES)('$file', async ({ file, generation, ask, own = (xml: string) => xml }) => {
    await using device = await machineOf(generation);
    using caller = callDevice(device);
    expect(own(normal((await ask(caller)).body))).toBe(own(normal(recorded(file))));
  });

  test('the event log, in pages too', async () => {
    await using device = await startAmtDevice({ generation: 12 });
    using caller = callDevice(device);
    const whole = await caller.invoke('AMT_MessageLog', 'GetRecords', { IterationIdentifier: 1, MaxReadRecords: 390 });
    expect(normal(whole.body)).toBe(normal(recorded('amt/messagelog/getrecords')));
    const first = await caller.invoke('AMT_MessageLog', 'GetRecords', { IterationIdentifier: 1, MaxReadRecords: 2 });
    expect([first.text('IterationIdentifier'), first.text('NoMoreRecords'), first.texts('RecordArray').length]).toEqual(['3', 'false', 2]);
    const second = await caller.invoke('AMT_MessageLog', 'GetRecords', { IterationIdentifier: 3, MaxReadRecords: 2 });
    expect([second.text('IterationIdentifier'), second.text('NoMoreRecords'), second.texts('RecordArray')]).toEqual(['3', 'true', ['IgYBZf8PbwJoAf8iAEAHAAAAAAAA']]);
  });
});

describe('HTTP as recorded', () => {
  test('heads have the recorded lines in their order', async () => {
    await using device = await machineOf(15);
    using caller = callDevice(device);
    const { head, chunkSizes, body } = await caller.get('CIM_ComputerSystemPackage');
    const [, ...expected] = readFileSync(new URL('../fixtures/recorded/http/get-computersystempackage-amt15.http', import.meta.url), 'latin1').split('\r\n\r\n')[0]?.split('\r\n') ?? [];
    expect(head.map((line) => line.replace(/^Date: .*/, 'Date'))).toEqual(expected.map((line) => line.replace(/^Date: .*/, 'Date')));
    expect(chunkSizes.slice(0, 2)).toEqual(['0220', '02FA']);
    expect(Buffer.byteLength(body)).toBe(chunkSizes.reduce((sum, size) => sum + Number.parseInt(size, 16), 0));
  });
});
