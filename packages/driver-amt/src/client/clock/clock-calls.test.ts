import { FerricError } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { fixtureElement } from '../../../test/classes/fixtures.js';
import { output, type ScriptedAnswer, type ScriptedCall, scriptedWsman, xml } from '../../../test/scripted-wsman.js';
import type { WsmanElement } from '../wsman/wsman.js';
import type { NewAlarm } from './alarms.js';
import { type ClockCalls, createClockCalls } from './clock-calls.js';

const GET_TIME = 'invoke AMT_TimeSynchronizationService.GetLowAccuracyTimeSynch';
const SET_TIME = 'invoke AMT_TimeSynchronizationService.SetHighAccuracyTimeSynch';
const ADD_ALARM = 'invoke AMT_AlarmClockService.AddAlarm';
const LIST_ALARMS = 'enumerate IPS_AlarmClockOccurrence';
const DELETE_ALARM = 'delete IPS_AlarmClockOccurrence';

/** When the recorded device was asked. Seconds. */
const RECORDED_SECONDS = 1704586865;
const recordedTime = fixtureElement('recorded/amt/timesynchronization/getlowaccuracytimesynch.xml');

const inputOf = ({ input }: ScriptedCall): object => Object.fromEntries(input?.fields.map(({ name, value }) => [name, value]) ?? []);

interface Bench {
  readonly calls: ClockCalls;
  readonly asked: readonly ScriptedCall[];
}

/** @param ourMs our time, in milliseconds since 1970 */
function bench(answers: Readonly<Record<string, ScriptedAnswer>>, ourMs = RECORDED_SECONDS * 1000): Bench {
  const device = scriptedWsman(answers);
  return { calls: createClockCalls(device.wsman, { clock: createFakeClock(new Date(ourMs)) }), asked: device.calls };
}

describe('the clock', () => {
  test.each([[RECORDED_SECONDS * 1000, 0], [RECORDED_SECONDS * 1000 + 999, 0], [(RECORDED_SECONDS - 3600) * 1000, 3_600_000], [(RECORDED_SECONDS + 7) * 1000, -7000]])(
    'is read and compared with ours, %d',
    async (ourMs, aheadMs) => {
      const { calls } = bench({ [GET_TIME]: recordedTime }, ourMs);
      expect(await calls.read()).toEqual({ at: new Date('2024-01-07T00:21:05Z'), aheadMs });
    },
  );

  test('is set with the three times that the device wants; ours is taken when its answer is there', async () => {
    const clock = createFakeClock(new Date((RECORDED_SECONDS + 97) * 1000 + 500));
    const device = scriptedWsman({
      async [GET_TIME]() {
        await clock.advance(3000);
        return recordedTime;
      },
      [SET_TIME]: fixtureElement('recorded/amt/timesynchronization/sethighaccuracytimesynch.xml'),
    });
    expect(await createClockCalls(device.wsman, { clock }).synchronise()).toEqual({ changed: true, wasAheadMs: -100_000 });
    expect(device.calls.map(({ call }) => call)).toEqual([GET_TIME, SET_TIME]);
    const ours = RECORDED_SECONDS + 100;
    expect(device.calls.map(inputOf)[1]).toEqual({ Ta0: RECORDED_SECONDS, Tm1: ours, Tm2: ours });
  });

  test.each([-1000, 0, 1000])('is not written when it is right within a second, %d ms', async (difference) => {
    const { calls, asked } = bench({ [GET_TIME]: recordedTime }, RECORDED_SECONDS * 1000 + difference);
    expect(await calls.synchronise()).toEqual({ changed: false, wasAheadMs: 0 - difference });
    expect(asked.map(({ call }) => call)).toEqual([GET_TIME]);
  });

  test.each([
    [36, 'REFUSED', 'invalid parameter', false],
    [38, 'BUSY', 'flash write limit exceeded', false],
    [1, 'REFUSED', 'internal error', false],
  ])('a device that answers %d', async (returnValue, code, words, retryable) => {
    const { calls } = bench({ [GET_TIME]: recordedTime, [SET_TIME]: output('SetHighAccuracyTimeSynch', returnValue) }, 0);
    await expect(calls.synchronise()).rejects.toMatchObject({
      code, retryable, message: `AMT_TimeSynchronizationService.SetHighAccuracyTimeSynch answered ${returnValue}: ${words}`,
    });
  });

  test('a device that cannot tell the time is not set', async () => {
    const { calls, asked } = bench({ [GET_TIME]: output('GetLowAccuracyTimeSynch', 1) });
    await expect(calls.synchronise()).rejects.toMatchObject({ code: 'REFUSED' });
    expect(asked).toHaveLength(1);
    await expect(bench({ [GET_TIME]: output('GetLowAccuracyTimeSynch', 0) }).calls.read()).rejects.toMatchObject({
      code: 'PROTOCOL_FAULT', details: { class: 'GetLowAccuracyTimeSynch_OUTPUT', field: 'Ta0' },
    });
  });

  test('where its time comes from', async () => {
    const { calls } = bench({ 'get AMT_TimeSynchronizationService': fixtureElement('recorded/amt/timesynchronization/get.xml') });
    expect(await calls.readSource()).toEqual({ source: 'bios clock', localSynchronisation: 'enabled by default' });
  });
});

