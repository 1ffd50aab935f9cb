import { errorCode, type EventLog, type EventLogEntry } from '@ferric/core';
import {
  clearSel, correctedDate, describeSelEntry, indexSensors, readSel, readSelClock, type SelEntry, type SensorDirectory, type Severity,
} from '@ferric/ipmi-raw-buffer';
import { createEventLogMemory } from './event-log-memory.js';
import { isDeclined, partOf } from './ipmi-answers.js';
import type { IpmiCall, IpmiMachine } from './ipmi-machine.js';

/** A full log has thousands of entries, one exchange each. Milliseconds. */
const READ_MS = 180_000;

/** Some controllers erase for half a minute. Milliseconds. */
const CLEAR_MS = 60_000;

const SEVERITIES: Readonly<Record<Severity, EventLogEntry['severity']>> = {
  ok: 'information', warning: 'warning', critical: 'critical', nonrecoverable: 'critical',
};

/**
 * The event log of one machine, in words. What has been read, also by an earlier device with the same memory, is all that {@link EventLog.clear}
 * clears: it throws CONFLICT when an entry came after that. Without a reading before, it clears whatever there is.
 */
export function createIpmiEventLog(machine: IpmiMachine): EventLog {
  const memory = createEventLogMemory(machine.memory, `${machine.address} ${JSON.stringify(machine.bridge)}`);
  return {
    read: (options) =>
      machine.perform({ what: 'read event log', timeoutMs: READ_MS }, options, async (call) => {
        const { entries, marker } = await readSel(call.bmc, { ...partOf(call), clock: machine.clock });
        const sensors = entries.length === 0 ? undefined : await findSensors(call);
        const aheadMs = entries.length === 0 ? 0 : await clockDifference(machine, call);
        memory.keep(marker);
        return entries.map((entry) => toEntry(entry, sensors, aheadMs));
      }),
    clear: (options) =>
      machine.perform({ what: 'clear event log', timeoutMs: CLEAR_MS }, options, async (call) => {
        const lastRead = memory.get();
        await clearSel(call.bmc, { ...partOf(call), clock: machine.clock, ...(lastRead === undefined ? {} : { lastRead }) });
        memory.forget();
      }),
  };
}

/** Without records the sensors have numbers for names. */
async function findSensors(call: IpmiCall): Promise<SensorDirectory | undefined> {
  try {
    return indexSensors((await call.records()).repository.records);
  } catch (error) {
    if (isDeclined(error) || errorCode(error) === 'UNSUPPORTED') return undefined;
    throw error;
  }
}

/** How far the clock of the controller is ahead of ours: many keep local time. 0 when it does not tell. */
async function clockDifference({ clock }: IpmiMachine, call: IpmiCall): Promise<number> {
  try {
    return (await readSelClock(call.bmc, { ...partOf(call), clock })).differenceMs ?? 0;
  } catch (error) {
    if (isDeclined(error)) return 0;
    throw error;
  }
}

/** One entry in the words of the contract. @param aheadMs how far the clock of the controller is ahead of ours */
function toEntry(entry: SelEntry, sensors: SensorDirectory | undefined, aheadMs: number): EventLogEntry {
  const { message, severity, sensorName } = describeSelEntry(entry, sensors);
  return {
    id: String(entry.recordId),
    at: entry.kind === 'oem' ? null : correctedDate(entry.timestamp, aheadMs),
    severity: SEVERITIES[severity],
    message,
    ...(sensorName === null ? {} : { sensor: sensorName }),
  };
}
