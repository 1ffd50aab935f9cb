import type { Clock } from '@ferric/core';

/** Decides what is said again: a machine in a loop must fill neither the log nor the history of its node. */
export interface Seldom {
  /** True for the first time of this key, and again when the interval has passed since the last true. */
  first(key: string): boolean;
  /** Forgets a key: its next time is a first one. */
  forget(key: string): void;
}

export interface SeldomSettings {
  readonly clock: Clock;
  /** Milliseconds, default one minute. */
  readonly intervalMs?: number;
  /** How many keys are remembered; beyond that the oldest are forgotten. Default 10,000. */
  readonly mostKeys?: number;
}

export function createSeldom({ clock, intervalMs = 60_000, mostKeys = 10_000 }: SeldomSettings): Seldom {
  // A Map keeps the order of insertion: its first key is the one said longest ago.
  const said = new Map<string, number>();
  return {
    first(key) {
      const now = clock.monotonicMs();
      const before = said.get(key);
      if (before !== undefined && now - before < intervalMs) return false;
      said.delete(key);
      said.set(key, now);
      const [oldest] = said.size > mostKeys ? said.keys() : [];
      if (oldest !== undefined) said.delete(oldest);
      return true;
    },
    forget: (key) => void said.delete(key),
  };
}
