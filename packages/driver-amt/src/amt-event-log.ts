import type { EventLog, EventLogEntry } from '@ferric/core';
import { clockDifference } from './client/clock/index.js';
import type { EventRecord, UnreadableRecord } from './client/logs/index.js';
import type { AmtMachine } from './amt-machine.js';

/** One or a few exchanges, of which one carries a whole log. Milliseconds. */
const READ_MS = 120_000;

const CLEAR_MS = 60_000;

const SEVERITIES: Readonly<Partial<Record<string, EventLogEntry['severity']>>> = {
  'non-critical': 'warning', critical: 'critical', 'non-recoverable': 'critical',
};

/** The event log of one machine, which its firmware and its management engine write. */
export function createAmtEventLog(machine: AmtMachine): EventLog {
  return {
    read: (options) =>
      machine.perform({ what: 'read event log', timeoutMs: READ_MS }, options, async ({ client, options: call }) => {
        const records = await client.logs.readEvents(call);
        // Many devices keep local time.
        const aheadMs = records.length === 0 ? 0 : await clockDifference(client.clock.read(call));
        // The newest comes first; counted from the oldest, an entry keeps its number as long as the log is not full.
        return records.map((record, index) => toEntry(record, records.length - index, aheadMs));
      }),
    clear: (options) =>
      machine.perform({ what: 'clear event log', timeoutMs: CLEAR_MS }, options, ({ client, options: call }) => client.logs.clearEvents(call)),
  };
}

function toEntry(record: EventRecord | UnreadableRecord, number: number, aheadMs: number): EventLogEntry {
  const { at, message } = record;
  const entry = { id: String(number), at: at === null ? null : new Date(at.getTime() - aheadMs), message };
  if ('raw' in record) return { ...entry, severity: 'information' };
  const { severity, sensor } = record;
  return { ...entry, severity: SEVERITIES[String(severity)] ?? 'information', ...(typeof sensor === 'string' ? { sensor } : {}) };
}
