import type { BootModeName } from '@ferric/core';
import type { BootOverride } from '@ferric/redfish';
import type { IloBootDeviceName } from '../ilo-client.js';

/** Source: schema ComputerSystem, BootSourceOverrideTarget. */
export const OVERRIDE_TARGETS: Readonly<Record<IloBootDeviceName, string>> = {
  pxe: 'Pxe', disk: 'Hdd', cdrom: 'Cd', iscsiboot: 'UefiTarget', uefihttp: 'UefiHttp',
};

const ISCSI = /iSCSI/i;

/**
 * What an entry of the boot order is by its text, the first that matches decides: a network card may have `Storage` in its name.
 * Sources: proliantutils, redfish/resources/system/constants.py and ilo/common.py; recorded boot sources.
 */
const KINDS: readonly (readonly [pattern: RegExp, device: IloBootDeviceName])[] = [
  [/HPE? (?:iLO )?Virtual (?:USB )?CD/i, 'cdrom'],
  [ISCSI, 'iscsiboot'],
  [/HTTP\(S\)|\bHTTP\b/i, 'uefihttp'],
  [/\bNIC\b|PXE/i, 'pxe'],
  [/Logical ?Drive|HDD|Storage|LogVol|Hard Drive/i, 'disk'],
];

/** What is behind an entry of the boot order; null for anything else, such as a shell. */
export function deviceOfBootText(text: string): IloBootDeviceName | null {
  const plain = text.replace(/\s+/g, ' ');
  return KINDS.find(([pattern]) => pattern.test(plain))?.[1] ?? null;
}

/** The entry for boot over iSCSI, when one is set up. */
export function iscsiTarget(uefiTargets: readonly string[]): string | undefined {
  return uefiTargets.find((target) => ISCSI.test(target));
}

/** What an override leads to; null for what has no name here, such as a stick or the setup. */
export function deviceOfOverride({ target, uefiTarget }: BootOverride): IloBootDeviceName | null {
  if (target === OVERRIDE_TARGETS.iscsiboot) return deviceOfBootText(uefiTarget ?? '');
  return (Object.keys(OVERRIDE_TARGETS) as IloBootDeviceName[]).find((device) => OVERRIDE_TARGETS[device] === target) ?? null;
}

/** Words of the attribute BootMode. Source: HPE BIOS attribute registries. */
export const BOOT_MODE_WORDS: Readonly<Record<BootModeName, string>> = { bios: 'LegacyBios', uefi: 'Uefi' };

export function bootModeOf(word: unknown): BootModeName | null {
  return (Object.keys(BOOT_MODE_WORDS) as BootModeName[]).find((mode) => BOOT_MODE_WORDS[mode] === word) ?? null;
}

/** Source: HPE iLO RESTful API, ComputerSystem, Oem.Hpe.Bios.UefiClass. */
const MODES_OF_CLASS: Readonly<Record<number, readonly BootModeName[]>> = { 0: ['bios'], 2: ['bios', 'uefi'], 3: ['uefi'] };

/** Undefined when the controller does not tell. */
export function modesOfUefiClass(uefiClass: number | undefined): readonly BootModeName[] | undefined {
  return uefiClass === undefined ? undefined : MODES_OF_CLASS[uefiClass];
}
