import { type CallOptions, type Clock, errorCode, withDeadline } from '@ferric/core';
import { callMethod } from '../classes/class-calls.js';
import { GetLowAccuracyTimeSynch_OUTPUT } from '../classes/clock-classes.js';
import { readInstance } from '../classes/read-instance.js';
import type { MethodTable } from '../classes/return-value.js';
import type { Wsman } from '../wsman/wsman.js';

/** The device's clock next to ours. */
export interface DeviceTime {
  /** What the device says, in whole seconds. It has no zone: many devices keep local time. */
  readonly at: Date;
  /** How far it is ahead of our clock; negative: behind. Milliseconds, within a second and the time of the exchange. */
  readonly aheadMs: number;
}

/** What came of setting the device's clock. */
export interface Synchronisation {
  /** False: it was within a second, and nothing was written. */
  readonly changed: boolean;
  /** How far it was ahead of our clock before; negative: behind. Milliseconds. */
  readonly wasAheadMs: number;
}

const RESOURCE = 'AMT_TimeSynchronizationService';

/** Source: Intel AMT Implementation and Reference Guide, class reference of AMT_TimeSynchronizationService. */
const GET_TIME: MethodTable = { resource: RESOURCE, method: 'GetLowAccuracyTimeSynch', kind: 'amt' };

const SET_TIME: MethodTable = {
  resource: RESOURCE,
  method: 'SetHighAccuracyTimeSynch',
  kind: 'amt',
  returns: {
    36: { code: 'REFUSED', words: 'invalid parameter', hint: 'The clock of this machine may be wrong.' },
  },
};

const SECOND_MS = 1000;

/** Two exchanges. Milliseconds. */
const SYNCHRONISE_MS = 120_000;

/** The device counts seconds: a smaller difference cannot be seen. Milliseconds. */
const EQUAL_WITHIN_MS = SECOND_MS;

interface Reading extends DeviceTime {
  /** Seconds since 1970, as the device said. */
  readonly deviceSeconds: number;
  /** Our clock when the answer came. Seconds since 1970. */
  readonly ourSeconds: number;
}

export async function readDeviceTime(wsman: Wsman, clock: Clock, options?: CallOptions): Promise<DeviceTime> {
  const { at, aheadMs } = await readTime(wsman, clock, options);
  return { at, aheadMs };
}

/** The device counts seconds, and an exchange takes time: less is no difference. Milliseconds. */
const NEGLIGIBLE_MS = 2000;

/** Codes of a device that does not tell the time to this user. */
const DOES_NOT_TELL: ReadonlySet<string> = new Set(['NOT_FOUND', 'REFUSED', 'UNSUPPORTED']);

/** How far the clock of a device is ahead of ours, for what the device dates by it; 0 when that is next to nothing, and when it does not tell. Milliseconds. */
export async function clockDifference(reading: Promise<DeviceTime>): Promise<number> {
  try {
    const { aheadMs } = await reading;
    return Math.abs(aheadMs) <= NEGLIGIBLE_MS ? 0 : aheadMs;
  } catch (error) {
    if (DOES_NOT_TELL.has(errorCode(error))) return 0;
    throw error;
  }
}

async function readTime(wsman: Wsman, clock: Clock, options?: CallOptions): Promise<Reading> {
  const { Ta0: deviceSeconds } = readInstance(GetLowAccuracyTimeSynch_OUTPUT, await callMethod(wsman, GET_TIME, undefined, options));
  const ourMs = clock.now().getTime();
  return {
    at: new Date(deviceSeconds * SECOND_MS),
    aheadMs: deviceSeconds * SECOND_MS - Math.floor(ourMs / SECOND_MS) * SECOND_MS,
    deviceSeconds,
    ourSeconds: Math.floor(ourMs / SECOND_MS),
  };
}

/** Sets the device's clock to ours in UTC, unless it is right. Source: as {@link GET_TIME}; Ta0, Tm1 and Tm2 are its names. */
export async function synchroniseDeviceTime(wsman: Wsman, clock: Clock, options?: CallOptions): Promise<Synchronisation> {
  return withDeadline(options, { what: 'setting the clock', defaultTimeoutMs: SYNCHRONISE_MS, clock }, async ({ signal }) => {
    const { aheadMs: wasAheadMs, deviceSeconds, ourSeconds } = await readTime(wsman, clock, { signal });
    // Each write costs flash memory, of which the device allows only so much.
    if (Math.abs(wasAheadMs) <= EQUAL_WITHIN_MS) return { changed: false, wasAheadMs };
    const now = Math.floor(clock.now().getTime() / SECOND_MS);
    const input = { fields: [{ name: 'Ta0', value: deviceSeconds }, { name: 'Tm1', value: ourSeconds }, { name: 'Tm2', value: now }] };
    await callMethod(wsman, SET_TIME, input, { signal });
    return { changed: true, wasAheadMs };
  });
}
