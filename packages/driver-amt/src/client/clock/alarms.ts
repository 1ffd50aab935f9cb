import { type CallOptions, type Clock, FerricError, invalidOptions, type OptionIssue, printValue, withDeadline } from '@ferric/core';
import { callMethod, listInstances } from '../classes/class-calls.js';
import type { InstanceOf } from '../classes/class-table.js';
import { IPS_AlarmClockOccurrence } from '../classes/clock-classes.js';
import type { MethodTable } from '../classes/return-value.js';
import { NAMESPACES, resourceUri } from '../wsman/namespaces.js';
import type { Wsman, WsmanFields } from '../wsman/wsman.js';
import { clockDifference, readDeviceTime } from './device-clock.js';

/** A moment at which the device switches the machine on. */
export interface Alarm {
  /** Its name, unique on the device. */
  readonly name: string;
  /** By our clock; the device counts it by its own, of which the difference is taken off. */
  readonly startsAt: Date;
  /** Again after each such time; 0: once. Milliseconds. */
  readonly intervalMs: number;
  /** True: the alarm goes away when it has gone off. */
  readonly deleteOnCompletion: boolean;
}

/** An alarm that is to be added. */
export interface NewAlarm {
  /** 1 to 32 characters, unique on the device. */
  readonly name: string;
  /** By our clock. The device knows whole minutes: what is between is moved to the next one. */
  readonly startsAt: Date;
  /** Whole minutes in milliseconds; default 0: once. */
  readonly intervalMs?: number;
  /** Default: true for an alarm that goes off once. */
  readonly deleteOnCompletion?: boolean;
}

const CLASS_NAME = 'IPS_AlarmClockOccurrence';

const ADD_ALARM: MethodTable = { resource: 'AMT_AlarmClockService', method: 'AddAlarm', kind: 'amt' };

/** Source: Intel AMT Implementation and Reference Guide, "Multiple Alarms Feature". */
const MOST_ALARMS = 5;
const LONGEST_NAME = 32;

const MINUTE_MS = 60_000;

/** From here on a clock does not run a little wrong: it keeps local time, or was never set. Milliseconds. */
const OTHER_TIME_MS = 2 * MINUTE_MS;
const HOUR_MINUTES = 60;
const DAY_MINUTES = 24 * HOUR_MINUTES;

/** Adding, and looking at what is there when the device refuses. Milliseconds. */
const ADD_MS = 120_000;

/** Listing, and reading the clock. Milliseconds. */
const LIST_MS = 120_000;

export async function listAlarms(wsman: Wsman, clock: Clock, options?: CallOptions): Promise<readonly Alarm[]> {
  return withDeadline(options, { what: 'listing the alarms', defaultTimeoutMs: LIST_MS, clock }, async ({ signal }) => {
    const instances = await listInstances(wsman, IPS_AlarmClockOccurrence, { signal });
    if (instances.length === 0) return [];
    const shiftMs = await readShift(wsman, clock, { signal });
    return instances.map((instance) => toAlarm(instance, shiftMs));
  });
}

/** What the device's time has more than ours, in whole minutes as it counts alarms: 0 for a clock that only runs a little wrong. Milliseconds. */
async function readShift(wsman: Wsman, clock: Clock, options: CallOptions): Promise<number> {
  const aheadMs = await clockDifference(readDeviceTime(wsman, clock, options));
  return Math.abs(aheadMs) < OTHER_TIME_MS ? 0 : Math.round(aheadMs / MINUTE_MS) * MINUTE_MS;
}

function moved(moment: Date, byMs: number): Date {
  return new Date(moment.getTime() + byMs);
}

function toAlarm(instance: InstanceOf<typeof IPS_AlarmClockOccurrence>, shiftMs: number): Alarm {
  return {
    name: instance.InstanceID,
    startsAt: moved(instance.StartTime, 0 - shiftMs),
    intervalMs: instance.Interval ?? 0,
    deleteOnCompletion: instance.DeleteOnCompletion ?? false,
  };
}

export async function addAlarm(wsman: Wsman, clock: Clock, wanted: NewAlarm, options?: CallOptions): Promise<Alarm> {
  const alarm = checkAlarm(wanted);
  await withDeadline(options, { what: 'adding an alarm', defaultTimeoutMs: ADD_MS, clock }, async ({ signal }) => {
    const shiftMs = await readShift(wsman, clock, { signal });
    try {
      await callMethod(wsman, ADD_ALARM, alarmInput({ ...alarm, startsAt: moved(alarm.startsAt, shiftMs) }), { signal });
    } catch (error) {
      throw mayBeInTheWay(error) ? await explainRefusal(wsman, alarm, error, signal) : error;
    }
  });
  return alarm;
}

