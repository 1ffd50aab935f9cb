import type { Clock, Timer } from '@ferric/core';

export interface KeepAliveSettings {
  /** A ping after so much silence. Milliseconds. */
  readonly intervalMs: number;
  /** The connection ends when so many pings were not answered by any sign of life. */
  readonly count: number;
}

export interface KeepAliveActions {
  ping(): void;
  giveUp(): void;
}

/** The daemon's half of the keepalive protocol: it starts once the client has asked for it. Source: libvirt 9.0.0, src/rpc/virkeepalive.c. */
export class KeepAlive implements Disposable {
  readonly #settings: KeepAliveSettings;
  readonly #clock: Clock;
  readonly #actions: KeepAliveActions;
  #timer: Timer | undefined;
  #unanswered = 0;
  #isAlive = false;
  #isDisposed = false;

  constructor(settings: KeepAliveSettings, clock: Clock, actions: KeepAliveActions) {
    this.#settings = settings;
    this.#clock = clock;
    this.#actions = actions;
  }

  start(): void {
    if (this.#timer === undefined && !this.#isDisposed) this.#wait();
  }

  /** Any message counts as a sign of life. */
  signOfLife(): void {
    this.#isAlive = true;
    this.#unanswered = 0;
  }

  #wait(): void {
    this.#timer = this.#clock.after(this.#settings.intervalMs, () => {
      if (this.#isAlive) this.#isAlive = false;
      else if (this.#unanswered >= this.#settings.count) return this.#actions.giveUp();
      else {
        this.#unanswered += 1;
        this.#actions.ping();
      }
      this.#wait();
    });
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#timer?.[Symbol.dispose]();
  }
}
