import { AMT, CIM, IPS } from '@device-management-toolkit/wsman-messages';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { type AmtDeviceOptions, startAmtDevice } from '../../src/simulator/index.js';
import { createDigestClient } from './support/digest-client.js';

// The messages that Intel's own toolkit builds, sent by a client of HTTP Digest written for this test.

const amt = new AMT.Messages();
const cim = new CIM.Messages();
const ips = new IPS.Messages();
const parser = new XMLParser({ removeNSPrefix: true, parseTagValue: false });

type Tree = Readonly<Record<string, unknown>>;

/** What is inside the body of an answer. */
const bodyOf = (document: string): Tree => {
  const { Envelope } = parser.parse(document) as { Envelope: { Body: Tree } };
  return Envelope.Body;
};
const inner = (body: Tree, ...names: readonly string[]): unknown => names.reduce<unknown>((tree, name) => (tree as Tree | undefined)?.[name], body);

describe.each<[string, AmtDeviceOptions]>([['over HTTP', { generation: 15 }], ['over TLS', { generation: 16 }]])('wsman-messages %s', (_how, options) => {
  test('power', async () => {
    await using device = await startAmtDevice(options);
    const send = createDigestClient(device);
    const change = async (state: 2 | 8 | 10): Promise<unknown> =>
      inner(bodyOf(await send(cim.PowerManagementService.RequestPowerStateChange(state))), 'RequestPowerStateChange_OUTPUT', 'ReturnValue');
    const state = async (): Promise<unknown> => {
      const context = inner(bodyOf(await send(cim.ServiceAvailableToElement.Enumerate())), 'EnumerateResponse', 'EnumerationContext') as string;
      return inner(bodyOf(await send(cim.ServiceAvailableToElement.Pull(context))), 'PullResponse', 'Items', 'CIM_AssociatedPowerManagementService', 'PowerState');
    };
    expect([await state(), await change(2), await state(), await change(10), await change(8), await state(), await change(10)]).toEqual(['8', '0', '2', '0', '0', '8', '2']);
    expect(inner(bodyOf(await send(ips.PowerManagementService.RequestOSPowerSavingStateChange(2))), 'RequestOSPowerSavingStateChange_OUTPUT', 'ReturnValue')).toBe('2');
  });

  test('one boot from the network', async () => {
    await using device = await startAmtDevice(options);
    const send = createDigestClient(device);
    await send(cim.BootConfigSetting.ChangeBootOrder());
    const settings = inner(bodyOf(await send(amt.BootSettingData.Get())), 'AMT_BootSettingData') as Record<string, never>;
    expect(settings['BIOSLastStatus']).toEqual(['2', '0']);
    const kept = Object.fromEntries(Object.entries(settings).filter(([name]) => ![
      'BIOSLastStatus', 'BootguardStatus', 'OptionsCleared', 'RPEEnabled', 'SecureBootControlEnabled', 'UEFIHTTPSBootEnabled', 'UEFILocalPBABootEnabled', 'WinREBootEnabled',
    ].includes(name))) as unknown as Parameters<typeof amt.BootSettingData.Put>[0];
    expect(inner(bodyOf(await send(amt.BootSettingData.Put({ ...kept, UserPasswordBypass: true }))), 'AMT_BootSettingData', 'UserPasswordBypass')).toBe('true');
    expect(inner(bodyOf(await send(cim.BootService.SetBootConfigRole('Intel(r) AMT: Boot Configuration 0', 1))), 'SetBootConfigRole_OUTPUT', 'ReturnValue')).toBe('0');
    expect(inner(bodyOf(await send(cim.BootConfigSetting.ChangeBootOrder('Intel(r) AMT: Force PXE Boot'))), 'ChangeBootOrder_OUTPUT', 'ReturnValue')).toBe('0');
    await send(cim.PowerManagementService.RequestPowerStateChange(2));
    expect(device.machine.boot.history).toMatchObject([{ target: 'pxe', settings: { UserPasswordBypass: 'true' } }]);
  });

  test('inventory, settings and logs', async () => {
    await using device = await startAmtDevice(options);
    const send = createDigestClient(device);
    const names = [
      ['CIM_BIOSElement', cim.BIOSElement.Get()], ['CIM_Card', cim.Card.Get()], ['CIM_Chassis', cim.Chassis.Get()], ['CIM_Chip', cim.Chip.Get()],
      ['CIM_ComputerSystemPackage', cim.ComputerSystemPackage.Get()], ['CIM_Processor', cim.Processor.Get()], ['CIM_KVMRedirectionSAP', cim.KVMRedirectionSAP.Get()],
      ['AMT_GeneralSettings', amt.GeneralSettings.Get()], ['AMT_BootCapabilities', amt.BootCapabilities.Get()], ['AMT_RedirectionService', amt.RedirectionService.Get()],
      ['AMT_SetupAndConfigurationService', amt.SetupAndConfigurationService.Get()], ['AMT_EnvironmentDetectionSettingData', amt.EnvironmentDetectionSettingData.Get()],
      ['AMT_UserInitiatedConnectionService', amt.UserInitiatedConnectionService.Get()], ['IPS_OptInService', ips.OptInService.Get()],
      ['AMT_TLSSettingData', amt.TLSSettingData.Get({ name: 'InstanceID', value: 'Intel(r) AMT 802.3 TLS Settings' })],
    ] as const;
    for (const [name, document] of names) expect([name, Object.keys(bodyOf(await send(document)))]).toEqual([name, [name]]);
    const position = inner(bodyOf(await send(amt.MessageLog.PositionToFirstRecord())), 'PositionToFirstRecord_OUTPUT', 'IterationIdentifier');
    const records = inner(bodyOf(await send(amt.MessageLog.GetRecords(Number(position)))), 'GetRecords_OUTPUT', 'RecordArray') as readonly string[];
    expect(records.map((record) => Buffer.from(record, 'base64').length)).toEqual([21, 21, 21]);
    expect(inner(bodyOf(await send(amt.AuditLog.ReadRecords(1))), 'ReadRecords_OUTPUT', 'RecordsReturned')).toBe('2');
    expect(Number(inner(bodyOf(await send(amt.TimeSynchronizationService.GetLowAccuracyTimeSynch())), 'GetLowAccuracyTimeSynch_OUTPUT', 'Ta0'))).toBe(device.machine.seconds());
  });

  test('settings of TLS and of redirection, put and read', async () => {
    await using device = await startAmtDevice(options);
    const send = createDigestClient(device);
    const put = amt.TLSSettingData.Put({
      ElementName: 'Intel(r) AMT 802.3 TLS Settings', InstanceID: 'Intel(r) AMT 802.3 TLS Settings', MutualAuthentication: true, Enabled: true,
      AcceptNonSecureConnections: false,
    } as Parameters<typeof amt.TLSSettingData.Put>[0]);
    expect(inner(bodyOf(await send(put)), 'AMT_TLSSettingData', 'MutualAuthentication')).toBe('true');
    expect(inner(bodyOf(await send(amt.SetupAndConfigurationService.CommitChanges())), 'CommitChanges_OUTPUT', 'ReturnValue')).toBe('0');
    expect(inner(bodyOf(await send(amt.RedirectionService.RequestStateChange(32_769))), 'RequestStateChange_OUTPUT', 'ReturnValue')).toBe('0');
    expect(inner(bodyOf(await send(amt.RedirectionService.Get())), 'AMT_RedirectionService', 'EnabledState')).toBe('32769');
  });

  test('consent: started, read out by the person at the machine, sent', async () => {
    const codes: string[] = [];
    await using device = await startAmtDevice({ ...options, controlMode: 'client', onConsentCode: (code) => codes.push(code) });
    const send = createDigestClient(device);
    await expect(send(cim.BootConfigSetting.ChangeBootOrder('Intel(r) AMT: Force PXE Boot'))).rejects.toThrow(/^400: .*e:AccessDenied/);
    expect(inner(bodyOf(await send(ips.OptInService.StartOptIn())), 'StartOptIn_OUTPUT', 'ReturnValue')).toBe('0');
    // The toolkit takes the code as a number, which loses zeros in front: another code, then.
    const { consent } = device.machine;
    while (codes.at(-1)?.startsWith('0') === true) {
      consent.cancel();
      consent.start();
    }
    expect(inner(bodyOf(await send(ips.OptInService.SendOptInCode(Number(codes.at(-1))))), 'SendOptInCode_OUTPUT', 'ReturnValue')).toBe('0');
    expect(inner(bodyOf(await send(cim.BootConfigSetting.ChangeBootOrder('Intel(r) AMT: Force PXE Boot'))), 'ChangeBootOrder_OUTPUT', 'ReturnValue')).toBe('0');
  });
});
