import type { JsonValue } from '../json.js';
import type { CallOptions } from '../time/call-options.js';

/** What can be known about the power of a machine. */
export const POWER_STATES = ['power on', 'power off', 'error', 'unknown'] as const;
export type PowerState = (typeof POWER_STATES)[number];

/** What can be asked for. `rebooting` ends in `power on`, the soft ones ask the operating system. */
export const POWER_TARGETS = ['power on', 'power off', 'rebooting', 'soft power off', 'soft rebooting'] as const;
export type PowerTarget = (typeof POWER_TARGETS)[number];

/** A power state and how it is known. */
export interface PowerReading {
  readonly state: PowerState;
  /** `device`: the controller was asked. `assumed`: nobody can be asked, this is what was last requested. */
  readonly source: 'device' | 'assumed';
  /** What the state alone does not say: a sleep state, or why it is unknown. */
  readonly detail?: string;
  readonly at: Date;
}

/** What came of a request. */
export interface PowerOutcome {
  /**
   * `done`: the device confirmed the state. `sent`: the request left this machine, nobody can confirm it.
   * `manual intervention required`: this hardware has no way to do it, nothing was sent.
   */
  readonly status: 'done' | 'sent' | 'manual intervention required';
  /** The state to go on with. */
  readonly reading: PowerReading;
  /** One sentence for people. */
  readonly detail?: string;
  /** Facts worth keeping in the node's history, such as every packet sent. No secrets. */
  readonly report?: JsonValue;
}

/** Power of one machine: the one capability that every device has. */
export interface Power {
  /** The targets this hardware accepts; any other is refused as UNSUPPORTED. */
  readonly targets: ReadonlySet<PowerTarget>;
  /** Reads the state. Has no effect on the machine. Throws UNREACHABLE, TIMEOUT, AUTH_FAILED, PROTOCOL_FAULT. */
  read(options?: CallOptions): Promise<PowerReading>;
  /**
   * Changes the state. Asking for the state that the machine is already in is not an error and changes nothing;
   * `rebooting` of a machine that is off switches it on.
   * Throws UNSUPPORTED for a target outside {@link Power.targets}, and what {@link Power.read} throws.
   * After TIMEOUT or an abort the device may still act on what was sent.
   */
  set(target: PowerTarget, options?: CallOptions): Promise<PowerOutcome>;
  /**
   * Present only where a state can never be read but is assumed: takes note of what was seen elsewhere, such as a deploy agent that
   * switched its machine off. Nothing is sent. Later readings say so.
   */
  assume?(state: 'power on' | 'power off', evidence: string): void;
}

/** The state in which a target leaves the machine. */
export const STATE_AFTER_TARGET: Readonly<Record<PowerTarget, 'power on' | 'power off'>> = {
  'power on': 'power on',
  'power off': 'power off',
  rebooting: 'power on',
  'soft power off': 'power off',
  'soft rebooting': 'power on',
};
