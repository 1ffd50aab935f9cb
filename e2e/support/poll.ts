import { setTimeout as pause } from 'node:timers/promises';

const DEFAULT_TIMEOUT_MS = 20_000;
const INTERVAL_MS = 20;

export interface PollOptions {
  /** Milliseconds, default 20000. */
  readonly timeoutMs?: number;
}

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
    await pause(INTERVAL_MS);
  } while (performance.now() < endsAt);
  throw new Error(`Waited ${timeoutMs} ms in vain for: ${what}`, { cause: problem });
}
