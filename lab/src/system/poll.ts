import { setTimeout as pause } from 'node:timers/promises';

export interface PollOptions {
  /** Milliseconds, default 20000. */
  readonly timeoutMs?: number;
  /** Between two looks. Milliseconds, default 10. */
  readonly intervalMs?: number;
}

const DEFAULT_TIMEOUT_MS = 20_000;
const INTERVAL_MS = 10;

/**
 * Looks until `look` yields something, and fails with what was waited for and what was seen last.
 * @param look yields undefined, or throws, while the fact is not there yet
 */
export async function waitFor<T>(what: string, look: () => Promise<T | undefined> | T | undefined, options: PollOptions = {}): Promise<T> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const endsAt = performance.now() + timeoutMs;
  let problem: unknown;
  do {
    try {
      const found = await look();
      if (found !== undefined) return found;
      problem = undefined;
    } catch (error) {
      problem = error;
    }
    await pause(options.intervalMs ?? INTERVAL_MS);
  } while (performance.now() < endsAt);
  throw inVain(what, timeoutMs, problem);
}

/** The same at once: nothing else goes on in this process meanwhile. */
export function waitForSync<T>(what: string, look: () => T | undefined, options: PollOptions = {}): T {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const endsAt = performance.now() + timeoutMs;
  const never = new Int32Array(new SharedArrayBuffer(4));
  do {
    const found = look();
    if (found !== undefined) return found;
    Atomics.wait(never, 0, 0, options.intervalMs ?? INTERVAL_MS);
  } while (performance.now() < endsAt);
  throw inVain(what, timeoutMs, undefined);
}

function inVain(what: string, timeoutMs: number, problem: unknown): Error {
  return new Error(`Waited ${timeoutMs} ms in vain for: ${what}`, problem === undefined ? {} : { cause: problem });
}
