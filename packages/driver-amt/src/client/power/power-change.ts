import { FerricError, type CallOptions, type Clock, type Deadline } from '@ferric/core';
import type { ReadGeneration } from '../generation.js';
import type { Wsman } from '../wsman/wsman.js';
import type { AmtPowerTarget, PowerStep } from './power-plan.js';
import type { AmtPowerStatus } from './power-states.js';
import type { ReadPower } from './read-power.js';
import type { PowerPacing, SendPowerRequest } from './send-request.js';

/**
 * How far a start of the machine has come. `asked`: a request for it is about to go out; when nothing follows, it is not known whether it was
 * carried out. `begun`: it certainly has. `declined`: it certainly has not.
 */
export type BootProgress = 'asked' | 'begun' | 'declined';

/** How a change of power is made. */
export interface PowerChangeOptions extends CallOptions {
  /**
   * How often a request goes out at most when the machine shows that it was not carried out. Default 3. A reset or power cycle goes out again only when
   * it never left or the device was busy, a graceful request never.
   */
  readonly attempts?: number;
  /** How long a machine is watched before a request counts as not carried out. Milliseconds, default 10000. */
  readonly retryAfterMs?: number;
  /** Called before anything is requested when the machine is stopped first and started afterwards: throws when `beforeBoot` would. Nothing is requested then. */
  readonly checkBoot?: (options: CallOptions) => Promise<void>;
  /** Called before a request that makes the firmware start the machine, again before a restart goes out again. When it throws, nothing is requested. */
  readonly beforeBoot?: (options: CallOptions) => Promise<void>;
  /** Told how far that start has come, also when the call fails or is given up. @param before how the machine stood before it */
  readonly onBoot?: (progress: BootProgress, before: AmtPowerStatus) => void;
  /** Told of each look at the machine. */
  readonly onLook?: (status: AmtPowerStatus) => void;
}

/** What came of it. */
export interface AmtPowerChange {
  /** How the machine stands now. */
  readonly status: AmtPowerStatus;
  /** What was asked for and accepted, in order; empty when the machine was there already. */
  readonly requests: readonly PowerStep['request'][];
}

export interface ChangePowerParts {
  readonly wsman: Wsman;
  readonly clock: Clock;
  readonly pacing: PowerPacing;
  readonly read: ReadPower;
  readonly readGeneration: ReadGeneration;
  readonly send: SendPowerRequest;
}

type Hooks = Pick<PowerChangeOptions, 'checkBoot' | 'beforeBoot' | 'onBoot'>;

/** One change under way. */
export interface Change extends ChangePowerParts, Required<Pick<PowerChangeOptions, 'attempts' | 'retryAfterMs'>>, Hooks {
  readonly target: AmtPowerTarget;
  readonly deadline: Deadline;
}

/** What a call that belongs to a change gets: it ends with it. */
export function callOf({ deadline }: Pick<Change, 'deadline'>, limitMs?: number): CallOptions {
  return limitMs === undefined ? { signal: deadline.signal } : { signal: deadline.signal, timeoutMs: limitMs };
}

/** The error for a machine that does not show what its device accepted. */
export function notReached(target: AmtPowerTarget, last: AmtPowerStatus): FerricError {
  const received = last.detail === undefined ? last.state : `${last.state}: ${last.detail}`;
  const soft = target === 'soft power off' || target === 'soft rebooting';
  return new FerricError('TIMEOUT', `The device accepted '${target}', but the machine still reads '${received}'`, {
    details: { step: 'wait for the machine', target, received },
    hint: soft ? "Its operating system may ask its user first, or hang: look at its screen, or use 'power off'." : 'The machine may still change: read its state before trying again.',
  });
}
