import { invalidOptions, MAXIMUM_TIMEOUT_MS, type OptionIssue, printValue } from '@ferric/core';
import { LONGEST_PULSE_S, MOST_RELAYS, type RelayState } from './dxp-messages.js';

/** Whole numbers that a setting of the client may have. */
const RANGES = {
  port: [1, 65_535],
  relayBase: [0, 1],
  idleMs: [0, MAXIMUM_TIMEOUT_MS],
  connectTimeoutMs: [1, MAXIMUM_TIMEOUT_MS],
  answerTimeoutMs: [1, MAXIMUM_TIMEOUT_MS],
} as const satisfies Readonly<Record<string, readonly [min: number, max: number]>>;

type RangedField = keyof typeof RANGES;

/** What an address must be, in words. */
export const ADDRESS_EXPECTED = 'an IP address or host name, without a port or http://';

const NAME = /^[^\s/@:[\]]+$/;
const IPV6 = /^[\da-f.]*:[\da-f.]*:[\da-f:.]*(?:%[\w.-]+)?$/i;

/** Whether this can be the address of a unit: no blanks, no URL, no port. */
export function isAddress(value: unknown): value is string {
  return typeof value === 'string' && (NAME.test(value) || IPV6.test(value));
}

/** @throws INVALID_OPTIONS naming every setting that cannot be used. */
export function checkSettings(settings: { readonly address: string } & { readonly [Field in RangedField]?: number | undefined }): void {
  const { address } = settings;
  const issues: OptionIssue[] = isAddress(address) ? [] : [{ field: 'address', problem: 'invalid', expected: ADDRESS_EXPECTED, received: printValue(address) }];
  for (const field of Object.keys(RANGES) as RangedField[]) {
    const value = settings[field];
    const [min, max] = RANGES[field];
    if (value !== undefined) issues.push(...outside(field, value, min, max));
  }
  refuse('DxP client', issues);
}

/** @throws INVALID_OPTIONS naming `atLeast`. */
export function checkAtLeast(where: string, atLeast: number | undefined): void {
  if (atLeast !== undefined) refuse(`Command for ${where}`, outside('atLeast', atLeast, 1, MOST_RELAYS));
}

/** What is asked of one relay. */
interface Change {
  readonly relay: number;
  readonly state: RelayState;
  readonly widthSeconds?: number;
}

/** @throws INVALID_OPTIONS naming `relay`, `state` and `widthSeconds`. A state that nobody knows would switch off. */
export function checkChange(where: string, { relay, state, widthSeconds }: Change): void {
  const isKnown = (['on', 'off'] as readonly unknown[]).includes(state);
  refuse(`Command for ${where}`, [
    ...outside('relay', relay, 1, MOST_RELAYS),
    ...(isKnown ? [] : [{ field: 'state', problem: 'invalid', expected: '"on" or "off"', received: printValue(state) } as const]),
    ...(widthSeconds === undefined ? [] : outside('widthSeconds', widthSeconds, 1, LONGEST_PULSE_S)),
  ]);
}

function outside(field: string, value: number, min: number, max: number): OptionIssue[] {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return [];
  return [{ field, problem: 'invalid', expected: `a whole number from ${min} to ${max}`, received: printValue(value) }];
}

function refuse(subject: string, issues: readonly OptionIssue[]): void {
  if (issues.length > 0) throw invalidOptions(subject, issues);
}
