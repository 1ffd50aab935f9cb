import { errorCode, type EventLog, type EventLogEntry } from '@ferric/core';
import type { EventRecord } from './client/logs/index.js';
import type { AmtCall, AmtMachine } from './amt-machine.js';

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
      machine.perform({ what: 'read event log', timeoutMs: READ_MS }, options, async (call) => {
        const records = await call.client.logs.readEvents(call.options);
        const aheadMs = records.length === 0 ? 0 : await clockDifference(call);
        // The newest comes first; counted from the oldest, an entry keeps its number as long as the log is not full.
        return records.map((record, index) => toEntry(record, records.length - index, aheadMs));
      }),
    clear: (options) =>
      machine.perform({ what: 'clear event log', timeoutMs: CLEAR_MS }, options, ({ client, options: call }) => client.logs.clearEvents(call)),
  };
}

/** How far the clock of the device is ahead of ours, for many keep local time. 0 when it does not tell. */
async function clockDifference({ client, options }: AmtCall): Promise<number> {
  try {
    return (await client.clock.read(options)).aheadMs;
  } catch (error) {
    if (['NOT_FOUND', 'REFUSED', 'UNSUPPORTED'].includes(errorCode(error))) return 0;
    throw error;
  }
}

function toEntry({ at, message, severity, sensor }: EventRecord, number: number, aheadMs: number): EventLogEntry {
  return {
    id: String(number),
    at: at === null ? null : new Date(at.getTime() - aheadMs),
    severity: SEVERITIES[String(severity)] ?? 'information',
    message,
    ...(typeof sensor === 'string' ? { sensor } : {}),
  };
}
