import { describe, expect, test } from 'vitest';
import { type AmtDeviceOptions, POWER_STATE, startAmtDevice } from '../../src/simulator/index.js';
import { type MeshAnswer, openMeshCentral } from './support/meshcentral.js';

// MeshCentral, which manages real AMT machines, drives the simulated one by its own modules, over HTTP and over TLS.

const source = (name: string): string =>
  '<Address xmlns="http://schemas.xmlsoap.org/ws/2004/08/addressing">http://schemas.xmlsoap.org/ws/2004/08/addressing</Address>' +
  '<ReferenceParameters xmlns="http://schemas.xmlsoap.org/ws/2004/08/addressing"><ResourceURI xmlns="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd">' +
  'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_BootSourceSetting</ResourceURI><SelectorSet xmlns="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd">' +
  `<Selector Name="InstanceID">Intel(r) AMT: Force ${name}</Selector></SelectorSet></ReferenceParameters>`;

/** What consoles take out of the settings that they read before they put them back. */
const READ_ONLY = [
  'WinREBootEnabled', 'UEFILocalPBABootEnabled', 'UEFIHTTPSBootEnabled', 'SecureBootControlEnabled', 'BootguardStatus', 'OptionsCleared', 'BIOSLastStatus',
  'UefiBootParametersArray', 'RPEEnabled', 'RSEPassword',
];

