import type { Clock } from '@ferric/core';
import { byteAt, double, readWord, word } from '../wire/bytes.js';

/** Length of every entry. Source: IPMI 1.5, section 26.1. */
export const ENTRY_LENGTH = 16;
/** Types from here on have no time of their own. */
const FIRST_TIMELESS_TYPE = 0xe0;
const HIGHEST_ID = 0xfffe;

export interface EventLogSettings {
  readonly entries: readonly Uint8Array[];
  readonly capacity: number;
  readonly eraseMs: number;
}

/** Seconds since 1970 by the BMC's own clock, which can be set. */
export interface BmcTime {
  seconds(): number;
  set(seconds: number): void;
  /** Minutes from UTC, 0x07ff: not said. */
  utcOffset: number;
}

export function createBmcTime(clock: Clock): BmcTime {
  let shift = 0;
  const real = (): number => Math.floor(clock.now().getTime() / 1000);
  return {
    seconds: () => (real() + shift) >>> 0,
    set(seconds) {
      shift = seconds - real();
    },
    utcOffset: 0x07ff,
  };
}

/** The event log of one BMC; it shares the entries it began with until they change. */
export class EventLog {
  lastAdded = 0xffffffff;
  lastErased = 0xffffffff;
  overflowed = false;
  /** 0: nobody has reserved it. */
  reservation = 0;
  #reservations = 0;
  #entries: readonly Uint8Array[];
  #eraseUntil = 0;
  readonly #settings: EventLogSettings;
  readonly #time: BmcTime;
  readonly #clock: Clock;

  constructor(settings: EventLogSettings, time: BmcTime, clock: Clock) {
    this.#settings = settings;
    this.#entries = settings.entries;
    this.#time = time;
    this.#clock = clock;
  }

  get entries(): readonly Uint8Array[] {
    return this.#entries;
  }

  get freeBytes(): number {
    return (this.#settings.capacity - this.#entries.length) * ENTRY_LENGTH;
  }

  get erasing(): boolean {
    return this.#clock.monotonicMs() < this.#eraseUntil;
  }

  reserve(): number {
    this.#reservations = (this.#reservations % 0xffff) + 1;
    this.reservation = this.#reservations;
    return this.reservation;
  }

  find(id: number): number {
    if (id === 0x0000) return this.#entries.length === 0 ? -1 : 0;
    if (id === 0xffff) return this.#entries.length - 1;
    return this.#entries.findIndex((entry) => readWord(entry, 0) === id);
  }

  /** Adds an entry under a new id and, where it has a time, with that of now; undefined when there is no room. */
  add(entry: Uint8Array): number | undefined {
    if (this.#entries.length >= this.#settings.capacity) {
      this.overflowed = true;
      return undefined;
    }
    const id = this.#freeId();
    const timeless = byteAt(entry, 2) >= FIRST_TIMELESS_TYPE;
    const time = timeless ? entry.subarray(3, 7) : double(this.#time.seconds());
    this.#entries = [...this.#entries, Uint8Array.of(...word(id), byteAt(entry, 2), ...time, ...entry.subarray(7, ENTRY_LENGTH))];
    this.lastAdded = this.#time.seconds();
    // Whoever wants to clear the log has not seen this entry.
    this.reservation = 0;
    return id;
  }

  delete(place: number): void {
    this.#entries = this.#entries.filter((_, index) => index !== place);
    this.lastErased = this.#time.seconds();
    this.reservation = 0;
  }

  clear(): void {
    this.#entries = [];
    this.overflowed = false;
    this.lastErased = this.#time.seconds();
    this.#eraseUntil = this.#clock.monotonicMs() + this.#settings.eraseMs;
  }

  #freeId(): number {
    const last = this.#entries.at(-1);
    const taken = new Set(this.#entries.map((entry) => readWord(entry, 0)));
    let id = last === undefined ? 1 : (readWord(last, 0) % HIGHEST_ID) + 1;
    while (taken.has(id)) id = (id % HIGHEST_ID) + 1;
    return id;
  }
}
