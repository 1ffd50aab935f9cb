import type { AmtMachine } from '../machine/amt-machine.js';
import { AUDIT_PAGE, encodeAudit } from '../machine/audit-log.js';
import { encodeEvent, EVENT_LOG_CAPACITY } from '../machine/event-log.js';
import { datetime, type Fields } from '../soap/value.js';
import { type AmtClass, type Method, returns, SERVICE_KEYS } from './amt-class.js';

/** ReturnValues of AMT_MessageLog. Source: Intel AMT Implementation and Reference Guide, "Read the Event Log". */
const EVENTS = { done: 0, invalidRecord: 2, empty: 3 } as const;
/** PT_STATUS values. Source: Intel AMT Implementation and Reference Guide, "Errors and Return Values". */
const AUDIT = { done: 0, invalidIndex: 0x23 } as const;

/** Has no effect on what is read, but answers like this. */
const positionToFirstRecord: Method = {
  parameters: [],
  changes: false,
  call: ({ events }) => (events.records.length === 0 ? returns(EVENTS.empty) : { output: { IterationIdentifier: 1, ReturnValue: EVENTS.done } }),
};

const getRecords: Method = {
  parameters: ['IterationIdentifier', 'MaxReadRecords'],
  required: ['IterationIdentifier', 'MaxReadRecords'],
  changes: false,
  call({ events: { records } }, input) {
    const first = input.number('IterationIdentifier');
    const most = Math.min(input.number('MaxReadRecords'), EVENT_LOG_CAPACITY);
    if (records.length === 0) return returns(EVENTS.empty);
    if (first < 1 || first > records.length || most < 1) return returns(EVENTS.invalidRecord);
    const read = records.slice(first - 1, first - 1 + most);
    const isLast = first - 1 + read.length === records.length;
    // As recorded: at the end it names the last record, before that the one to go on with.
    const next = first + read.length - (isLast ? 1 : 0);
    return { output: { IterationIdentifier: next, NoMoreRecords: isLast, RecordArray: read.map(encodeEvent), ReturnValue: EVENTS.done } };
  },
};

const freezeLog: Method = {
  parameters: ['Freeze'],
  required: ['Freeze'],
  changes: true,
  call: ({ events }, input) => returns(EVENTS.done, () => {
    events.isFrozen = input.text('Freeze') === 'true';
  }),
};

const clearLog: Method = { parameters: [], changes: true, call: ({ events }) => returns(EVENTS.done, () => events.clear()) };

function messageLog({ events }: AmtMachine): Fields {
  const count = events.records.length;
  return {
    Capabilities: [5, 6, 8, 7], CharacterSet: 10, CreationClassName: 'AMT_MessageLog', CurrentNumberOfRecords: count,
    ElementName: 'Intel(r) AMT:MessageLog 1', EnabledDefault: 2, EnabledState: 2, HealthState: 5, IsFrozen: events.isFrozen, LastChange: 0, LogState: 4,
    MaxLogSize: 0, MaxNumberOfRecords: EVENT_LOG_CAPACITY, MaxRecordSize: 21, Name: 'Intel(r) AMT:MessageLog 1', OperationalStatus: 2, OverwritePolicy: 2,
    PercentageNearFull: Math.floor((100 * count) / EVENT_LOG_CAPACITY), RequestedState: 12, SizeOfHeader: 0, SizeOfRecordHeader: 0, Status: 'OK',
  };
}

const readRecords: Method = {
  parameters: ['StartIndex'],
  required: ['StartIndex'],
  changes: false,
  call({ audits: { records } }, input) {
    const start = input.number('StartIndex');
    if (start < 1 || start > Math.max(1, records.length)) return returns(AUDIT.invalidIndex);
    const read = records.slice(start - 1, start - 1 + AUDIT_PAGE).map(encodeAudit);
    return { output: { TotalRecordCount: records.length, RecordsReturned: read.length, EventRecords: read, ReturnValue: AUDIT.done } };
  },
};

const clearAudit: Method = { parameters: [], changes: true, call: ({ audits }) => returns(AUDIT.done, () => audits.clear()) };

/** The size of a full log; a figure of this simulator. */
const AUDIT_CAPACITY = 2000;

function auditLog({ audits: { records } }: AmtMachine): Fields {
  return {
    AuditState: 16, CurrentNumberOfRecords: records.length, ElementName: 'Intel(r) AMT Audit Log', EnabledState: 2, MaxAllowedAuditors: 1,
    MaxNumberOfRecords: 0, Name: 'Intel(r) AMT:Audit Log', OverwritePolicy: 2, PercentageFree: 100 - Math.floor((100 * records.length) / AUDIT_CAPACITY),
    RequestedState: 2, StoragePolicy: 1, TimeOfLastRecord: datetime(new Date((records.at(-1)?.time ?? 0) * 1000)),
  };
}

export const LOG_CLASSES: readonly AmtClass[] = [
  {
    name: 'AMT_MessageLog', keys: ['CreationClassName', 'Name'], dated: true,
    instances: (machine) => [{ className: 'AMT_MessageLog', fields: messageLog(machine) }],
    methods: { PositionToFirstRecord: positionToFirstRecord, GetRecords: getRecords, FreezeLog: freezeLog, ClearLog: clearLog },
  },
  {
    name: 'AMT_AuditLog', keys: SERVICE_KEYS, dated: true, since: 6,
    instances: (machine) => [{ className: 'AMT_AuditLog', fields: auditLog(machine) }],
    methods: { ReadRecords: readRecords, ClearLog: clearAudit },
  },
];
