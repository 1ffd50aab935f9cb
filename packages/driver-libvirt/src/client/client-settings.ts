import { invalidOptions, MAXIMUM_TIMEOUT_MS, type OptionIssue, printValue, Secret } from '@ferric/core';
import type { LibvirtClientSettings } from './libvirt-client.js';
import { DEFAULT_CALL_TIMEOUT_MS, DEFAULT_CONCURRENCY, DEFAULT_KEEP_ALIVE, DEFAULT_QUEUE_LIMIT, type KeepAliveTimes } from './rpc/connection.js';

/** Settings with nothing left open. */
export interface CheckedSettings {
  readonly connectTimeoutMs: number;
  readonly callTimeoutMs: number;
  readonly concurrency: number;
  readonly queueLimit: number;
  readonly keepAlive: KeepAliveTimes | false;
  readonly reconnect: { readonly firstMs: number; readonly longestMs: number };
}

const DEFAULTS: CheckedSettings = {
  connectTimeoutMs: 10_000,
  callTimeoutMs: DEFAULT_CALL_TIMEOUT_MS,
  concurrency: DEFAULT_CONCURRENCY,
  queueLimit: DEFAULT_QUEUE_LIMIT,
  keepAlive: DEFAULT_KEEP_ALIVE,
  reconnect: { firstMs: 200, longestMs: 10_000 },
};

/** @throws INVALID_OPTIONS naming each field that cannot be used. */
export function checkSettings(settings: LibvirtClientSettings): CheckedSettings {
  const checked: CheckedSettings = {
    connectTimeoutMs: settings.connectTimeoutMs ?? DEFAULTS.connectTimeoutMs,
    callTimeoutMs: settings.callTimeoutMs ?? DEFAULTS.callTimeoutMs,
    concurrency: settings.concurrency ?? DEFAULTS.concurrency,
    queueLimit: settings.queueLimit ?? DEFAULTS.queueLimit,
    keepAlive: settings.keepAlive ?? DEFAULTS.keepAlive,
    reconnect: settings.reconnect ?? DEFAULTS.reconnect,
  };
  const { keepAlive, reconnect } = checked;
  const issues = [
    milliseconds('connectTimeoutMs', checked.connectTimeoutMs),
    milliseconds('callTimeoutMs', checked.callTimeoutMs),
    wholeNumber('concurrency', checked.concurrency, 1),
    wholeNumber('queueLimit', checked.queueLimit, 0),
    keepAlive === false ? undefined : milliseconds('keepAlive.intervalMs', keepAlive.intervalMs),
    keepAlive === false ? undefined : wholeNumber('keepAlive.count', keepAlive.count, 1),
    milliseconds('reconnect.firstMs', reconnect.firstMs),
    milliseconds('reconnect.longestMs', reconnect.longestMs, reconnect.firstMs),
    ...checkCredentials(settings.credentials),
  ].filter((issue) => issue !== undefined);
  if (issues.length > 0) throw invalidOptions('Client of libvirt', issues);
  return checked;
}

function milliseconds(field: string, value: number, smallest = 1): OptionIssue | undefined {
  if (value >= smallest && value <= MAXIMUM_TIMEOUT_MS) return undefined;
  return { field, problem: 'invalid', expected: `a number of milliseconds from ${smallest} to ${MAXIMUM_TIMEOUT_MS}`, received: printValue(value) };
}

function wholeNumber(field: string, value: number, smallest: number): OptionIssue | undefined {
  if (Number.isSafeInteger(value) && value >= smallest) return undefined;
  return { field, problem: 'invalid', expected: `a whole number of at least ${smallest}`, received: printValue(value) };
}

function checkCredentials(credentials: LibvirtClientSettings['credentials']): readonly (OptionIssue | undefined)[] {
  if (credentials === undefined) return [];
  const { username, password } = credentials;
  return [
    typeof username === 'string' && username !== ''
      ? undefined
      : { field: 'credentials.username', problem: 'invalid', expected: 'a text that is not empty', received: printValue(username) },
    Secret.is(password) ? undefined : { field: 'credentials.password', problem: 'invalid', expected: 'a Secret' },
  ];
}
