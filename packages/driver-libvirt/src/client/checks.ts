import { type FerricError, invalidOptions, isUuid, printValue } from '@ferric/core';
import { STRING_LIMIT } from './wire/xdr.js';

// Arguments of typed calls are checked before a connection is asked for: a wrong one is INVALID_OPTIONS, whatever state the daemon is in.

/** Changes what runs now, what is defined, or both. Default: what is defined. */
export interface ChangeScope {
  readonly live?: boolean;
  readonly config?: boolean;
}

/** The error for one argument. `received` is left out where it may be a secret. */
export function wrongArgument(field: string, expected: string, received?: { readonly value: unknown }): FerricError {
  const issue = { field, problem: 'invalid', expected } as const;
  return invalidOptions('libvirt', [received === undefined ? issue : { ...issue, received: printValue(received.value) }]);
}

/** @throws INVALID_OPTIONS */
export function checkUuid(field: string, value: string): string {
  if (typeof value === 'string' && isUuid(value)) return value;
  throw wrongArgument(field, 'a uuid such as 8a41d4e1-2c6b-4a57-9d0a-3f6f0a1c7e55', { value });
}

/** @throws INVALID_OPTIONS for what is no name: another type, an empty text, a NUL in it. */
export function checkName(field: string, value: string): string {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value;
  throw wrongArgument(field, 'a text that is not empty', { value });
}

/** @throws INVALID_OPTIONS; the text itself is not shown, as definitions hold passwords. */
export function checkXml(field: string, value: string): string {
  const looksRight = typeof value === 'string' && value.trimStart().startsWith('<') && !value.includes('\0');
  if (looksRight && Buffer.byteLength(value) <= STRING_LIMIT) return value;
  throw wrongArgument(field, `an XML document of at most ${STRING_LIMIT} bytes`);
}

/** An object that the daemon finds by uuid. @throws INVALID_OPTIONS */
export function checkObject<T extends { readonly name: string; readonly uuid: string }>(field: string, value: T): T {
  checkName(`${field}.name`, value.name);
  checkUuid(`${field}.uuid`, value.uuid);
  return value;
}

/** @throws INVALID_OPTIONS for anything but a whole number from `least` to `most`. */
export function checkNumber(field: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw wrongArgument(field, `a whole number from ${least} to ${most}`, { value });
}

const LARGEST_SIZE = 2n ** 63n - 1n;

/** A number of bytes. @throws INVALID_OPTIONS */
export function checkSize(field: string, value: number | bigint): bigint {
  if (typeof value === 'bigint' ? value >= 0n && value <= LARGEST_SIZE : Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  throw wrongArgument(field, 'a number of bytes, 0 or more', { value });
}

/** The number that a word stands for in a table. @throws INVALID_OPTIONS naming the words that there are. */
export function checkWord<Word extends string>(field: string, value: Word, table: Readonly<Record<Word, number>>): number {
  if (Object.hasOwn(table, value)) return table[value];
  throw wrongArgument(field, `one of ${Object.keys(table).join(', ')}`, { value });
}

/** The same of a word that need not be there. */
export function checkOptionalWord<Word extends string>(field: string, value: Word | undefined, table: Readonly<Record<Word, number>>): number {
  return value === undefined ? 0 : checkWord(field, value, table);
}

/** What changes: `VIR_DOMAIN_AFFECT_LIVE` and `_CONFIG`, which networks share. Source: libvirt 9.0.0, include/libvirt/libvirt-common.h. */
const LIVE = 1;
const CONFIG = 2;

/** @throws INVALID_OPTIONS when neither is to change. */
export function scopeFlags({ live, config }: ChangeScope = {}): number {
  const flags = flag(live, LIVE) | flag(config ?? live !== true, CONFIG);
  if (flags === 0) throw wrongArgument('config', 'true where live is not: otherwise nothing changes', { value: config });
  return flags;
}

/** The bit when the option is set. */
export function flag(option: boolean | undefined, bit: number): number {
  return option === true ? bit : 0;
}

/** The first bit for true, the second for false, none for neither. */
export function eitherFlag(option: boolean | undefined, yes: number, no: number): number {
  if (option === undefined) return 0;
  return option ? yes : no;
}
