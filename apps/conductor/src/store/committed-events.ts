import type { Logger } from '@ferric/core';
import type { NodeEvent } from '../events/node-event.js';

export type EventListener = (events: readonly NodeEvent[]) => void;

/** Events that have their numbers and wait for their commit. Exactly one of the two is called; further calls do nothing. */
export interface PendingEvents {
  /** They are committed. */
  publish(): void;
  /** They were undone. */
  drop(): void;
}

interface Entry {
  readonly events: readonly NodeEvent[];
  state: 'pending' | 'published' | 'dropped';
}

/**
 * Tells listeners of committed events in the order of their numbers. On PostgreSQL the news of two commits may come the
 * other way round than they happened, so events wait until it is known what became of all that were numbered before them.
 */
export class CommittedEvents {
  readonly #logger: Logger;
  readonly #listeners = new Set<EventListener>();
  readonly #entries: Entry[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  listen(listener: EventListener): Disposable {
    // A wrapper, so that the same function can listen twice.
    const own: EventListener = (events) => listener(events);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  /** To be called in the order of numbers. */
  hold(events: readonly NodeEvent[]): PendingEvents {
    if (events.length === 0) return { publish: () => undefined, drop: () => undefined };
    const entry: Entry = { events, state: 'pending' };
    this.#entries.push(entry);
    return { publish: () => this.#settle(entry, 'published'), drop: () => this.#settle(entry, 'dropped') };
  }

  #settle(entry: Entry, state: 'published' | 'dropped'): void {
    if (entry.state !== 'pending') return;
    entry.state = state;
    while (this.#entries[0] !== undefined && this.#entries[0].state !== 'pending') {
      const first = this.#entries.shift();
      if (first?.state === 'published') this.#tell(first.events);
    }
  }

  #tell(events: readonly NodeEvent[]): void {
    for (const listener of this.#listeners) {
      try {
        listener(events);
      } catch (error) {
        this.#logger.error({ error }, 'A listener for committed events failed; the events themselves are safe');
      }
    }
  }
}
