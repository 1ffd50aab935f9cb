import type { Clock, Timer } from '@ferric/core';

/** An alarm that wakes the machine. */
export interface Alarm {
  readonly instanceId: string;
  readonly elementName: string;
  readonly startTime: Date;
  /** Minutes between two alarms; 0: it comes once. */
  readonly intervalMinutes: number;
  readonly deleteOnCompletion: boolean;
}

/** Source: Intel AMT Implementation and Reference Guide, "Alarm Clock". */
export const MOST_ALARMS = 5;
const MINUTE_MS = 60_000;

/** The clock of the management engine, which is nobody else's. */
export interface ClockUnit extends Disposable {
  /** How far it is from the clock of the world. Milliseconds. */
  offsetMs: number;
  /** How fast it runs away from there. Parts in a million. */
  driftPpm: number;
  now(): Date;
  set(now: Date): void;
  readonly alarms: ReadonlyMap<string, Alarm>;
  /** False when there is no room for it. */
  add(alarm: Alarm): boolean;
  remove(instanceId: string): boolean;
}

/** @param wake an alarm goes off */
export function createClockUnit(clock: Clock, wake: (alarm: Alarm) => void): ClockUnit {
  const alarms = new Map<string, Alarm>();
  const timers = new Map<string, Timer>();
  let sinceMs = clock.monotonicMs();

  const arm = (alarm: Alarm): void => {
    const waitMs = Math.max(0, alarm.startTime.getTime() - unit.now().getTime());
    timers.set(alarm.instanceId, clock.after(waitMs, () => goOff(alarm)));
  };
  const forget = (instanceId: string): void => {
    timers.get(instanceId)?.[Symbol.dispose]();
    timers.delete(instanceId);
  };
  const goOff = (alarm: Alarm): void => {
    forget(alarm.instanceId);
    if (alarm.intervalMinutes > 0) {
      const next = { ...alarm, startTime: new Date(alarm.startTime.getTime() + alarm.intervalMinutes * MINUTE_MS) };
      alarms.set(alarm.instanceId, next);
      arm(next);
    } else if (alarm.deleteOnCompletion) {
      alarms.delete(alarm.instanceId);
    }
    wake(alarm);
  };

  const unit: ClockUnit = {
    offsetMs: 0,
    driftPpm: 0,
    alarms,
    now() {
      const drift = ((clock.monotonicMs() - sinceMs) * unit.driftPpm) / 1e6;
      return new Date(Math.round(clock.now().getTime() + unit.offsetMs + drift));
    },
    set(now) {
      sinceMs = clock.monotonicMs();
      unit.offsetMs = now.getTime() - clock.now().getTime();
      for (const alarm of alarms.values()) {
        if (!timers.has(alarm.instanceId)) continue;
        forget(alarm.instanceId);
        arm(alarm);
      }
    },
    add(alarm) {
      if (alarms.size >= MOST_ALARMS) return false;
      alarms.set(alarm.instanceId, alarm);
      arm(alarm);
      return true;
    },
    remove(instanceId) {
      forget(instanceId);
      return alarms.delete(instanceId);
    },
    [Symbol.dispose]() {
      for (const timer of timers.values()) timer[Symbol.dispose]();
      timers.clear();
    },
  };
  return unit;
}
