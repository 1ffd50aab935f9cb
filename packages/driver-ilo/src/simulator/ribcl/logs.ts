import type { EventLog } from '../machine/event-log.js';
import { attribute } from './documents.js';

/** A log with all its entries. Source: HPE iLO 4 scripting guide, GET_EVENT_LOG. */
export function eventLog(log: EventLog): string {
  const events = log.entries.map(({ severity, kind, text, at }) => {
    const time = stamp(at);
    return `<EVENT\n    SEVERITY="${severity}"\n    CLASS="${attribute(kind)}"\n    LAST_UPDATE="${time}"\n    INITIAL_UPDATE="${time}"\n    COUNT="1"\n    DESCRIPTION="${attribute(text)}"\n    />`;
  });
  const title = log.name === 'IML' ? 'Integrated Management Log' : 'iLO Event log';
  return `<EVENT_LOG DESCRIPTION="${title}">\n${events.join('\n')}\n</EVENT_LOG>`;
}

/** Month/day/year hour:minute. */
function stamp(at: Date): string {
  const [date = '', time = ''] = at.toISOString().split('T');
  const [year = '', month = '', day = ''] = date.split('-');
  return `${month}/${day}/${year} ${time.slice(0, 5)}`;
}
