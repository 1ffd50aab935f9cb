import type { Clock, Timer } from '@ferric/core';

/** How far the machine has come with its power-on self test. Names as the iLO gives them. */
export type PostState = 'PowerOff' | 'Reset' | 'InPost' | 'InPostDiscoveryComplete' | 'FinishedPost';

/** How long the self test takes. All in milliseconds. */
export interface PostDurations {
  /** Least time in `InPost`. Default 300. */
  readonly inPostMs: number;
  /**
   * How often somebody must have read the state before `InPost` ends. Default 4: a client that reads every few seconds sees it, however short
   * {@link PostDurations.inPostMs} is. With Ironic's own driver the client reads once after it switched a blade on, the driver once to find out
   * whether there is a state, a second time without a look at it, and only then waits for one that is exactly `InPost`. Sources: proliantutils,
   * ilo/ris.py; ironic, drivers/modules/ilo/power.py.
   */
  readonly heldForReads: number;
  /** Longest time in `InPost` when nobody reads. Default 5000. */
  readonly heldAtMostMs: number;
  /** Time in `InPostDiscoveryComplete`. Default 50. */
  readonly discoveryCompleteMs: number;
}

export const DEFAULT_POST: PostDurations = { inPostMs: 300, heldForReads: 4, heldAtMostMs: 5000, discoveryCompleteMs: 50 };

/** One stretch of the self test. */
export interface PostPhase {
  readonly state: PostState;
  /** Left out: it lasts. */
  readonly lastsMs?: number;
  readonly heldForReads?: number;
  /** Called when it begins. */
  readonly begin?: () => void;
}

/** Walks through phases by the clock, and by how often their state is read. */
export class PostTimeline implements Disposable {
  readonly #clock: Clock;
  readonly #heldAtMostMs: number;
  #state: PostState = 'PowerOff';
  #phase: PostPhase | undefined;
  #rest: PostPhase[] = [];
  #reads = 0;
  #isOver = false;
  #timer: Timer | undefined;

  constructor(clock: Clock, heldAtMostMs: number) {
    this.#clock = clock;
    this.#heldAtMostMs = heldAtMostMs;
  }

  /** The state; looking at it like this does not count as reading. */
  get state(): PostState {
    return this.#state;
  }

  /** The state as a client reads it. */
  read(): PostState {
    const state = this.#state;
    this.#reads += 1;
    if (this.#isOver && this.#reads >= (this.#phase?.heldForReads ?? 0)) this.#next();
    return state;
  }

  /** Begins anew with these phases. */
  run(phases: readonly PostPhase[]): void {
    this.#rest = [...phases];
    this.#next();
  }

  #next(): void {
    this.#timer?.[Symbol.dispose]();
    const phase = this.#rest.shift();
    if (phase === undefined) return;
    this.#phase = phase;
    this.#state = phase.state;
    this.#reads = 0;
    this.#isOver = false;
    if (phase.lastsMs !== undefined) this.#timer = this.#clock.after(phase.lastsMs, () => this.#timeIsOver(phase));
    phase.begin?.();
  }

  #timeIsOver(phase: PostPhase): void {
    if (this.#phase !== phase) return;
    if (this.#reads >= (phase.heldForReads ?? 0)) return this.#next();
    this.#isOver = true;
    this.#timer = this.#clock.after(Math.max(0, this.#heldAtMostMs - (phase.lastsMs ?? 0)), () => this.#next());
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#rest = [];
  }
}
