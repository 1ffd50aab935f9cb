import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { CONSENT_FOR, POWER_STATE, startAmtDevice } from '../../src/simulator/index.js';
import { callDevice, type Caller, type Reply } from './support/caller.js';
import { action } from './support/envelopes.js';

const OPT_IN = 'IPS_OptInService';
const state = async (caller: Caller): Promise<string | undefined> => (await caller.get(OPT_IN)).text('OptInState');
const call = async (caller: Caller, method: string, code?: string): Promise<string | undefined> =>
  (await caller.invoke(OPT_IN, method, code === undefined ? {} : { OptInCode: code })).text('ReturnValue');

describe('consent', () => {
  test('is asked for, shown, sent and given; and lapses without a session', async () => {
    const clock = createFakeClock();
    await using device = await startAmtDevice({ controlMode: 'client', audits: [] }, clock);
    const { consent } = device.machine;
    using caller = callDevice(device);
    const before = await caller.get(OPT_IN);
    expect([before.text('OptInRequired'), before.text('CanModifyOptInPolicy'), consent.code]).toEqual(['4294967295', '0', undefined]);
    expect([await call(caller, 'SendOptInCode', '123456'), await call(caller, 'CancelOptIn')]).toEqual(['2', '2']);
    expect([await call(caller, 'StartOptIn'), await state(caller)]).toEqual(['0', '2']);
    expect(consent.code).toMatch(/^\d{6}$/);
    expect(await call(caller, 'StartOptIn')).toBe('2');
    expect([await call(caller, 'SendOptInCode', consent.code), await state(caller), consent.code]).toEqual(['0', '3', undefined]);
    await clock.advance(119_999);
    expect([await state(caller), consent.isGiven()]).toEqual(['3', true]);
    await clock.advance(1);
    expect([await state(caller), consent.isGiven()]).toEqual(['0', false]);
    expect(device.machine.audits.records.map(({ application, event, extended }) => [application, event, [...extended]])).toEqual([[30, 1, [1]], [30, 1, [0]]]);
  });

  test('stays while a session is open', async () => {
    const clock = createFakeClock();
    await using device = await startAmtDevice({ controlMode: 'client' }, clock);
    const { consent } = device.machine;
    using caller = callDevice(device);
    consent.start();
    consent.send(consent.code ?? '');
    device.machine.power.hasRedirectionSession = true;
    await clock.advance(600_000);
    expect([await state(caller), await call(caller, 'CancelOptIn')]).toEqual(['4', '2']);
    device.machine.power.hasRedirectionSession = false;
    await clock.advance(120_000);
    expect(await state(caller)).toBe('0');
  });

  test('ends with the third wrong code, with a cancel, or when nobody types', async () => {
    const clock = createFakeClock();
    await using device = await startAmtDevice({ controlMode: 'client' }, clock);
    using caller = callDevice(device);
    await call(caller, 'StartOptIn');
    const wrong = device.machine.consent.code === '000000' ? '000001' : '000000';
    expect([await call(caller, 'SendOptInCode', wrong), await call(caller, 'SendOptInCode', wrong), await call(caller, 'SendOptInCode', wrong)]).toEqual(['1', '1', '3']);
    expect(await state(caller)).toBe('0');
    await call(caller, 'StartOptIn');
    expect([await call(caller, 'CancelOptIn'), await state(caller)]).toEqual(['0', '0']);
    await call(caller, 'StartOptIn');
    await clock.advance(300_000);
    expect(await state(caller)).toBe('0');
  });

  test('is the administrator\'s to ask for', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    expect((await caller.put(OPT_IN, { OptInRequired: CONSENT_FOR.everything, OptInDisplayTimeout: 60 })).text('OptInRequired')).toBe('4294967295');
    expect((await caller.put(OPT_IN, { OptInRequired: 7 })).fault).toBe('InvalidRepresentation');
    await using client = await startAmtDevice({ controlMode: 'client' });
    using other = callDevice(client);
    expect((await other.put(OPT_IN, { OptInRequired: 0 })).fault).toBe('AccessDenied');
  });

  test('is not known before 6', async () => {
    await using device = await startAmtDevice({ generation: 5 });
    using caller = callDevice(device);
    expect((await caller.get(OPT_IN)).fault).toBe('DestinationUnreachable');
  });
});

const TIME = 'AMT_TimeSynchronizationService';

