import type { Clock } from '@ferric/core';

/** What was learned of a device and need not be asked for each time. */
export interface Kept<T> {
  /** Undefined when nothing was learned yet, or too long ago. */
  read(): T | undefined;
  keep(value: T): void;
}

/** Firmware is updated and its settings change while a client lives. Milliseconds. */
const KEPT_MS = 3_600_000;

/** Keeps a value for {@link KEPT_MS}. */
export function createKept<T>(clock: Clock): Kept<T> {
  let kept: { readonly value: T; readonly until: number } | undefined;
  return {
    read: () => (kept !== undefined && clock.monotonicMs() < kept.until ? kept.value : undefined),
    keep(value) {
      kept = { value, until: clock.monotonicMs() + KEPT_MS };
    },
  };
}
