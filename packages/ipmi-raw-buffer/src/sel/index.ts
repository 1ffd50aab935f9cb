export { correctedDate, decodeTimestamp } from './timestamp.js';
export type { SelTimestamp } from './timestamp.js';
export { decodeEventGenerator, decodeSelEntry } from './entry.js';
export type { EventGenerator, GeneratorKind, OemEntry, OemTimestampedEntry, SelEntry, SystemEventEntry } from './entry.js';
export { describeSelEntry } from './describe-event.js';
export type { EventDescription } from './describe-event.js';
export {
  addSelEntry, decodeSelAnswer, decodeSelInfo, deleteSelEntry, getSelInfo, getSelTime, getSelUtcOffset, setSelTime, setSelUtcOffset,
} from './sel-commands.js';
export type { SelAnswer, SelInfo } from './sel-commands.js';
export { readSelClock } from './sel-clock.js';
export type { SelClock } from './sel-clock.js';
export { readSel, readSelSince } from './read-sel.js';
export type { SelMarker, SelReading, SelReadOptions } from './read-sel.js';
export { clearSel, drainSel } from './clear-sel.js';
export type { SelClearOptions } from './clear-sel.js';
