import { abortReason, type CallOptions, type Clock, FerricError, invalidOptions, type JsonValue, MAXIMUM_TIMEOUT_MS, printValue, type Timer } from '@ferric/core';

/** What a job does when its turn has come. */
export interface JobSettings {
  readonly step: string;
  readonly address: string;
  readonly clock: Clock;
  /** Whether it may be sent again. */
  readonly repeatable: boolean;
  /** Told once when it settles before it was done. */
  readonly givenUp: (reason: unknown) => void;
  /** What it is waiting for at the moment, for the TIMEOUT error. */
  readonly waitsFor: () => string;
}

const DEFAULT_TIMEOUT_MS = 20_000;

/** A call that waits for its turn. Settles by its deadline and its signal, whatever becomes of the work. */
export class Job<Result> {
  readonly result: Promise<Result>;
  readonly step: string;
  readonly repeatable: boolean;
  /** Whether the controller may have got it. */
  sent = false;
  /** Whether a new session was opened for it after the old one fell silent. */
  moved = false;
  readonly #settings: JobSettings;
  readonly #timeoutMs: number;
  readonly #endsAt: number;
  readonly #signal: AbortSignal | undefined;
  readonly #timer: Timer;
  #resolve!: (result: Result) => void;
  #reject!: (error: unknown) => void;
  #settled = false;

  /** @throws INVALID_OPTIONS for a bad `timeoutMs`, and the reason of a signal that is aborted already */
  constructor(settings: JobSettings, options: CallOptions | undefined) {
    this.#settings = settings;
    this.#timeoutMs = checkTimeout(options?.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    this.#signal = options?.signal;
    if (this.#signal?.aborted === true) throw abortReason(this.#signal);
    this.step = settings.step;
    this.repeatable = settings.repeatable;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#endsAt = settings.clock.monotonicMs() + this.#timeoutMs;
    this.#timer = settings.clock.after(this.#timeoutMs, () => this.#giveUp(this.#timeoutError()));
    this.#signal?.addEventListener('abort', this);
  }

  get settled(): boolean {
    return this.#settled;
  }

  remainingMs(): number {
    return this.#endsAt - this.#settings.clock.monotonicMs();
  }

  resolve(result: Result): void {
    if (this.#settle()) this.#resolve(result);
  }

  reject(error: unknown): void {
    if (this.#settle()) this.#reject(error);
  }

  /** The signal of the caller was aborted. */
  handleEvent(): void {
    if (this.#signal !== undefined) this.#giveUp(abortReason(this.#signal));
  }

  #giveUp(reason: unknown): void {
    if (this.#settled) return;
    // First the reason is asked what it waited for, then the wait ends.
    this.reject(reason);
    this.#settings.givenUp(reason);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#timer[Symbol.dispose]();
    this.#signal?.removeEventListener('abort', this);
    return true;
  }

  #timeoutError(): FerricError {
    const { step, address, waitsFor } = this.#settings;
    const waitedFor = waitsFor();
    const details: Record<string, JsonValue> = { address, step, timeoutMs: this.#timeoutMs, waitedFor };
    return new FerricError('TIMEOUT', `${step} at ${address} did not finish within ${Math.round(this.#timeoutMs)} ms, waiting for ${waitedFor}`, {
      details,
      hint: this.#hint(),
    });
  }

  #hint(): string {
    if (!this.sent) return 'It was not sent.';
    return this.repeatable
      ? 'The BMC may be slow or gone; a ping tells.'
      : 'The BMC may have done it: read the state before trying again.';
  }
}

function checkTimeout(timeoutMs: number): number {
  if (Number.isFinite(timeoutMs) && timeoutMs >= 1 && timeoutMs <= MAXIMUM_TIMEOUT_MS) return timeoutMs;
  throw invalidOptions('Call options', [
    { field: 'timeoutMs', problem: 'invalid', expected: `a number of milliseconds from 1 to ${MAXIMUM_TIMEOUT_MS}`, received: printValue(timeoutMs) },
  ]);
}
