import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import type { TlsProfile } from './tls-settings.js';

/** A profile as the handshake takes it; `auto` is an order of them. */
export type HandshakeProfile = Exclude<TlsProfile, 'auto'>;

/** What each profile asks of OpenSSL. Source: Node.js documentation, tls, and SSL_CTX_set_security_level(3), SSL_CTX_set_options(3) of OpenSSL 3. */
export const PROFILE_OPTIONS: Readonly<Record<HandshakeProfile, SecureContextOptions>> = {
  // Said here, so that a flag for the whole process does not weaken it.
  modern: { minVersion: 'TLSv1.2' },
  legacy: {
    minVersion: 'TLSv1',
    // Level 0 also takes keys of 1024 bits and signatures with SHA-1, and TLS 1.0 does not work above it.
    ciphers: 'DEFAULT@SECLEVEL=0',
    // For peers from before RFC 5746, such as Intel AMT up to 11.
    secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT | constants.SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION,
  },
};

/** The profiles to try in order, when nothing is known about the peer. */
export const PROFILES_TO_TRY: Readonly<Record<TlsProfile, readonly HandshakeProfile[]>> = {
  modern: ['modern'],
  legacy: ['legacy'],
  auto: ['modern', 'legacy'],
};

/** How OpenSSL and the alerts of TLS (RFC 5246, section 7.2) say that the two sides have no version, key size or algorithm in common. */
const NOTHING_IN_COMMON = [
  'ALERT_PROTOCOL_VERSION', 'ALERT_HANDSHAKE_FAILURE', 'ALERT_INSUFFICIENT_SECURITY', 'UNSUPPORTED_PROTOCOL', 'VERSION_TOO_LOW', 'DH_KEY_TOO_SMALL',
  'LEGACY_SIGALG', 'WRONG_SIGNATURE_TYPE', 'UNSAFE_LEGACY_RENEGOTIATION_DISABLED',
];

/** True for a handshake that failed since the peer speaks only what the profile does not take. Never true for a certificate that is not trusted. */
export function speaksOnlyOlder(error: Error): boolean {
  const { code, reason } = error as Error & { readonly code?: unknown; readonly reason?: unknown };
  // Some failures carry their reason in the message only, behind the code EPROTO.
  const text = [code, reason, error.message].join(' ').toUpperCase().replaceAll(/[\s/]+/g, '_');
  return NOTHING_IN_COMMON.some((word) => text.includes(word));
}
