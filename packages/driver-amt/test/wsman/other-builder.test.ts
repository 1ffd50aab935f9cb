import { AMT, CIM, IPS } from '@device-management-toolkit/wsman-messages';
import { describe, expect, test } from 'vitest';
import { childOf, parseXml, readReference, type WsmanElement, type WsmanField, type WsmanFields, wordOf } from '../../src/client/wsman/index.js';
import { type WsmanOperation, writeRequest } from '../../src/client/wsman/envelope/request.js';

const amt = new AMT.Messages();
const cim = new CIM.Messages();
const ips = new IPS.Messages();

/** Plain values as fields, in their order. */
function fields(values: Readonly<Record<string, WsmanField['value']>>): WsmanFields {
  return { fields: Object.entries(values).map(([name, value]) => ({ name, value })) };
}

/** The same request as ours. `theirs` builds it once more for each run, for their builders count messages and change what they are given. */
interface Pair {
  readonly resource: string;
  readonly operation: WsmanOperation;
  readonly selectors?: Readonly<Record<string, string>>;
  readonly theirs: () => string;
}

const ALARMS = 'http://intel.com/wbem/wscim/1/ips-schema/1/IPS_AlarmClockOccurrence';
const COMMON = 'http://schemas.dmtf.org/wbem/wscim/1/common';

const BOOT_SETTINGS = {
  BIOSPause: false, BIOSSetup: true, BootMediaIndex: 0, ConfigurationDataReset: false, ElementName: 'Intel(r) AMT Boot Configuration Settings', EnforceSecureBoot: false,
  FirmwareVerbosity: 0, ForcedProgressEvents: false, IDERBootDevice: 0, InstanceID: 'Intel(r) AMT:BootSettingData 0', LockKeyboard: false, LockPowerButton: false,
  LockResetButton: false, LockSleepButton: false, OwningEntity: 'Intel(r) AMT', ReflashBIOS: false, UseIDER: false, UseSOL: false, UseSafeMode: false,
  UserPasswordBypass: false, SecureErase: false,
} as const;

const ETHERNET = {
  DHCPEnabled: true, ElementName: 'Intel(r) AMT Ethernet Port Settings', InstanceID: 'Intel(r) AMT Ethernet Port Settings 0', IpSyncEnabled: true, SharedMAC: true,
} as const;

