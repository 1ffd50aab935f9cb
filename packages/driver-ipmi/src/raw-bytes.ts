import type { IpmiRequest } from '@ferric/ipmi-raw-buffer';

/** The longest message that fits a session with the usual packet size; more is refused before anything is sent. Bytes. */
const MOST_BYTES = 240;

/** What raw bytes must be, in words that fit behind "must be". */
export const RAW_BYTES_EXPECTED = `2 to ${MOST_BYTES} bytes separated by blanks, network function and command first, such as "0x06 0x01"`;

/** Highest network function of a request. Source: IPMI 1.5, table 5-1. */
const LAST_NETWORK_FUNCTION = 0x3e;

/**
 * Reads raw bytes as ipmitool takes them: `0x00 0x08 0x03 0x08`, in hexadecimal or decimal, network function and command first.
 * @returns undefined for what is none.
 */
export function parseRawBytes(text: string): IpmiRequest | undefined {
  const words = text.trim().split(/\s+/);
  const bytes = words.map((word) => (/^(0x[0-9a-f]{1,2}|\d{1,3})$/i.test(word) ? Number(word) : Number.NaN));
  const [netFn, command, ...data] = bytes;
  if (netFn === undefined || command === undefined || bytes.length > MOST_BYTES) return undefined;
  if (!bytes.every((byte) => byte <= 0xff) || netFn % 2 !== 0 || netFn > LAST_NETWORK_FUNCTION) return undefined;
  return { netFn, command, data: Uint8Array.from(data) };
}

/** Bytes as ipmitool prints them, but with their prefix, so that they can be sent again: `0x51 0x02`. */
export function printRawBytes(data: Uint8Array): string {
  return Array.from(data, (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ');
}

