import type { Clock } from '@ferric/core';

export type EventSeverity = 'Informational' | 'Caution' | 'Critical' | 'Repaired';

export interface LogEntry {
  /** Counted from 1. */
  readonly number: number;
  readonly severity: EventSeverity;
  /** What it is about: `Power`, `iLO 4`. */
  readonly kind: string;
  readonly text: string;
  readonly at: Date;
}

const MOST_ENTRIES = 200;

/** One of the two logs: the management log of the machine, or the iLO's own. */
export class EventLog {
  readonly name: 'IML' | 'IEL';
  readonly #clock: Clock;
  #entries: LogEntry[] = [];
  #written = 0;

  constructor(name: 'IML' | 'IEL', clock: Clock) {
    this.name = name;
    this.#clock = clock;
  }

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  write(severity: EventSeverity, kind: string, text: string): void {
    this.#written += 1;
    this.#entries.push({ number: this.#written, severity, kind, text, at: this.#clock.now() });
    if (this.#entries.length > MOST_ENTRIES) this.#entries.shift();
  }

  clear(): void {
    this.#entries = [];
    this.#written = 0;
  }
}
