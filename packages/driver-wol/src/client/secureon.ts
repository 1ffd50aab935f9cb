import { normalizeMacAddress, Secret } from '@ferric/core';

/** What a SecureOn password may look like, for error messages. */
export const SECURE_ON_EXPECTED = 'a SecureOn password of 4 bytes, such as 192.168.1.1, or of 6 bytes, such as 00:11:22:33:44:55';

const DOTTED_QUAD = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/**
 * The bytes of a SecureOn password: 4 when it is written as a dotted quad, 6 when it is written like a MAC address;
 * undefined for anything else.
 * Source: AMD Magic Packet Technology with SecureOn, as etherwake(8) writes it: 4 or 6 bytes behind the packet.
 */
export function parseSecureOn(text: string): Uint8Array | undefined {
  if (DOTTED_QUAD.test(text)) return Uint8Array.from(text.split('.'), Number);
  const sixBytes = normalizeMacAddress(text);
  return sixBytes === undefined ? undefined : Uint8Array.from(sixBytes.split(':'), (pair) => Number.parseInt(pair, 16));
}

/** The password behind a received packet, in its canonical notation. The other way round of {@link parseSecureOn}. */
export function formatSecureOn(bytes: Uint8Array): Secret {
  return new Secret(bytes.length === 4 ? bytes.join('.') : Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':'));
}
