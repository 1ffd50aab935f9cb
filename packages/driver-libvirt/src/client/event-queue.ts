import type { EventGap, LibvirtEvent } from './events.js';
import { PullQueue } from './pull-queue.js';

const OVERFLOW: EventGap = { kind: 'gap', reason: 'overflow' };

/** Events for one reader, as many as it may be behind. The oldest make room for the newest, and the reader is told that some are missing. */
export class EventQueue implements AsyncIterableIterator<LibvirtEvent | EventGap, undefined> {
  readonly #queue: PullQueue<LibvirtEvent | EventGap>;
  readonly #limit: number;
  readonly #started: () => void;
  #isStarted = false;
  #overflowed = false;

  /**
   * @param limit events that are kept
   * @param listener `started` is called once, when the reader asks for the first event; `left` when it goes
   */
  constructor(limit: number, listener: { readonly started: () => void; readonly left: () => void }) {
    this.#limit = limit;
    this.#started = listener.started;
    this.#queue = new PullQueue({ left: listener.left });
  }

  push(event: LibvirtEvent | EventGap): void {
    this.#queue.push(event);
    if (this.#queue.size <= this.#limit) return;
    this.#queue.dropOldest();
    this.#overflowed = true;
  }

  fail(error: unknown): void {
    this.#queue.fail(error);
  }

  async next(): Promise<IteratorResult<LibvirtEvent | EventGap, undefined>> {
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.#started();
    }
    // What was dropped is older than all that is left.
    if (this.#overflowed) {
      this.#overflowed = false;
      return { done: false, value: OVERFLOW };
    }
    return this.#queue.next();
  }

  /** Ends it at once, what was not read included. */
  async return(): Promise<IteratorResult<LibvirtEvent | EventGap, undefined>> {
    this.#isStarted = true;
    this.#overflowed = false;
    return this.#queue.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
