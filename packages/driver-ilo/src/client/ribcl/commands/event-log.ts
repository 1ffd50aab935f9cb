import type { EventLogEntry } from '@ferric/core';
import { readCommand, writeCommand, type RibclAcknowledgement, type RibclCommand, type RibclGroup } from '../command.js';
import { attributeOf, childrenOf, type RibclElement } from '../wire/element.js';
import { wholeNumber } from './facts.js';

/** `server`: the integrated management log, what happened to the machine. `controller`: what happened on the iLO, such as logins. */
export type RibclEventLogName = 'server' | 'controller';

/** One entry of a log. */
export interface RibclEvent {
  /** As the controller writes it: Informational, Repaired, Caution, Critical. */
  readonly severity: string;
  /** `POST Message`, `Power`, `iLO 3`. */
  readonly class: string;
  /** When it came last, by the clock of the controller taken as UTC; null when that was not set. */
  readonly updatedAt: Date | null;
  readonly firstAt: Date | null;
  /** How often it came. */
  readonly count: number;
  readonly description: string;
}

const LOGS: Readonly<Record<RibclEventLogName, { readonly group: RibclGroup; readonly clear: string }>> = {
  server: { group: 'SERVER_INFO', clear: 'CLEAR_IML' },
  controller: { group: 'RIB_INFO', clear: 'CLEAR_EVENTLOG' },
};

const SEVERITIES: Readonly<Record<string, EventLogEntry['severity']>> = { caution: 'warning', critical: 'critical' };

/** The entries of a log, in the order of the controller. Source: HPE iLO 4 Scripting and Command Line Guide, GET_EVENT_LOG. */
export function readEventLog(log: RibclEventLogName): RibclCommand<readonly RibclEvent[]> {
  return readCommand('GET_EVENT_LOG', { group: LOGS[log].group, answers: ['EVENT_LOG', 'GET_EVENT_LOG'] }, (payload) => childrenOf(payload, 'EVENT').map(readEvent));
}

/** Empties a log. Source: same guide, CLEAR_IML and CLEAR_EVENTLOG. */
export function clearEventLog(log: RibclEventLogName): RibclCommand<RibclAcknowledgement> {
  return writeCommand(LOGS[log].clear, { group: LOGS[log].group });
}

/** The entries as every driver gives them. Their ids count from 1 in each log, for the controller gives none. */
export function toEventLogEntries(log: RibclEventLogName, events: readonly RibclEvent[]): readonly EventLogEntry[] {
  return events.map((event, index) => ({
    id: `${log}-${index + 1}`,
    at: event.updatedAt,
    severity: SEVERITIES[event.severity.toLowerCase()] ?? 'information',
    message: event.count > 1 ? `${event.description} (${event.count} times)` : event.description,
    ...(event.class === '' ? {} : { sensor: event.class }),
  }));
}

function readEvent(element: RibclElement): RibclEvent {
  return {
    severity: attributeOf(element, 'SEVERITY') ?? '',
    class: attributeOf(element, 'CLASS') ?? '',
    updatedAt: readTime(attributeOf(element, 'LAST_UPDATE')),
    firstAt: readTime(attributeOf(element, 'INITIAL_UPDATE')),
    count: wholeNumber(attributeOf(element, 'COUNT')) ?? 1,
    description: attributeOf(element, 'DESCRIPTION') ?? '',
  };
}

/** `08/11/2011 22:01`: month, day, year. A clock that was not set yet is written as `[NOT SET]`. */
function readTime(text: string | undefined): Date | null {
  const match = /^(\d{2})\/(\d{2})\/(\d{4}) (\d{2}):(\d{2})(?::(\d{2}))?$/.exec(text ?? '');
  if (match === null) return null;
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map((part) => Number(part ?? 0));
  const at = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  return at.getUTCMonth() === month - 1 && at.getUTCDate() === day ? at : null;
}
