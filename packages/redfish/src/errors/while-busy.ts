import { type CallOptions, type Clock, delay, FerricError, type JsonValue, systemClock } from '@ferric/core';
import { withChangingJob } from '../time/job.js';

export interface WhileBusySettings {
  /** What is being done, for the error when the time is over: `boot override of 192.0.2.10`. */
  readonly what: string;
  /** The pause between two tries, milliseconds; a longer one that the controller asks for counts instead. Default 10 000. */
  readonly intervalMs?: number;
  /** When the caller gave no `timeoutMs` and no job is running, milliseconds. Default 300 000: a server takes minutes for its power-on self-test. */
  readonly defaultTimeoutMs?: number;
  /** Default: the clock of this machine. */
  readonly clock?: Clock;
}

const INTERVAL_MS = 10_000;
const TIMEOUT_MS = 300_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Repeats what the controller declined because it is busy or in a state that passes, until it accepts or the deadline is near. Only what was declined
 * is repeated: after a lost answer nobody knows whether it was done.
 * @throws the last refusal once the time is over, TIMEOUT (not retryable) when the work itself is still running then, the abort reason, whatever else the
 *   work throws
 */
export async function whileBusy<T>(options: CallOptions | undefined, settings: WhileBusySettings, work: (options: CallOptions) => Promise<T>): Promise<T> {
  const { what, intervalMs = INTERVAL_MS, defaultTimeoutMs = TIMEOUT_MS, clock = systemClock } = settings;
  return withChangingJob(options, { what, defaultTimeoutMs, clock }, async ({ signal, remainingMs }) => {
    for (;;) {
      try {
        return await work({ signal });
      } catch (error) {
        if (!isPassing(error)) throw error;
        const pauseMs = Math.max(intervalMs, askedPauseMs(error));
        if (pauseMs >= remainingMs()) throw error;
        await delay(pauseMs, { signal, clock });
      }
    }
  });
}

/** BUSY and states that pass are always the controller's own word that it declines, so nothing was done. */
function isPassing(error: unknown): error is FerricError {
  return FerricError.is(error) && error.retryable && (error.code === 'BUSY' || error.code === 'CONFLICT');
}

function askedPauseMs(error: FerricError): number {
  const seconds: JsonValue | undefined = error.details['retryAfterSeconds'];
  return typeof seconds === 'number' ? Math.min(seconds * 1000, LONGEST_PAUSE_MS) : 0;
}
