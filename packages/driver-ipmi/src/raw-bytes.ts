import { printValue } from '@ferric/core';
import type { IpmiRequest } from '@ferric/ipmi-raw-buffer';

/** The longest message that fits a session with the usual packet size; more is refused before anything is sent. Bytes. */
const MOST_BYTES = 240;

/** What raw bytes must be, in words that fit behind "must be". */
export const RAW_BYTES_EXPECTED = `2 to ${MOST_BYTES} bytes separated by blanks, network function and command first, such as "0x06 0x01"`;

/** The same for one text, naming in it the number that can be read in two ways. */
export function rawBytesExpected(text: string): string {
  const octal = wordsOf(text).find((word) => AMBIGUOUS.test(word));
  if (octal === undefined) return RAW_BYTES_EXPECTED;
  return `${RAW_BYTES_EXPECTED}, without a leading 0: ${printValue(octal)} is octal for ipmitool and decimal for others`;
}

/** Octal for ipmitool, decimal for people, and not the same: `010`, unlike `01`. */
const AMBIGUOUS = /^0+(?!0*[0-7]$)\d+$/;

/** Highest network function of a request. Source: IPMI 1.5, table 5-1. */
const LAST_NETWORK_FUNCTION = 0x3e;

/**
 * Reads raw bytes as ipmitool takes them: `0x00 0x08 0x03 0x08`, in hexadecimal or decimal, network function and command first.
 * A number with a leading 0 is none where it matters: ipmitool takes `010` for 8, and people for 10.
 * @returns undefined for what is none.
 */
export function parseRawBytes(text: string): IpmiRequest | undefined {
  const words = wordsOf(text);
  const bytes = words.map((word) => (/^(0x[0-9a-f]{1,2}|0{0,2}[0-7]|[1-9]\d{0,2})$/i.test(word) ? Number(word) : Number.NaN));
  const [netFn, command, ...data] = bytes;
  if (netFn === undefined || command === undefined || bytes.length > MOST_BYTES) return undefined;
  if (!bytes.every((byte) => byte <= 0xff) || netFn % 2 !== 0 || netFn > LAST_NETWORK_FUNCTION) return undefined;
  return { netFn, command, data: Uint8Array.from(data) };
}

function wordsOf(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** Bytes as ipmitool prints them, but with their prefix, so that they can be sent again: `0x51 0x02`. */
export function printRawBytes(data: Uint8Array): string {
  return Array.from(data, (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ');
}

