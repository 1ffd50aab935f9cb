import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { FerricError } from '../errors/ferric-error.js';
import { systemClock } from '../time/clock.js';
import { delay } from '../time/deadline.js';

/** How a call ended within the time it was given. */
export type Outcome<T> =
  | { readonly status: 'fulfilled'; readonly value: T; readonly tookMs: number }
  | { readonly status: 'rejected'; readonly reason: unknown; readonly tookMs: number }
  | { readonly status: 'pending' };

/** Runs a call and waits for it, but never longer than `limitMs`. */
export async function outcomeOf<T>(what: string, call: () => Promise<T>, limitMs: number): Promise<Outcome<T>> {
  return settled(start(what, call), limitMs);
}

/** Starts a call; fails when it throws instead of returning a promise that rejects. */
export function start<T>(what: string, call: () => Promise<T>): Promise<T> {
  let promise: Promise<T>;
  try {
    promise = call();
  } catch (error) {
    return assert.fail(`${what} threw ${describe(error)} instead of returning a promise that rejects`);
  }
  assert.ok(typeof promise?.then === 'function', `${what} returned ${describe(promise)} instead of a promise`);
  promise.catch(() => undefined);
  return promise;
}

/** Waits for a call that was started, but never longer than `limitMs`. */
export async function settled<T>(promise: Promise<T>, limitMs: number): Promise<Outcome<T>> {
  const startedAt = systemClock.monotonicMs();
  const took = (): number => systemClock.monotonicMs() - startedAt;
  const waiting = Promise.withResolvers<Outcome<T>>();
  // A timer that keeps the process alive: a driver whose own timers are unref'd must not end the suite.
  const timer = setTimeout(() => waiting.resolve({ status: 'pending' }), limitMs);
  promise.then(
    (value) => waiting.resolve({ status: 'fulfilled', value, tookMs: took() }),
    (reason: unknown) => waiting.resolve({ status: 'rejected', reason, tookMs: took() }),
  );
  try {
    return await waiting.promise;
  } finally {
    clearTimeout(timer);
  }
}

/** The value of a call that must succeed. */
export async function valueOf<T>(what: string, call: () => Promise<T>, limitMs: number): Promise<T> {
  const outcome = await outcomeOf(what, call, limitMs);
  if (outcome.status === 'fulfilled') return outcome.value;
  return assert.fail(
    outcome.status === 'pending' ? `${what} did not settle within ${limitMs} ms` : `${what} failed although nothing is wrong: ${describe(outcome.reason)}`,
  );
}

/** What a call that must fail rejects with. */
export async function reasonOf(what: string, call: () => Promise<unknown>, limitMs: number): Promise<unknown> {
  const outcome = await outcomeOf(what, call, limitMs);
  if (outcome.status === 'rejected') return outcome.reason;
  return assert.fail(outcome.status === 'pending' ? `${what} did not settle within ${limitMs} ms` : `${what} succeeded with ${describe(outcome.value)}`);
}

/** The FerricError of a call that must fail with one of these codes. */
export async function ferricErrorOf(what: string, call: () => Promise<unknown>, codes: readonly string[], limitMs: number): Promise<FerricError> {
  return checkFerricError(what, await reasonOf(what, call, limitMs), codes);
}

export function checkFerricError(what: string, reason: unknown, codes: readonly string[]): FerricError {
  assert.ok(FerricError.is(reason), `${what} failed with ${describe(reason)}, which is no FerricError`);
  assert.ok(codes.includes(reason.code), `${what} failed with ${describe(reason)}; the code must be ${codes.join(' or ')}`);
  return reason;
}

/** An error that concerns one controller tells which. */
export function checkAddress(what: string, error: FerricError): void {
  const address = error.details['address'];
  assert.ok(typeof address === 'string' && address !== '', `${what} failed with ${describe(error)}, whose details do not name the address`);
}

/** Any thrown or returned value in a few words. */
export function describe(value: unknown): string {
  if (FerricError.is(value)) return `${value.code} "${value.message}"`;
  if (value instanceof Error) return `${value.name} "${value.message}"`;
  return inspect(value, { depth: 2, breakLength: Infinity }).slice(0, 200);
}

/** Waits until `test` says true, looking every few milliseconds; false when it did not within `limitMs`. */
export async function eventually(test: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  const endsAt = systemClock.monotonicMs() + limitMs;
  for (;;) {
    if (await test()) return true;
    if (systemClock.monotonicMs() >= endsAt) return false;
    await pause(5);
  }
}

/** Waits with a timer that keeps the process alive. */
export async function pause(ms: number): Promise<void> {
  const waiting = delay(ms);
  const keepAlive = setTimeout(() => undefined, ms + 1);
  await waiting;
  clearTimeout(keepAlive);
}

/** Lets everything run that is due: microtasks, and callbacks of sockets that have something to tell. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => void setImmediate(resolve));
}

export async function ticks(count: number): Promise<void> {
  for (let tick = 0; tick < count; tick += 1) await Promise.resolve();
}

/**
 * Runs checks side by side, each with a bench of its own, and fails with the first of the list that failed, after all have ended.
 * @param atOnce how many run at the same time; default all
 */
export async function sideBySide(checks: readonly (() => Promise<void>)[], atOnce = checks.length): Promise<void> {
  const failures = new Map<number, unknown>();
  const waiting = checks.entries();
  const work = async (): Promise<void> => {
    for (const [index, check] of waiting) await check().catch((error: unknown) => failures.set(index, error));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const [first] = [...failures.keys()].toSorted((one, other) => one - other);
  if (first !== undefined) throw failures.get(first);
}
