import { defineClass, listOf, required } from './class-table.js';
import { ENABLED_DEFAULTS, ENABLED_STATES, HEALTH_STATES, OPERATIONAL_STATUSES, OVERWRITE_POLICIES, REQUESTED_STATES } from './value-names.js';
import { base64, boolean, datetime, integer, named, text } from './value-readers.js';

// Source: Intel AMT Implementation and Reference Guide, class reference of AMT_MessageLog and AMT_AuditLog; CIM schema of the DMTF, CIM_MessageLog.

/** CIM_MessageLog.Capabilities. */
export const LOG_CAPABILITIES = {
  0: 'unknown', 1: 'other', 2: 'write record', 3: 'delete record', 4: 'can move backward', 5: 'freeze log', 6: 'clear log',
  7: 'addressing by ordinal record number', 8: 'variable length records', 9: 'variable formats for records', 10: 'can flag records for overwrite',
} as const;

/** CIM_MessageLog.CharacterSet. */
export const LOG_CHARACTER_SETS = {
  0: 'unknown', 1: 'other', 2: 'ascii', 3: 'unicode', 4: 'iso2022', 5: 'iso8859', 6: 'extended unix code', 7: 'utf-8', 8: 'ucs-2', 9: 'bitmapped data',
  10: 'octet string', 11: 'defined by individual records',
} as const;

/** CIM_MessageLog.LastChange. */
export const LOG_LAST_CHANGES = { 0: 'unknown', 1: 'add', 2: 'delete', 3: 'modify', 4: 'log cleared' } as const;

/** CIM_Log.LogState. */
export const LOG_STATES = { 0: 'unknown', 2: 'normal', 3: 'erasing', 4: 'not applicable' } as const;

/** The event log. */
export const AMT_MessageLog = defineClass('AMT_MessageLog', {
  Capabilities: listOf(named(LOG_CAPABILITIES)),
  CharacterSet: named(LOG_CHARACTER_SETS),
  CreationClassName: text,
  CurrentNumberOfRecords: required(integer),
  ElementName: text,
  EnabledDefault: named(ENABLED_DEFAULTS),
  EnabledState: named(ENABLED_STATES),
  HealthState: named(HEALTH_STATES),
  IsFrozen: boolean,
  LastChange: named(LOG_LAST_CHANGES),
  LogState: named(LOG_STATES),
  MaxLogSize: integer,
  MaxNumberOfRecords: integer,
  MaxRecordSize: integer,
  Name: text,
  OperationalStatus: listOf(named(OPERATIONAL_STATUSES)),
  OverwritePolicy: named(OVERWRITE_POLICIES),
  PercentageNearFull: integer,
  RequestedState: named(REQUESTED_STATES),
  SizeOfHeader: integer,
  SizeOfRecordHeader: integer,
  Status: text,
});

export const PositionToFirstRecord_OUTPUT = defineClass('PositionToFirstRecord_OUTPUT', { IterationIdentifier: integer });

/** One page of the event log. */
export const GetRecords_OUTPUT = defineClass('GetRecords_OUTPUT', {
  IterationIdentifier: integer,
  NoMoreRecords: required(boolean),
  RecordArray: listOf(base64),
});

/** AMT_AuditLog.StoragePolicy. */
export const STORAGE_POLICIES = { 0: 'no roll over', 1: 'roll over', 2: 'restricted roll over' } as const;

/** The audit log. AuditState is a set of bits. */
export const AMT_AuditLog = defineClass('AMT_AuditLog', {
  AuditState: integer,
  CurrentNumberOfRecords: required(integer),
  ElementName: text,
  EnabledState: named(ENABLED_STATES),
  MaxAllowedAuditors: integer,
  MaxNumberOfRecords: integer,
  MinDaysToKeep: integer,
  Name: text,
  OverwritePolicy: named(OVERWRITE_POLICIES),
  PercentageFree: integer,
  RequestedState: named(REQUESTED_STATES),
  StoragePolicy: named(STORAGE_POLICIES),
  TimeOfLastRecord: datetime,
});

/** One page of the audit log. */
export const ReadRecords_OUTPUT = defineClass('ReadRecords_OUTPUT', {
  EventRecords: listOf(base64),
  RecordsReturned: required(integer),
  TotalRecordCount: required(integer),
});
