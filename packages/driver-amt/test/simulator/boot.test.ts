import { describe, expect, test } from 'vitest';
import { type AmtDevice, type AmtDeviceOptions, CONSENT_FOR, type Generation, startAmtDevice } from '../../src/simulator/index.js';
import { callDevice, type Caller, type Reply } from './support/caller.js';
import { reference } from './support/envelopes.js';

const CONFIG = reference('CIM_BootConfigSetting', { InstanceID: 'Intel(r) AMT: Boot Configuration 0' });
const sourceOf = (name: string): string => reference('CIM_BootSourceSetting', { InstanceID: `Intel(r) AMT: Force ${name}` });

const order = async (caller: Caller, source?: string, parameter = 'Source'): Promise<Reply> =>
  caller.invoke('CIM_BootConfigSetting', 'ChangeBootOrder', source === undefined ? {} : `<r:${parameter}>${sourceOf(source)}</r:${parameter}>`);
const role = async (caller: Caller, value: number, config = CONFIG): Promise<Reply> =>
  caller.invoke('CIM_BootService', 'SetBootConfigRole', `<r:BootConfigSetting>${config}</r:BootConfigSetting><r:Role>${value}</r:Role>`);

const IDENTITY = { ElementName: 'Intel(r) AMT Boot Configuration Settings', InstanceID: 'Intel(r) AMT:BootSettingData 0', OwningEntity: 'Intel(r) AMT' };
const put = async (caller: Caller, fields: Record<string, string | number | boolean>): Promise<Reply> => caller.put('AMT_BootSettingData', { ...IDENTITY, ...fields });

const isNext = async (caller: Caller): Promise<string | undefined> => (await caller.get('CIM_ElementSettingData')).text('IsNext');
const flag = async (caller: Caller, name: string): Promise<string | undefined> => (await caller.get('AMT_BootSettingData')).text(name);

/** Switches it on by its button and tells what it started from. */
function boot({ machine }: AmtDevice): string | undefined {
  machine.power.power.state.power = 'power off';
  machine.power.power.state.power = 'power on';
  return machine.boot.history.at(-1)?.target;
}

describe('a boot source', () => {
  test.each([
    ['PXE Boot', 'pxe'], ['Hard-drive Boot', 'disk'], ['CD/DVD Boot', 'cdrom'], ['OCR UEFI HTTPS Boot', 'uefihttp'], ['OCR UEFI Boot Option 1', 'recovery'],
  ])('%s is for one start', async (name, target) => {
    await using device = await startAmtDevice({ bootsFrom: 'diagnostic' });
    using caller = callDevice(device);
    expect((await order(caller, name)).text('ReturnValue')).toBe('0');
    expect((await role(caller, 1)).text('ReturnValue')).toBe('0');
    expect(await isNext(caller)).toBe('3');
    expect([boot(device), boot(device)]).toEqual([target, 'diagnostic']);
    expect(await isNext(caller)).toBe('2');
  });

  test('does nothing until the configuration is armed, and nothing after it was disarmed', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    await order(caller, 'PXE Boot');
    expect(boot(device)).toBe('disk');
    await role(caller, 1);
    await role(caller, 32_768);
    expect(boot(device)).toBe('disk');
    await role(caller, 1);
    expect(boot(device)).toBe('pxe');
  });

  test('is cleared by an order without one', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    await order(caller, 'PXE Boot');
    await role(caller, 1);
    expect((await order(caller)).text('ReturnValue')).toBe('0');
    expect(boot(device)).toBe('disk');
  });

  test('stays where it is on firmware that does not clear it', async () => {
    await using device = await startAmtDevice();
    device.machine.keepsBootSource = true;
    using caller = callDevice(device);
    await order(caller, 'PXE Boot');
    await role(caller, 1);
    boot(device);
    await role(caller, 1);
    expect(boot(device)).toBe('pxe');
  });

  test('that the device does not have, or no reference to one, is refused', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    expect((await order(caller, 'Floppy Boot')).text('ReturnValue')).toBe('4');
    expect((await caller.invoke('CIM_BootConfigSetting', 'ChangeBootOrder', '<r:Source>PXE</r:Source>')).text('ReturnValue')).toBe('4');
    expect((await role(caller, 1, sourceOf('PXE Boot'))).text('ReturnValue')).toBe('4');
    expect((await role(caller, 2)).text('ReturnValue')).toBe('1');
  });

  test('is spelled with a small letter up to 5, where a role cannot be taken back', async () => {
    await using device = await startAmtDevice({ generation: 5 });
    using caller = callDevice(device);
    expect((await order(caller, 'PXE Boot')).fault).toBe('SchemaValidationError');
    expect((await order(caller, 'PXE Boot', 'source')).text('ReturnValue')).toBe('0');
    expect((await role(caller, 32_768)).text('ReturnValue')).toBe('1');
    await role(caller, 1);
    expect(boot(device)).toBe('pxe');
  });

  test('is one of those that its generation has', async () => {
    const sources = async (options: AmtDeviceOptions): Promise<readonly string[]> => {
      await using device = await startAmtDevice(options);
      using caller = callDevice(device);
      return (await caller.enumerate('CIM_BootSourceSetting')).texts('InstanceID').map((id) => id.replace('Intel(r) AMT: Force ', ''));
    };
    expect(await sources({ generation: 6 })).toEqual(['Hard-drive Boot', 'PXE Boot', 'CD/DVD Boot', 'Diagnostic Boot']);
    expect(await sources({ generation: 11 })).toEqual(['Hard-drive Boot', 'PXE Boot', 'CD/DVD Boot']);
    expect(await sources({ generation: 16 })).toContain('OCR UEFI HTTPS Boot');
  });
});

