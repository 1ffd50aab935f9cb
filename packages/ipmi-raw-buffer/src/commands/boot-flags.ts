import { type OptionIssue, printValue } from '@ferric/core';
import { requireBytes } from '../message/bytes.js';
import { choiceIssue, integerIssue, nameOf, refuseIssues } from './inputs.js';

/** What the firmware can be made to start from; `none` takes no part in the choice. Source: IPMI 2.0, table 28-14. */
export const BOOT_TARGETS = {
  none: 0,
  pxe: 1,
  disk: 2,
  /** The disk, with the operating system's safe mode. */
  safe: 3,
  /** The diagnostic partition. */
  diag: 4,
  cdrom: 5,
  /** Setup of the firmware. */
  bios: 6,
  'remote-floppy': 7,
  'remote-cdrom': 8,
  'remote-media': 9,
  'remote-disk': 11,
  /** Floppy or another primary removable medium. */
  floppy: 15,
} as const;

export type BootTarget = keyof typeof BOOT_TARGETS;

/** Boot option parameter 5 in full. Source: IPMI 2.0, table 28-14. */
export interface BootFlags {
  /** The firmware shall obey at the next start. */
  readonly valid: boolean;
  /** At all future starts, not only at the next. */
  readonly persistent: boolean;
  /** Start in EFI mode, not in that of the old PC. */
  readonly efi: boolean;
  readonly device: BootTarget;
  readonly clearCmos: boolean;
  readonly lockKeyboard: boolean;
  readonly blankScreen: boolean;
  readonly lockResetButton: boolean;
  readonly lockPowerButton: boolean;
  readonly lockSleepButton: boolean;
  /** 0 as the firmware is set, 1 quiet, 2 verbose, 3 reserved. */
  readonly verbosity: number;
  /** The firmware reports its progress as events. */
  readonly progressTraps: boolean;
  readonly bypassPassword: boolean;
  /** 0 as the firmware is set, 1 none, 2 wanted, 3 reserved. */
  readonly consoleRedirection: number;
  readonly sharedModeOverride: boolean;
  /** Owner of the serial line: 0 as the firmware is set, 1 the BMC, 2 the system, 3..7 reserved. */
  readonly muxOverride: number;
  /** Which of several devices of this kind: 0 any, 1..15 external, 17..31 internal. */
  readonly deviceInstance: number;
}

/** Boot flags as read: the device may have a reserved number. */
export interface ReadBootFlags extends Omit<BootFlags, 'device'> {
  readonly device: BootTarget | 'reserved';
  /** 0..15, as it came. */
  readonly deviceCode: number;
}

type Bit = { readonly [Key in keyof BootFlags]: BootFlags[Key] extends boolean ? Key : never }[keyof BootFlags];
type Field = { readonly [Key in keyof BootFlags]: BootFlags[Key] extends number ? (BootFlags[Key] extends BootTarget ? never : Key) : never }[keyof BootFlags];

/** The yes-or-no flags: byte and mask. */
const BITS: Readonly<Record<Bit, readonly [byte: number, mask: number]>> = {
  valid: [0, 0x80],
  persistent: [0, 0x40],
  efi: [0, 0x20],
  clearCmos: [1, 0x80],
  lockKeyboard: [1, 0x40],
  blankScreen: [1, 0x02],
  lockResetButton: [1, 0x01],
  lockPowerButton: [2, 0x80],
  progressTraps: [2, 0x10],
  bypassPassword: [2, 0x08],
  lockSleepButton: [2, 0x04],
  sharedModeOverride: [3, 0x08],
};

/** The small numbers: byte, lowest bit, highest value. */
const FIELDS: Readonly<Record<Field, readonly [byte: number, shift: number, maximum: number]>> = {
  verbosity: [2, 5, 3],
  consoleRedirection: [2, 0, 3],
  muxOverride: [3, 0, 7],
  deviceInstance: [4, 0, 31],
};

const DEVICE_BYTE = 1;
const DEVICE_SHIFT = 2;

/**
 * Reads the five bytes of boot option parameter 5; those that are missing at the end count as 0.
 * @throws PROTOCOL_FAULT for fewer than 2 bytes
 */
export function decodeBootFlags(data: Uint8Array): ReadBootFlags {
  requireBytes('Get System Boot Options (boot flags)', data, 2);
  const byteAt = (index: number): number => data[index] ?? 0;
  const bit = (name: Bit): boolean => (byteAt(BITS[name][0]) & BITS[name][1]) !== 0;
  const field = (name: Field): number => (byteAt(FIELDS[name][0]) >> FIELDS[name][1]) & FIELDS[name][2];
  const deviceCode = (byteAt(DEVICE_BYTE) >> DEVICE_SHIFT) & 0x0f;
  return {
    valid: bit('valid'),
    persistent: bit('persistent'),
    efi: bit('efi'),
    device: nameOf(BOOT_TARGETS, deviceCode) ?? 'reserved',
    deviceCode,
    clearCmos: bit('clearCmos'),
    lockKeyboard: bit('lockKeyboard'),
    blankScreen: bit('blankScreen'),
    lockResetButton: bit('lockResetButton'),
    lockPowerButton: bit('lockPowerButton'),
    lockSleepButton: bit('lockSleepButton'),
    verbosity: field('verbosity'),
    progressTraps: bit('progressTraps'),
    bypassPassword: bit('bypassPassword'),
    consoleRedirection: field('consoleRedirection'),
    sharedModeOverride: bit('sharedModeOverride'),
    muxOverride: field('muxOverride'),
    deviceInstance: field('deviceInstance'),
  };
}

/**
 * The five bytes of boot option parameter 5. What is left out is false, 0 and `none`.
 * @throws INVALID_OPTIONS naming each value that cannot be encoded
 */
export function encodeBootFlags(flags: Partial<BootFlags>): Uint8Array {
  const { device = 'none' } = flags;
  refuseIssues('Boot flags', [...choiceIssue('device', device, BOOT_TARGETS), ...fieldIssues(flags), ...bitIssues(flags)]);
  const bytes = new Uint8Array(5);
  const set = (index: number, bits: number): void => void (bytes[index] = (bytes[index] ?? 0) | bits);
  set(DEVICE_BYTE, BOOT_TARGETS[device] << DEVICE_SHIFT);
  for (const [name, [index, mask]] of entries(BITS)) set(index, flags[name] === true ? mask : 0);
  for (const [name, [index, shift]] of entries(FIELDS)) set(index, (flags[name] ?? 0) << shift);
  return bytes;
}

function fieldIssues(flags: Partial<BootFlags>): readonly OptionIssue[] {
  return entries(FIELDS).flatMap(([name, [, , maximum]]) => integerIssue(name, flags[name] ?? 0, 0, maximum));
}

function bitIssues(flags: Partial<BootFlags>): readonly OptionIssue[] {
  return entries(BITS)
    .filter(([name]) => flags[name] !== undefined && typeof flags[name] !== 'boolean')
    .map(([field]) => ({ field, problem: 'invalid', expected: 'true or false', received: printValue(flags[field]) }));
}

function entries<Key extends string, Value>(table: Readonly<Record<Key, Value>>): [Key, Value][] {
  return Object.entries(table) as [Key, Value][];
}
