/** What the simulator found in a datagram. */
export interface SeenPattern {
  /** Lower case with colons. */
  readonly mac: string;
  /** The bytes behind the pattern as hexadecimal digits; empty without SecureOn. */
  readonly secureOnHex: string;
}

/**
 * The pattern as a network card sees it: at any byte, FFh six times, one address sixteen times, and at the end of the
 * datagram 0, 4 or 6 bytes of SecureOn. Written on hexadecimal text and shared with nobody, so that a mistake in the
 * client's packet cannot hide here.
 */
const PATTERN = /^(?:[0-9a-f]{2})*?f{12}(?!0{12})([0-9a-f][02468ace][0-9a-f]{10})\1{15}((?:[0-9a-f]{8}|[0-9a-f]{12})?)$/;

/** Reads a datagram; undefined when it is no magic packet. */
export function findMagicPattern(datagram: Uint8Array): SeenPattern | undefined {
  const match = PATTERN.exec(Buffer.from(datagram).toString('hex'));
  if (match === null) return undefined;
  const [, digits = '', secureOnHex = ''] = match;
  return { mac: digits.replace(/..(?!$)/g, '$&:'), secureOnHex };
}

/** A SecureOn password as {@link SeenPattern.secureOnHex} has it, from `192.168.1.1` or `00:11:22:33:44:55`. */
export function secureOnToHex(text: string): string {
  return text.includes('.') ? text.split('.').map((part) => Number(part).toString(16).padStart(2, '0')).join('') : text.replace(/[:-]/g, '').toLowerCase();
}
