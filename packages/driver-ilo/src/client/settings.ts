import { type Clock, createGate, type Gate, invalidOptions, MAXIMUM_TIMEOUT_MS, type OptionIssue, printValue, Secret, systemClock } from '@ferric/core';
import type { TlsSettings } from '@ferric/core/tls';
import type { IloClientSettings, IloPauses } from './ilo-client.js';
import { checkEndpoint } from './ribcl/client-settings.js';
import { textIssue } from './ribcl/commands/inputs.js';

/** {@link IloClientSettings}, checked and with their defaults. */
export interface CheckedIloSettings {
  readonly host: string;
  readonly port: number;
  /** `192.0.2.10:443` */
  readonly address: string;
  readonly username: string;
  readonly password: Secret;
  readonly timeoutMs: number;
  readonly tls: TlsSettings;
  readonly onLegacyTls: IloClientSettings['onLegacyTls'];
  readonly gate: Gate;
  readonly pauses: IloPauses;
  readonly clock: Clock;
  readonly transcript: IloClientSettings['transcript'];
}

const DEFAULT_PORT = 443;
const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_PAUSES: IloPauses = { powerMs: 2000, postMs: 10_000, retryMs: 5000, resetMs: 5000, updateMs: 30_000, certificateMs: 10_000 };
/** Exchanges that may wait for one controller. */
const QUEUE_LIMIT = 64;
const LONGEST_CREDENTIAL = 256;

/** @throws INVALID_OPTIONS naming every field that cannot be used */
export function checkIloSettings(settings: IloClientSettings): CheckedIloSettings {
  const { host, port = DEFAULT_PORT, username, password, timeoutMs = DEFAULT_TIMEOUT_MS, tls = {}, clock = systemClock } = settings;
  const pauses = { ...DEFAULT_PAUSES, ...settings.pauses };
  const endpoint = checkEndpoint({ host, port, timeoutMs, tls, clock }, [
    textIssue('username', username, LONGEST_CREDENTIAL),
    passwordIssue('password', password),
    ...(Object.keys(pauses) as (keyof IloPauses)[]).map((name) => pauseIssue(name, pauses[name])),
  ]);
  const { address } = endpoint;
  const gate = settings.gate ?? createGate(address, { queueLimit: QUEUE_LIMIT }, clock);
  return { host, port, address, username, password, timeoutMs, tls, onLegacyTls: settings.onLegacyTls, gate, pauses, clock, transcript: settings.transcript };
}

/** @throws INVALID_OPTIONS for what cannot be a password */
export function checkPassword(field: string, password: unknown): asserts password is Secret {
  const issue = passwordIssue(field, password);
  if (issue !== undefined) throw invalidOptions('iLO account', [issue]);
}

function passwordIssue(field: string, password: unknown): OptionIssue | undefined {
  const text = Secret.is(password) ? password.reveal() : undefined;
  if (typeof text === 'string' && text !== '' && text.length <= LONGEST_CREDENTIAL) return undefined;
  return { field, problem: 'invalid', expected: `a Secret with a text of 1 to ${LONGEST_CREDENTIAL} characters` };
}

function pauseIssue(name: string, value: unknown): OptionIssue | undefined {
  if (typeof value === 'number' && value >= 1 && value <= MAXIMUM_TIMEOUT_MS) return undefined;
  return { field: `pauses.${name}`, problem: 'invalid', expected: `a number of milliseconds from 1 to ${MAXIMUM_TIMEOUT_MS}`, received: printValue(value) };
}
