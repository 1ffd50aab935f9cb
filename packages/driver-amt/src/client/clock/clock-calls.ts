import type { CallOptions } from '@ferric/core';
import type { AmtCallParts } from '../call-parts.js';
import { getInstance } from '../classes/class-calls.js';
import { AMT_TimeSynchronizationService, type LOCAL_TIME_SYNC, type TIME_SOURCES } from '../classes/clock-classes.js';
import { present } from '../classes/present.js';
import type { Named } from '../classes/value-readers.js';
import type { Wsman } from '../wsman/wsman.js';
import { addAlarm, type Alarm, deleteAlarm, listAlarms, type NewAlarm } from './alarms.js';
import { type DeviceTime, readDeviceTime, type Synchronisation, synchroniseDeviceTime } from './device-clock.js';

/** Where the device's time comes from. */
export interface TimeSource {
  readonly source?: Named<typeof TIME_SOURCES>;
  /** Whether software on the machine may set it. */
  readonly localSynchronisation?: Named<typeof LOCAL_TIME_SYNC>;
}

/** The clock of the device and what it does at set times. */
export interface ClockCalls {
  read(options?: CallOptions): Promise<DeviceTime>;
  /**
   * Sets the device's clock to ours, in UTC, when it differs by more than a second.
   * Throws REFUSED when the device has been written to too often. Default time 120000 ms.
   */
  synchronise(options?: CallOptions): Promise<Synchronisation>;
  readSource(options?: CallOptions): Promise<TimeSource>;
  /** The alarms of the device, by our clock. NOT_FOUND before AMT 8.0, which has no list of them. */
  listAlarms(options?: CallOptions): Promise<readonly Alarm[]>;
  /**
   * Adds an alarm; the answer is the alarm as it was set. A device whose clock differs by two minutes or more, as those do that keep local time, gets the
   * moment by its own clock: changed later, to summer time or by {@link ClockCalls.synchronise}, it moves the alarm. Throws INVALID_OPTIONS, CONFLICT when the name is taken or the device holds no more (five as
   * a rule), and what the device says, as for a moment in its past.
   */
  addAlarm(alarm: NewAlarm, options?: CallOptions): Promise<Alarm>;
  /** Throws NOT_FOUND when there is none of that name. */
  deleteAlarm(name: string, options?: CallOptions): Promise<void>;
}

export function createClockCalls(wsman: Wsman, { clock }: AmtCallParts): ClockCalls {
  return {
    read: (options) => readDeviceTime(wsman, clock, options),
    synchronise: (options) => synchroniseDeviceTime(wsman, clock, options),
    async readSource(options) {
      const instance = await getInstance(wsman, AMT_TimeSynchronizationService, options);
      return present({ source: instance.TimeSource, localSynchronisation: instance.LocalTimeSyncEnabled });
    },
    listAlarms: (options) => listAlarms(wsman, clock, options),
    addAlarm: (alarm, options) => addAlarm(wsman, clock, alarm, options),
    deleteAlarm: (name, options) => deleteAlarm(wsman, name, options),
  };
}
