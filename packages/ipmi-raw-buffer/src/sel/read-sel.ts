import { type CallOptions, type Clock, type FerricError, systemClock, withDeadline } from '@ferric/core';
import { completionError } from '../message/completion-codes.js';
import type { RequestCarrier } from '../message/request.js';
import { ask, type AskOptions } from '../sdr/ask.js';
import { decodeAnswer, hexadecimal, hexadecimalText } from '../message/bytes.js';
import { decodeSelEntry, SEL_ENTRY_LENGTH, type SelEntry } from './entry.js';
import { decodeSelAnswer, getSelInfo, reserveSel, type SelAnswer, STORAGE } from './sel-commands.js';

/** Where a reading ended: the last entry, as it stands in the log. Plain data, to be stored between polls. */
export interface SelMarker {
  readonly recordId: number;
  /** The 16 bytes in hexadecimal: the log was cleared when another entry has the number. */
  readonly entry: string;
}

export interface SelReadOptions extends CallOptions {
  readonly clock?: Clock;
}

/** What was read of a log. */
export interface SelReading {
  readonly entries: readonly SelEntry[];
  /** For the next `readSelSince`; null when the log is empty. */
  readonly marker: SelMarker | null;
  /** True when the log was cleared since the marker, so that all entries are new; false for a reading from the start. */
  readonly cleared: boolean;
  /** False when the reading was stopped because the log went in a circle, or named an entry as the next that does not exist. */
  readonly complete: boolean;
  /** What was not read, and why: empty when every entry was. */
  readonly warnings: readonly string[];
}

const DEFAULT_TIMEOUT_MS = 180_000;
const FIRST_ENTRY = 0x0000;
const NO_ENTRY = 0xffff;
const WHOLE_ENTRY = 0xff;
const MAXIMUM_ENTRIES = 0xffff;
const RESERVATION_LOST = 0xc5;
const MAXIMUM_RESERVATIONS = 5;
/** Some firmware does not take "all" for a length. Source: IPMI 1.5, table 5-2: length invalid, length limit, cannot return so many. */
const ASK_FOR_SIXTEEN: ReadonlySet<number> = new Set([0xc7, 0xc8, 0xca]);

/** Reads the whole log. Default timeout 180000 ms. Source: IPMI 1.5, section 25.5. @throws FerricError UNSUPPORTED without a log; what the carrier throws */
export async function readSel(bmc: RequestCarrier, options: SelReadOptions = {}): Promise<SelReading> {
  return readSelSince(bmc, null, options);
}

/**
 * Reads the entries after the marker, or all when the log was cleared since, or when the marker is null.
 * Default timeout 180000 ms. Source: IPMI 1.5, section 25.5.
 */
export async function readSelSince(bmc: RequestCarrier, marker: SelMarker | null, options: SelReadOptions = {}): Promise<SelReading> {
  const clock = options.clock ?? systemClock;
  const settings = { what: `reading the event log of ${bmc.address}`, defaultTimeoutMs: DEFAULT_TIMEOUT_MS, details: { address: bmc.address }, clock };
  return withDeadline(options, settings, ({ signal }) => walkSince(bmc, marker, { signal, clock }));
}

/** As {@link readSelSince}, within the caller's deadline. */
export async function walkSince(bmc: RequestCarrier, marker: SelMarker | null, options: AskOptions): Promise<SelReading> {
  const reader = createEntryReader(bmc, options);
  if (marker === null) return walkEntries(reader, FIRST_ENTRY, null);
  const last = await reader.read(marker.recordId);
  if (last === null || markerOf(marker.recordId, last.entry).entry !== marker.entry) {
    return { ...(await walkEntries(reader, FIRST_ENTRY, null)), cleared: true };
  }
  return walkEntries(reader, last.nextId, marker);
}

function markerOf(recordId: number, entry: Uint8Array): SelMarker {
  return { recordId, entry: hexadecimalText(entry.subarray(0, SEL_ENTRY_LENGTH)) };
}

async function walkEntries(reader: EntryReader, firstId: number, start: SelMarker | null): Promise<SelReading> {
  const entries: SelEntry[] = [];
  const warnings: string[] = [];
  const seen = new Set<number>(start === null ? [] : [start.recordId]);
  let marker = start;
  const stopped = (why: string): SelReading => {
    return { entries, marker, cleared: false, complete: false, warnings: [...warnings, `The reading was stopped: ${why}`] };
  };
  for (let id = firstId; id !== NO_ENTRY;) {
    if (seen.has(id) || seen.size > MAXIMUM_ENTRIES) return stopped(`entry ${hexadecimal(id, 4)} comes a second time`);
    seen.add(id);
    const answer = await reader.read(id);
    // An empty log has no first entry; a later one that is gone was deleted meanwhile, and what comes after it is not known.
    if (answer === null && id === FIRST_ENTRY) break;
    if (answer === null) return stopped(`entry ${hexadecimal(id, 4)}, named as the next, does not exist`);
    if (answer.entry.length < SEL_ENTRY_LENGTH) {
      warnings.push(`Entry ${hexadecimal(id, 4)} has only ${answer.entry.length} bytes and was left out`);
    } else {
      const entry = decodeSelEntry(answer.entry);
      entries.push(entry);
      // Only the first is asked for under another number than its own.
      const ownId = id === FIRST_ENTRY ? entry.recordId : id;
      seen.add(ownId);
      marker = markerOf(ownId, answer.entry);
    }
    id = answer.nextId;
  }
  return { entries, marker, cleared: false, complete: true, warnings };
}

interface EntryReader {
  /** Null when there is no such entry. */
  read(recordId: number): Promise<SelAnswer | null>;
}

function createEntryReader(bmc: RequestCarrier, options: AskOptions): EntryReader {
  const step = 'Get SEL Entry';
  // A whole entry needs no reservation; firmware that wants one all the same says so.
  let reservation = 0;
  let reservations = 0;
  let count = WHOLE_ENTRY;
  return {
    async read(recordId) {
      for (;;) {
        const data = Buffer.alloc(6);
        data.writeUInt16LE(reservation, 0);
        data.writeUInt16LE(recordId, 2);
        data.writeUInt8(count, 5);
        const request = { netFn: STORAGE, command: 0x43, data };
        const { completionCode, data: answer } = await ask(bmc, step, request, options);
        if (completionCode === 0) return decodeAnswer(bmc, decodeSelAnswer, answer);
        if (completionCode === RESERVATION_LOST && reservations < MAXIMUM_RESERVATIONS) {
          reservation = await reserveSel(bmc, options);
          reservations += 1;
        } else if (ASK_FOR_SIXTEEN.has(completionCode) && count === WHOLE_ENTRY) {
          count = SEL_ENTRY_LENGTH;
        } else {
          return noneOrThrow(bmc, recordId, completionError(request, completionCode, bmc.address, step), options);
        }
      }
    },
  };
}

/** Null for an entry that is not there: firmware refuses the first entry of an empty log with any code. */
async function noneOrThrow(bmc: RequestCarrier, recordId: number, error: FerricError, options: AskOptions): Promise<null> {
  if (error.code === 'NOT_FOUND') return null;
  if (recordId === FIRST_ENTRY && (await getSelInfo(bmc, options)).entryCount === 0) return null;
  throw error;
}
