import type { Clock } from '../time/clock.js';
import { invalidOptions, type OptionIssue, printValue } from '../errors/invalid-options.js';
import { parseFingerprints } from './fingerprint.js';

/**
 * Which versions and ciphers are taken. `modern`: TLS 1.2 and later with the ciphers of Node.js. `legacy`: also TLS 1.0 and 1.1, small keys and
 * SHA-1, for controllers that know nothing else. `auto`: modern, and once legacy after a handshake that failed for that reason; what worked is
 * remembered for the address. A certificate that cannot be verified never leads to another try.
 */
export const TLS_PROFILES = ['modern', 'legacy', 'auto'] as const;
export type TlsProfile = (typeof TLS_PROFILES)[number];

/** How a controller is trusted over TLS. */
export interface TlsSettings {
  /** Default modern. */
  readonly profile?: TlsProfile;
  /** False: any certificate is taken, so that anybody in between can read along. Default true. */
  readonly verify?: boolean;
  /**
   * A file or a folder with certificates in PEM form that may have issued the controller's, or are the controller's own. Read with the first
   * connection, and again when it has changed. Default: those of Node.js.
   */
  readonly authorities?: string;
  /**
   * SHA-256 of the controller's certificate: 64 hex digits, colons allowed. When given it alone decides, whatever name or issuer the certificate has.
   * Several, at most 8: any of these certificates is taken, as while one takes the place of another.
   */
  readonly fingerprint?: string | readonly string[];
}

/** The controller at the other end. */
export interface TlsPeer {
  /** Name or address, an IPv6 address with or without brackets. */
  readonly host: string;
  readonly port: number;
}

/** A connection that was made with the profile `legacy`: what a warning should tell. */
export interface LegacyConnection {
  readonly peer: TlsPeer;
  /** As Node.js names it: `TLSv1`. */
  readonly protocol: string;
  /** As OpenSSL names it: `AES128-SHA`. */
  readonly cipher: string;
}

/** The settings of one connector, which may serve many controllers. */
export interface TlsConnectorSettings extends TlsSettings {
  /** Told with the first connection to each peer that was made with the profile `legacy`, chosen or found. Must return at once and must not throw. */
  readonly onLegacy?: (connection: LegacyConnection) => void;
  /** Default: the clock of this machine. */
  readonly clock?: Clock;
}

/** @throws INVALID_OPTIONS naming every field that cannot be used. */
export function checkTlsSettings(settings: TlsSettings): void {
  const issues = Object.values(CHECKS).flatMap((check) => check(settings) ?? []);
  if (issues.length > 0) throw invalidOptions('TLS settings', issues);
}

const CHECKS: Readonly<Record<keyof TlsSettings, (settings: TlsSettings) => OptionIssue | undefined>> = {
  profile: ({ profile }) => (profile === undefined || TLS_PROFILES.includes(profile) ? undefined : invalid('profile', `one of ${TLS_PROFILES.join(', ')}`, profile)),
  verify: ({ verify }) => (verify === undefined || typeof verify === 'boolean' ? undefined : invalid('verify', 'true or false', verify)),
  authorities: ({ authorities }) =>
    authorities === undefined || isPath(authorities) ? undefined : invalid('authorities', 'the path of a file or folder with certificates in PEM form', authorities),
  fingerprint: ({ fingerprint }) =>
    fingerprint === undefined || parseFingerprints(fingerprint) !== undefined
      ? undefined
      : invalid('fingerprint', 'the SHA-256 of a certificate: 64 hexadecimal digits, colons allowed; or a list of 1 to 8 of them', fingerprint),
};

/** @throws INVALID_OPTIONS for a host or port that nothing can be connected to. */
export function checkPeer({ host, port }: TlsPeer): void {
  const issues = [
    ...(typeof host === 'string' && /^[^\s/@\0]+$/.test(host) ? [] : [invalid('host', 'a host name or an IP address', host)]),
    ...(Number.isInteger(port) && port >= 1 && port <= 65_535 ? [] : [invalid('port', 'a whole number from 1 to 65535', port)]),
  ];
  if (issues.length > 0) throw invalidOptions('Peer of a TLS connection', issues);
}

/** `192.0.2.1:443`, `[2001:db8::1]:443` */
export function addressOf(peer: TlsPeer): string {
  const host = bareHost(peer);
  return `${host.includes(':') ? `[${host}]` : host}:${peer.port}`;
}

/** The host without the brackets that a URL puts around an IPv6 address. */
export function bareHost({ host }: TlsPeer): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

function isPath(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !value.includes('\0');
}

function invalid(field: string, expected: string, received: unknown): OptionIssue {
  return { field, problem: 'invalid', expected, received: printValue(received) };
}
