import type { Clock, PowerChange, Timer } from '@ferric/core';
import { type Outcome, refuse } from '../outcome.js';
import { type PostDurations, type PostPhase, type PostState, PostTimeline } from './post-timeline.js';

export type PowerState = 'On' | 'Off' | 'PoweringOn' | 'PoweringOff';

/** How long changes of power take. Milliseconds. */
export interface PowerDurations {
  /** From the command until the machine is on. Default 0. */
  readonly powerOnMs: number;
  /** From a hard command until the machine is off. Default 0. */
  readonly powerOffMs: number;
  /** What the operating system needs to shut down after its power button was pressed. Default 100. */
  readonly shutdownMs: number;
}

export const DEFAULT_POWER: PowerDurations = { powerOnMs: 0, powerOffMs: 0, shutdownMs: 100 };

/** What happens around the self test. */
export interface PostEvents {
  /** The self test ends: what was pending takes effect. Yields how often the machine resets itself once more for it. */
  applyPending(): number;
  /** The machine starts what it boots from. */
  boot(): void;
}

/** The power of the machine, its button, and its self test. */
export class Power implements Disposable {
  readonly #clock: Clock;
  readonly #durations: PowerDurations;
  readonly #post: PostDurations;
  readonly #events: PostEvents;
  readonly #timeline: PostTimeline;
  readonly #listeners = new Set<(change: PowerChange) => void>();
  #state: PowerState = 'Off';
  #timer: Timer | undefined;
  /** An operating system that does not react to the button. Default false. */
  ignoresButton = false;
  nonMaskableInterrupts = 0;

  constructor(settings: { readonly clock: Clock; readonly durations: PowerDurations; readonly post: PostDurations; readonly events: PostEvents }) {
    this.#clock = settings.clock;
    this.#durations = settings.durations;
    this.#post = settings.post;
    this.#events = settings.events;
    this.#timeline = new PostTimeline(settings.clock, settings.post.heldAtMostMs);
  }

  get state(): PowerState {
    return this.#state;
  }

  /** On, or on its way to being off. */
  get isOn(): boolean {
    return this.#state === 'On' || this.#state === 'PoweringOff';
  }

  get postState(): PostState {
    return this.#timeline.state;
  }

  /** True while firmware settings cannot be changed. */
  get isInPost(): boolean {
    return ['Reset', 'InPost', 'InPostDiscoveryComplete'].includes(this.#timeline.state);
  }

  /** The state of the self test as a client reads it; see {@link PostDurations.heldForReads}. */
  readPostState(): PostState {
    return this.#timeline.read();
  }

  switchOn(): Outcome {
    if (this.#state !== 'Off') return refuse('wrong power state', 'Power is on');
    this.#pass('PoweringOn', this.#durations.powerOnMs, () => this.#comeOn());
    return undefined;
  }

  switchOff(): Outcome {
    if (!this.isOn) return refuse('wrong power state', 'Power is off');
    this.#pass('PoweringOff', this.#durations.powerOffMs, () => this.#goOff());
    return undefined;
  }

  /** Starts anew without being off in between. */
  restart(): Outcome {
    if (!this.isOn) return refuse('wrong power state', 'Power is off');
    this.#timer?.[Symbol.dispose]();
    this.#state = 'On';
    this.#tell('reset');
    this.#startPost([{ state: 'Reset', lastsMs: 0 }]);
    return undefined;
  }

  /** A short press of the button: switches on what is off, and asks the operating system to shut down. */
  press(): Outcome {
    if (this.#state === 'Off') return this.switchOn();
    if (this.#state !== 'On') return refuse('wrong power state', this.#state === 'PoweringOn' ? 'Power is on' : 'Power is off');
    if (this.isInPost) return this.switchOff();
    if (!this.ignoresButton) this.#afterwards(this.#durations.shutdownMs, () => this.#goOff());
    return undefined;
  }

  interrupt(): Outcome {
    if (!this.isOn) return refuse('wrong power state', 'Power is off');
    this.nonMaskableInterrupts += 1;
    return undefined;
  }

  /** Makes it so at once, as if it had been so for long: a machine that is on has booted. */
  put(isOn: boolean): void {
    if (!isOn) return this.#state === 'Off' ? undefined : this.#goOff();
    this.#timer?.[Symbol.dispose]();
    const wasOn = this.isOn;
    this.#state = 'On';
    if (wasOn) return;
    this.#events.applyPending();
    this.#tell('on');
    this.#timeline.run([{ state: 'FinishedPost', begin: () => this.#events.boot() }]);
  }

  watch(listener: (change: PowerChange) => void): Disposable {
    const own = (change: PowerChange): void => listener(change);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  #comeOn(): void {
    this.#state = 'On';
    this.#tell('on');
    this.#startPost([]);
  }

  #goOff(): void {
    this.#timer?.[Symbol.dispose]();
    this.#state = 'Off';
    this.#timeline.run([{ state: 'PowerOff' }]);
    this.#tell('off');
  }

  #startPost(before: readonly PostPhase[]): void {
    const { inPostMs, heldForReads, discoveryCompleteMs } = this.#post;
    this.#timeline.run([
      ...before,
      { state: 'InPost', lastsMs: inPostMs, heldForReads },
      { state: 'InPostDiscoveryComplete', lastsMs: discoveryCompleteMs, begin: () => this.#resetAgain(this.#events.applyPending()) },
      { state: 'FinishedPost', begin: () => this.#events.boot() },
    ]);
  }

  /** Some changes take further resets of the machine's own before it boots. */
  #resetAgain(times: number): void {
    if (times === 0) return;
    const { inPostMs, discoveryCompleteMs } = this.#post;
    this.#timeline.run([
      ...Array.from({ length: times }, (): readonly PostPhase[] => [
        { state: 'Reset', lastsMs: 0, begin: () => this.#tell('reset') },
        { state: 'InPost', lastsMs: inPostMs },
      ]).flat(),
      { state: 'InPostDiscoveryComplete', lastsMs: discoveryCompleteMs },
      { state: 'FinishedPost', begin: () => this.#events.boot() },
    ]);
  }

  /** Goes through a state in between, if that takes time. */
  #pass(through: PowerState, ms: number, arrive: () => void): void {
    this.#timer?.[Symbol.dispose]();
    if (ms === 0) return arrive();
    this.#state = through;
    this.#afterwards(ms, arrive);
  }

  #afterwards(ms: number, act: () => void): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#clock.after(ms, act);
  }

  #tell(change: PowerChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timeline[Symbol.dispose]();
    this.#listeners.clear();
  }
}
