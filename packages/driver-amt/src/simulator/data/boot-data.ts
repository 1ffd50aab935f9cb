import { type Era, existsIn, type Generation } from '../generations.js';
import type { Fields, Value } from '../soap/value.js';

/** A field of an instance, and in which generations there is one. */
export interface EraField extends Era {
  readonly name: string;
  readonly value: Value;
}

/**
 * AMT_BootCapabilities as recorded. SecureErase came with 11.0, PlatformErase with 16.0. Source: Intel AMT Implementation and Reference Guide,
 * AMT_BootCapabilities.
 */
const CAPABILITIES: readonly EraField[] = [
  { name: 'BIOSPause', value: false },
  { name: 'BIOSReflash', value: true },
  { name: 'BIOSSecureBoot', value: true, since: 9 },
  { name: 'BIOSSetup', value: true },
  { name: 'ConfigurationDataReset', value: false },
  { name: 'ElementName', value: 'Intel(r) AMT: Boot Capabilities' },
  { name: 'ForceCDorDVDBoot', value: true },
  { name: 'ForceDiagnosticBoot', value: true, until: 6 },
  { name: 'ForceDiagnosticBoot', value: false, since: 9 },
  { name: 'ForceHardDriveBoot', value: true },
  { name: 'ForceHardDriveSafeModeBoot', value: false },
  { name: 'ForcePXEBoot', value: true },
  { name: 'ForceUEFIHTTPSBoot', value: true, since: 15 },
  { name: 'ForceUEFILocalPBABoot', value: true, since: 15 },
  { name: 'ForceWinREBoot', value: true, since: 15 },
  { name: 'ForcedProgressEvents', value: true },
  { name: 'IDER', value: true },
  { name: 'InstanceID', value: 'Intel(r) AMT:BootCapabilities 0' },
  { name: 'KeyboardLock', value: true },
  { name: 'PlatformErase', value: 0, since: 16 },
  { name: 'PowerButtonLock', value: false },
  { name: 'ResetButtonLock', value: false },
  { name: 'SOL', value: true },
  { name: 'SecureErase', value: false, since: 11 },
  { name: 'SleepButtonLock', value: false },
  { name: 'UserPasswordBypass', value: true },
  { name: 'VerbosityQuiet', value: false },
  { name: 'VerbosityScreenBlank', value: false },
  { name: 'VerbosityVerbose', value: false },
];

/** AMT_BootSettingData at rest, as recorded. Which generation brought which field is an approximation but for those of one-click recovery. */
const SETTINGS: readonly EraField[] = [
  { name: 'BIOSLastStatus', value: [2, 0], since: 6 },
  { name: 'BIOSPause', value: false },
  { name: 'BIOSSetup', value: false },
  { name: 'BootMediaIndex', value: 0 },
  { name: 'BootguardStatus', value: 127, since: 15 },
  { name: 'ConfigurationDataReset', value: false },
  { name: 'ElementName', value: 'Intel(r) AMT Boot Configuration Settings' },
  { name: 'EnforceSecureBoot', value: false, since: 9 },
  { name: 'FirmwareVerbosity', value: 0 },
  { name: 'ForcedProgressEvents', value: false },
  { name: 'IDERBootDevice', value: 0 },
  { name: 'InstanceID', value: 'Intel(r) AMT:BootSettingData 0' },
  { name: 'LockKeyboard', value: false },
  { name: 'LockPowerButton', value: false },
  { name: 'LockResetButton', value: false },
  { name: 'LockSleepButton', value: false },
  { name: 'OptionsCleared', value: true, since: 6 },
  { name: 'OwningEntity', value: 'Intel(r) AMT' },
  { name: 'PlatformErase', value: false, since: 16 },
  { name: 'RPEEnabled', value: true, since: 16 },
  { name: 'RSEPassword', value: '', since: 11 },
  { name: 'ReflashBIOS', value: false },
  { name: 'SecureBootControlEnabled', value: true, since: 15 },
  { name: 'SecureErase', value: false, since: 11 },
  { name: 'UEFIHTTPSBootEnabled', value: true, since: 15 },
  { name: 'UEFILocalPBABootEnabled', value: true, since: 15 },
  { name: 'UefiBootNumberOfParams', value: 0, since: 15 },
  { name: 'UseIDER', value: false },
  { name: 'UseSOL', value: false },
  { name: 'UseSafeMode', value: false },
  { name: 'UserPasswordBypass', value: false },
  { name: 'WinREBootEnabled', value: true, since: 15 },
];

/** Fields of AMT_BootSettingData that the firmware alone sets. */
export const READ_ONLY_BOOT_SETTINGS: ReadonlySet<string> = new Set([
  'BIOSLastStatus', 'BootguardStatus', 'OptionsCleared', 'RPEEnabled', 'SecureBootControlEnabled', 'UEFIHTTPSBootEnabled', 'UEFILocalPBABootEnabled',
  'WinREBootEnabled',
]);

/** Fields that identify the instance. */
export const BOOT_SETTINGS_IDENTITY: ReadonlySet<string> = new Set(['ElementName', 'InstanceID', 'OwningEntity']);

export interface BootSource extends Era {
  readonly instanceId: string;
  readonly structuredBootString?: string;
}

/** Sources: recorded answer; Intel AMT Implementation and Reference Guide, "Boot Control" (diagnostic boot, one-click recovery). */
const SOURCES: readonly BootSource[] = [
  { instanceId: 'Intel(r) AMT: Force Hard-drive Boot', structuredBootString: 'CIM:Hard-Disk:1' },
  { instanceId: 'Intel(r) AMT: Force PXE Boot', structuredBootString: 'CIM:Network:1' },
  { instanceId: 'Intel(r) AMT: Force CD/DVD Boot', structuredBootString: 'CIM:CD/DVD:1' },
  { instanceId: 'Intel(r) AMT: Force Diagnostic Boot', until: 6 },
  { instanceId: 'Intel(r) AMT: Force OCR UEFI HTTPS Boot', since: 15 },
  { instanceId: 'Intel(r) AMT: Force OCR UEFI Boot Option 1', since: 15 },
  { instanceId: 'Intel(r) AMT: Force OCR UEFI Boot Option 2', since: 15 },
];

const fieldsOf = (table: readonly EraField[], generation: Generation): Fields =>
  Object.fromEntries(table.filter((field) => existsIn(field, generation)).map(({ name, value }) => [name, value]));

export const bootCapabilities = (generation: Generation): Fields => fieldsOf(CAPABILITIES, generation);
export const bootSettings = (generation: Generation): Fields => fieldsOf(SETTINGS, generation);
export const bootSources = (generation: Generation): readonly BootSource[] => SOURCES.filter((source) => existsIn(source, generation));
