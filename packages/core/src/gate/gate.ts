import { FerricError } from '../errors/ferric-error.js';
import { invalidOptions, type OptionIssue, printValue } from '../errors/invalid-options.js';
import type { CallOptions } from '../time/call-options.js';
import { type Clock, systemClock } from '../time/clock.js';
import { abortable, delay, throwIfAborted, withDeadline } from '../time/deadline.js';
import { type Breaker, type BreakerState, createBreaker } from './breaker.js';
import { createLine } from './line.js';

/** How one controller may be used. */
export interface GateSettings {
  /** Exchanges at the same time. Default 1. */
  readonly concurrency?: number;
  /** Exchanges that may wait. One more is refused as BUSY. Default 32. */
  readonly queueLimit?: number;
  /** Pause between the end of one exchange and the start of the next. Milliseconds, default 0. */
  readonly spacingMs?: number;
  /** Sessions that may be open at the same time. Default 1. */
  readonly sessionLimit?: number;
  /** Failures in a row after which the controller is left alone. Default 5. */
  readonly breakAfter?: number;
  /**
   * First pause of an open breaker; it doubles up to {@link GateSettings.longestBreakMs}. Milliseconds, default 1000.
   * Each pause is cut by chance to no less than half, so that many controllers are not tried in the same moment.
   */
  readonly firstBreakMs?: number;
  /** Longest pause of an open breaker. Milliseconds, default 60000. */
  readonly longestBreakMs?: number;
}

/** What a gate does right now, for status pages and metrics. */
export interface GateStatus {
  readonly address: string;
  readonly active: number;
  readonly queued: number;
  readonly openSessions: number;
  /** `closed` passes, `open` refuses at once, `half open` lets one probe through. */
  readonly breaker: BreakerState;
  /** Why the controller did not answer; null once it does again. */
  readonly lastFailure: string | null;
}

/** One per controller address: a queue, a pause between exchanges, a session budget and a circuit breaker. */
export interface Gate {
  readonly address: string;
  /**
   * Runs one exchange when its turn comes. `timeoutMs` covers waiting and exchange; default: none, the signal ends it.
   * A caller who gives up is answered at once; the exchange keeps its place until it has ended, so it must heed its signal.
   * @throws BUSY when the queue is full; UNREACHABLE, with `details.sent` false, while the breaker is open; the abort reason; TIMEOUT; else what
   *   `exchange` throws.
   */
  run<T>(exchange: (signal: AbortSignal) => Promise<T>, options?: CallOptions): Promise<T>;
  /** Takes one session of the controller's budget; dispose it when the session is closed. Waits like {@link Gate.run}. */
  session(options?: CallOptions): Promise<Disposable>;
  status(): GateStatus;
  /** Forgets an open breaker, so that the next exchange goes out: "retry now". */
  reset(): void;
}

const DEFAULTS: Required<GateSettings> = {
  concurrency: 1,
  queueLimit: 32,
  spacingMs: 0,
  sessionLimit: 1,
  breakAfter: 5,
  firstBreakMs: 1000,
  longestBreakMs: 60_000,
};

const SMALLEST: Required<GateSettings> = {
  concurrency: 1,
  queueLimit: 0,
  spacingMs: 0,
  sessionLimit: 1,
  breakAfter: 1,
  firstBreakMs: 1,
  longestBreakMs: 1,
};

/**
 * Makes the default gate of one controller address.
 * @throws INVALID_OPTIONS for settings that are no whole numbers or too small.
 */
