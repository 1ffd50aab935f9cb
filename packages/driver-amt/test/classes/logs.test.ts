import { expect, test } from 'vitest';
import { AMT_AuditLog, AMT_MessageLog, GetRecords_OUTPUT, PositionToFirstRecord_OUTPUT, ReadRecords_OUTPUT } from '../../src/client/classes/log-classes.js';
import { readInstance } from '../../src/client/classes/read-instance.js';
import { readReturnValue } from '../../src/client/classes/return-value.js';
import { expectInstance, fixtureElement } from './fixtures.js';

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

test('the event log', () => {
  expectInstance('recorded/amt/messagelog/get.xml', AMT_MessageLog, {
    Capabilities: ['freeze log', 'clear log', 'variable length records', 'addressing by ordinal record number'],
    CharacterSet: 'octet string',
    CreationClassName: 'AMT_MessageLog',
    CurrentNumberOfRecords: 390,
    ElementName: 'Intel(r) AMT:MessageLog 1',
    EnabledDefault: 'enabled',
    EnabledState: 'enabled',
    HealthState: 'ok',
    IsFrozen: false,
    LastChange: 'unknown',
    LogState: 'not applicable',
    MaxLogSize: 0,
    MaxNumberOfRecords: 390,
    MaxRecordSize: 21,
    Name: 'Intel(r) AMT:MessageLog 1',
    OperationalStatus: ['ok'],
    OverwritePolicy: 'wraps when full',
    PercentageNearFull: 100,
    RequestedState: 'not applicable',
    SizeOfHeader: 0,
    SizeOfRecordHeader: 0,
    Status: 'OK',
  });
});

test('a page of the event log', () => {
  const first = fixtureElement('recorded/amt/messagelog/positiontofirstrecord.xml');
  expect(readInstance(PositionToFirstRecord_OUTPUT, first)).toEqual({ IterationIdentifier: 1 });
  expect(readReturnValue('PositionToFirstRecord', first)).toBe(0);

  const page = fixtureElement('recorded/amt/messagelog/getrecords.xml');
  expect(readInstance(GetRecords_OUTPUT, page)).toEqual({
    IterationIdentifier: 3,
    NoMoreRecords: true,
    RecordArray: [
      bytes('63 c8 98 65 ff 06 6f 05 68 10 ff 26 61 aa 0a 00 00 00 00 00 00'),
      bytes('22 06 01 65 ff 0f 6f 02 68 01 ff 22 00 40 07 00 00 00 00 00 00'),
      bytes('22 06 01 65 ff 0f 6f 02 68 01 ff 22 00 40 07 00 00 00 00 00 00'),
    ],
  });
  expect(readReturnValue('GetRecords', page)).toBe(0);
});

test('the audit log', () => {
  expectInstance('recorded/amt/auditlog/get.xml', AMT_AuditLog, {
    AuditState: 16,
    CurrentNumberOfRecords: 161,
    ElementName: 'Intel(r) AMT Audit Log',
    EnabledState: 'enabled',
    MaxAllowedAuditors: 1,
    MaxNumberOfRecords: 0,
    Name: 'Intel(r) AMT:Audit Log',
    OverwritePolicy: 'wraps when full',
    PercentageFree: 92,
    RequestedState: 'enabled',
    StoragePolicy: 'roll over',
    TimeOfLastRecord: new Date(Date.UTC(2024, 0, 3, 0, 44, 35)),
  });
});

test('a page of the audit log', () => {
  const page = fixtureElement('recorded/amt/auditlog/readrecords.xml');
  expect(readInstance(ReadRecords_OUTPUT, page)).toEqual({
    TotalRecordCount: 2,
    RecordsReturned: 2,
    EventRecords: [
      bytes('0013 0000 02 3ff4cd6e 02 00 10 000c 0000 0028 0599 000c 0000 0024 0594'),
      bytes('0013 0000 02 3ff4cd6f 02 00 10 000c 0000 0028 0599 000c 0000 0024 0594'),
    ],
  });
  expect(readReturnValue('ReadRecords', page)).toBe(0);
});
