import { createGate, MAXIMUM_TIMEOUT_MS, printValue, systemClock, type Clock, type Gate, type OptionIssue, type Secret, type TranscriptSink } from '@ferric/core';
import { createTlsConnector, type TlsConnector, type TlsPeer, type TlsSettings } from '@ferric/core/tls';
import { checkInputs, secretIssue, textIssue } from './commands/inputs.js';
import { addressOf } from './https/https-exchange.js';

/** How one controller is spoken to. */
export interface RibclClientSettings {
  /** Name or address of the iLO. */
  readonly host: string;
  /** Default 443. */
  readonly port?: number;
  readonly username: string;
  /** Sent as it is, so it must not hold a double quotation mark. A function is asked for each exchange: the password may change. */
  readonly password: Secret | (() => Secret);
  /** How the certificate is judged. Not used when `connector` is given. */
  readonly tls?: TlsSettings;
  /** Makes the connections, and remembers what TLS the controller speaks; share one between clients of the same controller. */
  readonly connector?: TlsConnector;
  /** Time for one call, waiting included; some commands have a longer one of their own. Milliseconds, default 60 000. */
  readonly timeoutMs?: number;
  /** The line before the controller, one request at a time. Share one between clients of the same controller. Default: one of its own. */
  readonly gate?: Gate;
  readonly clock?: Clock;
  /** Gets every request and answer, without secrets. */
  readonly transcript?: TranscriptSink;
}

/** Where a controller is and how it is reached, checked and with defaults. */
export interface CheckedEndpoint {
  readonly peer: TlsPeer;
  /** `192.0.2.1:443` */
  readonly address: string;
  readonly connector: TlsConnector;
  readonly timeoutMs: number;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly transcript: TranscriptSink | undefined;
}

/** All of it, with who logs in. */
export interface CheckedSettings extends CheckedEndpoint {
  readonly username: string;
  /** That of the moment. */
  readonly password: Secret;
}

const DEFAULT_PORT = 443;
const DEFAULT_TIMEOUT_MS = 60_000;
/** Requests that may wait for one controller. */
const QUEUE_LIMIT = 32;
const LONGEST_CREDENTIAL = 256;

/** @throws INVALID_OPTIONS naming every field that cannot be used. */
export function checkSettings(settings: RibclClientSettings): CheckedSettings {
  const { username, password: given } = settings;
  const present = typeof given === 'function' ? given : (): Secret => given;
  const passwordIssue = (): OptionIssue | undefined => secretIssue('password', present(), LONGEST_CREDENTIAL);
  const credentials = [textIssue('username', username, LONGEST_CREDENTIAL), passwordIssue()];
  return {
    ...checkEndpoint(settings, credentials),
    username,
    get password() {
      // One that counts elsewhere may be none that can be written in RIBCL.
      checkInputs('iLO client', [passwordIssue()]);
      return present();
    },
  };
}

/**
 * Checks what a controller is reached by.
 * @param others what else was found wrong, to be told in the same error
 * @throws INVALID_OPTIONS naming every field that cannot be used.
 */
export function checkEndpoint(settings: Omit<RibclClientSettings, 'username' | 'password'>, others: readonly (OptionIssue | undefined)[] = []): CheckedEndpoint {
  const { host, port = DEFAULT_PORT, timeoutMs = DEFAULT_TIMEOUT_MS, clock = systemClock, transcript } = settings;
  checkInputs('iLO client', [
    typeof host === 'string' && /^[^\s/@]+$/.test(host) ? undefined : invalid('host', 'a name or an address', host),
    isWhole(port, 1, 65_535) ? undefined : invalid('port', 'a whole number from 1 to 65535', port),
    isWhole(timeoutMs, 1, MAXIMUM_TIMEOUT_MS) ? undefined : invalid('timeoutMs', `a whole number of milliseconds from 1 to ${MAXIMUM_TIMEOUT_MS}`, timeoutMs),
    ...others,
  ]);
  const peer = { host, port };
  const address = addressOf(peer);
  return {
    peer,
    address,
    connector: settings.connector ?? createTlsConnector({ ...settings.tls, clock }),
    timeoutMs,
    gate: settings.gate ?? createGate(address, { queueLimit: QUEUE_LIMIT }, clock),
    clock,
    transcript,
  };
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

function invalid(field: string, expected: string, received: unknown): OptionIssue {
  return { field, problem: 'invalid', expected, received: printValue(received) };
}
