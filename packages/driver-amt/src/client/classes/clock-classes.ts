import { defineClass, required } from './class-table.js';
import { ENABLED_STATES, REQUESTED_STATES } from './value-names.js';
import { boolean, datetime, integer, interval, named, reference, text } from './value-readers.js';

// Source: Intel AMT Implementation and Reference Guide, "Network Time" and "Alarm Clock", and the class reference of the classes named.

const serviceNames = { CreationClassName: text, ElementName: text, Name: text, SystemCreationClassName: text, SystemName: text } as const;

/** AMT_TimeSynchronizationService.LocalTimeSyncEnabled: whether software on the machine may set the clock. */
export const LOCAL_TIME_SYNC = { 0: 'enabled by default', 1: 'enabled', 2: 'disabled' } as const;

/** AMT_TimeSynchronizationService.TimeSource: where the time came from. */
export const TIME_SOURCES = { 0: 'bios clock', 1: 'configured' } as const;

export const AMT_TimeSynchronizationService = defineClass('AMT_TimeSynchronizationService', {
  ...serviceNames,
  EnabledState: named(ENABLED_STATES),
  LocalTimeSyncEnabled: named(LOCAL_TIME_SYNC),
  RequestedState: named(REQUESTED_STATES),
  TimeSource: named(TIME_SOURCES),
});

/** Ta0: the clock of the device in seconds since 1970. */
export const GetLowAccuracyTimeSynch_OUTPUT = defineClass('GetLowAccuracyTimeSynch_OUTPUT', { Ta0: required(integer) });

/** AMT before 8.0 has one alarm only, in the last two fields. */
export const AMT_AlarmClockService = defineClass('AMT_AlarmClockService', {
  ...serviceNames,
  AMTAlarmClockInterval: interval,
  NextAMTAlarmTime: datetime,
});

export const AddAlarm_OUTPUT = defineClass('AddAlarm_OUTPUT', { AlarmClock: reference });

export const IPS_AlarmClockOccurrence = defineClass('IPS_AlarmClockOccurrence', {
  DeleteOnCompletion: boolean,
  ElementName: text,
  InstanceID: required(text),
  Interval: interval,
  StartTime: required(datetime),
});
