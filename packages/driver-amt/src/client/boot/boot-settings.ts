import { toPutFields } from '../classes/put-fields.js';
import type { WsmanElement, WsmanField, WsmanFields, WsmanValue } from '../wsman/wsman.js';
import type { UefiParameters } from './uefi-parameters.js';

/**
 * Fields of AMT_BootSettingData that can only be read; some firmware refuses a Put that has them.
 * Source: Intel AMT SDK, class reference of AMT_BootSettingData; MeshCommander, index.html, leaves out the same.
 */
const READ_ONLY: readonly string[] = [
  'BIOSLastStatus', 'BootguardStatus', 'OptionsCleared', 'RPEEnabled', 'SecureBootControlEnabled', 'UEFIHTTPSBootEnabled', 'UEFILocalPBABootEnabled',
  'WinREBootEnabled',
];

/** Fields that are not sent back as they came: a password reads as empty, and parameters are those of an earlier boot. */
const SENT_WHEN_SET: readonly string[] = ['RSEPassword', 'UefiBootParametersArray'];

/**
 * What a plain boot has; an earlier console may have left something else. EnforceSecureBoot is not among it: firmware in client control mode does
 * not let it be changed. Source: Reference Guide, "Set SOL, Storage Redirection, and Other Boot Options".
 */
const PLAIN: Readonly<Record<string, boolean | number>> = {
  BIOSPause: false, BIOSSetup: false, BootMediaIndex: 0, ConfigurationDataReset: false, FirmwareVerbosity: 0, ForcedProgressEvents: false, IDERBootDevice: 0,
  LockKeyboard: false, LockPowerButton: false, LockResetButton: false, LockSleepButton: false, PlatformErase: false, ReflashBIOS: false, SecureErase: false,
  UefiBootNumberOfParams: 0, UseIDER: false, UseSOL: false, UseSafeMode: false, UserPasswordBypass: false,
};

/** What the boot settings have to become. */
export interface WantedBootSettings {
  /** Flags that are set; the device must have them. */
  readonly flags: Readonly<Record<string, boolean>>;
  readonly uefiParameters?: UefiParameters | undefined;
}

/** A Put of AMT_BootSettingData. */
export interface BootSettingsChange {
  /** Names of the fields that get another value; none: there is nothing to write, and flash memory wears by writing. */
  readonly changed: readonly string[];
  readonly fields: WsmanFields;
}

/**
 * Makes the settings of a boot from those that the device has: only fields that it returned, in its order, without those that can only be read.
 * @throws UNSUPPORTED naming a flag that the device does not have
 */
export function planBootSettings(instance: WsmanElement, { flags, uefiParameters }: WantedBootSettings): BootSettingsChange {
  const set: Readonly<Record<string, WsmanValue>> = { ...flags, ...(uefiParameters === undefined ? {} : { [UEFI_COUNT]: uefiParameters.count }) };
  const wanted: Readonly<Record<string, WsmanValue>> = { ...PLAIN, ...set };
  const leaveOut = [...READ_ONLY, ...SENT_WHEN_SET];
  const changed = instance.children.filter(({ name, text }) => Object.hasOwn(wanted, name) && !isSame(text, wanted[name])).map(({ name }) => name);
  const { fields } = toPutFields(instance, { set, setIfPresent: PLAIN, leaveOut });
  if (uefiParameters === undefined) return { changed, fields: { fields } };
  return { changed: [...changed, UEFI_ARRAY], fields: { fields: fields.flatMap((field) => withParameters(field, uefiParameters)) } };
}

const UEFI_COUNT = 'UefiBootNumberOfParams';
const UEFI_ARRAY = 'UefiBootParametersArray';

/** The parameters stand behind their number; firmware that has none does not return them. */
function withParameters(field: WsmanField, { packed }: UefiParameters): readonly WsmanField[] {
  return field.name === UEFI_COUNT ? [field, { name: UEFI_ARRAY, value: packed }] : [field];
}

/** Fields that were to be set and are not, after the device took the settings. */
export function notTaken(instance: WsmanElement, { flags }: WantedBootSettings): readonly string[] {
  return instance.children.filter(({ name, text }) => Object.hasOwn(flags, name) && !isSame(text, flags[name])).map(({ name }) => name);
}

const TRUTH_WORDS: Readonly<Record<string, string>> = { '1': 'true', '0': 'false' };

function isSame(text: string, wanted: WsmanValue | undefined): boolean {
  const value = text.trim();
  if (typeof wanted === 'boolean') return (TRUTH_WORDS[value] ?? value) === String(wanted);
  if (typeof wanted === 'number') return value !== '' && Number(value) === wanted;
  return value === wanted;
}
