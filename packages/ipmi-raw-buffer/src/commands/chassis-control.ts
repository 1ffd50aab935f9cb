import type { CallOptions } from '@ferric/core';
import { carryOut } from '../message/carry-out.js';
import { completionError } from '../message/completion-codes.js';
import type { RequestCarrier } from '../message/request.js';
import { choiceIssue, integerIssue, refuseIssues } from './inputs.js';

/** What the machine can be made to do. Only `power off` and `power on` may be sent twice without harm. Source: IPMI 2.0, section 28.3. */
const CHASSIS_ACTIONS = {
  /** At once, as if the plug were pulled. */
  'power off': { code: 0, repeatable: true },
  'power on': { code: 1, repeatable: true },
  /** Off for at least a second, then on. Off already: refused with CONFLICT, or anything else. */
  'power cycle': { code: 2, repeatable: false },
  'hard reset': { code: 3, repeatable: false },
  /** A non-maskable interrupt. */
  'diagnostic interrupt': { code: 4, repeatable: false },
  /** Asks the operating system to end; it may never do so. */
  'soft shutdown': { code: 5, repeatable: false },
} as const;

export type ChassisAction = keyof typeof CHASSIS_ACTIONS;

/**
 * Asks for a change of power. The controller may answer before anything happens: read the chassis status until it shows.
 * `power off` and `power on` are repeated when no answer comes, the others are sent once: on TIMEOUT read the status before anything else.
 * @throws INVALID_OPTIONS for another action; what `carryOut` throws
 */
export async function controlChassis(bmc: RequestCarrier, action: ChassisAction, options?: CallOptions): Promise<void> {
  refuseIssues('Chassis control', choiceIssue('action', action, CHASSIS_ACTIONS));
  const { code, repeatable } = CHASSIS_ACTIONS[action];
  await carryOut(bmc, `Chassis Control (${action})`, { netFn: 0x00, command: 0x02, data: Uint8Array.of(code) }, { ...options, repeatable });
}

/** `off`, a number of seconds from 1 to 255, or until told otherwise. */
export type IdentifyDuration = 'off' | 'indefinite' | number;

/** The request data of Chassis Identify. Throws INVALID_OPTIONS. Source: IPMI 2.0, section 28.5. */
export function encodeIdentify(duration: IdentifyDuration): Uint8Array {
  if (duration === 'off') return Uint8Array.of(0);
  if (duration === 'indefinite') return Uint8Array.of(0, 1);
  refuseIssues('Chassis identify', integerIssue('duration', duration, 1, 255));
  return Uint8Array.of(duration);
}

/** How long the light was asked to stay on: where `indefinite` is not known, 255 seconds are. */
export interface IdentifyOutcome {
  readonly duration: IdentifyDuration;
}

/** Completion codes by which a controller says that it does not know the second byte. */
const SECOND_BYTE_REFUSED: ReadonlySet<number> = new Set([0xc7, 0xc8, 0xc9, 0xcc]);

/**
 * Makes the machine show itself, by a light as a rule. Idempotent: each call replaces the one before.
 * A controller that does not know `indefinite` is asked for 255 seconds, as the outcome tells: then repeat the call in time.
 */
export async function identifyChassis(bmc: RequestCarrier, duration: IdentifyDuration, options?: CallOptions): Promise<IdentifyOutcome> {
  const step = 'Chassis Identify';
  const request = { netFn: 0x00, command: 0x04, data: encodeIdentify(duration) };
  const { completionCode } = await bmc.raw(request, { step, ...options });
  if (completionCode === 0) return { duration };
  if (duration !== 'indefinite' || !SECOND_BYTE_REFUSED.has(completionCode)) throw completionError(request, completionCode, bmc.address, step);
  await carryOut(bmc, step, { ...request, data: encodeIdentify(255) }, options);
  return { duration: 255 };
}
