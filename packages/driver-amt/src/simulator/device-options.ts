import { invalidOptions, type OptionIssue, printValue } from '@ferric/core';
import type { AmtUser } from './digest/digest-guard.js';
import { type Generation, GENERATION_TRAITS, GENERATIONS } from './generations.js';
import type { ControlMode } from './machine/amt-machine.js';
import type { AuditRecord } from './machine/audit-log.js';
import type { BootTarget } from './machine/boot-unit.js';
import type { EventRecord } from './machine/event-log.js';
import type { EngineMode } from './service/engine.js';

/** Which ports a device has. */
export type AmtProtocols = 'http' | 'https' | 'both';

export interface AmtDeviceOptions {
  /** Shown in logs and demos, and its host name. Default: a generated name. */
  readonly name?: string;
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Port without TLS, default 0: a free one. */
  readonly port?: number;
  /** Port with TLS, default 0: a free one. */
  readonly tlsPort?: number;
  /** What it is: its version, classes, fields, TLS versions. Default 15. */
  readonly generation?: Generation;
  /** Default: `http`, and `https` from 16 on, where there is no other. */
  readonly protocols?: AmtProtocols;
  /** Default `admin`. */
  readonly username?: string;
  /** Default: made up. */
  readonly password?: string;
  /** Users besides the one above. */
  readonly users?: readonly AmtUser[];
  /** The name in its certificate. Default `amt.example`: certificates of AMT seldom name the address. */
  readonly certificateName?: string;
  /** Default `admin`. */
  readonly controlMode?: ControlMode;
  /** What consent is needed for: 0 nothing, 1 KVM, 4294967295 everything. Default 0; in client control mode it is everything. */
  readonly consentRequired?: number;
  /** When its management engine is on. Default `always`. */
  readonly engine?: EngineMode;
  /** What the challenge offers. Default: as its generation. */
  readonly qop?: 'auth' | 'auth-int, auth';
  /** How long a nonce is good. Milliseconds; default: for ever. */
  readonly nonceLifetimeMs?: number;
  /** After so many wrong passwords in a row nobody gets in for a while. Default: never. */
  readonly lockout?: { readonly failures: number; readonly ms: number };
  /** Connections at the same time, 1..64, default 4: further ones are closed at once. */
  readonly maxConnections?: number;
  /** An idle connection is closed after so long. Milliseconds, default 30000. */
  readonly idleMs?: number;
  /** Writes that the flash memory bears. Default: any number. */
  readonly flashWriteLimit?: number;
  /** What its BIOS starts when nobody tells it otherwise. Default `disk`. */
  readonly bootsFrom?: BootTarget;
  /** Network card, with colons. Default: made up. */
  readonly macAddress?: string;
  /** 32 hexadecimal digits as AMT writes them. Default: made up. */
  readonly platformGuid?: string;
  /** The newest first. Default: the recorded ones. */
  readonly events?: readonly EventRecord[];
  /** The oldest first. Default: the recorded ones. */
  readonly audits?: readonly AuditRecord[];
  /** Is told the code of consent when the screen of the machine shows one: the person at it would read it out. */
  readonly onConsentCode?: (code: string) => void;
  /** Is told of each connection and request in one line for people, without secrets. */
  readonly onLine?: (line: string) => void;
}

const RANGES: readonly (readonly [field: keyof AmtDeviceOptions, min: number, max: number])[] = [
  ['port', 0, 65_535], ['tlsPort', 0, 65_535], ['maxConnections', 1, 64], ['idleMs', 1, 3_600_000], ['nonceLifetimeMs', 1, 86_400_000],
  ['flashWriteLimit', 0, Number.MAX_SAFE_INTEGER], ['consentRequired', 0, 4_294_967_295],
];
const PATTERNS: readonly (readonly [field: keyof AmtDeviceOptions, pattern: RegExp, expected: string])[] = [
  ['macAddress', /^[\da-f]{2}(:[\da-f]{2}){5}$/, 'six bytes in lower case with colons'],
  ['platformGuid', /^[\dA-F]{32}$/, '32 hexadecimal digits in upper case'],
  // No colon: it would end the name in what digest hashes.
  ['username', /^[^:"\\]{1,32}$/, 'at most 32 characters without a colon, a quote or a backslash'],
  ['password', /^.{1,64}$/, '1 to 64 characters'],
];

/** @throws INVALID_OPTIONS for a device that cannot exist */
export function checkDeviceOptions(options: AmtDeviceOptions): void {
  const issues = [...numberIssues(options), ...textIssues(options), ...generationIssues(options)];
  if (issues.length > 0) throw invalidOptions('Simulated AMT device', issues);
}

function numberIssues(options: AmtDeviceOptions): readonly OptionIssue[] {
  return RANGES.flatMap(([field, min, max]): readonly OptionIssue[] => {
    const value = options[field];
    if (value === undefined || (Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max)) return [];
    return [{ field, problem: 'invalid', expected: `a whole number from ${min} to ${max}`, received: printValue(value) }];
  });
}

function textIssues(options: AmtDeviceOptions): readonly OptionIssue[] {
  return PATTERNS.flatMap(([field, pattern, expected]): readonly OptionIssue[] => {
    const value = options[field];
    return value === undefined || (typeof value === 'string' && pattern.test(value)) ? [] : [{ field, problem: 'invalid', expected }];
  });
}

function generationIssues({ generation, protocols }: AmtDeviceOptions): readonly OptionIssue[] {
  if (generation === undefined) return [];
  if (!GENERATIONS.includes(generation)) {
    return [{ field: 'generation', problem: 'invalid', expected: `one of ${GENERATIONS.join(', ')}`, received: printValue(generation) }];
  }
  if (protocols === undefined || protocols === 'https' || GENERATION_TRAITS[generation].plain) return [];
  const expected = `https: generation ${generation} has no port without TLS`;
  return [{ field: 'protocols', problem: 'invalid', expected, received: printValue(protocols) }];
}
