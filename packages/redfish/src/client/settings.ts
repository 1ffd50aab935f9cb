import { type Clock, invalidOptions, MAXIMUM_TIMEOUT_MS, type OptionIssue, printValue, Secret, systemClock, type TranscriptSink } from '@ferric/core';
import { createTlsConnector, type TlsConnector } from '@ferric/core/tls';
import { type Authentication, AUTHENTICATIONS, BASES, type RedfishClientSettings } from './client-types.js';

/** {@link RedfishClientSettings}, checked and with their defaults. */
export interface ClientSetup {
  /** `https://192.0.2.10:8443`, without a slash at the end. */
  readonly origin: string;
  readonly secure: boolean;
  readonly address: string;
  readonly credentials: Credentials | undefined;
  readonly authentication: Authentication;
  readonly base: (typeof BASES)[number];
  readonly connector: TlsConnector;
  readonly timeoutMs: number;
  readonly idleMs: number;
  readonly queueLimit: number;
  readonly clock: Clock;
  readonly transcript: TranscriptSink | undefined;
}

export interface Credentials {
  readonly username: string;
  readonly password: Secret;
}

const DEFAULTS = { authentication: 'auto', base: 'auto', timeoutMs: 60_000, idleMs: 300_000, queueLimit: 64 } as const;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80 };

/** @throws INVALID_OPTIONS with all issues at once */
export function checkSettings(settings: RedfishClientSettings): ClientSetup {
  const { authentication, base, timeoutMs, idleMs, queueLimit, clock, transcript } = { ...DEFAULTS, clock: systemClock, ...settings };
  const url = parseOrigin(settings.url);
  const issues = [
    ...(url === undefined ? [issue('url', 'an origin such as https://192.0.2.10, without path, user and password', settings.url)] : []),
    ...credentialIssues(settings),
    ...oneOf('authentication', AUTHENTICATIONS, authentication),
    ...oneOf('base', BASES, base),
    ...wholeNumber('timeoutMs', 1, MAXIMUM_TIMEOUT_MS, timeoutMs),
    ...wholeNumber('idleMs', 1, MAXIMUM_TIMEOUT_MS, idleMs),
    ...wholeNumber('queueLimit', 1, 100_000, queueLimit),
  ];
  if (url === undefined || issues.length > 0) throw invalidOptions('Redfish client', issues);
  const { username, password } = settings;
  return {
    origin: url.origin,
    secure: url.protocol === 'https:',
    address: `${url.hostname}:${url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? 0) : url.port}`,
    credentials: username === undefined || password === undefined ? undefined : { username, password: Secret.from(password) },
    authentication,
    base,
    connector: createTlsConnector({ ...settings.tls, clock, ...(settings.onLegacyTls === undefined ? {} : { onLegacy: settings.onLegacyTls }) }),
    timeoutMs,
    idleMs,
    queueLimit,
    clock,
    transcript,
  };
}

function parseOrigin(text: unknown): URL | undefined {
  const url = typeof text === 'string' ? URL.parse(text) : null;
  if (url === null || !Object.hasOwn(DEFAULT_PORTS, url.protocol)) return undefined;
  return url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === '' && url.port !== '0' ? url : undefined;
}

function credentialIssues({ username, password, authentication }: RedfishClientSettings): readonly OptionIssue[] {
  const text = Secret.is(password) ? password.reveal() : password;
  return [
    ...(username === undefined && text !== undefined ? [missing('username', 'the user of the password')] : []),
    ...(username !== undefined && text === undefined ? [missing('password', 'the password of the user')] : []),
    ...(username === undefined || (typeof username === 'string' && username !== '') ? [] : [issue('username', 'a text that is not empty', username)]),
    ...(text === undefined || typeof text === 'string' ? [] : [{ field: 'password', problem: 'invalid', expected: 'a text or a Secret' } as const]),
    // RFC 7617, section 2: what follows the first colon is the password.
    ...(authentication === 'basic' && hasColon(username) ? [issue('username', 'a text without a colon for basic authentication', username)] : []),
  ];
}

function hasColon(value: unknown): boolean {
  return typeof value === 'string' && value.includes(':');
}

function oneOf(field: string, accepted: readonly string[], value: unknown): readonly OptionIssue[] {
  return typeof value === 'string' && accepted.includes(value) ? [] : [issue(field, `one of ${accepted.join(', ')}`, value)];
}

function wholeNumber(field: string, minimum: number, maximum: number, value: unknown): readonly OptionIssue[] {
  const fits = typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum;
  return fits ? [] : [issue(field, `a whole number from ${minimum} to ${maximum}`, value)];
}

function issue(field: string, expected: string, received: unknown): OptionIssue {
  return { field, problem: 'invalid', expected, received: printValue(received) };
}

function missing(field: string, expected: string): OptionIssue {
  return { field, problem: 'missing', expected };
}