describe('the clock', () => {
  test('is its own, runs away, and is set', async () => {
    const clock = createFakeClock();
    await using device = await startAmtDevice({ audits: [] }, clock);
    device.machine.clock.offsetMs = -3_600_000;
    device.machine.clock.driftPpm = 1000;
    using caller = callDevice(device);
    const read = async (): Promise<number> => Number((await caller.invoke(TIME, 'GetLowAccuracyTimeSynch')).text('Ta0'));
    const start = clock.now().getTime() / 1000;
    expect(await read()).toBe(start - 3600);
    await clock.advance(1_000_000);
    expect(await read()).toBe(start - 3600 + 1001);
    const now = start + 1000;
    expect((await caller.invoke(TIME, 'SetHighAccuracyTimeSynch', { Ta0: start - 2599, Tm1: now, Tm2: now })).text('ReturnValue')).toBe('0');
    expect(await read()).toBe(now);
    await clock.advance(1_000_000);
    expect(await read()).toBe(now + 1001);
    expect(device.machine.audits.records).toMatchObject([{ application: 21, event: 0 }]);
  });

  test('is not set with times that cannot be, nor when the flash memory is worn out', async () => {
    const clock = createFakeClock();
    await using device = await startAmtDevice({ flashWriteLimit: 0 }, clock);
    using caller = callDevice(device);
    const now = clock.now().getTime() / 1000;
    const set = async (Ta0: number, Tm1: number, Tm2: number): Promise<string | undefined> =>
      (await caller.invoke(TIME, 'SetHighAccuracyTimeSynch', { Ta0, Tm1, Tm2 })).text('ReturnValue');
    expect([await set(now + 1, now, now), await set(now, now + 1, now), await set(now, now, now)]).toEqual(['36', '36', '38']);
  });
});

const OCCURRENCE = 'IPS_AlarmClockOccurrence';
interface Wanted {
  readonly id: string;
  readonly at?: string;
  readonly interval?: string;
  readonly deletes?: boolean;
}
const add = async (caller: Caller, { id, at = '2026-01-01T01:00:00Z', interval, deletes = true }: Wanted): Promise<Reply> =>
  caller.invoke('AMT_AlarmClockService', 'AddAlarm',
    '<r:AlarmTemplate xmlns:o="http://intel.com/wbem/wscim/1/ips-schema/1/IPS_AlarmClockOccurrence" xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/common">' +
    `<o:InstanceID>${id}</o:InstanceID><o:ElementName>${id} alarm</o:ElementName><o:StartTime><p:Datetime>${at}</p:Datetime></o:StartTime>` +
    `${interval === undefined ? '' : `<o:Interval><p:Interval>${interval}</p:Interval></o:Interval>`}<o:DeleteOnCompletion>${deletes}</o:DeleteOnCompletion></r:AlarmTemplate>`);
const names = async (caller: Caller): Promise<readonly string[]> => (await caller.enumerate(OCCURRENCE)).texts('InstanceID');

