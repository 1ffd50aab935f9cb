import { invalidOptions, printValue } from '../errors/invalid-options.js';

const NOTATIONS: readonly RegExp[] = [
  /^([0-9a-f]{2})([:-])(?:[0-9a-f]{2}\2){4}[0-9a-f]{2}$/i,
  /^[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}$/i,
  /^[0-9a-f]{12}$/i,
];

/**
 * The canonical form of a MAC address: lower case, colons. Accepts `52:54:00:cf:2d:31`, `52-54-00-CF-2D-31`,
 * `5254.00cf.2d31` and `525400cf2d31`; undefined for anything else.
 */
export function normalizeMacAddress(text: string): string | undefined {
  if (!NOTATIONS.some((notation) => notation.test(text))) return undefined;
  const digits = text.replace(/[^0-9a-f]/gi, '').toLowerCase();
  return digits.match(/../g)?.join(':');
}

/** True for addresses of groups, which no machine owns (IEEE 802, least significant bit of the first byte). */
export function isMulticastMacAddress(address: string): boolean {
  return (Number.parseInt(address.slice(0, 2), 16) & 1) === 1;
}

/**
 * The six bytes of a machine's own MAC address.
 * @throws INVALID_OPTIONS naming `field` for malformed, multicast or all-zero addresses.
 */
export function macAddressBytes(text: string, field = 'mac'): Uint8Array {
  const expected = 'the MAC address of one machine, such as 52:54:00:cf:2d:31';
  const address = normalizeMacAddress(text);
  if (address === undefined || isMulticastMacAddress(address) || address === '00:00:00:00:00:00') {
    throw invalidOptions('MAC address', [{ field, problem: 'invalid', expected, received: printValue(text) }]);
  }
  return Uint8Array.from(address.split(':'), (pair) => Number.parseInt(pair, 16));
}
