import { type Clock, invalidOptions, MAXIMUM_TIMEOUT_MS, type OptionIssue, printValue, Secret, type TranscriptSink } from '@ferric/core';
import type { TlsSettings } from '@ferric/core/tls';

export const WSMAN_PROTOCOLS = ['http', 'https'] as const;
export type WsmanProtocol = (typeof WSMAN_PROTOCOLS)[number];

/** TCP ports of Intel AMT. Source: Intel AMT Implementation and Reference Guide, page "Ports Used by Intel AMT". */
export const WSMAN_PORTS: Readonly<Record<WsmanProtocol, number>> = { http: 16_992, https: 16_993 };

/** How a device is spoken to. */
export interface WsmanSettings {
  /** IP address or host name, without a port. */
  readonly host: string;
  /** `http` is not encrypted: the password stays hidden by digest, the rest does not. AMT 16.1 and later know https only. */
  readonly protocol: WsmanProtocol;
  /** TCP port, 1..65535. Default 16992 for http, 16993 for https. */
  readonly port?: number | undefined;
  readonly username: string;
  readonly password: string | Secret;
  /** How the device's certificate is verified; for https only. Default: by the authorities of Node.js. */
  readonly tls?: TlsSettings | undefined;
  /** Time for one connection to stand, handshake included. Milliseconds, 1..86400000, default 5000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Time for one request and its answer. Milliseconds, 1..86400000, default 30000: AMT itself never works to less (DSP0226 page of Intel's guide). */
  readonly requestTimeoutMs?: number | undefined;
  /** Time for one call when the caller names none: its turn, waking, connecting, every request. Milliseconds, 1..86400000, default 60000. */
  readonly callTimeoutMs?: number | undefined;
  /** How long an unused connection is kept. Milliseconds, 0..86400000, default 10000; 0 closes after each answer. */
  readonly idleMs?: number | undefined;
  /** Silence after which the management engine may sleep and is woken before it is asked. Milliseconds, 0..86400000, default 60000; 0 never wakes. */
  readonly awakeIntervalMs?: number | undefined;
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined;
  /** Default: no transcript. */
  readonly transcript?: TranscriptSink | undefined;
}

const DEFAULTS = {
  connectTimeoutMs: 5000,
  requestTimeoutMs: 30_000,
  callTimeoutMs: 60_000,
  idleMs: 10_000,
  awakeIntervalMs: 60_000,
} as const satisfies Partial<Record<keyof WsmanSettings, number>>;

type Duration = keyof typeof DEFAULTS;

const SMALLEST: Readonly<Record<Duration, number>> = { connectTimeoutMs: 1, requestTimeoutMs: 1, callTimeoutMs: 1, idleMs: 0, awakeIntervalMs: 0 };

/** Settings with every default filled in. */
export interface CheckedSettings extends Readonly<Record<Duration, number>> {
  readonly host: string;
  readonly protocol: WsmanProtocol;
  readonly port: number;
  readonly username: string;
  readonly password: Secret;
}

const NAME = /^[^\s/@:[\]%]+$/;
const IPV6 = /^[\da-f.]*:[\da-f.]*:[\da-f:.]*(?:%[\w.-]+)?$/i;
// Control characters would end the header that carries the name.
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f]/;

/** @throws INVALID_OPTIONS naming every setting that cannot be used; the password is not shown. */
export function checkSettings(settings: WsmanSettings): CheckedSettings {
  const { host, protocol, username } = settings;
  const port = settings.port ?? WSMAN_PORTS[protocol];
  const password = Secret.from(settings.password);
  const issues: OptionIssue[] = [
    ...issue('host', typeof host === 'string' && isAddress(host), 'an IP address or host name, without a port or http://', host),
    ...issue('protocol', WSMAN_PROTOCOLS.includes(protocol), '"http" or "https"', protocol),
    ...(settings.port === undefined ? [] : issue('port', isWhole(settings.port, 1, 65_535), 'a whole number from 1 to 65535', settings.port)),
    ...issue('username', typeof username === 'string' && isPlainText(username), 'a text without control characters', username),
    ...issue('tls', settings.tls === undefined || protocol !== 'http', 'left out with protocol http, which has no certificate', settings.tls),
    ...(isPlainText(password.reveal()) ? [] : [{ field: 'password', problem: 'invalid', expected: 'a text without control characters' } as const]),
  ];
  const durations = { ...DEFAULTS } as Record<Duration, number>;
  for (const field of Object.keys(DEFAULTS) as Duration[]) {
    const value = settings[field] ?? DEFAULTS[field];
    issues.push(...issue(field, isWhole(value, SMALLEST[field], MAXIMUM_TIMEOUT_MS), `a whole number from ${SMALLEST[field]} to ${MAXIMUM_TIMEOUT_MS}`, value));
    durations[field] = value;
  }
  if (issues.length > 0) throw invalidOptions('WS-Management client', issues);
  return { ...durations, host, protocol, port, username, password };
}

/** Whether this is an IP address, with its zone if it has one, or a host name: without a port, brackets or http://. */
export function isAddress(text: string): boolean {
  return NAME.test(text) || IPV6.test(text);
}

/** Whether this can be a user name or a password: some text without control characters. */
export function isPlainText(text: string): boolean {
  return text !== '' && !CONTROLS.test(text);
}

/** `192.0.2.7:16992`, `[2001:db8::7]:16993`. */
export function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function issue(field: string, accepted: boolean, expected: string, value: unknown): OptionIssue[] {
  return accepted ? [] : [{ field, problem: 'invalid', expected, received: printValue(value) }];
}

function isWhole(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max;
}
