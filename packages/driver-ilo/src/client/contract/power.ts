import type { CallOptions, PowerOutcome, PowerReading, PowerTarget } from '@ferric/core';

/** A power state with how far the self-test is. */
export interface IloPowerReading extends PowerReading {
  /** `PowerOff`, `Reset`, `InPost`, `InPostDiscoveryComplete`, `FinishedPost`, `Unknown`; null where the generation does not tell (Gen8). Also in `detail`. */
  readonly postState: string | null;
}

export interface IloPower {
  read(options?: CallOptions): Promise<IloPowerReading>;
  /**
   * As `Power.set` of core: reads first and does nothing when the server is there already, sends one command, then waits until the state is reached.
   * A soft target that the operating system does not follow ends in TIMEOUT. Default of `timeoutMs`: ten minutes.
   */
  set(target: PowerTarget, options?: CallOptions): Promise<PowerOutcome>;
}

/** Not on Gen8. */
export interface IloNmi {
  /** @throws CONFLICT when the server is off */
  inject(options?: CallOptions): Promise<void>;
}

export interface IloIdentifyLight {
  read(options?: CallOptions): Promise<'on' | 'off' | 'blinking' | 'unknown'>;
  set(on: boolean, options?: CallOptions): Promise<void>;
}
