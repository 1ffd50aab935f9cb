import { type CallOptions, type Clock, delay, FerricError, systemClock, withDeadline } from '@ferric/core';
import { completionError } from '../message/completion-codes.js';
import type { RequestCarrier } from '../message/request.js';
import { ask, type AskOptions } from '../sdr/ask.js';
import type { SelEntry } from './entry.js';
import { type SelMarker, type SelReading, walkSince } from './read-sel.js';
import { getSelInfo, reserveSel, type SelInfo, STORAGE } from './sel-commands.js';

export interface SelClearOptions extends CallOptions {
  /**
   * The marker of the last reading (null: the log was empty). When it is given, the log is cleared only if nothing came after it.
   * Default: it is cleared whatever it holds.
   */
  readonly lastRead?: SelMarker | null;
  readonly clock?: Clock;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const MAXIMUM_TRIES = 10;
/** Of those that an error tells. */
const MAXIMUM_WARNINGS = 10;
const POLL_MS = 250;
const LONGEST_ERASE_MS = 30_000;
const RESERVATION_LOST = 0xc5;
const START = 0xaa;
const STATUS = 0x00;

/**
 * Clears the log and waits until that is done. The reservation makes the BMC refuse when an event came in between; without
 * `lastRead` it is then tried again. With a BMC that has no reservations an event between the check and the erase can be lost.
 * Asked again under one reservation only when the BMC says that it was busy and did nothing. Default timeout 60000 ms.
 * Source: IPMI 1.5, sections 25.4 and 25.9.
 * @throws FerricError CONFLICT when there are entries after `lastRead`, readable or not, or events keep coming (nothing is cleared);
 * TIMEOUT; what the carrier throws
 */
export async function clearSel(bmc: RequestCarrier, options: SelClearOptions = {}): Promise<void> {
  await withClearDeadline(bmc, options, async (askOptions) => {
    await clearWhenStill(bmc, askOptions, async () => {
      if (options.lastRead === undefined) return;
      const { entries } = await readWhole(bmc, options.lastRead, askOptions);
      if (entries.length > 0) throw unreadEntries(bmc.address, entries.length);
    });
  });
}

/**
 * Reads the log and clears it so that no event is lost: what comes after the reading is read too before the log is cleared. Only with a
 * BMC that has no reservations an event between the last reading and the erase can be lost. Default timeout 60000 ms.
 * @throws FerricError CONFLICT when an entry could not be read, or events keep coming (nothing is cleared); TIMEOUT; what the carrier throws
 * @param marker where an earlier reading ended: only entries after it are returned. Default null: all.
 * @returns what was read. If the clearing fails, the entries are still in the log.
 */
export async function drainSel(
  bmc: RequestCarrier,
  marker: SelMarker | null = null,
  options: Omit<SelClearOptions, 'lastRead'> = {},
): Promise<readonly SelEntry[]> {
  return withClearDeadline(bmc, options, async (askOptions) => {
    let reading: SelReading = await readWhole(bmc, marker, askOptions);
    let entries = reading.entries;
    await clearWhenStill(bmc, askOptions, async () => {
      const further = await readWhole(bmc, reading.marker, askOptions);
      reading = further;
      entries = [...entries, ...further.entries];
    });
    return entries;
  });
}

/** @throws FerricError CONFLICT when an entry was left out or the reading was stopped: it would be cleared unread */
async function readWhole(bmc: RequestCarrier, marker: SelMarker | null, options: AskOptions): Promise<SelReading> {
  const reading = await walkSince(bmc, marker, options);
  if (reading.warnings.length === 0) return reading;
  throw unreadableEntries(bmc.address, reading.warnings);
}

type ClearOptions = AskOptions & { readonly clock: Clock };

async function withClearDeadline<T>(bmc: RequestCarrier, options: SelClearOptions, work: (options: ClearOptions) => Promise<T>): Promise<T> {
  const clock = options.clock ?? systemClock;
  const settings = { what: `clearing the event log of ${bmc.address}`, defaultTimeoutMs: DEFAULT_TIMEOUT_MS, details: { address: bmc.address }, clock };
  return withDeadline(options, settings, ({ signal }) => work({ signal, clock }));
}

/**
 * Takes a reservation, lets `check` look at the log, and clears it; begins again when an event cancelled the reservation.
 */
async function clearWhenStill(bmc: RequestCarrier, options: ClearOptions, check: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const reservation = await reserveSel(bmc, options);
    await check();
    const before = await getSelInfo(bmc, options);
    if (await startErase(bmc, reservation, before, options)) return waitForErase(bmc, reservation, options);
    if (attempt >= MAXIMUM_TRIES) throw neverStill(bmc.address);
  }
}

