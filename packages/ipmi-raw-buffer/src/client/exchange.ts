import type { Clock, Timer } from '@ferric/core';

/** One packet out, and what answers it. */
export interface Question<Answer> {
  /** Sends the packet. Called once for each try. */
  send(attempt: number): void;
  /** What a message answers; `more` when the answer is still to come, undefined when it belongs to something else. Throws for what cannot be read. */
  read(message: Uint8Array): Answer | 'more' | undefined;
  /** The controller behind the BMC that it was passed on to, as the BMC says: `0x2c on channel 0`. Undefined: the BMC says nothing of the kind. */
  passedOnTo?(): string | undefined;
  /** How often it is sent at most. */
  readonly tries: number;
  /** Wait after the first try. Milliseconds; each further wait is longer by half. */
  readonly firstWaitMs: number;
  /** Whether the wait after the last try has no end but that of the caller. Default false. */
  readonly endless?: boolean;
  /** From which byte on the answer is kept out of the transcript. Default: all of it may be seen. */
  readonly secretFrom?: number | undefined;
}

/** As with ipmitool 1.8.19, whose waits grow from try to try too. */
const WAIT_GROWTH = 1.5;
/** Waits differ by this part, so that controllers that fell silent together are not asked together. */
const JITTER = 0.1;

/**
 * A question that is being asked. Its promise yields the answer, or null when all tries were used up;
 * it rejects with what {@link fail} was given, or, when nothing that answered any of the tries could be read, with why the last could not.
 */
export class Exchange<Answer> {
  readonly answer: Promise<Answer | null>;
  readonly #question: Question<Answer>;
  readonly #clock: Clock;
  #resolve!: (answer: Answer | null) => void;
  #reject!: (error: unknown) => void;
  #timer: Timer | undefined;
  #attempt = 0;
  #settled = false;
  #fault: unknown;
  /** The tries after which something came that could not be read. */
  readonly #unreadTries = new Set<number>();

  constructor(question: Question<Answer>, clock: Clock) {
    this.#question = question;
    this.#clock = clock;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** How often it was sent. */
  get attempts(): number {
    return this.#attempt;
  }

  /** Why the last answer could not be read, if one came. */
  get fault(): unknown {
    return this.#fault;
  }

  /** The controller behind the BMC that it was passed on to. */
  get passedOnTo(): string | undefined {
    return this.#question.passedOnTo?.();
  }

  start(): void {
    this.#try(this.#question.firstWaitMs);
  }

  /** Shows a message that came in. False: it does not belong to this. */
  offer(message: Uint8Array): boolean {
    if (this.#settled) return false;
    let answer: Answer | 'more' | undefined;
    try {
      answer = this.#question.read(message);
    } catch (error) {
      // Anybody can send rubbish: it must not end the wait for the true answer.
      this.#fault = error;
      this.#unreadTries.add(this.#attempt);
      return false;
    }
    if (answer === undefined) return false;
    if (answer === 'more') return true;
    this.#settle();
    this.#resolve(answer);
    return true;
  }

  fail(error: unknown): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(error);
  }

  #try(waitMs: number): void {
    this.#attempt += 1;
    this.#question.send(this.#attempt);
    // Sending may have failed at once.
    if (this.#settled) return;
    const last = this.#attempt >= this.#question.tries;
    if (last && this.#question.endless === true) return;
    const jittered = waitMs * (1 + JITTER * (2 * Math.random() - 1));
    this.#timer = this.#clock.after(jittered, () => (last ? this.#giveUp() : this.#try(waitMs * WAIT_GROWTH)));
  }

  #giveUp(): void {
    this.#settle();
    // A single piece of rubbish proves nothing about a controller that stays silent.
    if (this.#unreadTries.size < this.#attempt) this.#resolve(null);
    else this.#reject(this.#fault);
  }

  #settle(): void {
    this.#settled = true;
    this.#timer?.[Symbol.dispose]();
  }
}
