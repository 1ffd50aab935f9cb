import type { Clock, Timer } from '@ferric/core';

/** What is done with a session that nobody used for a while. */
export interface HousekeepingSettings {
  readonly clock: Clock;
  /** A session without payloads is closed after this time. */
  readonly idleMs: number;
  /** Whether a payload takes part in the session; undefined: there is no session. */
  readonly hasPayloads: () => boolean | undefined;
  /** Whether requests are being served at the moment. */
  readonly isBusy: () => boolean;
  readonly close: () => void;
  readonly stayAlive: () => void;
}

/** BMCs forget a session after 60 s without messages; payloads do not count with all of them. Source: IPMI 1.5, section 6.11.13. */
const KEEP_ALIVE_MS = 25_000;

/** Closes a session that is idle, or keeps it alive for its payloads, with one timer that is not touched by each request. */
export class Housekeeping {
  readonly #settings: HousekeepingSettings;
  #usedAt = 0;
  #timer: Timer | undefined;

  constructor(settings: HousekeepingSettings) {
    this.#settings = settings;
  }

  /** Requests were served up to now. */
  used(): void {
    this.#usedAt = this.#settings.clock.monotonicMs();
    if (this.#timer === undefined) this.restart();
  }

  /** Looks anew at what there is to do: a payload came or went. */
  restart(): void {
    this.stop();
    const { clock, idleMs, hasPayloads, isBusy, close, stayAlive } = this.#settings;
    const alive = hasPayloads();
    if (alive === undefined) return;
    const limitMs = alive ? KEEP_ALIVE_MS : idleMs;
    this.#timer = clock.after(Math.max(this.#usedAt + limitMs - clock.monotonicMs(), 0), () => {
      this.#timer = undefined;
      // Whoever is at work says so when it is done.
      if (isBusy()) return;
      if (clock.monotonicMs() - this.#usedAt < limitMs) this.restart();
      else if (alive) stayAlive();
      else close();
    });
  }

  stop(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }
}
