import { defineClass, listOf, required } from './class-table.js';
import { OPERATIONAL_STATUSES } from './value-names.js';
import { base64, boolean, integer, named, secretText, text } from './value-readers.js';

// Source: Intel AMT Implementation and Reference Guide, "Boot Control" and the class reference of the classes named.

export const CIM_BootService = defineClass('CIM_BootService', {
  CreationClassName: text,
  ElementName: text,
  /** Not in words: from CSME 16 on bits above 32768 tell which boots are allowed. */
  EnabledState: integer,
  Name: text,
  OperationalStatus: listOf(named(OPERATIONAL_STATUSES)),
  RequestedState: integer,
  SystemCreationClassName: text,
  SystemName: text,
});

export const CIM_BootConfigSetting = defineClass('CIM_BootConfigSetting', { ElementName: text, InstanceID: required(text) });

/** CIM_BootSourceSetting.FailThroughSupported. */
export const FAIL_THROUGH_SUPPORT = { 0: 'unknown', 1: 'is supported', 2: 'not supported' } as const;

/** One thing that can be booted from. */
export const CIM_BootSourceSetting = defineClass('CIM_BootSourceSetting', {
  BIOSBootString: text,
  BootString: text,
  ElementName: text,
  FailThroughSupported: named(FAIL_THROUGH_SUPPORT),
  InstanceID: required(text),
  StructuredBootString: text,
});

/** What the firmware of the machine can be told about the next boot. */
export const AMT_BootCapabilities = defineClass('AMT_BootCapabilities', {
  AMTSecureBootControl: boolean,
  BIOSPause: boolean,
  BIOSReflash: boolean,
  BIOSSecureBoot: boolean,
  BIOSSetup: boolean,
  ConfigurationDataReset: boolean,
  ElementName: text,
  ForceCDorDVDBoot: boolean,
  ForceDiagnosticBoot: boolean,
  ForceHardDriveBoot: boolean,
  ForceHardDriveSafeModeBoot: boolean,
  ForcePXEBoot: boolean,
  ForceUEFIHTTPSBoot: boolean,
  ForceUEFILocalPBABoot: boolean,
  /** The same as ForceUEFILocalPBABoot, as some firmware writes it. */
  ForceUEFIPBABoot: boolean,
  ForceWinREBoot: boolean,
  ForcedProgressEvents: boolean,
  IDER: boolean,
  InstanceID: text,
  KeyboardLock: boolean,
  /** Bits of what Remote Platform Erase can do; 0: nothing. */
  PlatformErase: integer,
  PowerButtonLock: boolean,
  ResetButtonLock: boolean,
  SOL: boolean,
  SecureErase: boolean,
  SleepButtonLock: boolean,
  UEFIWiFiCoExistenceAndProfileShare: boolean,
  UserPasswordBypass: boolean,
  VerbosityQuiet: boolean,
  VerbosityScreenBlank: boolean,
  VerbosityVerbose: boolean,
});

/** AMT_BootSettingData.FirmwareVerbosity. */
export const FIRMWARE_VERBOSITIES = { 0: 'system default', 1: 'quiet', 2: 'verbose', 3: 'screen blank' } as const;

/** AMT_BootSettingData.IDERBootDevice. */
export const IDER_BOOT_DEVICES = { 0: 'floppy', 1: 'cd' } as const;

/** The flags of the next boot. */
export const AMT_BootSettingData = defineClass('AMT_BootSettingData', {
  BIOSLastStatus: listOf(integer),
  BIOSPause: boolean,
  BIOSSetup: boolean,
  BootMediaIndex: integer,
  BootguardStatus: integer,
  ConfigurationDataReset: boolean,
  ElementName: text,
  EnforceSecureBoot: boolean,
  FirmwareVerbosity: named(FIRMWARE_VERBOSITIES),
  ForcedProgressEvents: boolean,
  IDERBootDevice: named(IDER_BOOT_DEVICES),
  InstanceID: required(text),
  LockKeyboard: boolean,
  LockPowerButton: boolean,
  LockResetButton: boolean,
  LockSleepButton: boolean,
  OptionsCleared: boolean,
  OwningEntity: text,
  PlatformErase: boolean,
  RPEEnabled: boolean,
  RSEPassword: secretText,
  ReflashBIOS: boolean,
  SecureBootControlEnabled: boolean,
  SecureErase: boolean,
  UEFIHTTPSBootEnabled: boolean,
  UEFILocalPBABootEnabled: boolean,
  UefiBootNumberOfParams: integer,
  UefiBootParametersArray: base64,
  UseIDER: boolean,
  UseSOL: boolean,
  UseSafeMode: boolean,
  UserPasswordBypass: boolean,
  WinREBootEnabled: boolean,
});