describe.each<[string, boolean, AmtDeviceOptions]>([
  ['over HTTP, AMT 12', false, { generation: 12 }],
  ['over HTTP, AMT 15 with auth-int', false, { generation: 15, qop: 'auth-int, auth' }],
  ['over TLS, AMT 12', true, { generation: 12, protocols: 'https' }],
  ['over TLS, AMT 16', true, { generation: 16 }],
])('MeshCentral %s', (_how, isSecure, options) => {
  test('reads and changes the power state', async () => {
    await using device = await startAmtDevice(options);
    using mesh = await openMeshCentral(device, isSecure);
    const state = async (): Promise<unknown> => (await mesh.run((stack, sink) => stack.Get('CIM_AssociatedPowerManagementService', sink))).Body['PowerState'];
    const request = async (wanted: number): Promise<unknown> => (await mesh.run((stack, sink) => stack.RequestPowerStateChange(wanted, sink))).Body['ReturnValue'];
    expect(await state()).toBe(8);
    for (const [wanted, reached] of [[2, 2], [4, 4], [2, 2], [10, 2], [5, 2], [7, 7], [2, 2], [8, 8]]) {
      expect([wanted, await request(wanted ?? 0), await state()]).toEqual([wanted, 0, reached]);
    }
    expect(await request(10)).toBe(2);
    expect(mesh.stack.wsman.comm.digestRealm).toBe(device.machine.identity.realm);
    expect(mesh.stack.wsman.comm.amtVersion).toMatch(new RegExp(`^${device.generation}\\.`));
    expect(device.activity).toMatchObject({ mostConcurrentExchanges: 1, refusedProofs: 0 });
  });

  test('wakes the system from connected standby', async () => {
    await using device = await startAmtDevice(options);
    Object.assign(device.machine.power, { state: POWER_STATE.on });
    device.machine.power.behaviour.hasConnectedStandby = true;
    device.machine.power.inStandby = true;
    using mesh = await openMeshCentral(device, isSecure);
    const saving = async (): Promise<unknown> => (await mesh.run((stack, sink) => stack.Get('IPS_PowerManagementService', sink))).Body['OSPowerSavingState'];
    expect(await saving()).toBe(3);
    expect((await mesh.run((stack, sink) => stack.RequestOSPowerStateChange(2, sink))).Body['ReturnValue']).toBe(0);
    expect(await saving()).toBe(2);
  });

  test('puts boot settings and orders one boot from the network, then one into the BIOS', async () => {
    await using device = await startAmtDevice(options);
    using mesh = await openMeshCentral(device, isSecure);
    const prepare = async (changes: Record<string, unknown>, from: string | null): Promise<MeshAnswer> => {
      await mesh.run((stack, sink) => stack.CIM_BootConfigSetting_ChangeBootOrder(null, sink));
      const { Body: settings } = await mesh.run((stack, sink) => stack.Get('AMT_BootSettingData', sink));
      for (const name of READ_ONLY) delete settings[name];
      const put = await mesh.run((stack, sink) => stack.Put('AMT_BootSettingData', { ...settings, ...changes }, sink));
      expect((await mesh.run((stack, sink) => stack.SetBootConfigRole(1, sink))).Body['ReturnValue']).toBe(0);
      expect((await mesh.run((stack, sink) => stack.CIM_BootConfigSetting_ChangeBootOrder(from, sink))).Body['ReturnValue']).toBe(0);
      return put;
    };
    await prepare({ UseSOL: false, BIOSSetup: false }, source('PXE Boot'));
    await mesh.run((stack, sink) => stack.RequestPowerStateChange(2, sink));
    expect((await prepare({ BIOSSetup: true, LockKeyboard: true }, null)).Body['BIOSSetup']).toBe(true);
    await mesh.run((stack, sink) => stack.RequestPowerStateChange(10, sink));
    await mesh.run((stack, sink) => stack.RequestPowerStateChange(10, sink));
    expect(device.machine.boot.history.map(({ target, settings }) => [target, settings])).toEqual([
      ['pxe', {}], ['bios', { BIOSSetup: 'true', LockKeyboard: 'true' }], ['disk', {}],
    ]);
  });

  test('takes stock of the hardware in one batch', async () => {
    await using device = await startAmtDevice(options);
    using mesh = await openMeshCentral(device, isSecure);
    const results = await mesh.batch([
      '*CIM_ComputerSystemPackage', 'CIM_SystemPackaging', '*CIM_Chassis', 'CIM_Chip', '*CIM_Card', '*CIM_BIOSElement', 'CIM_Processor', 'CIM_PhysicalMemory',
      'CIM_MediaAccessDevice', 'CIM_PhysicalPackage', 'CIM_SoftwareIdentity', 'AMT_EthernetPortSettings', 'IPS_AlarmClockOccurrence', '*AMT_GeneralSettings',
    ]);
    expect(Object.values(results).map(({ status }) => status)).toEqual(Array.from({ length: 14 }, () => 200));
    const list = (name: string): readonly Record<string, unknown>[] => results[name]?.responses as readonly Record<string, unknown>[];
    const one = (name: string): Record<string, unknown> => (results[name]?.responses as MeshAnswer | undefined)?.Body ?? {};
    expect(one('CIM_ComputerSystemPackage')['PlatformGUID']).toBe(device.machine.identity.platformGuid);
    expect(one('CIM_Chassis')['SerialNumber']).toBe(device.machine.identity.serialNumber);
    expect(list('CIM_PhysicalMemory').map(({ Capacity, BankLabel }) => [Capacity, BankLabel])).toEqual([[17_179_869_184, 'BANK 0'], [17_179_869_184, 'BANK 2']]);
    expect(list('CIM_MediaAccessDevice').map(({ MaxMediaSize }) => MaxMediaSize)).toEqual([960_197_124, 500_107_862]);
    expect(list('CIM_SoftwareIdentity')).toHaveLength(11);
    expect(list('AMT_EthernetPortSettings')[0]?.['MACAddress']).toBe(device.machine.identity.macAddress.replaceAll(':', '-'));
    expect(list('CIM_PhysicalPackage')).toHaveLength(2);
    expect(one('AMT_GeneralSettings')['HostName']).toBe(device.name);
  });

  test('reads both logs, in pages', async () => {
    const audit = {
      application: 16, event: 5, initiator: { kind: 0, name: 'admin' }, time: 1_704_511_587, locationType: 0, address: '192.0.2.1', extended: Uint8Array.of(0),
    } as const;
    await using device = await startAmtDevice({ ...options, audits: Array.from({ length: 23 }, () => audit) });
    using mesh = await openMeshCentral(device, isSecure);
    const events = await mesh.events();
    expect(events.map(({ EventSensorType, Desc }) => [EventSensorType, Desc])).toEqual([
      [6, 'Authentication failed 10 times. The system may be under attack.'], [15, 'PCI resource configuration'], [15, 'PCI resource configuration'],
    ]);
    const audits = await mesh.audits();
    expect([audits.length, audits[22]?.AuditApp, audits[22]?.Event, audits[22]?.Initiator]).toEqual([23, 'Security Admin', 'ACL Access with Invalid Credentials', 'admin']);
  });
});

test('MeshCentral sets, lists and deletes an alarm, and gives up on a wrong password after its second 401', async () => {
  await using device = await startAmtDevice();
  using mesh = await openMeshCentral(device, false);
  const alarm = {
    InstanceID: 'wake', ElementName: 'wake up', StartTime: { Datetime: '2090-01-01T06:00:00Z' }, Interval: { Datetime: 'P1DT0H0M' }, DeleteOnCompletion: false,
  };
  expect((await mesh.run((stack, sink) => stack.AMT_AlarmClockService_AddAlarm(alarm, sink))).Body['ReturnValue']).toBe(0);
  expect([...device.machine.clock.alarms.values()]).toMatchObject([{ instanceId: 'wake', elementName: 'wake up', intervalMinutes: 1440, deleteOnCompletion: false }]);
  await mesh.run((stack, sink) => stack.Delete('IPS_AlarmClockOccurrence', { InstanceID: 'wake' }, sink));
  expect(device.machine.clock.alarms.size).toBe(0);
  using wrong = await openMeshCentral(device, false, 'wrong');
  await expect(wrong.run((stack, sink) => stack.Get('CIM_Chassis', sink))).rejects.toThrow('CIM_Chassis: 401');
  expect(device.activity.refusedProofs).toBe(2);
});
