import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { element, PLAIN_SETTINGS } from '../../../test/fake-amt.js';
import type { WsmanElement } from '../wsman/wsman.js';
import { notTaken, planBootSettings } from './boot-settings.js';
import { httpsBootParameters } from './uefi-parameters.js';

const SETTINGS = 'AMT_BootSettingData';

/** The recorded settings of a device, read line by line: what is tested here must not depend on the reader of XML. */
function recorded(): WsmanElement {
  const xml = readFileSync(new URL('../../../test/fixtures/recorded/amt/boot/settingdata/get.xml', import.meta.url), 'utf8');
  const fields = [...xml.matchAll(/<g:(\w+)>([^<]*)<\/g:\w+>/g)].map(([, name = '', text = '']) => [name, text] as const);
  const namespace = 'http://intel.com/wbem/wscim/1/amt-schema/1/AMT_BootSettingData';
  return {
    name: SETTINGS, namespace, attributes: {}, text: '',
    children: fields.map(([name, text]) => ({ name, namespace, attributes: {}, text, children: [] })),
  };
}

const sent = (instance: WsmanElement, wanted: Parameters<typeof planBootSettings>[1]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(planBootSettings(instance, wanted).fields.fields.map(({ name, value }) => [name, value]));

describe('a Put of the boot settings', () => {
  test('has the fields that the device returned, in their order, without those that can only be read', () => {
    expect(planBootSettings(recorded(), { flags: {} }).fields.fields.map(({ name }) => name)).toEqual([
      'BIOSPause', 'BIOSSetup', 'BootMediaIndex', 'ConfigurationDataReset', 'ElementName', 'EnforceSecureBoot', 'FirmwareVerbosity', 'ForcedProgressEvents',
      'IDERBootDevice', 'InstanceID', 'LockKeyboard', 'LockPowerButton', 'LockResetButton', 'LockSleepButton', 'OwningEntity', 'PlatformErase', 'ReflashBIOS',
      'SecureErase', 'UefiBootNumberOfParams', 'UseIDER', 'UseSOL', 'UseSafeMode', 'UserPasswordBypass',
    ]);
  });

  test('has no field that older firmware does not know', () => {
    const { EnforceSecureBoot: _enforce, PlatformErase: _erase, UefiBootNumberOfParams: _count, ...older } = PLAIN_SETTINGS;
    const fields = sent(element(SETTINGS, older), { flags: { BIOSSetup: true } });
    for (const name of ['EnforceSecureBoot', 'PlatformErase', 'UefiBootNumberOfParams', 'RSEPassword']) expect(fields).not.toHaveProperty(name);
    expect(fields).toMatchObject({ BIOSSetup: true, InstanceID: 'Intel(r) AMT:BootSettingData 0' });
  });

  test('keeps secure boot and fields of newer firmware as they are', () => {
    for (const EnforceSecureBoot of [true, false]) {
      const fields = sent(element(SETTINGS, { ...PLAIN_SETTINGS, EnforceSecureBoot, FutureField: 'x' }), { flags: {} });
      expect(fields).toMatchObject({ EnforceSecureBoot: String(EnforceSecureBoot), FutureField: 'x' });
    }
  });

  test('takes back every flag that an earlier console left', () => {
    const left = {
      ...PLAIN_SETTINGS, BIOSPause: true, BIOSSetup: true, BootMediaIndex: 2, ConfigurationDataReset: true, FirmwareVerbosity: 2, ForcedProgressEvents: true,
      IDERBootDevice: 1, LockKeyboard: true, LockPowerButton: true, LockResetButton: true, LockSleepButton: true, PlatformErase: true, ReflashBIOS: true,
      SecureErase: true, UefiBootNumberOfParams: 3, UseIDER: true, UseSOL: true, UseSafeMode: true, UserPasswordBypass: true,
    };
    const { changed, fields } = planBootSettings(element(SETTINGS, left), { flags: {} });
    expect(changed).toEqual([
      'BIOSPause', 'BIOSSetup', 'BootMediaIndex', 'ConfigurationDataReset', 'FirmwareVerbosity', 'ForcedProgressEvents', 'IDERBootDevice', 'LockKeyboard',
      'LockPowerButton', 'LockResetButton', 'LockSleepButton', 'PlatformErase', 'ReflashBIOS', 'SecureErase', 'UefiBootNumberOfParams', 'UseIDER', 'UseSOL',
      'UseSafeMode', 'UserPasswordBypass',
    ]);
    for (const { name, value } of fields.fields) if (changed.includes(name)) expect([false, 0]).toContain(value);
  });

  test('changes nothing where everything is plain', () => {
    expect(planBootSettings(recorded(), { flags: {} }).changed).toEqual([]);
    expect(planBootSettings(element(SETTINGS, { ...PLAIN_SETTINGS, UseSOL: '0', BIOSSetup: ' false ' }), { flags: {} }).changed).toEqual([]);
  });

  test('sets the flag that is wanted, and no other', () => {
    expect(planBootSettings(recorded(), { flags: { BIOSSetup: true } }).changed).toEqual(['BIOSSetup']);
    expect(sent(recorded(), { flags: { BIOSSetup: true } })).toMatchObject({ BIOSSetup: true, BIOSPause: false, UseSOL: false });
  });

  test('is refused where the device does not have the flag', () => {
    const { BIOSSetup: _setup, ...without } = PLAIN_SETTINGS;
    expect(() => planBootSettings(element(SETTINGS, without), { flags: { BIOSSetup: true } })).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });

  test('has the parameters of a UEFI boot right behind their number, also where the device returned none', () => {
    const uefiParameters = httpsBootParameters('https://boot.example/a.efi');
    for (const instance of [recorded(), element(SETTINGS, { ...PLAIN_SETTINGS, UefiBootParametersArray: 'b2xk' })]) {
      const { changed, fields } = planBootSettings(instance, { flags: {}, uefiParameters });
      expect(changed).toEqual(['UefiBootNumberOfParams', 'UefiBootParametersArray']);
      const names = fields.fields.map(({ name }) => name);
      expect(names.filter((name) => name.startsWith('Uefi'))).toEqual(['UefiBootNumberOfParams', 'UefiBootParametersArray']);
      expect(names.indexOf('UefiBootParametersArray')).toBe(names.indexOf('UefiBootNumberOfParams') + 1);
      expect(sent(instance, { flags: {}, uefiParameters })).toMatchObject({ UefiBootNumberOfParams: 2, UefiBootParametersArray: uefiParameters.packed });
    }
  });
});

test('a flag that the device did not take is found in its answer', () => {
  expect(notTaken(element(SETTINGS, PLAIN_SETTINGS), { flags: { BIOSSetup: true } })).toEqual(['BIOSSetup']);
  expect(notTaken(element(SETTINGS, { ...PLAIN_SETTINGS, BIOSSetup: '1' }), { flags: { BIOSSetup: true } })).toEqual([]);
  expect(notTaken(element(SETTINGS, {}), { flags: { BIOSSetup: true } })).toEqual([]);
});