test('the retired driver of Ironic gets its boot from the network: an order, a role, a start, the selectors with a prefix', async () => {
  await using device = await startAmtDevice();
  using caller = callDevice(device);
  const prefixed = (text: string): string => text.replaceAll(' Name=', ' w:Name=');
  expect((await caller.invoke('CIM_BootConfigSetting', 'ChangeBootOrder', `<r:Source>${prefixed(sourceOf('PXE Boot'))}</r:Source>`)).text('ReturnValue')).toBe('0');
  expect((await role(caller, 1, prefixed(CONFIG))).text('ReturnValue')).toBe('0');
  const system = prefixed(reference('CIM_ComputerSystem', { Name: 'ManagedSystem' }));
  const on = await caller.invoke('CIM_PowerManagementService', 'RequestPowerStateChange', `<r:PowerState>2</r:PowerState><r:ManagedElement>${system}</r:ManagedElement>`);
  expect([on.text('ReturnValue'), device.machine.boot.history.map(({ target }) => target)]).toEqual(['0', ['pxe']]);
});

describe('boot settings', () => {
  test('lead into the BIOS once, and are cleared by the start', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    const answer = await put(caller, { BIOSSetup: true, UserPasswordBypass: true });
    expect([answer.status, answer.text('BIOSSetup'), answer.text('OptionsCleared')]).toEqual([200, 'true', 'false']);
    await role(caller, 1);
    expect(boot(device)).toBe('bios');
    expect(device.machine.boot.history.at(-1)?.settings).toEqual({ BIOSSetup: 'true', UserPasswordBypass: 'true' });
    expect([await flag(caller, 'BIOSSetup'), await flag(caller, 'OptionsCleared')]).toEqual(['false', 'true']);
    expect(boot(device)).toBe('disk');
  });

  test.each(['BIOSLastStatus', 'BootguardStatus', 'OptionsCleared', 'SecureBootControlEnabled', 'UEFIHTTPSBootEnabled', 'UEFILocalPBABootEnabled', 'WinREBootEnabled'])(
    'are refused with %s, which is the firmware\'s alone', async (name) => {
      await using device = await startAmtDevice();
      using caller = callDevice(device);
      expect((await put(caller, { BIOSSetup: false, [name]: (await flag(caller, name)) ?? '' })).fault).toBe('InvalidRepresentation');
    },
  );

  test.each<[Generation, string]>([
    [15, 'PlatformErase'], [9, 'SecureErase'], [6, 'EnforceSecureBoot'],
  ])('of generation %i are refused with %s, which came later', async (generation, name) => {
    await using device = await startAmtDevice({ generation });
    using caller = callDevice(device);
    expect(await flag(caller, name)).toBeUndefined();
    expect((await put(caller, { [name]: false })).fault).toBe('InvalidRepresentation');
  });

  test('and a boot source exclude each other, whichever came first', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    await order(caller, 'PXE Boot');
    const refused = await put(caller, { BIOSSetup: true });
    expect([refused.fault, refused.text('FaultDetail')?.split('/').at(-1)]).toEqual(['InvalidRepresentation', 'InvalidValues']);
    await order(caller);
    expect((await put(caller, { UseSOL: true })).status).toBe(200);
    expect((await order(caller, 'PXE Boot')).text('ReturnValue')).toBe('5');
    await put(caller, { UseSOL: false });
    expect((await order(caller, 'PXE Boot')).text('ReturnValue')).toBe('0');
  });

  test('keep passwords and parameters to themselves', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    expect((await put(caller, { RSEPassword: 'secret', UefiBootParametersArray: 'hoABAAQ=', UefiBootNumberOfParams: 1 })).status).toBe(200);
    const { body } = await caller.get('AMT_BootSettingData');
    expect([body.includes('secret'), body.includes('hoABAAQ='), await flag(caller, 'UefiBootNumberOfParams')]).toEqual([false, false, '1']);
    await order(caller, 'OCR UEFI HTTPS Boot');
    await role(caller, 1);
    boot(device);
    expect(device.machine.boot.history.at(-1)?.settings['UefiBootParametersArray']).toBe('hoABAAQ=');
  });

  test('boot from a redirected drive', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    await put(caller, { UseIDER: true, IDERBootDevice: 1 });
    await role(caller, 1);
    expect(boot(device)).toBe('redirected');
  });
});

describe('without consent', () => {
  const refusals = async (caller: Caller): Promise<readonly (string | undefined)[]> => [
    (await order(caller, 'PXE Boot')).fault, (await role(caller, 1)).fault, (await put(caller, { BIOSSetup: false })).fault, (await order(caller)).fault,
  ];

  test.each<[string, AmtDeviceOptions]>([
    ['in client control mode', { controlMode: 'client' }],
    ['where it is asked for', { consentRequired: CONSENT_FOR.everything }],
  ])('%s boot options are refused; only clearing the order is not', async (_what, options) => {
    await using device = await startAmtDevice(options);
    using caller = callDevice(device);
    expect(await refusals(caller)).toEqual(['AccessDenied', 'AccessDenied', 'AccessDenied', undefined]);
    device.machine.consent.start();
    device.machine.consent.send(device.machine.consent.code ?? '');
    expect(await refusals(caller)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('a device before 7, or one that wants it for KVM alone, does not ask', async () => {
    for (const options of [{ generation: 6, consentRequired: CONSENT_FOR.everything }, { consentRequired: CONSENT_FOR.kvm }] as const) {
      await using device = await startAmtDevice(options);
      using caller = callDevice(device);
      expect(await refusals(caller)).toEqual([undefined, undefined, undefined, undefined]);
    }
  });
});