const alarm = (name: string, interval = 'PT12M'): WsmanElement =>
  xml(`<IPS_AlarmClockOccurrence><InstanceID>${name}</InstanceID><ElementName>${name}</ElementName><StartTime><Datetime>2012-12-31T22:00:00Z</Datetime></StartTime>
    <Interval><Interval>${interval}</Interval></Interval><DeleteOnCompletion>false</DeleteOnCompletion></IPS_AlarmClockOccurrence>`);

const night: NewAlarm = { name: 'night <1>', startsAt: new Date('2024-05-01T22:14:03.250Z'), intervalMs: 93_780_000, deleteOnCompletion: false };
const added = fixtureElement('recorded/amt/alarmclock/addalarm.xml');

describe('alarms', () => {
  test('are listed', async () => {
    const { calls } = bench({ [LIST_ALARMS]: [alarm('first'), alarm('second', 'P0DT0H0M')] });
    const startsAt = new Date('2012-12-31T22:00:00Z');
    expect(await calls.listAlarms()).toEqual([
      { name: 'first', startsAt, intervalMs: 720_000, deleteOnCompletion: false },
      { name: 'second', startsAt, intervalMs: 0, deleteOnCompletion: false },
    ]);
  });

  test('are added as the device wants them: a full minute, no fraction, the occurrence in its own namespace', async () => {
    const { calls, asked } = bench({ [ADD_ALARM]: added });
    expect(await calls.addAlarm(night)).toEqual({ ...night, startsAt: new Date('2024-05-01T22:15:00Z') });
    const namespace = 'http://intel.com/wbem/wscim/1/ips-schema/1/IPS_AlarmClockOccurrence';
    const common = 'http://schemas.dmtf.org/wbem/wscim/1/common';
    expect(asked).toEqual([
      { call: GET_TIME },
      {
        call: ADD_ALARM,
        input: {
          fields: [
            {
              name: 'AlarmTemplate',
              value: {
                fields: [
                  { name: 'InstanceID', namespace, value: 'night <1>' },
                  { name: 'ElementName', namespace, value: 'night <1>' },
                  { name: 'StartTime', namespace, value: { fields: [{ name: 'Datetime', namespace: common, value: '2024-05-01T22:15:00Z' }] } },
                  { name: 'Interval', namespace, value: { fields: [{ name: 'Interval', namespace: common, value: 'P1DT2H3M' }] } },
                  { name: 'DeleteOnCompletion', namespace, value: false },
                ],
              },
            },
          ],
        },
      },
    ]);
  });

  const HOUR_MS = 3_600_000;
  const startsOf = ({ input }: ScriptedCall): string | undefined => /"(\d{4}-\d\d-\d\dT[\d:]+Z)"/.exec(JSON.stringify(input))?.[1];

  test.each<[string, number, string]>([
    ['keeps local time, two hours ahead', 2 * HOUR_MS, '2024-05-02T00:15:00Z'],
    ['keeps local time, and not exactly', -5 * HOUR_MS - 29_000, '2024-05-01T17:15:00Z'],
    ['was never set', -20 * 365 * 24 * HOUR_MS, '2004-05-06T22:15:00Z'],
    ['runs a little wrong', 119_000, '2024-05-01T22:15:00Z'],
    ['runs a little wrong', -119_000, '2024-05-01T22:15:00Z'],
    ['is wrong by minutes', 121_000, '2024-05-01T22:17:00Z'],
  ])('of a device whose clock %s (%d ms) start at the same moment of ours', async (_what, aheadMs, start) => {
    const { calls, asked } = bench({ [GET_TIME]: recordedTime, [ADD_ALARM]: added }, RECORDED_SECONDS * 1000 - aheadMs);
    expect(await calls.addAlarm(night)).toMatchObject({ startsAt: new Date('2024-05-01T22:15:00Z') });
    expect(asked.map(startsOf)).toEqual([undefined, start]);

    const kept = xml(`<IPS_AlarmClockOccurrence><InstanceID>a</InstanceID><StartTime><Datetime>${start}</Datetime></StartTime></IPS_AlarmClockOccurrence>`);
    const listed = bench({ [GET_TIME]: recordedTime, [LIST_ALARMS]: [kept] }, RECORDED_SECONDS * 1000 - aheadMs);
    expect(await listed.calls.listAlarms()).toMatchObject([{ startsAt: new Date('2024-05-01T22:15:00Z') }]);
  });

  test('of a device that does not tell the time are taken as they are; one that is away fails', async () => {
    const { calls, asked } = bench({ [GET_TIME]: new FerricError('REFUSED', 'access denied'), [ADD_ALARM]: added });
    await calls.addAlarm(night);
    expect(asked.map(startsOf)).toEqual([undefined, '2024-05-01T22:15:00Z']);
    const away = new FerricError('UNREACHABLE', 'gone');
    await expect(bench({ [GET_TIME]: away, [ADD_ALARM]: added }).calls.addAlarm(night)).rejects.toBe(away);
  });

  test('are listed without a look at the clock where there are none', async () => {
    const { calls, asked } = bench({ [LIST_ALARMS]: [] });
    expect(await calls.listAlarms()).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  test('go off once and go away unless something else is said', async () => {
    const startsAt = new Date('2024-05-01T22:15:00Z');
    expect(await bench({ [ADD_ALARM]: added }).calls.addAlarm({ name: 'once', startsAt })).toEqual({ name: 'once', startsAt, intervalMs: 0, deleteOnCompletion: true });
    expect(await bench({ [ADD_ALARM]: added }).calls.addAlarm({ name: 'daily', startsAt, intervalMs: 86_400_000 })).toMatchObject({ deleteOnCompletion: false });
  });

  test.each([
    [{ name: '' }, 'name'],
    [{ name: ' ' }, 'name'],
    [{ name: 'x'.repeat(33) }, 'name'],
    [{ startsAt: new Date(Number.NaN) }, 'startsAt'],
    [{ startsAt: '2024-05-01' as unknown as Date }, 'startsAt'],
    [{ intervalMs: 61_000 }, 'intervalMs'],
    [{ intervalMs: -60_000 }, 'intervalMs'],
    [{ intervalMs: Number.NaN }, 'intervalMs'],
  ])('%o are refused before anything is sent', async (bad, field) => {
    const { calls, asked } = bench({ [ADD_ALARM]: added });
    await expect(calls.addAlarm({ ...night, ...bad })).rejects.toMatchObject({ code: 'INVALID_OPTIONS', details: { issues: [{ field }] } });
    expect(asked).toEqual([]);
  });

  const fault = (subcode: string): FerricError => new FerricError('INTERNAL', 'the device answered with a fault', { details: { subcode, detail: 'MissingValues' } });

  test.each([
    ['a fault', fault('InvalidRepresentation')],
    ['a ReturnValue', output('AddAlarm', 2058)],
  ])('of a name that is taken are a conflict, told by %s', async (_how, refusal) => {
    const { calls, asked } = bench({ [ADD_ALARM]: refusal, [LIST_ALARMS]: [alarm('other'), alarm('night &lt;1&gt;')] });
    const error: unknown = await calls.addAlarm(night).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'CONFLICT', message: 'There is an alarm "night <1>" already', hint: 'Delete it first.', details: { alarm: 'night <1>' } });
    expect((error as Error).cause).toBeInstanceOf(FerricError);
    expect(asked.map(({ call }) => call)).toEqual([GET_TIME, ADD_ALARM, LIST_ALARMS]);
  });

  test.each([
    ['a fault', fault('QuotaLimit')],
    ['a ReturnValue', output('AddAlarm', 0x17)],
  ])('beyond the fifth are a conflict, told by %s', async (_how, refusal) => {
    const { calls } = bench({ [ADD_ALARM]: refusal, [LIST_ALARMS]: ['a', 'b', 'c', 'd', 'e'].map((name) => alarm(name)) });
    await expect(calls.addAlarm(night)).rejects.toMatchObject({ code: 'CONFLICT', message: 'There are 5 alarms, and the device holds no more', retryable: false });
  });

  test('that fail for another reason fail in the words of the device', async () => {
    const refusal = fault('InvalidRepresentation');
    await expect(bench({ [ADD_ALARM]: refusal, [LIST_ALARMS]: [alarm('other')] }).calls.addAlarm(night)).rejects.toBe(refusal);
    const { calls, asked } = bench({ [ADD_ALARM]: output('AddAlarm', 36) });
    await expect(calls.addAlarm(night)).rejects.toMatchObject({ code: 'REFUSED', details: { returnValue: 36 } });
    expect(asked.map(({ call }) => call)).toEqual([GET_TIME, ADD_ALARM]);
  });

  test('are deleted by name', async () => {
    const { calls, asked } = bench({ [DELETE_ALARM]: undefined });
    await calls.deleteAlarm('night <1>');
    expect(asked).toEqual([{ call: DELETE_ALARM, selectors: { InstanceID: 'night <1>' } }]);
    await expect(calls.deleteAlarm('')).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(asked).toHaveLength(1);
  });

  test('that are not there cannot be deleted', async () => {
    await expect(bench({}).calls.deleteAlarm('gone')).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'There is no alarm "gone"', details: { alarm: 'gone' } });
    const denied = new FerricError('REFUSED', 'no');
    await expect(bench({ [DELETE_ALARM]: denied }).calls.deleteAlarm('x')).rejects.toBe(denied);
  });
});
