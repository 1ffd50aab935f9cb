import type { CallOptions } from '../time/call-options.js';

/** Parts of a machine that have indicators. Source: Ironic, ironic/common/components.py. */
export const INDICATOR_COMPONENTS = ['chassis', 'system', 'disk', 'power', 'nic'] as const;
export type IndicatorComponent = (typeof INDICATOR_COMPONENTS)[number];

/** Source: Ironic, ironic/common/indicator_states.py. */
export const INDICATOR_STATES = ['off', 'on', 'blinking', 'unknown'] as const;
export type IndicatorState = (typeof INDICATOR_STATES)[number];

/** A lamp by which a person finds a machine or a part of it. Its name is unique within its component. */
export interface Indicator {
  readonly component: IndicatorComponent;
  readonly name: string;
  /** True: it only shows; {@link Indicators.set} refuses it. */
  readonly readonly: boolean;
  /** The states that it can be in. */
  readonly states: readonly IndicatorState[];
}

/** The lamps of a machine. */
export interface Indicators {
  list(options?: CallOptions): Promise<readonly Indicator[]>;
  /** `unknown` when the controller does not tell. Throws NOT_FOUND for an indicator that is not there. */
  read(component: IndicatorComponent, name: string, options?: CallOptions): Promise<IndicatorState>;
  /** Idempotent. Throws NOT_FOUND for an indicator that is not there, UNSUPPORTED for one that only shows or cannot be in this state. */
  set(component: IndicatorComponent, name: string, state: IndicatorState, options?: CallOptions): Promise<void>;
}
