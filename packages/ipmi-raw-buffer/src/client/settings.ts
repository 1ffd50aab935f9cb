import { isIP } from 'node:net';
import { type Clock, invalidOptions, type OptionIssue, printValue, Secret, systemClock, type TranscriptSink } from '@ferric/core';
import { CIPHER_SUITES, type CipherSuiteId, type IpmiClientSettings, type IpmiTransport, PRIVILEGE_LEVELS, type PrivilegeLevel } from './client-types.js';

/** Where a controller is and how it is asked: what all calls of this room need. */
export interface PeerSettings extends Pick<IpmiClientSettings, 'host' | 'port' | 'transport' | 'retry' | 'clock' | 'transcript'> {}

/** {@link PeerSettings} with their defaults. */
export interface Peer {
  readonly host: string;
  readonly port: number;
  readonly transport: IpmiTransport | undefined;
  readonly tries: number;
  readonly firstWaitMs: number;
  readonly clock: Clock;
  readonly transcript: TranscriptSink | undefined;
}

/** {@link IpmiClientSettings}, checked and with their defaults. */
export interface ClientSetup extends Peer {
  readonly username: Buffer;
  readonly password: Secret;
  readonly kgKey: Secret | undefined;
  readonly privilegeLevel: PrivilegeLevel;
  readonly cipherSuite: CipherSuiteId | 'best';
  readonly protocol: '2.0' | '1.5';
  readonly idleMs: number;
  readonly queueLimit: number;
}

const DEFAULT_PORT = 623;
const LONGEST_USERNAME = 16;
/** Source: IPMI 2.0, section 13.16 and IPMI 1.5, section 18.14.1. */
const LONGEST_PASSWORD = { '2.0': 20, '1.5': 16 } as const;
const LONGEST_KG_BYTES = 20;
/** BMCs forget a session after 60 s, give or take 3. Source: IPMI 1.5, section 6.11.13. */
const LONGEST_IDLE_MS = 55_000;

const DEFAULTS = {
  username: '', password: '', kgKey: '', privilegeLevel: 'administrator', cipherSuite: 'best', protocol: '2.0', idleMs: 20_000, queueLimit: 64,
} as const;

type Check = (field: string, value: unknown) => OptionIssue | undefined;

/** @throws INVALID_OPTIONS with all issues at once */
export function checkPeerSettings(settings: PeerSettings): Peer {
  refuseIssues('IPMI peer', peerIssues(settings));
  return completePeer(settings);
}

/** @throws INVALID_OPTIONS with all issues at once */
export function checkClientSettings(settings: IpmiClientSettings): ClientSetup {
  const { username, privilegeLevel, cipherSuite, protocol, idleMs, queueLimit, ...rest } = { ...DEFAULTS, ...settings };
  const password = Secret.from(rest.password);
  const kgKey = Secret.from(rest.kgKey);
  refuseIssues('IPMI client', [
    ...peerIssues(settings),
    oneOf(['2.0', '1.5'])('protocol', protocol),
    text(`a text of at most ${LONGEST_USERNAME} bytes`, (value) => Buffer.byteLength(value) <= LONGEST_USERNAME)('username', username),
    passwordIssue(password, protocol === '1.5' ? LONGEST_PASSWORD['1.5'] : LONGEST_PASSWORD['2.0']),
    kgKeyIssue(kgKey),
    oneOf(Object.keys(PRIVILEGE_LEVELS))('privilegeLevel', privilegeLevel),
    oneOf(['best', ...CIPHER_SUITES])('cipherSuite', cipherSuite),
    wholeNumber(1, LONGEST_IDLE_MS)('idleMs', idleMs),
    wholeNumber(1, 100_000)('queueLimit', queueLimit),
  ]);
  return {
    ...completePeer(settings),
    username: Buffer.from(username),
    password,
    kgKey: kgKey.reveal() === '' ? undefined : kgKey,
    privilegeLevel,
    cipherSuite,
    protocol,
    idleMs,
    queueLimit,
  };
}

/** `192.0.2.10:623`, `[2001:db8::1]:623`, `bmc.example:623`. */
export function formatAddress(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

function peerIssues({ host, port, retry }: PeerSettings): readonly (OptionIssue | undefined)[] {
  return [
    text('a name or an address', (value) => value !== '' && !/[\s\0]/.test(value))('host', host),
    wholeNumber(1, 65_535)('port', port ?? DEFAULT_PORT),
    wholeNumber(1, 100)('retry.tries', retry?.tries ?? 1),
    wholeNumber(1, 60_000)('retry.firstWaitMs', retry?.firstWaitMs ?? 1),
  ];
}

function completePeer(settings: PeerSettings): Peer {
  return {
    host: settings.host,
    port: settings.port ?? DEFAULT_PORT,
    transport: settings.transport,
    tries: settings.retry?.tries ?? 4,
    firstWaitMs: settings.retry?.firstWaitMs ?? 1000,
    clock: settings.clock ?? systemClock,
    transcript: settings.transcript,
  };
}

function refuseIssues(subject: string, found: readonly (OptionIssue | undefined)[]): void {
  const issues = found.filter((issue) => issue !== undefined);
  if (issues.length > 0) throw invalidOptions(subject, issues);
}

function invalid(field: string, expected: string, value: unknown): OptionIssue {
  return { field, problem: 'invalid', expected, received: printValue(value) };
}

function text(expected: string, accepts: (value: string) => boolean): Check {
  return (field, value) => (typeof value === 'string' && accepts(value) ? undefined : invalid(field, expected, value));
}

function wholeNumber(minimum: number, maximum: number): Check {
  return (field, value) =>
    Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum
      ? undefined
      : invalid(field, `a whole number from ${minimum} to ${maximum}`, value);
}

function oneOf(values: readonly (string | number)[]): Check {
  return (field, value) => (values.some((known) => known === value) ? undefined : invalid(field, `one of ${values.join(', ')}`, value));
}

function passwordIssue(password: Secret, longest: number): OptionIssue | undefined {
  const value: unknown = password.reveal();
  if (typeof value === 'string' && Buffer.byteLength(value) <= longest) return undefined;
  return { field: 'password', problem: 'invalid', expected: `a text of at most ${longest} bytes` };
}

function kgKeyIssue(kgKey: Secret): OptionIssue | undefined {
  const value: unknown = kgKey.reveal();
  if (typeof value === 'string' && /^(?:[0-9a-f]{2})*$/i.test(value) && value.length <= 2 * LONGEST_KG_BYTES) return undefined;
  return { field: 'kgKey', problem: 'invalid', expected: `an even number of hexadecimal digits, at most ${2 * LONGEST_KG_BYTES}` };
}
