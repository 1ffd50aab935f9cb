import { FerricError } from '../errors/ferric-error.js';
import { invalidOptions, printValue } from '../errors/invalid-options.js';
import type { JsonValue } from '../json.js';
import type { CallOptions } from './call-options.js';
import { type Clock, systemClock } from './clock.js';

/** The longest deadline that is accepted: one day. */
export const MAXIMUM_TIMEOUT_MS: number = 24 * 60 * 60 * 1000;

export interface DeadlineSettings {
  /** What is being done, for the message: `power on of 192.0.2.10`. */
  readonly what: string;
  /** Used when the caller gave no `timeoutMs`. Milliseconds. */
  readonly defaultTimeoutMs: number;
  /** Facts for the reader of the TIMEOUT error, such as the address. */
  readonly details?: Readonly<Record<string, JsonValue>> | undefined;
  readonly clock?: Clock | undefined;
}

/** The time that one call has, and the signal that ends it. */
export interface Deadline {
  /** Aborts when the caller gives up (with the caller's reason) or the time is over (with a TIMEOUT error). */
  readonly signal: AbortSignal;
  /** Milliseconds left, never below 0. */
  remainingMs(): number;
}

/** The reason of an aborted signal as something that can be thrown: ABORTED when the caller gave `null`. */
export function abortReason(signal: AbortSignal): unknown {
  return signal.reason ?? new FerricError('ABORTED', 'The call was aborted');
}

/** Throws the reason of a signal that is aborted already, as {@link abortReason} gives it. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortReason(signal);
}

/**
 * Runs `work` so that the result settles by the caller's deadline even when `work` ignores its signal.
 * @throws the caller's abort reason; TIMEOUT when the time is over; INVALID_OPTIONS for a bad `timeoutMs`;
 * otherwise whatever `work` throws.
 */
export async function withDeadline<T>(
  options: CallOptions | undefined,
  settings: DeadlineSettings,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const timeoutMs = checkTimeout(options?.timeoutMs ?? settings.defaultTimeoutMs);
  const clock = settings.clock ?? systemClock;
  const caller = options?.signal;
  throwIfAborted(caller);

  const controller = new AbortController();
  const endsAt = clock.monotonicMs() + timeoutMs;
  const expire = (): void => controller.abort(timeoutError(settings, timeoutMs));
  const giveUp = (): void => controller.abort(caller === undefined ? undefined : abortReason(caller));
  using _timer = clock.after(timeoutMs, expire);
  caller?.addEventListener('abort', giveUp, { once: true });
  try {
    const deadline: Deadline = {
      signal: controller.signal,
      remainingMs: () => Math.max(0, endsAt - clock.monotonicMs()),
    };
    return await abortable(controller.signal, work(deadline));
  } finally {
    caller?.removeEventListener('abort', giveUp);
  }
}

/**
 * The same promise, but rejecting with the abort reason as soon as the signal aborts.
 * The work behind it goes on by itself; its late failure is swallowed.
 */
export async function abortable<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  if (signal === undefined) return promise;
  promise.catch(() => undefined);
  throwIfAborted(signal);
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(abortReason(signal) as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Waits. Rejects with the abort reason when the signal aborts first. */
export async function delay(ms: number, options: { signal?: AbortSignal | undefined; clock?: Clock | undefined } = {}): Promise<void> {
  const clock = options.clock ?? systemClock;
  const waiting = Promise.withResolvers<void>();
  using _timer = clock.after(ms, waiting.resolve);
  await abortable(options.signal, waiting.promise);
}

function checkTimeout(timeoutMs: number): number {
  if (Number.isFinite(timeoutMs) && timeoutMs >= 1 && timeoutMs <= MAXIMUM_TIMEOUT_MS) return timeoutMs;
  throw invalidOptions('Call options', [
    { field: 'timeoutMs', problem: 'invalid', expected: `a number of milliseconds from 1 to ${MAXIMUM_TIMEOUT_MS}`, received: printValue(timeoutMs) },
  ]);
}

function timeoutError(settings: DeadlineSettings, timeoutMs: number): FerricError {
  return new FerricError('TIMEOUT', `${settings.what} did not finish within ${Math.round(timeoutMs)} ms`, {
    details: { ...settings.details, timeoutMs },
    hint: 'The controller may still act on what was sent: read the state before trying again.',
  });
}
