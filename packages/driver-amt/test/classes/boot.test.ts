import { expect, test } from 'vitest';
import {
  AMT_BootCapabilities, AMT_BootSettingData, CIM_BootConfigSetting, CIM_BootService, CIM_BootSourceSetting,
} from '../../src/client/classes/boot-classes.js';
import { readReturnValue } from '../../src/client/classes/return-value.js';
import { expectContext, expectInstance, expectItems, fixtureElement } from './fixtures.js';

test('what the next boot can be told', () => {
  expectInstance('recorded/amt/boot/capabilities/get.xml', AMT_BootCapabilities, {
    BIOSPause: false,
    BIOSReflash: true,
    BIOSSecureBoot: true,
    BIOSSetup: true,
    ConfigurationDataReset: false,
    ElementName: 'Intel(r) AMT: Boot Capabilities',
    ForceCDorDVDBoot: true,
    ForceDiagnosticBoot: false,
    ForceHardDriveBoot: true,
    ForceHardDriveSafeModeBoot: false,
    ForcePXEBoot: true,
    ForcedProgressEvents: true,
    IDER: true,
    InstanceID: 'Intel(r) AMT:BootCapabilities 0',
    KeyboardLock: true,
    PowerButtonLock: false,
    ResetButtonLock: false,
    SOL: true,
    SecureErase: false,
    SleepButtonLock: false,
    UserPasswordBypass: true,
    VerbosityQuiet: false,
    VerbosityScreenBlank: false,
    VerbosityVerbose: false,
  });
});

const bootSettings = {
  BIOSLastStatus: [2, 0],
  BIOSPause: false,
  BIOSSetup: false,
  BootMediaIndex: 0,
  BootguardStatus: 127,
  ConfigurationDataReset: false,
  ElementName: 'Intel(r) AMT Boot Configuration Settings',
  EnforceSecureBoot: false,
  FirmwareVerbosity: 'system default',
  ForcedProgressEvents: false,
  IDERBootDevice: 'floppy',
  InstanceID: 'Intel(r) AMT:BootSettingData 0',
  LockKeyboard: false,
  LockPowerButton: false,
  LockResetButton: false,
  LockSleepButton: false,
  OptionsCleared: true,
  OwningEntity: 'Intel(r) AMT',
  PlatformErase: false,
  RPEEnabled: true,
  RSEPassword: { secret: '' },
  ReflashBIOS: false,
  SecureBootControlEnabled: true,
  SecureErase: false,
  UEFIHTTPSBootEnabled: true,
  UEFILocalPBABootEnabled: true,
  UefiBootNumberOfParams: 0,
  UseIDER: false,
  UseSOL: false,
  UseSafeMode: false,
  UserPasswordBypass: false,
  WinREBootEnabled: true,
};

test('the flags of the next boot', () => {
  expectInstance('recorded/amt/boot/settingdata/get.xml', AMT_BootSettingData, bootSettings);
  expectContext('recorded/amt/boot/settingdata/enumerate.xml', 'DD070000-0000-0000-0000-000000000000');
  expectItems('recorded/amt/boot/settingdata/pull.xml', AMT_BootSettingData, [bootSettings]);
});

const source = { ElementName: 'Intel(r) AMT: Boot Source', FailThroughSupported: 'not supported' };
const disk = { ...source, InstanceID: 'Intel(r) AMT: Force Hard-drive Boot', StructuredBootString: 'CIM:Hard-Disk:1' };

test('what can be booted from', () => {
  expectContext('edited/cim/boot/sourcesetting/enumerate.xml', '14000000-0000-0000-0000-000000000000');
  expectItems('edited/cim/boot/sourcesetting/pull.xml', CIM_BootSourceSetting, [
    disk,
    { ...source, InstanceID: 'Intel(r) AMT: Force PXE Boot', StructuredBootString: 'CIM:Network:1' },
    { ...source, InstanceID: 'Intel(r) AMT: Force CD/DVD Boot', StructuredBootString: 'CIM:CD/DVD:1' },
  ]);
  expectInstance('edited/cim/boot/sourcesetting/get.xml', CIM_BootSourceSetting, disk);
});

test('the configuration that the sources belong to', () => {
  expectInstance('edited/cim/boot/configsetting/get.xml', CIM_BootConfigSetting, {
    ElementName: 'Intel(r) AMT: Boot Configuration',
    InstanceID: 'Intel(r) AMT: Boot Configuration 0',
  });
  expect(readReturnValue('ChangeBootOrder', fixtureElement('edited/cim/boot/configsetting/changebootorder.xml'))).toBe(0);
});

test('the service that arms it', () => {
  expectInstance('edited/cim/boot/service/get.xml', CIM_BootService, {
    CreationClassName: 'CIM_BootService',
    ElementName: 'Intel(r) AMT Boot Service',
    EnabledState: 2,
    Name: 'Intel(r) AMT Boot Service',
    OperationalStatus: ['unknown'],
    RequestedState: 12,
    SystemCreationClassName: 'CIM_ComputerSystem',
    SystemName: 'Intel(r) AMT',
  });
  expect(readReturnValue('SetBootConfigRole', fixtureElement('edited/cim/boot/service/setbootconfigrole.xml'))).toBe(0);
  expect(readReturnValue('RequestStateChange', fixtureElement('recorded/cim/boot/service/requeststatechange.xml'))).toBe(0);
});
