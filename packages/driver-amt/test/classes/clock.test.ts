import { expect, test } from 'vitest';
import {
  AddAlarm_OUTPUT, AMT_AlarmClockService, AMT_TimeSynchronizationService, GetLowAccuracyTimeSynch_OUTPUT, IPS_AlarmClockOccurrence,
} from '../../src/client/classes/clock-classes.js';
import { readInstance } from '../../src/client/classes/read-instance.js';
import { readReturnValue } from '../../src/client/classes/return-value.js';
import { parseXml } from '../../src/client/wsman/xml/parse-xml.js';
import { expectContext, expectInstance, fixtureBody, fixtureElement, fixtureItems } from './fixtures.js';

test('the service of the clock', () => {
  expectInstance('recorded/amt/timesynchronization/get.xml', AMT_TimeSynchronizationService, {
    CreationClassName: 'AMT_TimeSynchronizationService',
    ElementName: 'Intel(r) AMT Time Synchronization Service',
    EnabledState: 'not applicable',
    LocalTimeSyncEnabled: 'enabled by default',
    Name: 'Intel(r) AMT Time Synchronization Service',
    RequestedState: 'not applicable',
    SystemCreationClassName: 'CIM_ComputerSystem',
    SystemName: 'Intel(r) AMT',
    TimeSource: 'bios clock',
  });
});

test('reading and setting the clock', () => {
  const time = fixtureElement('recorded/amt/timesynchronization/getlowaccuracytimesynch.xml');
  expect(readInstance(GetLowAccuracyTimeSynch_OUTPUT, time)).toEqual({ Ta0: 1704586865 });
  expect(readReturnValue('GetLowAccuracyTimeSynch', time)).toBe(0);
  expect(readReturnValue('SetHighAccuracyTimeSynch', fixtureElement('recorded/amt/timesynchronization/sethighaccuracytimesynch.xml'))).toBe(0);
});

test('the service of the alarms', () => {
  expectInstance('recorded/amt/alarmclock/get.xml', AMT_AlarmClockService, {
    CreationClassName: 'AMT_AlarmClockService',
    ElementName: 'Intel(r) AMT Alarm Clock Service',
    Name: 'Intel(r) AMT Alarm Clock Service',
    SystemCreationClassName: 'CIM_ComputerSystem',
    SystemName: 'ManagedSystem',
  });
});

test('adding and deleting an alarm', () => {
  const output = fixtureElement('recorded/amt/alarmclock/addalarm.xml');
  expect(readInstance(AddAlarm_OUTPUT, output)).toEqual({ AlarmClock: { resource: '', selectors: {} } });
  expect(readReturnValue('AddAlarm', output)).toBe(0);
  expect(fixtureBody('recorded/ips/alarmclock/delete.xml')).toBeUndefined();
});

test('the list of alarms', () => {
  expectContext('recorded/ips/alarmclock/enumerate.xml', '9C0A0000-0000-0000-0000-000000000000');
  const [alarm] = fixtureItems('edited/ips/alarmclock/pull.xml');
  if (alarm === undefined) return expect.fail('no alarm');
  expect(alarm.children.map(({ name, text }) => [name, text])).toEqual([
    ['ElementName', 'testalarm'],
    ['InstanceID', 'testalarm'],
    ['StartTime', 'testdatetime'],
    ['Interval', '0'],
    ['DeleteOnCompletion', 'true'],
  ]);
  // Whoever edited this answer put a word where a device has a moment.
  expect(() => readInstance(IPS_AlarmClockOccurrence, alarm)).toThrow(
    expect.objectContaining({ code: 'PROTOCOL_FAULT', details: { class: 'IPS_AlarmClockOccurrence', field: 'StartTime' } }),
  );
  const moment = parseXml('<StartTime><Datetime>2012-12-31T22:00:00Z</Datetime></StartTime>');
  const repaired = { ...alarm, children: alarm.children.map((child) => (child.name === 'StartTime' ? moment : child)) };
  expect(readInstance(IPS_AlarmClockOccurrence, repaired)).toEqual({
    DeleteOnCompletion: true,
    ElementName: 'testalarm',
    InstanceID: 'testalarm',
    Interval: 0,
    StartTime: new Date(Date.UTC(2012, 11, 31, 22)),
  });
});