function eraseRequest(reservation: number, action: number): { readonly netFn: number; readonly command: number; readonly data: Uint8Array } {
  return { netFn: STORAGE, command: 0x47, data: Uint8Array.of(reservation & 0xff, reservation >> 8, 0x43, 0x4c, 0x52, action) };
}

/** False when the reservation was lost. */
async function startErase(bmc: RequestCarrier, reservation: number, before: SelInfo, options: ClearOptions): Promise<boolean> {
  const request = eraseRequest(reservation, START);
  try {
    const { completionCode } = await ask(bmc, 'Clear SEL', request, { ...options, repeatable: false });
    if (completionCode === RESERVATION_LOST) return false;
    if (completionCode !== 0) throw completionError(request, completionCode, bmc.address, 'Clear SEL');
    return true;
  } catch (error) {
    if (!FerricError.is(error) || error.code !== 'TIMEOUT' || options.signal?.aborted === true) throw error;
    // Nobody knows whether it came: the log tells.
    const after = await getSelInfo(bmc, options);
    if (after.entryCount === 0 || JSON.stringify(after.lastErase) !== JSON.stringify(before.lastErase)) return true;
    throw error;
  }
}

async function waitForErase(bmc: RequestCarrier, startReservation: number, options: ClearOptions): Promise<void> {
  const endsAt = options.clock.monotonicMs() + LONGEST_ERASE_MS;
  let reservation = startReservation;
  while (options.clock.monotonicMs() < endsAt) {
    const request = eraseRequest(reservation, STATUS);
    const { completionCode, data } = await ask(bmc, 'Clear SEL', request, options);
    if (completionCode === 0 && ((data[0] ?? 1) & 0x0f) === 1) return;
    if (completionCode === RESERVATION_LOST) reservation = await reserveSel(bmc, options);
    else if (completionCode !== 0) throw completionError(request, completionCode, bmc.address, 'Clear SEL');
    await delay(POLL_MS, options);
  }
  throw new FerricError('TIMEOUT', `The event log of ${bmc.address} was not erased within ${LONGEST_ERASE_MS} ms`, {
    details: { address: bmc.address, step: 'Clear SEL' },
    hint: 'The BMC may still be erasing: read the log later.',
  });
}

function unreadEntries(address: string, count: number): FerricError {
  return new FerricError('CONFLICT', `Entries of the event log of ${address} were not read: ${count}; nothing was cleared`, {
    details: { address, step: 'Clear SEL', unreadEntries: count },
    hint: 'Read the log again and pass the new marker.',
  });
}

function unreadableEntries(address: string, warnings: readonly string[]): FerricError {
  return new FerricError('CONFLICT', `The event log of ${address} could not be read whole; nothing was cleared`, {
    details: { address, step: 'Clear SEL', warnings: warnings.slice(0, MAXIMUM_WARNINGS) },
    hint: 'Read the log again. If that is not complete either, clearing without a marker gives up what cannot be read.',
  });
}

function neverStill(address: string): FerricError {
  return new FerricError('CONFLICT', `Events kept coming at ${address}, ${MAXIMUM_TRIES} times while the log was to be cleared; it was not`, {
    retryable: true,
    details: { address, step: 'Clear SEL' },
  });
}
