import { FerricError } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { fixtureElement } from '../../../test/classes/fixtures.js';
import { output, type ScriptedAnswer, type ScriptedCall, type ScriptedWsman, scriptedWsman, xml } from '../../../test/scripted-wsman.js';
import type { WsmanElement } from '../wsman/wsman.js';
import { createLogCalls, type LogCalls } from './log-calls.js';

const EVENT = 'IgYBZf8PbwJoAf8iAEAHAAAAAAAA';
const AUDIT = 'ABMAAAI/9M1uAgAQAAwAAAAoBZkADAAAACQFlA==';

const READ_EVENTS = 'invoke AMT_MessageLog.GetRecords';
const READ_AUDIT = 'invoke AMT_AuditLog.ReadRecords';

const callsTo = (device: ScriptedWsman, clock = createFakeClock()): LogCalls => createLogCalls(device.wsman, { clock });
const callsOf = (answers: Readonly<Record<string, ScriptedAnswer>>): LogCalls => callsTo(scriptedWsman(answers));

const inputOf = ({ input }: ScriptedCall): object => Object.fromEntries(input?.fields.map(({ name, value }) => [name, value]) ?? []);

/** One page of the event log. */
const events = (count: number, next: number | undefined, last: boolean): WsmanElement =>
  output(
    'GetRecords',
    0,
    `${next === undefined ? '' : `<IterationIdentifier>${next}</IterationIdentifier>`}<NoMoreRecords>${last}</NoMoreRecords>${`<RecordArray>${EVENT}</RecordArray>`.repeat(count)}`,
  );

const audit = (count: number, total: number): WsmanElement =>
  output(
    'ReadRecords',
    0,
    `<TotalRecordCount>${total}</TotalRecordCount><RecordsReturned>${count}</RecordsReturned>${`<EventRecords>${AUDIT}</EventRecords>`.repeat(count)}`,
  );