/** Deletes one alarm. */
export async function deleteAlarm(wsman: Wsman, name: string, options?: CallOptions): Promise<void> {
  checkName(name);
  try {
    await wsman.delete(CLASS_NAME, { ...options, selectors: { InstanceID: name } });
  } catch (error) {
    if (!FerricError.is(error) || error.code !== 'NOT_FOUND') throw error;
    throw new FerricError('NOT_FOUND', `There is no alarm ${printValue(name)}`, { cause: error, details: { ...error.details, alarm: name } });
  }
}

/** Faults and statuses (duplicate, maximum limit reached) by which firmware says that the name is taken or that there is no room. */
const REFUSING_FAULTS: ReadonlySet<unknown> = new Set(['InvalidRepresentation', 'QuotaLimit', 'AlreadyExists']);
const REFUSING_STATUSES: ReadonlySet<unknown> = new Set([0x80a, 0x17]);

function mayBeInTheWay(error: unknown): boolean {
  return FerricError.is(error) && (REFUSING_FAULTS.has(error.details['subcode']) || REFUSING_STATUSES.has(error.details['returnValue']));
}

/** What stands in the way of a new alarm, found among those that are there; the device's own words when nothing does. */
async function explainRefusal(wsman: Wsman, alarm: Alarm, refusal: unknown, signal: AbortSignal): Promise<unknown> {
  const alarms = await listInstances(wsman, IPS_AlarmClockOccurrence, { signal });
  const details = { ...(FerricError.is(refusal) ? refusal.details : {}), alarm: alarm.name };
  if (alarms.some(({ InstanceID }) => InstanceID === alarm.name)) {
    return new FerricError('CONFLICT', `There is an alarm ${printValue(alarm.name)} already`, { cause: refusal, details, hint: 'Delete it first.' });
  }
  if (alarms.length >= MOST_ALARMS) {
    const message = `There are ${alarms.length} alarms, and the device holds no more`;
    return new FerricError('CONFLICT', message, { cause: refusal, details, hint: 'Delete one first.' });
  }
  return refusal;
}

function alarmInput(alarm: Alarm): WsmanFields {
  const namespace = resourceUri(CLASS_NAME);
  const common = NAMESPACES.cimCommon;
  return {
    fields: [
      {
        name: 'AlarmTemplate',
        value: {
          fields: [
            { name: 'InstanceID', namespace, value: alarm.name },
            { name: 'ElementName', namespace, value: alarm.name },
            { name: 'StartTime', namespace, value: { fields: [{ name: 'Datetime', namespace: common, value: datetimeText(alarm.startsAt) }] } },
            { name: 'Interval', namespace, value: { fields: [{ name: 'Interval', namespace: common, value: intervalText(alarm.intervalMs) }] } },
            { name: 'DeleteOnCompletion', namespace, value: alarm.deleteOnCompletion },
          ],
        },
      },
    ],
  };
}

/** Without a fraction: firmware refuses one. */
function datetimeText(moment: Date): string {
  return `${moment.toISOString().slice(0, 19)}Z`;
}

/** `P1DT2H30M`. */
function intervalText(intervalMs: number): string {
  const minutes = intervalMs / MINUTE_MS;
  return `P${Math.floor(minutes / DAY_MINUTES)}DT${Math.floor(minutes / HOUR_MINUTES) % 24}H${minutes % HOUR_MINUTES}M`;
}

function checkAlarm({ name, startsAt, intervalMs = 0, deleteOnCompletion = intervalMs === 0 }: NewAlarm): Alarm {
  const issues: OptionIssue[] = nameIssues(name);
  if (!(startsAt instanceof Date) || Number.isNaN(startsAt.getTime())) {
    issues.push({ field: 'startsAt', problem: 'invalid', expected: 'a valid date', received: printValue(startsAt) });
  }
  if (!Number.isSafeInteger(intervalMs) || intervalMs < 0 || intervalMs % MINUTE_MS !== 0) {
    issues.push({ field: 'intervalMs', problem: 'invalid', expected: 'whole minutes in milliseconds, or 0', received: printValue(intervalMs) });
  }
  if (issues.length > 0) throw invalidOptions('Alarm', issues);
  return { name, startsAt: new Date(Math.ceil(startsAt.getTime() / MINUTE_MS) * MINUTE_MS), intervalMs, deleteOnCompletion };
}

function checkName(name: string): void {
  const issues = nameIssues(name);
  if (issues.length > 0) throw invalidOptions('Alarm', issues);
}

function nameIssues(name: string): OptionIssue[] {
  if (typeof name === 'string' && name.trim() !== '' && name.length <= LONGEST_NAME) return [];
  return [{ field: 'name', problem: 'invalid', expected: `a text of 1 to ${LONGEST_NAME} characters`, received: printValue(name) }];
}
