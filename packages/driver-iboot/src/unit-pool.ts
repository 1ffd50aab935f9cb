import type { Clock, Timer } from '@ferric/core';
import { createDxpUnit, type DxpUnit, type DxpUnitSettings } from './client/dxp-unit.js';
import { type DxpEndpoint, endpointName } from './client/open-stream.js';

/** The use of a unit by one device. Dispose it when the device is closed. */
export interface UnitLease extends Disposable {
  readonly unit: DxpUnit;
}

/** Keeps what is known of each unit, and its one connection, for all machines on it. */
export interface UnitPool extends AsyncDisposable {
  /** Does no I/O. */
  lease(endpoint: DxpEndpoint, clock: Clock): UnitLease;
  /** Units that are in use or remembered. */
  readonly size: number;
}

export interface UnitPoolSettings extends Pick<DxpUnitSettings, 'idleMs' | 'openStream'> {
  /** How long a unit is remembered after its last device was closed. Milliseconds. Its connection ends long before. */
  readonly memoryMs: number;
}

interface Entry {
  readonly unit: DxpUnit;
  readonly clock: Clock;
  leases: number;
  forgetting: Timer | undefined;
}

export function createUnitPool({ memoryMs, ...settings }: UnitPoolSettings): UnitPool {
  const entries = new Map<string, Entry>();
  const closing = new Set<Promise<void>>();

  const forget = (key: string, entry: Entry): void => {
    entry.forgetting?.[Symbol.dispose]();
    entries.delete(key);
    const closed = entry.unit[Symbol.asyncDispose]();
    closing.add(closed);
    void closed.finally(() => closing.delete(closed));
  };

  return {
    lease(endpoint, clock) {
      // Host names do not tell small letters from capitals.
      const key = endpointName(endpoint).toLowerCase();
      const entry = entries.get(key) ?? { unit: createDxpUnit({ ...settings, ...endpoint, clock }), clock, leases: 0, forgetting: undefined };
      entries.set(key, entry);
      entry.leases += 1;
      entry.forgetting?.[Symbol.dispose]();
      let held = true;
      return {
        unit: entry.unit,
        [Symbol.dispose]() {
          if (!held) return;
          held = false;
          entry.leases -= 1;
          if (entry.leases > 0 || entries.get(key) !== entry) return;
          entry.forgetting = entry.clock.after(memoryMs, () => forget(key, entry));
        },
      };
    },
    get size() {
      return entries.size;
    },
    async [Symbol.asyncDispose]() {
      for (const [key, entry] of entries) forget(key, entry);
      await Promise.all(closing);
    },
  };
}
