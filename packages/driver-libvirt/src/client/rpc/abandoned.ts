import { type Clock, errorCode, type Timer } from '@ferric/core';

/** Something that was sent, whose answer nobody waits for any more: a call, or the end of a stream. */
interface Abandoned {
  /** Since when. Milliseconds of the clock. */
  readonly since: number;
  readonly late: () => void;
}

export interface AbandonedSettings {
  readonly clock: Clock;
  /** So long an answer may be late before the daemon is asked whether it still serves this connection. Milliseconds. */
  readonly windowMs: number;
  /** So many late answers are put up with. */
  readonly limit: number;
  /** Asks the daemon something that it can always answer. Undefined: it cannot be asked. */
  readonly probe: (() => Promise<unknown>) | undefined;
  readonly giveUp: (reason: string) => void;
}

/**
 * Watches over answers that nobody waits for. One that is late after the window keeps its serial but gives its place to others, provided that the
 * daemon answers a probe. A daemon that does not, or owes too many answers, is stuck for this connection (it reads only a few requests of
 * each client at a time, 5 by default): another connection is the way out.
 */
export class AbandonedWatch implements Disposable {
  readonly #settings: AbandonedSettings;
  /** By serial, oldest first. */
  readonly #awaited = new Map<number, Abandoned>();
  readonly #late = new Set<number>();
  #timer: Timer | undefined;
  #asking = false;
  #disposed = false;

  constructor(settings: AbandonedSettings) {
    this.#settings = settings;
  }

  /** Answers that are still owed. */
  get size(): number {
    return this.#awaited.size + this.#late.size;
  }

  /** @param late called at most once: others may go before it now */
  add(serial: number, late: () => void): void {
    if (this.#disposed) return;
    this.#awaited.set(serial, { since: this.#settings.clock.monotonicMs(), late });
    this.#arm();
  }

  /** The answer has come. */
  remove(serial: number): void {
    this.#late.delete(serial);
    if (this.#awaited.delete(serial) && this.#awaited.size === 0) this.#disarm();
  }

  #arm(): void {
    const [first] = this.#awaited.values();
    if (this.#timer !== undefined || this.#asking || first === undefined || this.#disposed) return;
    const dueInMs = first.since + this.#settings.windowMs - this.#settings.clock.monotonicMs();
    this.#timer = this.#settings.clock.after(Math.max(0, dueInMs), () => void this.#check());
  }

  #disarm(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  async #check(): Promise<void> {
    this.#timer = undefined;
    this.#asking = true;
    const serves = this.#overdue().length === 0 || (await this.#serves());
    this.#asking = false;
    if (this.#disposed) return;
    if (!serves) {
      this.#settings.giveUp(`the daemon answers no calls any more; ${this.size} answers are overdue`);
      return;
    }
    for (const [serial, item] of this.#overdue()) {
      this.#awaited.delete(serial);
      this.#late.add(serial);
      item.late();
    }
    if (this.#late.size > this.#settings.limit) this.#settings.giveUp(`the daemon leaves ${this.#late.size} calls unanswered`);
    else this.#arm();
  }

  /** An error is an answer too. */
  async #serves(): Promise<boolean> {
    try {
      await this.#settings.probe?.();
      return true;
    } catch (error) {
      return errorCode(error) !== 'TIMEOUT';
    }
  }

  #overdue(): readonly (readonly [number, Abandoned])[] {
    const before = this.#settings.clock.monotonicMs() - this.#settings.windowMs;
    return [...this.#awaited].filter(([, item]) => item.since <= before);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#disarm();
    this.#awaited.clear();
    this.#late.clear();
  }
}