const PAIRS: Readonly<Record<string, Pair>> = {
  'Get of a CIM class': { resource: 'CIM_Chassis', operation: { kind: 'Get' }, theirs: () => cim.Chassis.Get() },
  'Get of an AMT class': { resource: 'AMT_GeneralSettings', operation: { kind: 'Get' }, theirs: () => amt.GeneralSettings.Get() },
  'Get of an IPS class': { resource: 'IPS_OptInService', operation: { kind: 'Get' }, theirs: () => ips.OptInService.Get() },
  'Get with a selector': {
    resource: 'AMT_TLSSettingData',
    operation: { kind: 'Get' },
    selectors: { InstanceID: 'Intel(r) AMT 802.3 TLS Settings' },
    theirs: () => amt.TLSSettingData.Get({ name: 'InstanceID', value: 'Intel(r) AMT 802.3 TLS Settings' }),
  },
  Enumerate: { resource: 'CIM_PhysicalMemory', operation: { kind: 'Enumerate' }, theirs: () => cim.PhysicalMemory.Enumerate() },
  Pull: {
    resource: 'CIM_PhysicalMemory',
    operation: { kind: 'Pull', context: '14000000-0000-0000-0000-000000000000' },
    theirs: () => cim.PhysicalMemory.Pull('14000000-0000-0000-0000-000000000000'),
  },
  Delete: {
    resource: 'IPS_AlarmClockOccurrence',
    operation: { kind: 'Delete' },
    selectors: { InstanceID: 'wake' },
    theirs: () => ips.AlarmClockOccurrence.Delete({ name: 'InstanceID', value: 'wake' }),
  },
  'Put of boot settings': {
    resource: 'AMT_BootSettingData',
    operation: { kind: 'Put', instance: fields(BOOT_SETTINGS) },
    theirs: () => amt.BootSettingData.Put({ ...BOOT_SETTINGS } as unknown as AMT.Models.BootSettingData),
  },
  'Put with a selector': {
    resource: 'AMT_EthernetPortSettings',
    operation: { kind: 'Put', instance: fields(ETHERNET) },
    selectors: { InstanceID: ETHERNET.InstanceID },
    theirs: () => amt.EthernetPortSettings.Put({ ...ETHERNET } as unknown as AMT.Models.EthernetPortSettings),
  },
  'a method without input': {
    resource: 'IPS_OptInService',
    operation: { kind: 'Invoke', method: 'StartOptIn', input: undefined },
    theirs: () => ips.OptInService.StartOptIn(),
  },
  'a method with a number': {
    resource: 'IPS_OptInService',
    operation: { kind: 'Invoke', method: 'SendOptInCode', input: fields({ OptInCode: 123_456 }) },
    theirs: () => ips.OptInService.SendOptInCode(123_456),
  },
  'a method with several values': {
    resource: 'AMT_TimeSynchronizationService',
    operation: { kind: 'Invoke', method: 'SetHighAccuracyTimeSynch', input: fields({ Ta0: 1_644_240_911, Tm1: 1_644_240_943, Tm2: 1_644_240_944 }) },
    theirs: () => amt.TimeSynchronizationService.SetHighAccuracyTimeSynch(1_644_240_911, 1_644_240_943, 1_644_240_944),
  },
  'a change of state': {
    resource: 'AMT_RedirectionService',
    operation: { kind: 'Invoke', method: 'RequestStateChange', input: fields({ RequestedState: 32_771 }) },
    theirs: () => amt.RedirectionService.RequestStateChange(32_771),
  },
  'a change of power': {
    resource: 'CIM_PowerManagementService',
    operation: {
      kind: 'Invoke',
      method: 'RequestPowerStateChange',
      input: fields({ PowerState: 8, ManagedElement: { resource: 'CIM_ComputerSystem', selectors: { CreationClassName: 'CIM_ComputerSystem', Name: 'ManagedSystem' } } }),
    },
    theirs: () => cim.PowerManagementService.RequestPowerStateChange(8),
  },
  'the boot order': {
    resource: 'CIM_BootConfigSetting',
    operation: {
      kind: 'Invoke',
      method: 'ChangeBootOrder',
      input: fields({ Source: { resource: 'CIM_BootSourceSetting', selectors: { InstanceID: 'Intel(r) AMT: Force PXE Boot' } } }),
    },
    theirs: () => cim.BootConfigSetting.ChangeBootOrder('Intel(r) AMT: Force PXE Boot'),
  },
  'no boot order': {
    resource: 'CIM_BootConfigSetting',
    operation: { kind: 'Invoke', method: 'ChangeBootOrder', input: undefined },
    theirs: () => cim.BootConfigSetting.ChangeBootOrder(),
  },
  'the role of a boot configuration': {
    resource: 'CIM_BootService',
    operation: {
      kind: 'Invoke',
      method: 'SetBootConfigRole',
      input: fields({ BootConfigSetting: { resource: 'CIM_BootConfigSetting', selectors: { InstanceID: 'Intel(r) AMT: Boot Configuration 0' } }, Role: 1 }),
    },
    theirs: () => cim.BootService.SetBootConfigRole('Intel(r) AMT: Boot Configuration 0', 1),
  },
  'an alarm, with fields of two other namespaces': {
    resource: 'AMT_AlarmClockService',
    operation: {
      kind: 'Invoke',
      method: 'AddAlarm',
      input: {
        fields: [
          {
            name: 'AlarmTemplate',
            value: {
              fields: [
                { name: 'InstanceID', namespace: ALARMS, value: 'wake' },
                { name: 'ElementName', namespace: ALARMS, value: 'Wake up' },
                { name: 'StartTime', namespace: ALARMS, value: { fields: [{ name: 'Datetime', namespace: COMMON, value: '2026-12-31T23:59:00Z' }] } },
                { name: 'Interval', namespace: ALARMS, value: { fields: [{ name: 'Interval', namespace: COMMON, value: 'P1DT2H3M' }] } },
                { name: 'DeleteOnCompletion', namespace: ALARMS, value: true },
              ],
            },
          },
        ],
      },
    },
    theirs: () =>
      amt.AlarmClockService.AddAlarm({ InstanceID: 'wake', ElementName: 'Wake up', StartTime: new Date('2026-12-31T23:59:00Z'), Interval: 1563, DeleteOnCompletion: true } as IPS.Models.AlarmClockOccurrence),
  },
};

/** They write the namespace of addressing for the address of a reference; ours is that of DSP0226 5.4.2. What it is does not matter to devices. */
function comparable(element: WsmanElement): WsmanElement {
  const isReference = element.children.some(({ name }) => name === 'ReferenceParameters');
  const children = element.children.map(comparable).map((child) => (isReference && child.name === 'Address' ? { ...child, text: 'address' } : child));
  return { ...element, children };
}

describe('the same as another builder makes', () => {
  test.each(Object.entries(PAIRS))('%s', (_name, { theirs, ...request }) => {
    const other = parseXml(theirs());
    const messageId = wordOf(childOf(childOf(other, 'Header'), 'MessageID')) ?? '';
    const ours = parseXml(writeRequest(request, messageId, (secret) => secret.reveal()));
    expect(comparable(ours)).toEqual(comparable(other));
  });
});

describe('where the other builder goes wrong', () => {
  test('values with characters that mean something to XML arrive as they are', () => {
    const selectors = { InstanceID: 'a & b <c> "d"' };
    expect(() => parseXml(ips.AlarmClockOccurrence.Delete({ name: 'InstanceID', value: selectors.InstanceID }))).toThrow('not XML');
    const ours = parseXml(writeRequest({ resource: 'IPS_AlarmClockOccurrence', operation: { kind: 'Delete' }, selectors }, '1', () => ''));
    const set = childOf(childOf(ours, 'Header'), 'SelectorSet');
    expect(set?.children).toMatchObject([{ name: 'Selector', attributes: { Name: 'InstanceID' }, text: selectors.InstanceID }]);
  });

  test('the address of a reference is the anonymous one', () => {
    const operation = PAIRS['the boot order']?.operation ?? { kind: 'Get' };
    const source = childOf(childOf(childOf(parseXml(writeRequest({ resource: 'CIM_BootConfigSetting', operation }, '1', () => '')), 'Body'), 'ChangeBootOrder_INPUT'), 'Source');
    expect(wordOf(childOf(source, 'Address'))).toBe('http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous');
    expect(source === undefined ? undefined : readReference(source)).toEqual({ resource: 'CIM_BootSourceSetting', selectors: { InstanceID: 'Intel(r) AMT: Force PXE Boot' } });
  });
});
