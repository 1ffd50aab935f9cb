import {
  bulkhead,
  BrokenCircuitError,
  BulkheadRejectedError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  TaskCancelledError,
  type BulkheadPolicy,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { FerricError, type FerricErrorCode } from '../errors/ferric-error.js';
import type { CallOptions } from '../time/call-options.js';
import { type Clock, systemClock } from '../time/clock.js';
import { abortable, abortReason, delay } from '../time/deadline.js';

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
  /** First pause of an open breaker; it doubles up to {@link GateSettings.longestBreakMs}. Milliseconds, default 1000. */
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
  readonly breaker: 'closed' | 'open' | 'half open';
  readonly lastFailure: string | null;
}

/** One per controller address: a queue, a pause between exchanges, a session budget and a circuit breaker. */
export interface Gate {
  readonly address: string;
  /**
   * Runs one exchange when its turn comes.
   * @throws BUSY when the queue is full; UNREACHABLE while the breaker is open; the abort reason; else what `exchange` throws.
   */
  run<T>(exchange: (signal: AbortSignal) => Promise<T>, options?: CallOptions): Promise<T>;
  /** Takes one session of the controller's budget; dispose it when the session is closed. Waits like {@link Gate.run}. */
  session(options?: CallOptions): Promise<Disposable>;
  status(): GateStatus;
  /** Forgets an open breaker, so that the next exchange goes out: "retry now". */
  reset(): void;
}

/** Only failures that say "this controller is away" count; a wrong password or a refused command does not. */
const BREAKING_CODES: ReadonlySet<FerricErrorCode> = new Set(['UNREACHABLE', 'TIMEOUT']);
const counts = handleWhen((error) => FerricError.is(error) && BREAKING_CODES.has(error.code));
const BREAKER_NAMES = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half open',
  [CircuitState.Isolated]: 'open',
} as const;

/** Makes the default gate of one controller address. */
export function createGate(address: string, settings: GateSettings = {}, clock: Clock = systemClock): Gate {
  const spacingMs = settings.spacingMs ?? 0;
  const concurrency = settings.concurrency ?? 1;
  const queueLimit = settings.queueLimit ?? 32;
  const sessionLimit = settings.sessionLimit ?? 1;
  const exchanges = bulkhead(concurrency, queueLimit);
  const sessions = bulkhead(sessionLimit, queueLimit);
  const makeBreaker = (): CircuitBreakerPolicy =>
    circuitBreaker(counts, {
      breaker: new ConsecutiveBreaker(settings.breakAfter ?? 5),
      halfOpenAfter: new ExponentialBackoff({ initialDelay: settings.firstBreakMs ?? 1000, maxDelay: settings.longestBreakMs ?? 60_000 }),
    });
  let breaker = makeBreaker();
  let freeAt = 0;

  const spaced = async <T>(exchange: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> => {
    const waitMs = freeAt - clock.monotonicMs();
    if (waitMs > 0) await delay(waitMs, { signal, clock });
    try {
      return await exchange(signal);
    } finally {
      freeAt = clock.monotonicMs() + spacingMs;
    }
  };

  return {
    address,
    run: (exchange, options) =>
      enter(address, exchanges, options, (signal) => breaker.execute(() => spaced(exchange, signal), signal)),
    async session(options) {
      const opened = Promise.withResolvers<Disposable>();
      const closed = Promise.withResolvers<void>();
      enter(address, sessions, options, () => {
        opened.resolve({ [Symbol.dispose]: () => closed.resolve() });
        return closed.promise;
      }).catch(opened.reject);
      try {
        return await abortable(options?.signal, opened.promise);
      } catch (error) {
        closed.resolve();
        throw error;
      }
    },
    status: () => ({
      address,
      active: concurrency - exchanges.executionSlots,
      queued: queueLimit - exchanges.queueSlots,
      openSessions: sessionLimit - sessions.executionSlots,
      breaker: BREAKER_NAMES[breaker.state],
      lastFailure: failureText(breaker),
    }),
    reset() {
      breaker = makeBreaker();
    },
  };
}

async function enter<T>(
  address: string,
  line: BulkheadPolicy,
  options: CallOptions | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = options?.signal ?? new AbortController().signal;
  signal.throwIfAborted();
  try {
    return await abortable(signal, line.execute(() => work(signal), signal));
  } catch (error) {
    if (error instanceof BulkheadRejectedError) {
      throw new FerricError('BUSY', `The queue of ${address} is full`, { cause: error, details: { address } });
    }
    if (error instanceof BrokenCircuitError) {
      throw new FerricError('UNREACHABLE', `${address} failed several times in a row and is left alone for a moment`, {
        cause: error,
        details: { address },
        hint: 'It is tried again by itself; reset its gate to try at once.',
      });
    }
    if (error instanceof TaskCancelledError) throw abortReason(signal);
    throw error;
  }
}

function failureText(breaker: CircuitBreakerPolicy): string | null {
  const failure = breaker.lastFailure;
  if (failure === undefined || !('error' in failure)) return null;
  return failure.error instanceof Error ? failure.error.message : String(failure.error);
}
