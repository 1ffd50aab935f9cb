import { type CallOptions, type Clock, FerricError, withDeadline } from '@ferric/core';
import type { AmtCallParts } from '../call-parts.js';
import { callMethod, getInstance } from '../classes/class-calls.js';
import type { InstanceOf } from '../classes/class-table.js';
import { AMT_AuditLog, AMT_MessageLog, GetRecords_OUTPUT, ReadRecords_OUTPUT, type STORAGE_POLICIES } from '../classes/log-classes.js';
import { present } from '../classes/present.js';
import { readInstance } from '../classes/read-instance.js';
import { checkReturnValue, type MethodTable, readReturnValue } from '../classes/return-value.js';
import type { ENABLED_STATES, OVERWRITE_POLICIES } from '../classes/value-names.js';
import type { Named } from '../classes/value-readers.js';
import type { Wsman, WsmanFields } from '../wsman/wsman.js';
import { type AuditRecord, decodeAuditRecord } from './audit-record.js';
import { decodeEventRecord, type EventRecord } from './event-record.js';
import { orUnreadable, type UnreadableRecord } from './unreadable-record.js';

/** The event log as a whole. */
export interface EventLogStatus {
  readonly records: number;
  /** How many fit, 390 as a rule. Left out when the device does not tell. */
  readonly capacity?: number;
  /** True: nothing is written and nothing can be cleared. */
  readonly frozen: boolean;
  readonly overwritePolicy?: Named<typeof OVERWRITE_POLICIES>;
}

/** The audit log as a whole. */
export interface AuditLogStatus {
  readonly records: number;
  readonly state?: Named<typeof ENABLED_STATES>;
  readonly percentFree?: number;
  readonly lastRecordAt?: Date;
  readonly storagePolicy?: Named<typeof STORAGE_POLICIES>;
}

/** What happened to the machine, and what was done to the management engine. */
export interface LogCalls {
  readEventLogStatus(options?: CallOptions): Promise<EventLogStatus>;
  /**
   * All events in the order of the device, as a rule the newest first; an empty log is an empty list. What cannot be decoded is kept as its bytes, in
   * `raw`. Default time 120000 ms.
   */
  readEvents(options?: CallOptions): Promise<readonly (EventRecord | UnreadableRecord)[]>;
  /** Throws CONFLICT while the log is frozen. */
  clearEvents(options?: CallOptions): Promise<void>;
  readAuditLogStatus(options?: CallOptions): Promise<AuditLogStatus>;
  /**
   * All entries, the oldest first; a few to each exchange. Only a user with the realm of auditors may read them: others get REFUSED. What cannot be
   * decoded is kept as its bytes, in `raw`. Default time 300000 ms.
   */
  readAudit(options?: CallOptions): Promise<readonly (AuditRecord | UnreadableRecord)[]>;
  /** Needs the realm of auditors, as reading does. */
  clearAudit(options?: CallOptions): Promise<void>;
}

/** Source: Intel AMT Implementation and Reference Guide, class reference of AMT_MessageLog, GetRecords. */
const GET_RECORDS: MethodTable = {
  resource: 'AMT_MessageLog',
  method: 'GetRecords',
  kind: 'amt',
  returns: {
    1: { code: 'UNSUPPORTED', words: 'not supported' },
    2: { code: 'NOT_FOUND', words: 'invalid record' },
  },
};

/** GetRecords of an empty log. Source: as {@link GET_RECORDS}. */
const NO_RECORD_EXISTS = 3;

/** The most that one call of GetRecords returns. Source: as {@link GET_RECORDS}. */
const MOST_RECORDS_PER_CALL = 390;

/** More than any log of AMT holds; a device that goes on beyond it does not end. */
const MOST_EVENTS = 4096;

const CLEAR_EVENTS: MethodTable = { resource: 'AMT_MessageLog', method: 'ClearLog', kind: 'cim' };

const READ_RECORDS: MethodTable = { resource: 'AMT_AuditLog', method: 'ReadRecords', kind: 'amt' };

const CLEAR_AUDIT: MethodTable = { resource: 'AMT_AuditLog', method: 'ClearLog', kind: 'cim' };

/** More than the flash of a management engine holds. */
const MOST_AUDIT_RECORDS = 16_384;

