import { FerricError, type Clock, type FerricErrorCode } from '@ferric/core';

/** Work that waits for its controller goes on soon after that is back; a run that comes later than this begins from the start. Milliseconds. */
const GOES_ON_WITHIN_MS = 3_600_000;

/** Failures after which the same step is done anew. */
const PASSING: ReadonlySet<FerricErrorCode> = new Set(['UNREACHABLE', 'TIMEOUT', 'BUSY']);

/** Lets the run of a step that is done anew after an outage know what the run before it had done. */
export interface UnfinishedWork<State> {
  /**
   * Runs the step, which changes the state as it goes on. It is forgotten when the step ends, well or with what does not pass.
   * @throws what `work` throws
   */
  run<T>(clock: Clock, work: (state: State) => Promise<T>): Promise<T>;
}

interface Kept<State> {
  readonly state: State;
  /** When the run before this ended; undefined while one is under way, or was left at its deadline. */
  endedAtMs?: number | undefined;
}

/**
 * The state lives as long as the open device, and is written down nowhere: it may hold secrets, and if it outlived the work that it is a part of, another
 * one would take what was done then for its own.
 */
export function createUnfinishedWork<State>(begin: () => State): UnfinishedWork<State> {
  let kept: Kept<State> | undefined;
  return {
    async run(clock, work) {
      const isTooOld = kept?.endedAtMs !== undefined && clock.monotonicMs() - kept.endedAtMs > GOES_ON_WITHIN_MS;
      const present = kept === undefined || isTooOld ? { state: begin() } : kept;
      kept = present;
      kept.endedAtMs = undefined;
      const forget = (): void => {
        if (kept === present) kept = undefined;
      };
      try {
        const result = await work(present.state);
        forget();
        return result;
      } catch (error) {
        if (isPassing(error)) present.endedAtMs = clock.monotonicMs();
        else forget();
        throw error;
      }
    },
  };
}

/** What says that it must not be sent twice ends the work. */
function isPassing(error: unknown): boolean {
  return FerricError.is(error) && PASSING.has(error.code) && error.details['once'] !== true;
}