describe('the event log', () => {
  test('the recorded one', async () => {
    const device = scriptedWsman({ [READ_EVENTS]: fixtureElement('recorded/amt/messagelog/getrecords.xml') });
    const records = await callsTo(device).readEvents();
    expect(records.map(({ message }) => message)).toEqual([
      'Authentication failed 10 times', 'System firmware: PCI resource configuration', 'System firmware: PCI resource configuration',
    ]);
    expect(device.calls.map(inputOf)).toEqual([{ IterationIdentifier: 1, MaxReadRecords: 390 }]);
  });

  test('goes on where the device says until it says that there is no more', async () => {
    const pages = [events(390, 391, false), events(10, 401, false), events(1, undefined, true)];
    const device = scriptedWsman({ [READ_EVENTS]: () => pages.shift() });
    expect(await callsTo(device).readEvents()).toHaveLength(401);
    expect(device.calls.map(inputOf)).toEqual([
      { IterationIdentifier: 1, MaxReadRecords: 390 }, { IterationIdentifier: 391, MaxReadRecords: 390 }, { IterationIdentifier: 401, MaxReadRecords: 390 },
    ]);
  });

  test('a single record is a list of one', async () => {
    expect(await callsOf({ [READ_EVENTS]: events(1, 2, true) }).readEvents()).toHaveLength(1);
  });

  test('an empty log answers 3, or with no records', async () => {
    expect(await callsOf({ [READ_EVENTS]: output('GetRecords', 3) }).readEvents()).toEqual([]);
    expect(await callsOf({ [READ_EVENTS]: events(0, 1, true) }).readEvents()).toEqual([]);
    expect(await callsOf({ [READ_EVENTS]: events(0, 5, false) }).readEvents()).toEqual([]);
  });

  test.each([[1, 'UNSUPPORTED'], [2, 'NOT_FOUND'], [16, 'REFUSED'], [34827, 'CONFLICT']])('%d is %s', async (returnValue, code) => {
    await expect(callsOf({ [READ_EVENTS]: output('GetRecords', returnValue) }).readEvents()).rejects.toMatchObject({ code, details: { returnValue } });
  });

  test('a device that sends the same page again and again is a fault', async () => {
    const device = scriptedWsman({ [READ_EVENTS]: events(2, 3, false) });
    await expect(callsTo(device).readEvents()).rejects.toMatchObject({ code: 'PROTOCOL_FAULT', details: { class: 'AMT_MessageLog', records: 4 } });
    expect(device.calls).toHaveLength(2);
    await expect(callsOf({ [READ_EVENTS]: events(2, undefined, false) }).readEvents()).rejects.toMatchObject({ code: 'PROTOCOL_FAULT' });
  });

  test('a device that never ends is a fault', async () => {
    let next = 1;
    const device = scriptedWsman({ [READ_EVENTS]: () => events(390, (next += 390), false) });
    await expect(callsTo(device).readEvents()).rejects.toMatchObject({ code: 'PROTOCOL_FAULT', details: { class: 'AMT_MessageLog' } });
    expect(device.calls.length).toBeLessThan(12);
  });

  test('a record that is not as documented is kept as its bytes, and hides no other', async () => {
    const page = output('GetRecords', 0, `<NoMoreRecords>true</NoMoreRecords><RecordArray>IgYBZf8P</RecordArray><RecordArray>${EVENT}</RecordArray>`);
    expect(await callsOf({ [READ_EVENTS]: page }).readEvents()).toEqual([
      { at: null, message: 'A record of the event log has 6 bytes, expected 21', raw: new Uint8Array(Buffer.from('IgYBZf8P', 'base64')) },
      expect.objectContaining({ message: 'System firmware: PCI resource configuration' }),
    ]);
  });

  test('a page that is not as documented is a fault', async () => {
    const garbage = output('GetRecords', 0, '<NoMoreRecords>true</NoMoreRecords><RecordArray>?</RecordArray>');
    await expect(callsOf({ [READ_EVENTS]: garbage }).readEvents()).rejects.toMatchObject({
      code: 'PROTOCOL_FAULT', details: { class: 'GetRecords_OUTPUT', field: 'RecordArray' },
    });
  });

  test('its status', async () => {
    expect(await callsOf({ 'get AMT_MessageLog': fixtureElement('recorded/amt/messagelog/get.xml') }).readEventLogStatus()).toEqual({
      records: 390, capacity: 390, frozen: false, overwritePolicy: 'wraps when full',
    });
    const frozen = xml('<AMT_MessageLog><CurrentNumberOfRecords>7</CurrentNumberOfRecords><IsFrozen>true</IsFrozen></AMT_MessageLog>');
    expect(await callsOf({ 'get AMT_MessageLog': frozen }).readEventLogStatus()).toEqual({ records: 7, frozen: true });
  });

  test('is cleared, unless it is frozen', async () => {
    const device = scriptedWsman({ 'invoke AMT_MessageLog.ClearLog': output('ClearLog', 0) });
    await callsTo(device).clearEvents();
    expect(device.calls).toEqual([{ call: 'invoke AMT_MessageLog.ClearLog' }]);
    await expect(callsOf({ 'invoke AMT_MessageLog.ClearLog': output('ClearLog', 0x8000 + 0x80b) }).clearEvents()).rejects.toMatchObject({
      code: 'CONFLICT', message: 'AMT_MessageLog.ClearLog answered 34827: event log frozen',
    });
  });

  test("an abort between two pages ends it with the caller's reason", async () => {
    const caller = new AbortController();
    const device = scriptedWsman({
      [READ_EVENTS]: () => {
        caller.abort('enough');
        return events(2, 3, false);
      },
    });
    await expect(callsTo(device).readEvents({ signal: caller.signal })).rejects.toBe('enough');
    expect(device.calls).toHaveLength(1);
  });

  test('a silent device ends it in time', async () => {
    const clock = createFakeClock();
    const silent = scriptedWsman({ [READ_EVENTS]: () => new Promise<never>(() => undefined) });
    const outcome = callsTo(silent, clock).readEvents({ timeoutMs: 700 }).catch((reason: unknown) => reason);
    await clock.advance(700);
    expect(await outcome).toMatchObject({ code: 'TIMEOUT', details: { timeoutMs: 700 } });
  });
});

