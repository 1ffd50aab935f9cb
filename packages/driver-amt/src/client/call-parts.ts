import type { Clock } from '@ferric/core';

/** What the groups of calls share besides the device. */
export interface AmtCallParts {
  /** Counts deadlines, and is the time that the device's clock is compared with. */
  readonly clock: Clock;
}