export function createGate(address: string, settings: GateSettings = {}, clock: Clock = systemClock): Gate {
  const checked = checkSettings(address, settings);
  const full = (): Error => new FerricError('BUSY', `The queue of ${address} is full`, { details: { address, queueLimit: checked.queueLimit } });
  const exchanges = createLine({ places: checked.concurrency, queueLimit: checked.queueLimit, full });
  const sessions = createLine({ places: checked.sessionLimit, queueLimit: checked.queueLimit, full });
  const makeBreaker = (): Breaker => createBreaker({ ...checked, clock });
  let breaker = makeBreaker();
  let freeAt = 0;

  const refuseIfAway = (): void => {
    if (!breaker.refuses()) return;
    const { lastFailure } = breaker;
    const again = 'It is tried again by itself; reset its gate to try at once.';
    // A hint to a request that may have been carried out is not one to this.
    const known = lastFailure?.details['sent'] === true ? undefined : lastFailure?.hint;
    throw new FerricError('UNREACHABLE', `${address} failed several times in a row and is left alone for a moment${lastFailure === undefined ? '' : `: ${lastFailure.message}`}`, {
      cause: lastFailure,
      details: { ...controllerFacts(lastFailure), address, sent: false },
      hint: known === undefined ? again : `${known} ${again}`,
    });
  };

  const inPlace = async <T>(exchange: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> => {
    throwIfAborted(signal);
    refuseIfAway();
    const waitMs = freeAt - clock.monotonicMs();
    if (waitMs > 0) await delay(waitMs, { signal, clock });
    refuseIfAway();
    const current = breaker;
    current.begin();
    let failure: unknown;
    try {
      return await exchange(signal);
    } catch (error) {
      failure = error ?? new FerricError('INTERNAL', 'Nothing was thrown');
      throw error;
    } finally {
      current.end(failure);
      freeAt = clock.monotonicMs() + checked.spacingMs;
    }
  };

  const run = async <T>(exchange: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> => {
    throwIfAborted(signal);
    refuseIfAway();
    const place = await exchanges.enter(signal);
    const running = inPlace(exchange, signal).finally(() => place[Symbol.dispose]());
    return abortable(signal, running);
  };

  return {
    address,
    run: (exchange, options) => settling(address, 'An exchange', options, clock, (signal) => run(exchange, signal)),
    async session(options) {
      let entering: Promise<Disposable> | undefined;
      try {
        return await settling(address, 'A session', options, clock, (signal) => (entering = sessions.enter(signal)));
      } catch (error) {
        // The place may have been given in the very moment in which the caller gave up.
        entering?.then((place) => place[Symbol.dispose](), () => undefined);
        throw error;
      }
    },
    status: () => ({
      address,
      active: exchanges.taken,
      queued: exchanges.waiting,
      openSessions: sessions.taken,
      breaker: breaker.state,
      lastFailure: breaker.lastFailure?.message ?? null,
    }),
    reset() {
      breaker = makeBreaker();
    },
  };
}

/** Details of a failure that tell of the controller; all others are of a request that failed, and not of one that was never sent. */
const CONTROLLER_FACTS: readonly string[] = ['host', 'port', 'step', 'systemCode'];

function controllerFacts(failure: FerricError | undefined): FerricError['details'] {
  return Object.fromEntries(Object.entries(failure?.details ?? {}).filter(([name]) => CONTROLLER_FACTS.includes(name)));
}

/** Runs `work` under the caller's signal, and under a deadline when the caller set one. */
async function settling<T>(
  address: string,
  what: string,
  options: CallOptions | undefined,
  clock: Clock,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (options?.timeoutMs === undefined) return work(options?.signal ?? new AbortController().signal);
  const settings = { what: `${what} with ${address}`, defaultTimeoutMs: options.timeoutMs, details: { address }, clock };
  return withDeadline(options, settings, ({ signal }) => work(signal));
}

function checkSettings(address: string, settings: GateSettings): Required<GateSettings> {
  const checked = { ...DEFAULTS, ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) };
  const issues = (Object.keys(DEFAULTS) as (keyof GateSettings)[])
    .filter((field) => !Number.isSafeInteger(checked[field]) || checked[field] < SMALLEST[field])
    .map((field): OptionIssue => ({ field, problem: 'invalid', expected: `a whole number of at least ${SMALLEST[field]}`, received: printValue(checked[field]) }));
  if (issues.length > 0) throw invalidOptions(`Gate of ${address}`, issues);
  return checked;
}
