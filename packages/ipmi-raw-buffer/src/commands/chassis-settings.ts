import type { CallOptions } from '@ferric/core';
import { carryOut } from '../message/carry-out.js';
import type { RequestCarrier } from '../message/request.js';
import { requireBytes } from '../message/bytes.js';
import { carryOutAndDecode } from './answer.js';
import type { ButtonSet } from './chassis-status.js';
import { choiceIssue, integerIssue, refuseIssues } from './inputs.js';

/** Policies that can be asked for. Source: IPMI 2.0, section 28.8. */
const RESTORE_POLICY_CODES = { 'always off': 0, previous: 1, 'always on': 2 } as const;
export type SettablePowerRestorePolicy = keyof typeof RESTORE_POLICY_CODES;

/** The code that changes nothing and asks what is supported. */
const QUERY_POLICIES = 3;

/**
 * Reads the answer to Set Power Restore Policy: the policies that the controller knows.
 * @throws PROTOCOL_FAULT for an empty answer
 */
export function decodeRestorePolicySupport(data: Uint8Array): readonly SettablePowerRestorePolicy[] {
  const bits = requireBytes('Set Power Restore Policy', data, 1).readUInt8(0);
  return (Object.keys(RESTORE_POLICY_CODES) as SettablePowerRestorePolicy[]).filter((policy) => (bits & (1 << RESTORE_POLICY_CODES[policy])) !== 0);
}

/** What the machine shall do when mains power returns. Idempotent. Resolves with the policies that the controller knows; the present one is in the chassis status. */
export async function setPowerRestorePolicy(
  bmc: RequestCarrier,
  policy: SettablePowerRestorePolicy,
  options?: CallOptions,
): Promise<readonly SettablePowerRestorePolicy[]> {
  refuseIssues('Power restore policy', choiceIssue('policy', policy, RESTORE_POLICY_CODES));
  const data = Uint8Array.of(RESTORE_POLICY_CODES[policy]);
  return carryOutAndDecode(bmc, 'Set Power Restore Policy', { netFn: 0x00, command: 0x06, data }, decodeRestorePolicySupport, options);
}

/** The power restore policies that the controller knows. Changes nothing. */
export async function getPowerRestorePolicies(bmc: RequestCarrier, options?: CallOptions): Promise<readonly SettablePowerRestorePolicy[]> {
  const data = Uint8Array.of(QUERY_POLICIES);
  return carryOutAndDecode(bmc, 'Set Power Restore Policy', { netFn: 0x00, command: 0x06, data }, decodeRestorePolicySupport, options);
}

/** Why the machine last started, by number. Source: IPMI 2.0, section 28.11. */
export const RESTART_CAUSES = [
  'unknown', 'chassis control', 'reset button', 'power button', 'watchdog', 'vendor-specific', 'restore policy always on', 'restore policy previous',
  'reset by platform event filter', 'power cycle by platform event filter', 'soft reset', 'real-time clock',
] as const;

export interface RestartCause {
  readonly cause: (typeof RESTART_CAUSES)[number] | 'reserved';
  /** 0..15, as it came. */
  readonly code: number;
  /** The channel by which the command came that made it start; null when not told. */
  readonly channel: number | null;
}

/**
 * Reads the answer to Get System Restart Cause.
 * @throws PROTOCOL_FAULT for an empty answer
 */
export function decodeRestartCause(data: Uint8Array): RestartCause {
  const bytes = requireBytes('Get System Restart Cause', data, 1);
  const code = bytes.readUInt8(0) & 0x0f;
  return { cause: RESTART_CAUSES[code] ?? 'reserved', code, channel: bytes.length > 1 ? bytes.readUInt8(1) : null };
}

/** Why the machine last started. Idempotent; UNSUPPORTED by many controllers. */
export async function getRestartCause(bmc: RequestCarrier, options?: CallOptions): Promise<RestartCause> {
  return carryOutAndDecode(bmc, 'Get System Restart Cause', { netFn: 0x00, command: 0x07 }, decodeRestartCause, options);
}

/** How long the machine has been on in all its life. Source: IPMI 2.0, section 28.14. */
export interface PowerOnTime {
  readonly minutesPerCount: number;
  readonly counter: number;
  /** Minutes: the product of both. */
  readonly minutes: number;
}

/**
 * Reads the answer to Get POH Counter.
 * @throws PROTOCOL_FAULT for fewer than 5 bytes
 */
export function decodePowerOnTime(data: Uint8Array): PowerOnTime {
  const bytes = requireBytes('Get POH Counter', data, 5);
  const minutesPerCount = bytes.readUInt8(0);
  const counter = bytes.readUInt32LE(1);
  return { minutesPerCount, counter, minutes: minutesPerCount * counter };
}

/** How long the machine has been on. Idempotent; optional. */
export async function getPowerOnTime(bmc: RequestCarrier, options?: CallOptions): Promise<PowerOnTime> {
  return carryOutAndDecode(bmc, 'Get POH Counter', { netFn: 0x00, command: 0x0f }, decodePowerOnTime, options);
}

/** The request data of Set Front Panel Button Enables: a bit for each button that shall do nothing. Source: IPMI 2.0, section 28.6. */
export function encodeDisabledButtons(disabled: Partial<ButtonSet>): Uint8Array {
  const bits = [disabled.power, disabled.reset, disabled.nmi, disabled.standby];
  return Uint8Array.of(bits.reduce<number>((sum, isDisabled, bit) => (isDisabled === true ? sum | (1 << bit) : sum), 0));
}

/** Switches buttons of the front panel off; those that are not named work. Idempotent. Which can be switched off is in the chassis status. */
export async function setDisabledButtons(bmc: RequestCarrier, disabled: Partial<ButtonSet>, options?: CallOptions): Promise<void> {
  await carryOut(bmc, 'Set Front Panel Button Enables', { netFn: 0x00, command: 0x0a, data: encodeDisabledButtons(disabled) }, options);
}

/** How long a power cycle keeps the machine off. Seconds, 0..255; 0: at least the second that every cycle has. Idempotent. Source: IPMI 2.0, section 28.9. */
export async function setPowerCycleInterval(bmc: RequestCarrier, seconds: number, options?: CallOptions): Promise<void> {
  refuseIssues('Power cycle interval', integerIssue('seconds', seconds, 0, 255));
  await carryOut(bmc, 'Set Power Cycle Interval', { netFn: 0x00, command: 0x0b, data: Uint8Array.of(seconds) }, options);
}