describe('the audit log', () => {
  test('the recorded one', async () => {
    const device = scriptedWsman({ [READ_AUDIT]: fixtureElement('recorded/amt/auditlog/readrecords.xml') });
    const records = await callsTo(device).readAudit();
    expect(records).toMatchObject([
      { at: new Date('2004-01-02T01:46:22Z'), event: 'firmware updated' }, { at: new Date('2004-01-02T01:46:23Z'), event: 'firmware updated' },
    ]);
    expect(device.calls.map(inputOf)).toEqual([{ StartIndex: 1 }]);
  });

  test('a record of an unknown kind of initiator, or one that is cut, is kept as its bytes, and hides no other', async () => {
    const [unknown, cut] = ['001100030900000000020000', '0011'].map((text) => Buffer.from(text, 'hex'));
    expect.assert(unknown !== undefined && cut !== undefined);
    const entries = [unknown.toString('base64'), AUDIT, cut.toString('base64')].map((text) => `<EventRecords>${text}</EventRecords>`).join('');
    const page = output('ReadRecords', 0, `<TotalRecordCount>3</TotalRecordCount><RecordsReturned>3</RecordsReturned>${entries}`);
    expect(await callsOf({ [READ_AUDIT]: page }).readAudit()).toEqual([
      { at: null, message: expect.stringMatching(/^remote control: reset\. The record has an initiator of kind 9/), raw: new Uint8Array(unknown) },
      expect.objectContaining({ event: 'firmware updated' }),
      { at: null, message: expect.stringContaining('ends after 2 bytes'), raw: new Uint8Array(cut) },
    ]);
  });

  test('goes on behind the last record', async () => {
    const pages = [audit(10, 25), audit(10, 25), audit(5, 25)];
    const device = scriptedWsman({ [READ_AUDIT]: () => pages.shift() });
    expect(await callsTo(device).readAudit()).toHaveLength(25);
    expect(device.calls.map(inputOf)).toEqual([{ StartIndex: 1 }, { StartIndex: 11 }, { StartIndex: 21 }]);
  });

  test('an empty one, and one that shrank while it was read', async () => {
    expect(await callsOf({ [READ_AUDIT]: audit(0, 0) }).readAudit()).toEqual([]);
    const pages = [audit(10, 25), audit(0, 25)];
    expect(await callsOf({ [READ_AUDIT]: () => pages.shift() }).readAudit()).toHaveLength(10);
  });

  test('one that never ends is a fault', async () => {
    let total = 0;
    const device = scriptedWsman({ [READ_AUDIT]: () => audit(1000, (total += 2000)) });
    await expect(callsTo(device).readAudit()).rejects.toMatchObject({ code: 'PROTOCOL_FAULT', details: { class: 'AMT_AuditLog' } });
    expect(device.calls.length).toBeLessThan(20);
  });

  test('a user who may not read it is told so', async () => {
    await expect(callsOf({ [READ_AUDIT]: new FerricError('REFUSED', 'access denied') }).readAudit()).rejects.toMatchObject({ code: 'REFUSED' });
    await expect(callsOf({ [READ_AUDIT]: output('ReadRecords', 16) }).readAudit()).rejects.toMatchObject({ code: 'REFUSED', details: { returnValue: 16 } });
  });

  test('its status, and clearing it', async () => {
    const device = scriptedWsman({ 'get AMT_AuditLog': fixtureElement('recorded/amt/auditlog/get.xml'), 'invoke AMT_AuditLog.ClearLog': output('ClearLog', 0) });
    expect(await callsTo(device).readAuditLogStatus()).toEqual({
      records: 161, state: 'enabled', percentFree: 92, lastRecordAt: new Date('2024-01-03T00:44:35Z'), storagePolicy: 'roll over',
    });
    await callsTo(device).clearAudit();
    expect(device.calls.at(-1)).toEqual({ call: 'invoke AMT_AuditLog.ClearLog' });
  });
});