describe('alarms', () => {
  test('wake the machine, once or again and again', async () => {
    const clock = createFakeClock();
    await using device = await startAmtDevice({}, clock);
    using caller = callDevice(device);
    expect((await add(caller, { id: 'once' })).text('ReturnValue')).toBe('0');
    await add(caller, { id: 'kept', at: '2026-01-01T02:00:00Z', deletes: false });
    await add(caller, { id: 'daily', at: '2026-01-01T03:00:00Z', interval: 'P1DT0H30M' });
    await clock.advance(3_599_999);
    expect(device.machine.power.state).toBe(POWER_STATE.offSoft);
    await clock.advance(1);
    expect(device.machine.power.state).toBe(POWER_STATE.on);
    await clock.advance(3_600_000);
    expect(await names(caller)).toEqual(['kept', 'daily']);
    await clock.advance(3_600_000);
    const list = await caller.enumerate(OCCURRENCE);
    expect([list.texts('Datetime'), list.texts('Interval'), list.texts('ElementName')]).toEqual([
      ['2026-01-01T02:00:00Z', '2026-01-02T03:30:00Z'], ['P0DT0H0M', 'P1DT0H30M'], ['kept alarm', 'daily alarm'],
    ]);
    expect((await caller.call({ action: action.delete, resource: OCCURRENCE, selectors: { InstanceID: 'daily' } })).status).toBe(200);
    device.machine.power.state = POWER_STATE.offSoft;
    await clock.advance(86_400_000);
    expect([device.machine.power.state, await names(caller)]).toEqual([POWER_STATE.offSoft, ['kept']]);
  });

  test('go by the clock of the device', async () => {
    const clock = createFakeClock();
    await using device = await startAmtDevice({}, clock);
    using caller = callDevice(device);
    await add(caller, { id: 'one' });
    device.machine.clock.set(new Date('2026-01-01T00:59:00Z'));
    await clock.advance(60_000);
    expect(device.machine.power.state).toBe(POWER_STATE.on);
    device.machine.power.state = POWER_STATE.offSoft;
    await add(caller, { id: 'two', at: '2026-01-01T02:00:00Z' });
    device.machine.clock.set(new Date('2026-01-01T00:00:00Z'));
    await clock.advance(7_199_999);
    expect(device.machine.power.state).toBe(POWER_STATE.offSoft);
    await clock.advance(1);
    expect(device.machine.power.state).toBe(POWER_STATE.on);
  });

  test('are five at most, each with a name of its own, at a time without fractions', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    for (const id of ['a', 'b', 'c', 'd', 'e']) await add(caller, { id, at: '2090-01-01T00:00:00Z' });
    const again = await add(caller, { id: 'a', at: '2090-01-01T00:00:00Z' });
    expect([again.fault, again.text('FaultDetail')?.split('/').at(-1)]).toEqual(['InvalidRepresentation', 'MissingValues']);
    expect((await add(caller, { id: 'f', at: '2090-01-01T00:00:00Z' })).fault).toBe('QuotaLimit');
    expect((await add(caller, { id: 'g', at: '2090-01-01T00:00:00.5Z' })).fault).toBe('InvalidRepresentation');
    expect((await add(caller, { id: 'h', at: '2090-01-01T00:00:00Z', interval: 'soon' })).fault).toBe('InvalidRepresentation');
    expect((await caller.call({ action: action.delete, resource: OCCURRENCE, selectors: { InstanceID: 'z' } })).fault).toBe('DestinationUnreachable');
    expect(await names(caller)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});

describe('logs', () => {
  test('the event log keeps 390 records, freezes, and is cleared', async () => {
    await using device = await startAmtDevice({ events: [] });
    using caller = callDevice(device);
    const LOG = 'AMT_MessageLog';
    const returned = async (method: string, input: Record<string, string | number> = {}): Promise<string | undefined> => (await caller.invoke(LOG, method, input)).text('ReturnValue');
    expect([await returned('PositionToFirstRecord'), await returned('GetRecords', { IterationIdentifier: 1, MaxReadRecords: 390 })]).toEqual(['3', '3']);
    const record = { time: 1, sensorType: 1, eventType: 1, offset: 1, sourceType: 1, severity: 1, sensorNumber: 1, entity: 1, entityInstance: 1, data: [] };
    for (let time = 0; time < 400; time += 1) device.machine.events.add({ ...record, time });
    const whole = await caller.invoke(LOG, 'GetRecords', { IterationIdentifier: 1, MaxReadRecords: 1000 });
    expect([whole.texts('RecordArray').length, whole.text('NoMoreRecords')]).toEqual([390, 'true']);
    expect(Buffer.from(whole.texts('RecordArray')[389] ?? '', 'base64').readUInt32LE()).toBe(10);
    expect(await returned('GetRecords', { IterationIdentifier: 391, MaxReadRecords: 1 })).toBe('2');
    await returned('FreezeLog', { Freeze: 'true' });
    device.machine.events.add(record);
    expect([device.machine.events.records[0]?.time, (await caller.get(LOG)).text('IsFrozen')]).toEqual([399, 'true']);
    await returned('ClearLog');
    expect((await caller.get(LOG)).text('CurrentNumberOfRecords')).toBe('0');
  });

  test('the audit log comes in pages of ten, from any index', async () => {
    const record = { application: 17, event: 0, initiator: { kind: 0, name: 'admin' }, locationType: 0, address: '192.0.2.1', extended: Uint8Array.of(1, 2) } as const;
    await using device = await startAmtDevice({ audits: Array.from({ length: 25 }, (_, time) => ({ ...record, time })) });
    using caller = callDevice(device);
    const page = async (start: number): Promise<readonly (string | number | undefined)[]> => {
      const answer = await caller.invoke('AMT_AuditLog', 'ReadRecords', { StartIndex: start });
      return [answer.text('ReturnValue'), answer.text('TotalRecordCount'), answer.text('RecordsReturned'), answer.texts('EventRecords').length];
    };
    expect([await page(1), await page(21), await page(26)]).toEqual([['0', '25', '10', 10], ['0', '25', '5', 5], ['35', undefined, undefined, 0]]);
    const kerberos = { ...record, initiator: { kind: 1, domain: 7, sid: Uint8Array.of(1, 2, 3) }, time: 258 } as const;
    device.machine.audits.add(kerberos);
    const [encoded = ''] = (await caller.invoke('AMT_AuditLog', 'ReadRecords', { StartIndex: 26 })).texts('EventRecords');
    expect(Buffer.from(encoded, 'base64').toString('hex')).toBe(`00110000010000000703010203000001020009${Buffer.from('192.0.2.1').toString('hex')}020102`);
  });
});