/** Milliseconds. */
const READ_EVENTS_MS = 120_000;

/** Some ten records come with each exchange. Milliseconds. */
const READ_AUDIT_MS = 300_000;

export function createLogCalls(wsman: Wsman, { clock }: AmtCallParts): LogCalls {
  return {
    async readEventLogStatus(options) {
      const instance = await getInstance(wsman, AMT_MessageLog, options);
      return present({
        records: instance.CurrentNumberOfRecords,
        capacity: instance.MaxNumberOfRecords,
        frozen: instance.IsFrozen ?? false,
        overwritePolicy: instance.OverwritePolicy,
      });
    },
    readEvents: (options) => readEvents(wsman, clock, options),
    async clearEvents(options) {
      await callMethod(wsman, CLEAR_EVENTS, undefined, options);
    },
    async readAuditLogStatus(options) {
      const instance = await getInstance(wsman, AMT_AuditLog, options);
      return present({
        records: instance.CurrentNumberOfRecords,
        state: instance.EnabledState,
        percentFree: instance.PercentageFree,
        lastRecordAt: instance.TimeOfLastRecord,
        storagePolicy: instance.StoragePolicy,
      });
    },
    readAudit: (options) => readAudit(wsman, clock, options),
    async clearAudit(options) {
      await callMethod(wsman, CLEAR_AUDIT, undefined, options);
    },
  };
}

async function readEvents(wsman: Wsman, clock: Clock, options?: CallOptions): Promise<readonly (EventRecord | UnreadableRecord)[]> {
  return withDeadline(options, { what: 'reading the event log', defaultTimeoutMs: READ_EVENTS_MS, clock }, async ({ signal }) => {
    const records: Uint8Array[] = [];
    for (let identifier = 1; ; ) {
      const page = await readEventPage(wsman, identifier, { signal });
      const { RecordArray = [], NoMoreRecords = true, IterationIdentifier: next } = page ?? {};
      records.push(...RecordArray);
      if (NoMoreRecords || RecordArray.length === 0) return records.map(orUnreadable(decodeEventRecord));
      if (next === undefined || next <= identifier || records.length > MOST_EVENTS) throw endless('AMT_MessageLog', records.length);
      identifier = next;
    }
  });
}

/** Undefined when the log is empty. */
async function readEventPage(wsman: Wsman, identifier: number, options: CallOptions): Promise<EventPage | undefined> {
  const input: WsmanFields = {
    fields: [
      { name: 'IterationIdentifier', value: identifier },
      { name: 'MaxReadRecords', value: MOST_RECORDS_PER_CALL },
    ],
  };
  const output = await wsman.invoke(GET_RECORDS.resource, GET_RECORDS.method, input, options);
  if (readReturnValue(GET_RECORDS.method, output) === NO_RECORD_EXISTS) return undefined;
  return readInstance(GetRecords_OUTPUT, checkReturnValue(GET_RECORDS, output));
}

type EventPage = InstanceOf<typeof GetRecords_OUTPUT>;

async function readAudit(wsman: Wsman, clock: Clock, options?: CallOptions): Promise<readonly (AuditRecord | UnreadableRecord)[]> {
  return withDeadline(options, { what: 'reading the audit log', defaultTimeoutMs: READ_AUDIT_MS, clock }, async ({ signal }) => {
    const records: Uint8Array[] = [];
    for (;;) {
      const output = await callMethod(wsman, READ_RECORDS, { fields: [{ name: 'StartIndex', value: records.length + 1 }] }, { signal });
      const { EventRecords = [], TotalRecordCount } = readInstance(ReadRecords_OUTPUT, output);
      records.push(...EventRecords);
      // A log that shrank while it was read ends with an empty page.
      if (records.length >= TotalRecordCount || EventRecords.length === 0) return records.map(orUnreadable(decodeAuditRecord));
      if (records.length > MOST_AUDIT_RECORDS) throw endless('AMT_AuditLog', records.length);
    }
  });
}

function endless(className: string, records: number): FerricError {
  return new FerricError('PROTOCOL_FAULT', `${className} does not end: ${records} records came, and the device says that there are more`, {
    details: { class: className, records },
  });
}
